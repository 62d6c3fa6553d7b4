import { D, toText } from '../money.js';
import type { Problem } from '../problems.js';
import { amountShape, symbolShape, unitsOrNoneShape } from '../shapes.js';
import { shown } from '../text.js';
import type { DecimalString } from '../types.js';
import { symbolMeant, tableMark, type KnownNames } from './pasted-table.js';
import type { Seen } from './seen.js';
import { IN_OUR_WORDS } from '../shape-words.js';

/*
 * A form of the broker's figures, row by row: each position of the ledger is ticked, for the broker shows the same, or
 * typed over. What is neither was not looked at, and is never taken from the ledger.
 */

/** What stands in such a form, as text. */
export interface RowsTyped {
  snapshotDate: string;
  cash: string;
  notes: string;
  /** Of each position of the ledger: the units that were shown beside the tick, null without it; and what was typed. */
  rows: readonly { symbol: string; ticked: string | null; typed: string }[];
  /** Positions that the ledger does not have, by a symbol or a search name. */
  others: readonly { name: string; units: string }[];
  /** A table that was pasted beside the rows, and the mark of the one that they were filled from; left out, none is. */
  table?: { text: string; taken: string };
}

/** What the rows are read against. */
export interface RowsOfLedger {
  rows: readonly { symbol: string; units: DecimalString }[];
  /** Whether the ledger's units are hidden: then nothing can be ticked. */
  blind: boolean;
  known: KnownNames;
}

/** What was read of the rows. */
export interface RowsRead {
  /** Null while no cash is typed that can be read. */
  cash: string | null;
  /** What is there, by symbol, of every row that could be read. */
  positions: Record<string, string>;
  /** How, of the same rows and of those that were typed as 0. */
  seen: Seen;
  /** Positions of the ledger that were neither ticked nor typed. */
  unseen: string[];
  /** Which symbol each of the other rows names; null where it names none that can be taken. */
  named: (string | null)[];
  /** Figures and names that cannot be taken, by the name of their field. */
  problems: Problem[];
}

/** Nothing that somebody gave is passed over in silence, least of all where a ledger is opened. */
const UNTAKEN = 'must be read and its figures taken before they count, or nothing may stand there';

/** The name of the field in which the units of a row of the ledger are typed. */
const fieldOf = (symbol: string): string => `positions.${symbol}`;

/** Reads the rows of a form; never throws. */
export function readRows(ledger: RowsOfLedger, { cash, rows, others, table }: RowsTyped): RowsRead {
  const read: RowsRead = { cash: null, positions: {}, seen: {}, unseen: [], named: [], problems: [] };
  const amount = amountShape().safeParse(cash.trim(), IN_OUR_WORDS);
  if (amount.success) read.cash = amount.data;
  else if (cash.trim() !== '') read.problems.push(problem('cash', cash, ruleOf(amount)));
  if (table !== undefined && table.text.trim() !== '' && tableMark(table.text) !== table.taken)
    read.problems.push(problem('file', table.text.trim().split(/\r?\n/, 1)[0] ?? '', UNTAKEN));
  const typed = new Map(rows.map((row) => [row.symbol, row]));
  for (const { symbol, units } of ledger.rows) {
    const row = typed.get(symbol);
    takeRow(read, {
      symbol,
      units,
      ticked: ledger.blind ? null : (row?.ticked ?? null),
      typed: row?.typed.trim() ?? '',
    });
  }
  const asked = new Set(ledger.rows.map(({ symbol }) => symbol));
  read.named = others.map(({ name, units }, index) =>
    takeOther(read, { field: `other.${index + 1}`, name: name.trim(), units: units.trim() }, { ...ledger, asked }),
  );
  return read;
}

