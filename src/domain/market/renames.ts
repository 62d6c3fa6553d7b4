import type { MarketFacts } from '../decision/facts.js';
import type { ActionRuling, CorporateAction, IsoDate, SymbolHistory } from '../types.js';

/** That a holding is called otherwise from a date on, as somebody booked it. */
export interface Rename {
  from: string;
  to: string;
  date: IsoDate;
}

/** Nothing is renamed so often; a circle of names ends here. */
const NAMES_MAX = 10;

/** What a symbol was called before, the newest name first. */
export function formerNames(symbol: string, renames: readonly Rename[]): Rename[] {
  const found: Rename[] = [];
  let [name, before]: [string, IsoDate | null] = [symbol, null];
  while (found.length < NAMES_MAX) {
    const rename = renames.findLast(({ to, date }) => to === name && (before === null || date < before));
    if (rename === undefined) break;
    found.push(rename);
    [name, before] = [rename.from, rename.date];
  }
  return found;
}

/**
 * Prices go on under the new name: what a source has of the new symbol counts, and before its first bar the bars of
 * the old one up to the rename. Series of different basis are not put together.
 * @param former histories of former names.
 */
export function joinedHistory(
  own: SymbolHistory,
  renames: readonly Rename[],
  former: ReadonlyMap<string, SymbolHistory>,
): SymbolHistory {
  const { symbol } = own;
  return formerNames(symbol, renames).reduce<SymbolHistory>((joined, { from, date }) => {
    const old = former.get(from);
    if (old === undefined || old.basis !== joined.basis) return joined;
    const first = firstSession(joined);
    const bars = old.bars.filter(({ session }) => session < date && session < first);
    return { ...joined, bars: [...bars.map((bar) => ({ ...bar, symbol })), ...joined.bars] };
  }, own);
}

/** The actions of former names that fall before the first bar of the new one, as its own. */
export function inheritedActions<Action extends Pick<CorporateAction, 'symbol' | 'exDate'>>(
  own: SymbolHistory,
  renames: readonly Rename[],
  actions: readonly Action[],
): Action[] {
  const first = firstSession(own);
  return formerNames(own.symbol, renames).flatMap(({ from, date }) =>
    actions
      .filter(({ symbol, exDate }) => symbol === from && exDate < date && exDate < first)
      .map((action) => ({ ...action, symbol: own.symbol })),
  );
}

/**
 * From which date on a symbol is its own again, after it was given up for another name: what it has of before belongs
 * to who was called so then, and not to whoever is now. Null where it was not given up, or taken back since.
 */
export function ownSince(symbol: string, renames: readonly Rename[]): IsoDate | null {
  const given = renames.findLast(({ from }) => from === symbol);
  if (given === undefined) return null;
  return renames.some(({ to, date }) => to === symbol && date >= given.date) ? null : given.date;
}

/**
 * A history without what was of another company under the same name. Where nothing is known from that date on, nobody
 * else is called so yet, and it stays as it is.
 */
export function ofNobodyElse(own: SymbolHistory, renames: readonly Rename[]): SymbolHistory {
  const since = ownSince(own.symbol, renames);
  const bars = since === null ? own.bars : own.bars.filter(({ session }) => session >= since);
  return bars.length === 0 || bars.length === own.bars.length ? own : { ...own, bars };
}

const firstSession = ({ bars }: SymbolHistory): IsoDate => bars[0]?.session ?? '9999-12-31';

/** The former names whose prices, actions and rulings go on under the names of these facts, each once, sorted. */
export const formerNamesIn = ({ histories }: Pick<MarketFacts, 'histories'>, renames: readonly Rename[]): string[] =>
  [...new Set(histories.flatMap(({ symbol }) => formerNames(symbol, renames).map((rename) => rename.from)))].toSorted();

/** What is stored under former names. */
export interface FormerFacts {
  histories: readonly SymbolHistory[];
  actions: readonly CorporateAction[];
  rulings: readonly ActionRuling[];
}

/**
 * The facts with the prices, actions and rulings of former names under the new ones, where the source's own series of
 * a new name begins later.
 */
export function carriedOver(facts: MarketFacts, renames: readonly Rename[], old: FormerFacts): MarketFacts {
  const former = new Map(old.histories.map((history) => [history.symbol, history]));
  return {
    ...facts,
    histories: facts.histories.map((own) => joinedHistory(own, renames, former)),
    actions: [...facts.actions, ...facts.histories.flatMap((own) => inheritedActions(own, renames, old.actions))],
    rulings: [
      ...facts.rulings,
      ...facts.histories.flatMap((own) =>
        inheritedActions(own, renames, old.rulings).map(({ symbol, exDate, kind, dividendType, ruling, value }) => ({
          symbol,
          exDate,
          kind,
          ...(dividendType && { dividendType }),
          ruling,
          value,
        })),
      ),
    ],
  };
}

/** Without prices, actions and rulings of whoever was called so before a name was given up. */
export function withoutFormerOwners(facts: MarketFacts, renames: readonly Rename[]): MarketFacts {
  if (renames.length === 0) return facts;
  const histories = facts.histories.map((own) => ofNobodyElse(own, renames));
  const begins = new Map(
    histories.flatMap((own, index) =>
      own === facts.histories[index] ? [] : [[own.symbol, ownSince(own.symbol, renames) ?? '']],
    ),
  );
  if (begins.size === 0) return facts;
  const isOwn = ({ symbol, exDate }: { symbol: string; exDate: IsoDate }) => exDate >= (begins.get(symbol) ?? '');
  return { ...facts, histories, actions: facts.actions.filter(isOwn), rulings: facts.rulings.filter(isOwn) };
}
