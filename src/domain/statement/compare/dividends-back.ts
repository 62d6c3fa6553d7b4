import type { BookedEntry } from '../../ledger/sums.js';
import { D, toText } from '../../money.js';
import type { StatementEvent } from '../statement.js';
import { lineOf, type StatementLine } from './line.js';
import type { Worth } from './worth.js';

/** Dividends of a statement by what became of them. */
export interface Received {
  /** Those that the broker paid and left. */
  kept: StatementEvent[];
  /** Each that it paid and took back within the statement. */
  back: TakenBack[];
  /** Rows that take back what no row of this statement paid. */
  alone: StatementEvent[];
}

/** A row that takes a dividend back, and the one that paid it. */
export interface TakenBack {
  row: StatementEvent;
  paidBy: StatementEvent;
}

/**
 * Parts dividends from those that the broker took back: a row below nothing is no payment, and pairs with none. It
 * takes back the newest earlier payment of the symbol, of its position where that had one, and of the same amount.
 */
export function receivedOf(events: readonly StatementEvent[]): Received {
  const dividends = events.filter(({ kind, symbol }) => kind === 'DIVIDEND' && symbol !== null);
  const alike = new Map<string, StatementEvent[]>();
  const back: TakenBack[] = [];
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
      back.push(...same.splice(own, 1).map((paidBy) => ({ row, paidBy })));
    }
  }
  const gone = new Set(back.map(({ paidBy }) => paidBy));
  return { kept: dividends.filter((each) => !isTakingBack(each) && !gone.has(each)), back, alone };
}

const isTakingBack = ({ cash }: StatementEvent): boolean => D(cash).lt(0);

/**
 * Leaves a payment and the row that takes it back by themselves where the ledger has each on its own date, or has to:
 * where another statement tells of one of the two alone.
 */
export function leaveApart({ kept, back, alone }: Received, isApart: (pair: TakenBack) => boolean): Received {
  const apart = new Set(back.filter(isApart));
  const byRow = (a: StatementEvent, b: StatementEvent) => a.row - b.row;
  return {
    kept: [...kept, ...[...apart].map(({ paidBy }) => paidBy)].toSorted(byRow),
    back: back.filter((pair) => !apart.has(pair)),
    alone: [...alone, ...[...apart].map(({ row }) => row)].toSorted(byRow),
  };
}

/** The entry that books what was taken back. */
interface BookedBack {
  entry: BookedEntry;
  net: string;
}

/** What is to be done about a dividend that was paid and taken back: no entry of it may stand. */
export function backLine({ row, paidBy }: TakenBack, booked: BookedBack | null, net: Worth | null): StatementLine {
  const what = `dividend of ${row.symbol} on ${paidBy.date} was taken back on ${row.date}`;
  const entryId = booked?.entry.entryId ?? null;
  return lineOf({
    kind: 'DIVIDEND',
    symbol: row.symbol,
    positionIds: row.positionId === null ? [] : [row.positionId],
    rows: [paidBy.row, row.row],
    statement: { date: row.date, units: null, amount: net?.amount.toFixed(2) ?? null, tax: null },
    ...(booked && {
      entryIds: [booked.entry.entryId],
      ledger: { date: booked.entry.effectiveDate, units: null, amount: booked.net, tax: null },
    }),
    isEstimated: net?.isEstimated ?? true,
    difference: entryId === null ? null : 'AMOUNT_DIFFERS',
    text:
      entryId === null
        ? `${what}: nothing is to be booked`
        : `${what}: entry ${entryId} books it, and nothing is left of it`,
    // On an estimate nothing is taken back unlooked: another of that symbol may be meant.
    proposal: entryId !== null && net?.isEstimated === false ? { kind: 'REVERSE_ENTRY', entryId } : null,
  });
}

/** A row that takes a dividend back, beside an entry of the period of that amount that no row pays. */
export function backBesideLine(row: StatementEvent, booked: BookedBack, net: Worth | null): StatementLine {
  const { entryId, effectiveDate } = booked.entry;
  return lineOf({
    kind: 'DIVIDEND',
    symbol: row.symbol,
    positionIds: row.positionId === null ? [] : [row.positionId],
    rows: [row.row],
    entryIds: [entryId],
    statement: { date: row.date, units: null, amount: net?.amount.toFixed(2) ?? null, tax: null },
    ledger: { date: effectiveDate, units: null, amount: booked.net, tax: null },
    isEstimated: net?.isEstimated ?? true,
    difference: 'AMOUNT_DIFFERS',
    text:
      `dividend of ${row.symbol} was taken back on ${row.date}, and entry ${entryId} of ${effectiveDate} books one ` +
      'of that amount, which no row of the period pays: look at eToro when that was paid; on another date, reverse ' +
      'it and book it anew with --paid-on, as the statement of that date says; never, reverse it; then import again',
  });
}
