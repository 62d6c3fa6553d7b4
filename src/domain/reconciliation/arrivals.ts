import { D, type Decimal } from '../money.js';
import type { BookedEntry } from '../ledger/sums.js';
import type { DecimalString, IsoDate } from '../types.js';

/** A comparison of before, of which the cash did not agree. */
export interface EarlierDrift {
  snapshotDate: IsoDate;
  /** Snapshot less ledger, base currency. */
  drift: DecimalString;
  /** The newest entry that the ledger had. */
  lastEntryId: number | null;
}

/** Comparisons that are looked back over: of a drift that lasts longer nobody can say from when on it was paid. */
export const DRIFTS_LOOKED_BACK = 400;

/**
 * When the cash agreed to the penny last, by the date of that snapshot (null when never), and what it was off by since.
 * @param compared the account's newest comparisons, oldest first.
 */
export function driftsSinceAgreed(compared: readonly EarlierDrift[]): {
  agreedOn: IsoDate | null;
  earlier: EarlierDrift[];
} {
  const agreed = compared.findLastIndex(({ drift }) => D(drift).isZero());
  return { agreedOn: compared[agreed]?.snapshotDate ?? null, earlier: compared.slice(agreed + 1) };
}

/** Cash that came (or went, below zero) after one snapshot and up to another. */
export interface DatedArrival {
  amount: Decimal;
  /** Null where no snapshot tells. */
  after: IsoDate | null;
  upTo: IsoDate;
}

/** So many amounts are told apart; what came before them counts as one. */
const ARRIVALS_MAX = 4;

/**
 * What came when, of a drift that has lasted since the cash agreed last: each change from one snapshot to the next. The
 * last comparison of a date counts, for a slip is corrected on its day; amounts that cancel out were one. What was
 * booked since, but for fills, may explain any of it: comparisons of before that tell nothing.
 * @param earlier comparisons since the cash agreed last, oldest first.
 */
export function arrivalsOf(
  drift: Decimal,
  earlier: readonly EarlierDrift[],
  {
    entries,
    agreedOn,
    snapshotDate,
  }: { entries: readonly BookedEntry[]; agreedOn: IsoDate | null; snapshotDate: IsoDate },
): DatedArrival[] {
  const explaining = entries.findLast(
    ({ kind, postings }) => kind !== 'FILL' && postings.some(({ account }) => account === 'Assets:Cash'),
  );
  const telling = earlier.filter(
    ({ lastEntryId, snapshotDate: of }, index) =>
      (lastEntryId ?? 0) >= (explaining?.entryId ?? 0) && of < snapshotDate && earlier[index + 1]?.snapshotDate !== of,
  );
  const found: DatedArrival[] = [];
  let before = { drift: D(0), date: agreedOn };
  for (const { amount, date } of [
    ...telling.map((each) => ({ amount: D(each.drift), date: each.snapshotDate })),
    { amount: drift, date: snapshotDate },
  ]) {
    const came = amount.minus(before.drift);
    if (!came.isZero()) found.push({ amount: came, after: before.date, upTo: date });
    before = { drift: amount, date };
  }
  return mergedOldest(withoutCancelled(found));
}

/** Leaves out each amount that the next one takes back. */
function withoutCancelled(arrivals: readonly DatedArrival[]): DatedArrival[] {
  const kept: DatedArrival[] = [];
  for (const arrival of arrivals) {
    if (kept.at(-1)?.amount.eq(arrival.amount.neg())) kept.pop();
    else kept.push(arrival);
  }
  return kept;
}

function mergedOldest(arrivals: readonly DatedArrival[]): DatedArrival[] {
  const many = arrivals.length - ARRIVALS_MAX;
  if (many <= 0) return [...arrivals];
  const [first, ...rest] = arrivals.slice(0, many + 1) as [DatedArrival, ...DatedArrival[]];
  const amount = rest.reduce((sum, each) => sum.plus(each.amount), first.amount);
  const merged = { amount, after: first.after, upTo: rest.at(-1)?.upTo ?? first.upTo };
  return amount.isZero() ? arrivals.slice(many + 1) : [merged, ...arrivals.slice(many + 1)];
}
