import { sha256 } from '../hash.js';
import { D, toText } from '../money.js';
import type { Problem } from '../problems.js';
import { amountShape } from '../shapes.js';
import { escaped, FILE_BYTES_MAX, isPlainText, shown } from '../text.js';
import type { DecimalString, UniverseRow } from '../types.js';
import { linesOfTable, tidy, type NamedFigure } from './pasted-lines.js';
import { readCash, readUnits } from './written-figure.js';

/** A position that a table shows; several lines of one symbol are added up. */
export interface FoundPosition {
  symbol: string;
  /** The sum; 0 where the table says that nothing is held. */
  units: DecimalString;
  lines: { line: number; name: string; units: DecimalString }[];
}

/** A line that cannot be taken: what stands there, and why. */
export interface LeftLine {
  line: number;
  text: string;
  rule: string;
}

/** What a table says, line by line: every one is found, unknown or ambiguous, and none is dropped. */
export interface PastedTable {
  cash: { line: number; amount: DecimalString } | null;
  found: FoundPosition[];
  /** Lines whose name is no symbol, name or search name that we know. */
  unknown: LeftLine[];
  /** Lines that may be read in more than one way, or in none. */
  ambiguous: LeftLine[];
  /** Columns that were not read. */
  columnsLeft: string[];
}

/** What names of a table may mean. */
export interface KnownNames {
  universe: readonly Pick<UniverseRow, 'internalSymbol' | 'etoroSearchName' | 'name'>[];
  /** Symbols that the ledger holds, in the universe or no more. */
  held: readonly string[];
  baseCurrency: string;
}

/** More than any portfolio has. */
const LINES_MAX = 1_000;
/** Characters of a line: cutting one at its spaces takes time that grows with the square of its length. */
const LINE_LENGTH_MAX = 1_000;
const CASH = /^(?:available )?cash(?: \(?([a-z]{3})\)?)?$/i;

/**
 * Reads a table of positions, from a CSV file or copied from a page: a name and its units a line, or a header that
 * says which columns these are, and a line `cash`. A byte order mark and Windows line ends are passed over.
 * @returns what each line says; or what is wrong with the whole, of which then nothing is read. Never throws.
 */
export function readTable(text: string, known: KnownNames): { table: PastedTable } | { problems: Problem[] } {
  const plain = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const problems = wholeProblems(plain);
  if (problems.length > 0) return { problems };
  const symbols = symbolsByName(known);
  const isKnown = (name: string) => symbols.has(name.toLowerCase()) || CASH.test(name);
  const { lines, columnsLeft } = linesOfTable(plain, isKnown);
  const table: PastedTable = { cash: null, found: [], unknown: [], ambiguous: [], columnsLeft };
  for (const line of lines) takeLine(table, line, { symbols, baseCurrency: known.baseCurrency });
  return { table: { ...table, found: table.found.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)) } };
}

function wholeProblems(text: string): Problem[] {
  const refuse = (value: string | null, rule: string): Problem[] => [{ field: 'file', value, rule }];
  // A character is a byte or more: what is far too long is not even counted.
  if (text.length > FILE_BYTES_MAX || new TextEncoder().encode(text).length > FILE_BYTES_MAX)
    return refuse(`${text.length} characters`, `must be at most ${FILE_BYTES_MAX} bytes`);
  if (tidy(text) === '') return refuse(null, 'must name the positions, or at least the cash');
  const lines = text.replace(/\n$/, '').split('\n');
  if (lines.length > LINES_MAX) return refuse(`${lines.length} lines`, `must have at most ${LINES_MAX} lines`);
  const long = lines.findIndex(({ length }) => length > LINE_LENGTH_MAX);
  if (long >= 0) return [{ ...lineOf(long, lines), rule: `must be a line of at most ${LINE_LENGTH_MAX} characters` }];
  const strange = lines.findIndex((line) => !isPlainText(line, { lines: true }));
  if (strange < 0) return [];
  const rule = 'must be plain text, without control characters and without characters that turn the writing';
  return [{ ...lineOf(strange, lines), rule }];
}

const lineOf = (index: number, lines: readonly string[]): Pick<Problem, 'field' | 'value'> => ({
  field: `file line ${index + 1}`,
  value: shown(escaped(lines[index] ?? '')),
});

/** Which symbols a name, in small letters, may mean. */
function symbolsByName({ universe, held }: Omit<KnownNames, 'baseCurrency'>): Map<string, Set<string>> {
  const symbols = new Map<string, Set<string>>();
  const add = (name: string, symbol: string) => {
    const key = tidy(name).toLowerCase();
    symbols.set(key, (symbols.get(key) ?? new Set()).add(symbol));
  };
  for (const { internalSymbol, etoroSearchName } of universe) {
    add(internalSymbol, internalSymbol);
    add(etoroSearchName, internalSymbol);
  }
  for (const symbol of held) add(symbol, symbol);
  // The name of a company counts where it is no symbol and no search name: it is what pages say of a position too.
  const taken = new Set(symbols.keys());
  for (const { internalSymbol, name } of universe) if (!taken.has(tidy(name).toLowerCase())) add(name, internalSymbol);
  return symbols;
}

/** The symbol that a name means: a symbol, name or search name of the universe, in capital letters or small. */
export const symbolMeant = (name: string, known: Omit<KnownNames, 'baseCurrency'>): Meant =>
  meantOf(tidy(name), symbolsByName(known));

