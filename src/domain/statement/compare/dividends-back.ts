import type { BookedEntry } from '../../ledger/sums.js';
import { D } from '../../money.js';
import type { StatementEvent } from '../statement.js';
import { lineOf, type StatementLine } from './line.js';
import type { Worth } from './worth.js';

/** Dividends of a statement by what became of them. */
export interface Received {
  /** Those that the broker paid and left. */
  kept: StatementEvent[];
  /** Each that it took back, with the row that paid it; null where that is in no row of this statement. */
  back: TakenBack[];
}

export interface TakenBack {
  row: StatementEvent;
  paidBy: StatementEvent | null;
}

/**
 * Parts dividends from those that the broker took back: a row below nothing is no payment, and pairs with none. It
 * takes back the newest earlier payment of the symbol, of its position where that had one, and of the same amount.
 */
export function receivedOf(events: readonly StatementEvent[]): Received {
  const dividends = events.filter(({ kind, symbol }) => kind === 'DIVIDEND' && symbol !== null);
  const kept: StatementEvent[] = [];
  const back: TakenBack[] = [];
  for (const row of dividends) {
    if (!D(row.cash).lt(0)) {
      kept.push(row);
      continue;
    }
    const same = kept.filter((each) => each.symbol === row.symbol && D(each.cash).plus(row.cash).isZero());
    const paidBy = same.findLast(({ positionId }) => positionId === row.positionId) ?? same.at(-1) ?? null;
    if (paidBy) kept.splice(kept.indexOf(paidBy), 1);
    back.push({ row, paidBy });
  }
  return { kept, back };
}

/** The entry that books what was taken back, if any; of one that this statement paid too it is reversed. */
interface BookedBack {
  entry: BookedEntry;
  net: string;
}

/** What is to be done about a dividend that was taken back: no entry of it may stand. */
export function backLine({ row, paidBy }: TakenBack, booked: BookedBack | null, net: Worth | null): StatementLine {
  const what = `dividend of ${row.symbol} ${paidBy === null ? '' : `on ${paidBy.date} `}was taken back on ${row.date}`;
  const { entryId, effectiveDate } = booked?.entry ?? { entryId: null, effectiveDate: null };
  const isHere = paidBy !== null;
  return lineOf({
    kind: 'DIVIDEND',
    symbol: row.symbol,
    positionIds: row.positionId === null ? [] : [row.positionId],
    rows: [...(paidBy ? [paidBy.row] : []), row.row],
    statement: { date: row.date, units: null, amount: net?.amount.toFixed(2) ?? null, tax: null },
    ...(booked && {
      entryIds: [booked.entry.entryId],
      ledger: { date: booked.entry.effectiveDate, units: null, amount: booked.net, tax: null },
    }),
    isEstimated: net?.isEstimated ?? true,
    difference: isHere && entryId === null ? null : 'AMOUNT_DIFFERS',
    text:
      entryId === null
        ? `${what}: ${isHere ? 'nothing is to be booked' : 'no entry books one of that amount: look at eToro which it was'}`
        : isHere
          ? `${what}: entry ${entryId} books it, and nothing is left of it`
          : `${what}, and entry ${entryId} of ${effectiveDate} books one of that amount: look at eToro whether it is ` +
            'that one; if so, reverse it',
    // On an estimate nothing is taken back unlooked: another of that symbol may be meant.
    proposal: isHere && entryId !== null && net?.isEstimated === false ? { kind: 'REVERSE_ENTRY', entryId } : null,
  });
}
