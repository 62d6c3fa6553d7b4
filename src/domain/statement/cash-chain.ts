import { D, toText, type Decimal } from '../money.js';
import { isCancelled, isConversion } from './activity-types.js';
import type { ClosedRow } from './closed.js';
import type { ActivityRow } from './activity-row.js';
import { changesOf } from './conversions.js';
import { refusedStatement } from './refusals.js';
import type { EventKind, Statement, StatementEvent } from './statement.js';
import type { Summary } from './summary.js';

/** Two roundings to a cent, one on each side of a row. */
const ROW_TOLERANCE = '0.02';

/**
 * What each row changed the cash by, from one balance to the next, for an open's amount falls when a part of it is
 * closed later and a conversion's row may carry the whole settlement; and whether the rows are all there, for equity
 * and cash must lead from each row to the next and from the summary's beginning to its end.
 * @throws OpsError STATEMENT_INCONSISTENT
 */
export function settleCash(
  rows: readonly ActivityRow[],
  summary: Summary,
  closings: readonly ClosedRow[],
): Pick<Statement, 'cash' | 'events'> {
  const costs = costsOf(rows, closings);
  const { before, changes } = changesOf(rows, (first) => cashBefore(first, summary));
  const events = rows.map((row, index): StatementEvent => {
    const previous = rows[index - 1];
    if (previous !== undefined) refuseGap(previous, row);
    // Of a first row that does not tell what it changed, what it says itself.
    const cash = changes[index] ?? (row.kind === 'OPEN' ? D(costs.get(row) ?? row.amount).neg() : D(row.amount));
    refuseOtherCash(row, cash, costs);
    return eventOf(row, cash);
  });
  refuseOtherEquity(rows, summary);
  refuseOtherSums(rows, summary);
  const last = rows.at(-1);
  const after = last === undefined ? null : toText(last.balance);
  return { cash: { before: before && toText(before), after }, events };
}

const inconsistent = (where: string, value: string | null, rule: string) =>
  refusedStatement('STATEMENT_INCONSISTENT', where, value, rule);

/** Opens with what they cost at least: what remains, and what of them was closed within the statement. */
function costsOf(rows: readonly ActivityRow[], closings: readonly ClosedRow[]): Map<ActivityRow, string> {
  const parts = new Map<string, Decimal>();
  const ids = new Map(closings.map((closed) => [closed.positionId, closed]));
  const keyOf = (symbol: string | null, at: string) => `${symbol} ${at}`;
  for (const { kind, symbol, positionId } of rows) {
    const closed = kind === 'CLOSE' ? ids.get(positionId ?? '') : undefined;
    if (!closed) continue;
    const key = keyOf(symbol, closed.closing.openedAt);
    parts.set(key, (parts.get(key) ?? D(0)).plus(closed.closing.invested));
  }
  const opens = rows.filter(({ kind }) => kind === 'OPEN');
  const counts = new Map<string, number>();
  for (const { symbol, at } of opens) counts.set(keyOf(symbol, at), (counts.get(keyOf(symbol, at)) ?? 0) + 1);
  return new Map(
    opens.map((row) => {
      const key = keyOf(row.symbol, row.at);
      // Of two that were opened in one second nobody can tell whose parts they are.
      const isAlone = counts.get(key) === 1;
      const sold = isAlone ? (parts.get(key) ?? D(0)) : D(0);
      // The row of a position that was closed whole may keep its amount: what was sold last counts once.
      const own = isAlone ? (ids.get(row.positionId ?? '')?.closing.invested ?? 0) : 0;
      return [row, toText(D(row.amount).plus(sold).minus(own))];
    }),
  );
}

/** Cash before the first row, where that tells what it changed. */
function cashBefore(first: ActivityRow, { summary }: Summary): Decimal | null {
  const isNew = D(summary['Beginning Realized Equity']?.amount ?? 1).isZero();
  if (isNew) return D(0);
  if (first.kind === 'OPEN' || isConversion(first.type)) return null;
  return first.balance.minus(first.amount);
}

/** Time and equity lead from one row to the next. */
function refuseGap(previous: ActivityRow, row: ActivityRow): void {
  if (row.at < previous.at) throw inconsistent(row.where, row.at, `must not be before the row above, ${previous.at}`);
  const equity = previous.equity.plus(row.equityChange);
  if (equity.minus(row.equity).abs().gt(ROW_TOLERANCE))
    throw inconsistent(
      row.where,
      toText(row.equity),
      `realized equity must be ${toText(equity)} after the row above: a row is missing or changed`,
    );
}