function takeRow(
  read: RowsRead,
  { symbol, units, ticked, typed }: { symbol: string; units: string; ticked: string | null; typed: string },
): void {
  const refuse = (value: string, rule: string) => void read.problems.push(problem(fieldOf(symbol), value, rule));
  if (typed === '' && ticked === null) return void read.unseen.push(symbol);
  if (typed === '') {
    if (ticked !== units) return refuse(ticked ?? '', `was ticked, and the ledger says ${units} now: read eToro again`);
    read.positions[symbol] = units;
    read.seen[symbol] = 'ticked';
    return;
  }
  const figure = unitsTyped(typed);
  if ('rule' in figure) return refuse(typed, figure.rule);
  if (ticked !== null && figure.units !== ticked)
    return refuse(typed, `is ticked as ${ticked} too: leave one of the two`);
  if (figure.units !== '0') read.positions[symbol] = figure.units;
  read.seen[symbol] = 'typed';
}

/** @returns the symbol that it names; null where it says nothing, or cannot be taken */
function takeOther(
  read: RowsRead,
  { field, name, units }: { field: string; name: string; units: string },
  { known, asked }: { known: KnownNames; asked: Set<string> },
): string | null {
  if (name === '' && units === '') return null;
  const refuse = (which: 'symbol' | 'units', rule: string) => {
    read.problems.push(problem(`${field}.${which}`, which === 'symbol' ? name : units, rule));
    return null;
  };
  const meant = symbolNamed(name, known);
  if ('rule' in meant) return refuse('symbol', meant.rule);
  const { symbol } = meant;
  if (asked.has(symbol)) return refuse('symbol', `must be given once: ${symbol} has a row already`);
  asked.add(symbol);
  const figure = unitsTyped(units);
  if ('rule' in figure) return refuse('units', figure.rule);
  if (figure.units !== '0') read.positions[symbol] = figure.units;
  read.seen[symbol] = 'typed';
  return symbol;
}

/** A symbol of no universe may be recorded: the gate has to name it. */
function symbolNamed(name: string, known: KnownNames): { symbol: string } | { rule: string } {
  const meant = symbolMeant(name, known);
  if ('symbol' in meant || !meant.isUnknown) return meant;
  const symbol = symbolShape().safeParse(name, IN_OUR_WORDS);
  return symbol.success ? { symbol: symbol.data } : meant;
}

function unitsTyped(typed: string): { units: DecimalString } | { rule: string } {
  const units = unitsOrNoneShape().safeParse(typed, IN_OUR_WORDS);
  return units.success ? { units: toText(D(units.data)) } : { rule: ruleOf(units) };
}

const ruleOf = ({ error }: { error?: { issues: { message: string }[] } | undefined }): string =>
  error?.issues[0]?.message ?? 'must be a figure';

const problem = (field: string, value: string, rule: string): Problem => ({
  field,
  value: value === '' ? null : shown(value),
  rule,
});

/** Everything that keeps rows from being sent: what cannot be taken, and what was not looked at. */
export const problemsOfRows = ({ cash, unseen, problems }: RowsRead): Problem[] => [
  ...(cash === null && !problems.some(({ field }) => field === 'cash')
    ? [{ field: 'cash', value: null, rule: 'must be typed: it is never taken from the ledger' }]
    : []),
  ...problems,
  ...unseen.map((symbol) => ({
    field: fieldOf(symbol),
    value: null,
    rule: 'must be ticked, or typed as eToro shows it: 0 for what is not there',
  })),
];

/**
 * The figures that would be recorded were what is not seen yet, or cannot be read, as the ledger has it: what the rows
 * so far come to.
 */
export function completedBy(
  { cash, positions, seen }: RowsRead,
  ledger: { cash: DecimalString; rows: RowsOfLedger['rows'] },
): { cash: string; positions: Record<string, string> } {
  const rest = ledger.rows.filter(({ symbol }) => !Object.hasOwn(seen, symbol));
  return {
    cash: cash ?? ledger.cash,
    positions: { ...Object.fromEntries(rest.map(({ symbol, units }) => [symbol, units])), ...positions },
  };
}

/** The ledger as it stood when a form was made, by what its rows show: a form that is sent again reads as before. */
export const asItStood = (ledger: RowsOfLedger, { rows }: RowsTyped): RowsOfLedger => ({
  ...ledger,
  rows: rows.map(({ symbol, ticked }) => ({ symbol, units: ticked ?? '0' })),
});
