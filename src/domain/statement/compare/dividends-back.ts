import { groupBy } from '../../group.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, toText } from '../../money.js';
import type { StatementEvent } from '../statement.js';
import { lineOf, type StatementLine } from './line.js';
import type { Worth } from './worth.js';

/** Dividends of a statement by what became of them. */
export interface Received {
  /** Those that the broker paid and left. */
  kept: StatementEvent[];
  /** Those of a symbol that it paid on one day and took back on one within the statement, together. */
  back: TakenBack[];
  /** Rows that take back what no row of this statement paid. */
  alone: StatementEvent[];
}

/** Rows that take a dividend back, one for each position that it was paid on, and those that paid it. */
export interface TakenBack {
  rows: readonly StatementEvent[];
  paidBy: readonly StatementEvent[];
}

/**
 * Parts dividends from those that the broker took back: a row below nothing is no payment, and pairs with none. It
 * takes back the newest earlier payment of the symbol, of its position where that had one, and of the same amount.
 */
export function receivedOf(events: readonly StatementEvent[]): Received {
  const dividends = events.filter(({ kind, symbol }) => kind === 'DIVIDEND' && symbol !== null);
  const alike = new Map<string, StatementEvent[]>();
  const pairs: { row: StatementEvent; paidBy: StatementEvent }[] = [];
  const alone: StatementEvent[] = [];
  for (const row of dividends) {
    const key = `${row.symbol} ${toText(D(row.cash).abs())}`;
    const same = alike.get(key) ?? [];
    alike.set(key, same);
    if (!isTakingBack(row)) same.push(row);
    else if (same.length === 0) alone.push(row);
    else {
      // The last one where its position had none.
      const own = same.findLastIndex(({ positionId }) => positionId === row.positionId);
      pairs.push(...same.splice(own, 1).map((paidBy) => ({ row, paidBy })));
    }
  }
  const gone = new Set(pairs.map(({ paidBy }) => paidBy));
  const together = groupBy(pairs, ({ row, paidBy }) => `${row.symbol} ${paidBy.date} ${row.date}`);
  const back = [...together.values()].map((group) => ({
    rows: group.map(({ row }) => row),
    paidBy: group.map(({ paidBy }) => paidBy),
  }));
  return { kept: dividends.filter((each) => !isTakingBack(each) && !gone.has(each)), back, alone };
}

const isTakingBack = ({ cash }: StatementEvent): boolean => D(cash).lt(0);

/**
 * Leaves a payment and the row that takes it back by themselves where the ledger has each on its own date, or has to:
 * where another statement tells of one of the two alone.
 */
export function leaveApart({ kept, back, alone }: Received, isApart: (each: TakenBack) => boolean): Received {
  const apart = new Set(back.filter(isApart));
  const byRow = (a: StatementEvent, b: StatementEvent) => a.row - b.row;
  return {
    kept: [...kept, ...[...apart].flatMap(({ paidBy }) => paidBy)].toSorted(byRow),
    back: back.filter((each) => !apart.has(each)),
    alone: [...alone, ...[...apart].flatMap(({ rows }) => rows)].toSorted(byRow),
  };
}

/** Rows that take something of a symbol back on one day: what was paid on several positions is booked as one. */
export const takenTogether = (rows: readonly StatementEvent[]): StatementEvent[][] => [
  ...groupBy(rows, ({ symbol, date }) => `${symbol} ${date}`).values(),
];

/** Each position by itself, as it is where the ledger has no entry of them all. */
export const byThemselves = ({ rows, paidBy }: TakenBack): TakenBack[] =>
  rows.map((row, index) => ({ rows: [row], paidBy: paidBy.slice(index, index + 1) }));

/** The entry that books what was taken back. */
interface BookedBack {
  entry: BookedEntry;
  net: string;
}

/** What is to be done about a dividend that was paid and taken back: no entry of it may stand. */
export function backLine({ rows, paidBy }: TakenBack, booked: BookedBack | null, net: Worth | null): StatementLine {
  const [row, payment] = [rows[0], paidBy[0]] as [StatementEvent, StatementEvent];
  const what = `dividend of ${row.symbol} on ${payment.date} was taken back on ${row.date}`;
  const entryId = booked?.entry.entryId ?? null;
  return lineOf({
    ...common(rows, net),
    rows: [...paidBy, ...rows].map((each) => each.row),
    ...(booked && {
      entryIds: [booked.entry.entryId],
      ledger: { date: booked.entry.effectiveDate, units: null, amount: booked.net, tax: null },
    }),
    difference: entryId === null ? null : 'AMOUNT_DIFFERS',
    text:
      entryId === null
        ? `${what}: nothing is to be booked`
        : `${what}: entry ${entryId} books it, and nothing is left of it`,
    // On an estimate nothing is taken back unlooked: another of that symbol may be meant.
    proposal: entryId !== null && net?.isEstimated === false ? { kind: 'REVERSE_ENTRY', entryId } : null,
  });
}

const common = (rows: readonly StatementEvent[], net: Worth | null) => ({
  kind: 'DIVIDEND' as const,
  symbol: rows[0]?.symbol ?? null,
  positionIds: rows.flatMap(({ positionId }) => positionId ?? []),
  rows: rows.map((each) => each.row),
  statement: { date: rows[0]?.date ?? '', units: null, amount: net?.amount.toFixed(2) ?? null, tax: null },
  isEstimated: net?.isEstimated ?? true,
});

/** Rows that take a dividend back, beside an entry of the period of that amount that no row pays. */
export function backBesideLine(rows: readonly StatementEvent[], booked: BookedBack, net: Worth | null): StatementLine {
  const { entryId, effectiveDate } = booked.entry;
  const [row] = rows as [StatementEvent];
  return lineOf({
    ...common(rows, net),
    entryIds: [entryId],
    ledger: { date: effectiveDate, units: null, amount: booked.net, tax: null },
    difference: 'AMOUNT_DIFFERS',
    text:
      `dividend of ${row.symbol} was taken back on ${row.date}, and entry ${entryId} of ${effectiveDate} books one ` +
      'of that amount, which no row of the period pays: look at eToro when that was paid; on another date, reverse ' +
      'it and book it anew with --paid-on, as the statement of that date says; never, reverse it; then import again',
  });
}