/** Kinds whose row says to the cent what the cash changed by. */
const SAID: readonly EventKind[] = ['CLOSE', 'DIVIDEND', 'DEPOSIT', 'FEE', 'INTEREST', 'SPLIT', 'ADJUSTMENT'];

function refuseOtherCash(row: ActivityRow, cash: Decimal, costs: ReadonlyMap<ActivityRow, string>): void {
  const said = D(row.amount);
  const off = (by: Decimal) => by.abs().gt(ROW_TOLERANCE);
  const gap = (rule: string) =>
    inconsistent(row.where, toText(cash), `the balance changes by that: ${rule}, or a row is missing`);
  if (row.kind === 'OPEN') {
    const least = D(costs.get(row) ?? said);
    if (cash.neg().plus(ROW_TOLERANCE).lt(least)) throw gap(`must fall by ${toText(least)} at least`);
    return;
  }
  if (row.kind === 'CLOSE') refuseOtherClose(row);
  if (row.kind === 'WITHDRAWAL') {
    const isAsSaid = cash.isZero() || !off(cash.abs().minus(said.abs()));
    if (!isAsSaid || (isCancelled(row.type) ? cash.lt(0) : cash.gt(0)))
      throw gap(`must be what is withdrawn, ${row.amount}`);
    return;
  }
  if (SAID.includes(row.kind) && !isConversion(row.type) && off(cash.minus(said)))
    throw gap(`must be the amount, ${row.amount}`);
}

/** Measured on the broker's own: a close's amount is its cost and its profit, which is what equity changes by. */
function refuseOtherClose({ where, amount, closing, equityChange }: ActivityRow): void {
  if (!closing) return;
  const whole = D(closing.invested).plus(closing.profit.amount);
  if (whole.minus(amount).abs().gt(ROW_TOLERANCE))
    throw inconsistent(where, amount, `must be cost and profit of the closed position, ${toText(whole)}`);
  if (equityChange.minus(closing.profit.amount).abs().gt(ROW_TOLERANCE))
    throw inconsistent(
      where,
      toText(equityChange),
      `realized equity must change by the profit, ${closing.profit.amount}`,
    );
}

function eventOf(row: ActivityRow, cash: Decimal): StatementEvent {
  const { where: _where, equityChange: _change, equity: _equity, balance: _balance, ...said } = row;
  return { ...said, cash: toText(cash) };
}

/** Equity begins and ends where the summary says. */
function refuseOtherEquity(rows: readonly ActivityRow[], { summary }: Summary): void {
  const [first, last] = [rows[0], rows.at(-1)];
  const figure = (label: string): Decimal => {
    const amount = summary[label]?.amount;
    if (amount !== undefined && amount !== null) return D(amount);
    throw refusedStatement('STATEMENT_LAYOUT', 'sheet Account Summary', label, 'is a figure that is missing');
  };
  const [beginning, ending] = [figure('Beginning Realized Equity'), figure('Ending Realized Equity')];
  const begun = first ? first.equity.minus(first.equityChange) : beginning;
  if (begun.minus(beginning).abs().gt(ROW_TOLERANCE))
    throw inconsistent('Beginning Realized Equity', toText(beginning), `the first row begins at ${toText(begun)}`);
  const ended = last ? last.equity : beginning;
  if (ended.minus(ending).abs().gt(ROW_TOLERANCE))
    throw inconsistent('Ending Realized Equity', toText(ending), `the last row ends at ${toText(ended)}`);
}

/** Labels of the summary that are sums of rows of one kind. */
const SUMS: readonly [label: string, of: (row: ActivityRow) => Decimal | null][] = [
  ['Deposits', ({ type, amount }) => (/^deposit$/i.test(type) ? D(amount) : null)],
  ['Dividends', ({ kind, amount }) => (kind === 'DIVIDEND' ? D(amount) : null)],
  ['Profit or Loss (Closed positions only)', ({ closing }) => (closing ? D(closing.profit.amount) : null)],
];

function refuseOtherSums(rows: readonly ActivityRow[], { summary }: Summary): void {
  for (const [label, of] of SUMS) {
    const said = summary[label]?.amount;
    if (said === undefined || said === null) continue;
    const counted = rows.flatMap((row) => of(row) ?? []);
    const sum = counted.reduce((total, amount) => total.plus(amount), D(0));
    // Each row is rounded to a cent.
    const tolerance = D(ROW_TOLERANCE).plus(D('0.005').times(counted.length));
    if (sum.minus(said).abs().gt(tolerance))
      throw inconsistent(label, said, `the rows of the activity come to ${toText(sum)}`);
  }
}