type Meant = { symbol: string } | { rule: string; isUnknown: boolean };

function meantOf(name: string, symbols: Map<string, Set<string>>): Meant {
  const [symbol, ...others] = [...(symbols.get(name.toLowerCase()) ?? [])].toSorted();
  if (symbol === undefined)
    return { rule: 'must be a symbol or etoro_search_name of universe.csv, or of a position held', isUnknown: true };
  if (others.length > 0)
    return { rule: `may be ${[symbol, ...others].join(' or ')}: must be the symbol of one`, isUnknown: false };
  return { symbol };
}

interface Meaning {
  symbols: Map<string, Set<string>>;
  baseCurrency: string;
}

function takeLine(table: PastedTable, line: NamedFigure, { symbols, baseCurrency }: Meaning): void {
  if ('rule' in line) return void table.ambiguous.push({ ...line, text: tidy(line.text) });
  const leave = (rule: string, list: LeftLine[] = table.ambiguous) =>
    void list.push({ line: line.line, text: `${line.name} ${tidy(line.figure)}`.trim(), rule });
  const meant = meantOf(line.name, symbols);
  const currency = CASH.exec(line.name);
  if (currency && 'symbol' in meant) return leave(`may be the cash or the symbol ${meant.symbol}`);
  if (currency) return takeCash(table, line, { said: currency[1]?.toUpperCase() ?? baseCurrency, baseCurrency, leave });
  if ('rule' in meant) return leave(meant.rule, meant.isUnknown ? table.unknown : table.ambiguous);
  const units = readUnits(line.figure);
  if ('rule' in units) return leave(units.rule);
  addUp(table.found, meant.symbol, { line: line.line, name: line.name, units: units.figure });
}

function addUp(found: FoundPosition[], symbol: string, line: FoundPosition['lines'][number]): void {
  const earlier = found.find((each) => each.symbol === symbol);
  if (earlier === undefined) return void found.push({ symbol, units: line.units, lines: [line] });
  earlier.units = toText(D(earlier.units).plus(line.units));
  earlier.lines.push(line);
}

function takeCash(
  table: PastedTable,
  { line, figure }: { line: number; figure: string },
  { said, baseCurrency, leave }: { said: string; baseCurrency: string; leave: (rule: string) => void },
): void {
  if (said !== baseCurrency) return leave(`must be in the currency of the account, ${baseCurrency}`);
  if (table.cash) return leave(`must be given once: line ${table.cash.line} says the cash already`);
  const amount = readCash(figure, baseCurrency);
  if ('rule' in amount) return leave(amount.rule);
  table.cash = { line, amount: amount.figure };
}

/**
 * The figures of a snapshot that a table says.
 * @param cash what was said of the cash beside the table; undefined for nothing.
 * @returns every line that is unknown or ambiguous as a problem: with one of them nothing is taken.
 */
export function figuresOfTable(
  { cash: inTable, found, unknown, ambiguous }: PastedTable,
  cash: string | undefined,
): { cash: string; positions: Record<string, DecimalString> } | { problems: Problem[] } {
  const problems = leftProblems({ unknown, ambiguous });
  problems.push(...cashProblems(inTable, cash, ambiguous.length));
  const amount = cash ?? inTable?.amount;
  if (problems.length > 0 || amount === undefined) return { problems };
  const held = found.filter(({ units }) => !D(units).isZero());
  return { cash: amount, positions: Object.fromEntries(held.map(({ symbol, units }) => [symbol, units])) };
}

/** Every line that cannot be taken, in the order of the table. */
const leftProblems = ({ unknown, ambiguous }: Pick<PastedTable, 'unknown' | 'ambiguous'>): Problem[] =>
  [...unknown, ...ambiguous]
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, text, rule }) => ({ field: `file line ${line}`, value: shown(text), rule }));

/**
 * What a table says for a form to be filled with: the cash where it has some, and of each position its units, 0 where
 * it says that nothing is held. With a line that is unknown or ambiguous nothing is taken.
 */
export function takenOfTable({
  cash,
  found,
  ...left
}: PastedTable): { cash: DecimalString | null; positions: Record<string, DecimalString> } | { problems: Problem[] } {
  const problems = leftProblems(left);
  if (problems.length > 0) return { problems };
  return {
    cash: cash?.amount ?? null,
    positions: Object.fromEntries(found.map(({ symbol, units }) => [symbol, units])),
  };
}

/** What stands for a table whose figures were taken; line ends are a browser's own. */
export const tableMark = (text: string): string => sha256(text.replaceAll('\r\n', '\n').trim());

/** The cash stands in the table or beside it; in both only where both say the same. */
function cashProblems(inTable: PastedTable['cash'], cash: string | undefined, ambiguous: number): Problem[] {
  if (cash === undefined) {
    // A line of cash that could not be read says so itself.
    if (inTable !== null || ambiguous > 0) return [];
    return [{ field: 'cash', value: null, rule: 'must stand in a line `cash`, or be given by --cash' }];
  }
  const read = amountShape().safeParse(cash);
  if (inTable === null || !read.success || D(read.data).eq(inTable.amount)) return [];
  return [
    { field: 'cash', value: shown(cash), rule: `must be that of line ${inTable.line} of the file, ${inTable.amount}` },
  ];
}
