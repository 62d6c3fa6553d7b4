import type { DecisionFacts } from './facts.js';
import { D } from '../money.js';
import { byText } from '../order.js';

/** More differences than this say the same thing: another set of facts. */
const MAX_LISTED = 50;

/** What tells the items of a list apart, so that a missing one does not make all after it differ. */
const identities: Record<string, (item: Fields) => string> = {
  'market.histories': (item) => text(item.symbol),
  'market.histories.bars': (item) => text(item.session),
  'market.actions': (item) => `${text(item.symbol)} ${text(item.exDate)} ${text(item.kind)}`,
  'market.rulings': (item) => `${text(item.symbol)} ${text(item.exDate)} ${text(item.kind)}`,
  'market.fetches': (item) => `${text(item.symbol)} ${text(item.source)}`,
  'market.fetches.findings': (item) => `${text(item.code)} ${text(item.session)}`,
  universe: (item) => text(item.internalSymbol),
  openTickets: (item) => text(item.ticketId),
};
/** Lists whose name goes without saying once their item is named: `AAPL 2018-05-10 close`. */
const unnamed = new Set(['market.histories', 'market.histories.bars']);
/**
 * The instant of the run decides only whether the window has passed, and no later run has the same. Which rule the
 * facts were judged by is no fact of the market.
 */
const ignored = new Set(['at', 'market.faultsExclude']);

/** What facts pinned by an earlier version leave out: that it is there now is no difference. */
const cameLater = new Set(['market.rates', 'market.secondCloses.moves']);

type Fields = Record<string, unknown>;

/**
 * What differs between the facts a ticket was issued on and those stored now, one readable line each, such as
 * `AAPL 2018-05-10 close: 190.04 when issued, 191.04 now`; empty when nothing does. Figures are compared as figures
 * (`1.50` is `1.5`), lists by what their items are about, not by place. Beyond 50 lines the rest is counted.
 */
export function explainDifferences(pinned: DecisionFacts, current: DecisionFacts): string[] {
  const all = compareFields({ ...pinned }, { ...current }, '', '');
  return all.length <= MAX_LISTED
    ? all
    : [...all.slice(0, MAX_LISTED), `and ${all.length - MAX_LISTED} more differences`];
}

/** `path` is where a value stands in the facts, for `identities`; `label` what a human calls it. */
function compareValues(before: unknown, after: unknown, path: string, label: string): string[] {
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path, label);
  if (isFields(before) && isFields(after)) return compareFields(before, after, path, label);
  if (before === undefined && after !== undefined) return [`${label}: not there when issued, ${shown(after)} now`];
  if (after === undefined && before !== undefined) return [`${label}: ${shown(before)} when issued, not there now`];
  return sameValue(before, after) ? [] : [`${label}: ${shown(before)} when issued, ${shown(after)} now`];
}

function compareFields(before: Fields, after: Fields, path: string, label: string): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted(byText);
  return keys.flatMap((key) => {
    const inner = path === '' ? key : `${path}.${key}`;
    if (ignored.has(inner) || (before[key] === undefined && cameLater.has(inner))) return [];
    const name = unnamed.has(inner) ? label : `${label} ${key}`.trim();
    return compareValues(before[key], after[key], inner, name);
  });
}

function compareLists(before: readonly unknown[], after: readonly unknown[], path: string, label: string): string[] {
  const [was, is] = [itemsByIdentity(before, path), itemsByIdentity(after, path)];
  return [...new Set([...was.keys(), ...is.keys()])].toSorted(byText).flatMap((identity) => {
    const name = unnamed.has(path) ? `${label.replace(/^market$/, '')} ${identity}`.trim() : `${label} ${identity}`;
    return compareValues(was.get(identity), is.get(identity), path, name);
  });
}

// Items that cannot be told apart (the same action from two sources) are counted: the first, the second, and so on.
function itemsByIdentity(list: readonly unknown[], path: string): Map<string, unknown> {
  const items = new Map<string, unknown>();
  for (const item of list) {
    const name = isFields(item) ? (identities[path] ?? text)(item) : text(item);
    let [identity, count] = [name, 1];
    while (items.has(identity)) identity = `${name} (${++count})`;
    items.set(identity, item);
  }
  return items;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));

function shown(value: unknown): string {
  const whole = value === null ? 'none' : text(value);
  return whole.length > 120 ? `${whole.slice(0, 117)}...` : whole;
}

const figure = /^-?\d+(\.\d+)?$/;

function sameValue(before: unknown, after: unknown): boolean {
  if (before === after) return true;
  return (
    typeof before === 'string' &&
    typeof after === 'string' &&
    figure.test(before) &&
    figure.test(after) &&
    D(before).eq(D(after))
  );
}
