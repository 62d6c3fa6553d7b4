import { dayNumber } from '../dates.js';
import { sha256 } from '../hash.js';
import { toText } from '../money.js';
import type { Instant } from '../types.js';
import type { Statement } from './statement.js';
import { refusedStatement } from './refusals.js';
import type { Sheet } from './sheet.js';
import { instantOf, numberOf, placeOf, textOf, wordsOf, type Placed } from './values.js';

/** What the first sheet says of the statement as a whole. */
export type Summary = Pick<Statement, 'currency' | 'display' | 'userHash' | 'createdAt' | 'from' | 'to' | 'summary'>;

/** Where the broker writes UK time of summer as UTC, a statement that was just made is an hour ahead. */
const BROKER_AHEAD_MS = 3_600_000;

/**
 * Refuses a statement that is of a time to come: nothing of it can have happened to the account.
 * @param now what the account's clock says
 * @throws OpsError STATEMENT_VALUE
 */
export function refuseFuture({ createdAt }: Pick<Summary, 'createdAt'>, now: Instant): void {
  if (Date.parse(createdAt) > Date.parse(now) + BROKER_AHEAD_MS)
    throw refusedStatement(
      'STATEMENT_VALUE',
      'Account Summary, Date Created',
      createdAt,
      `must not be more than an hour after now, ${now} by the clock of the account`,
    );
}

/** Forms of the currency that are known: amounts in USD, and the currency they are displayed in beside it. */
const CURRENCIES: Readonly<Record<string, string | null>> = { USD: null, 'USD/GBP': 'GBP', 'USD/EUR': 'EUR' };

/**
 * Reads the summary: labels in the first column, figures beside them. @throws OpsError STATEMENT_CURRENCY,
 * STATEMENT_VALUE, STATEMENT_INCONSISTENT
 */
export function readSummary(sheet: Sheet, from1904: boolean): Summary {
  const rows = rowsOf(sheet, from1904);
  const labelled = (label: string): Placed => {
    const found = rows.filter((row) => row.label === label && row.said.cell !== null);
    // The name of the sheet's first column is that of one of its labels.
    const [row] = found.filter(({ said }) => textOf(said) !== 'Totals');
    if (row) return row.said;
    throw refusedStatement('STATEMENT_LAYOUT', `sheet ${sheet.name}`, label, 'is a label that is missing');
  };
  const currency = labelled('Currency');
  const said = wordsOf(currency).toUpperCase();
  if (!Object.hasOwn(CURRENCIES, said))
    throw refusedStatement(
      'STATEMENT_CURRENCY',
      currency.where,
      said,
      `must be one of ${Object.keys(CURRENCIES).join(', ')}`,
    );
  const period = periodOf(labelled('Start Date'), labelled('End Date'));
  return {
    currency: 'USD',
    display: CURRENCIES[said] ?? null,
    userHash: sha256(`etoro/${wordsOf(labelled('Username')).toLowerCase()}`),
    createdAt: createdAtOf(labelled('Date Created'), period),
    ...period,
    summary: figuresOf(rows),
  };
}

interface SummaryRow {
  label: string | null;
  said: Placed;
  displayed: Placed;
}

const rowsOf = (sheet: Sheet, from1904: boolean): SummaryRow[] =>
  sheet.rows.map((row) => {
    const place = (column: number): Placed => ({
      cell: row.cells.get(column) ?? null,
      where: placeOf(sheet.name, column, row.number),
      from1904,
    });
    return { label: textOf(place(0)), said: place(1), displayed: place(2) };
  });

/**
 * `Total (USD)`, `Total (GBP)`: the figures of the summary are in the currencies that it names.
 * @throws OpsError STATEMENT_CURRENCY
 */
export function refuseOtherHeading(sheet: Sheet, { display }: Pick<Summary, 'display'>): void {
  for (const { said, displayed } of rowsOf(sheet, false).filter((row) => isHeading(row.said))) {
    refuseOther(said, 'USD');
    refuseOther(displayed, display ?? 'USD');
  }
}

function refuseOther(place: Placed, own: string): void {
  const heading = textOf(place) ?? '';
  const currency = /\(([A-Z]{3})\)/i.exec(heading)?.[1]?.toUpperCase();
  if (currency !== undefined && currency !== own)
    throw refusedStatement('STATEMENT_CURRENCY', place.where, heading, `must be in ${own}, as the summary says`);
}

const PERIOD_DAYS_MAX = 366 * 50;
/** Long before the broker was there: what looks back from an earlier day finds days that nobody can store. */
const FIRST = '1970-01-01';

/** A statement is of whole days. @throws OpsError STATEMENT_VALUE */
function periodOf(start: Placed, end: Placed): { from: string; to: string } {
  const [from, to] = [instantOf(start), instantOf(end)];
  const refuse = ({ where }: Placed, value: string, rule: string) =>
    refusedStatement('STATEMENT_VALUE', where, value, rule);
  if (!from.endsWith('T00:00:00.000Z')) throw refuse(start, from, 'must be the beginning of a day, 00:00:00');
  if (!to.endsWith('T23:59:59.000Z')) throw refuse(end, to, 'must be the end of a day, 23:59:59');
  if (from < FIRST) throw refuse(start, from, `must not be before ${FIRST}`);
  if (to < from) throw refuse(end, to, `must not be before the start, ${from}`);
  if (dayNumber(to.slice(0, 10)) - dayNumber(from.slice(0, 10)) > PERIOD_DAYS_MAX)
    throw refuse(end, to, 'must be within fifty years of the start');
  return { from, to };
}

/** When a statement was made, which may be before its period ends, and never before it begins. */
function createdAtOf(created: Placed, { from }: { from: string }): string {
  const at = instantOf(created);
  if (at >= from) return at;
  throw refusedStatement('STATEMENT_INCONSISTENT', created.where, at, `must not be before the period, ${from}`);
}

/** What the statement must say of itself, beside the figures of whatever label. */
const IN_WORDS = ['Name', 'Username', 'Currency', 'Date Created', 'Start Date', 'End Date'];

function figuresOf(rows: readonly SummaryRow[]): Statement['summary'] {
  const figures = rows.flatMap(({ label, said, displayed }): [string, Statement['summary'][string]][] => {
    if (label === null || IN_WORDS.includes(label) || said.cell === null || isHeading(said)) return [];
    const [amount, display] = [numberOf(said), numberOf(displayed)];
    return [[label, { amount: amount && toText(amount), display: display && toText(display) }]];
  });
  return Object.fromEntries(figures);
}

/** `Total (USD)`: a name of columns within the sheet. */
const isHeading = (said: Placed): boolean => /^totals?( \([A-Z]{3}\))?$/i.test(textOf(said) ?? '');
