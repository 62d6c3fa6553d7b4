import { refusal, refused, type Outcome } from '../../errors.js';
import type { KnownActions } from '../../market/actions.js';
import { toText } from '../../money.js';
import type { Account, CorporateAction, DecimalString, IsoDate } from '../../types.js';
import { splitEntry } from '../entries.js';
import { bookedUnder, splitKey } from '../keys.js';
import { formerOf } from '../sequence.js';
import { openingDate, standingEntries, unitsBefore, unitsTakingPart, type BookedEntry } from '../sums.js';
import { knownAction } from './known-action.js';
import { inFuture, ledgerEmpty, outOfOrder, plannedOnce, type EntryPlan } from './plan.js';

export interface SplitCommand {
  account: Account;
  today: IsoDate;
  /** The date of today's prices. */
  asOfDate: IsoDate;
  symbol: string;
  exDate: IsoDate;
  /** New shares for one old share; the stored action's when left out. */
  ratio: DecimalString | null;
}

/** Plans a split, once a symbol and ex-date, up to the as-of date: a stored one, or one whose ratio the operator gives. */
export function planSplit(entries: readonly BookedEntry[], command: SplitCommand, known: KnownActions): EntryPlan {
  const { account, today, asOfDate, symbol, exDate } = command;
  if (exDate > today) return refused(inFuture('ex-date', exDate, today));
  if (entries.length === 0) return refused(ledgerEmpty(account.account));
  const opened = openingDate(entries);
  if (opened !== null && exDate < opened) {
    return refused(
      refusal('SPLIT_BEFORE_OPENING', `the ledger was opened on ${opened}, with the split of ${exDate} in its units`),
    );
  }
  if (exDate > asOfDate) return refused(tooEarly(symbol, exDate, asOfDate));
  const ratio = ratioOf(command, known);
  if (!ratio.ok) return ratio;
  const key = splitKey(symbol, exDate);
  const booked = bookedUnder(entries, key) ?? null;
  const wrong = outOfOrder(entries, [symbol], { field: 'ex-date', date: exDate, booked, account: account.account });
  if (wrong) return refused(wrong);
  const units = toText(unitsTakingPart(entries, symbol, exDate, booked));
  const draft = splitEntry({ exDate, symbol, units, ratio: ratio.result });
  if (!draft)
    return refused(refusal('NOTHING_HELD', `the ledger held no ${symbol} before ${exDate}: the split changes nothing`));
  return plannedOnce(entries, account, { key, draft });
}

function ratioOf({ ratio, symbol, exDate }: SplitCommand, known: KnownActions): Outcome<DecimalString> {
  if (ratio !== null) return { ok: true, result: ratio };
  const action = knownAction(known, 'SPLIT', symbol, exDate);
  return action.ok ? { ok: true, result: action.result.value } : action;
}

/** Units after a split at a price from before it would be worth a multiple of what they are, and the ticket would sell them. */
const tooEarly = (symbol: string, exDate: IsoDate, pricedAt: IsoDate) =>
  refusal(
    'SPLIT_TOO_EARLY',
    `ex-date: ${exDate}: must not be after ${pricedAt}, the date of today's prices: ${symbol} would be counted after the split and priced before it`,
    { remedy: 'book it on the next session; until then reconciliation fails with UNITS_DRIFT and nothing trades' },
  );

/**
 * Those of the settled actions that are splits (a list of nothing else may leave the kind out), of what was held before
 * them, after the opening, and that nobody has booked: neither under the name of today nor under the one of then, nor
 * by figures that were set right since.
 */
export const unbookedSplits = <
  Split extends Pick<CorporateAction, 'symbol' | 'exDate'> & Partial<Pick<CorporateAction, 'kind'>>,
>(
  entries: readonly BookedEntry[],
  splits: readonly Split[],
): Split[] =>
  splits.filter(
    ({ symbol, exDate, kind = 'SPLIT' }) =>
      kind === 'SPLIT' && exDate > (openingDate(entries) ?? '') && isSplitMissing(entries, symbol, exDate),
  );

/** Whether a ledger held shares before a split that does not stand in their units. */
export const isSplitMissing = (entries: readonly BookedEntry[], symbol: string, exDate: IsoDate): boolean =>
  !isSplitIn(entries, symbol, exDate) && unitsBefore(entries, symbol, exDate).gt(0);

/** Whether a split stands in the units of a ledger: booked, under this name or a former one, or in a baseline of after it. */
export function isSplitIn(entries: readonly BookedEntry[], symbol: string, exDate: IsoDate): boolean {
  const names = [symbol, ...formerOf(entries, symbol).map((former) => former.symbol)];
  return standingEntries(entries).some(
    ({ kind, symbol: of, effectiveDate, postings }) =>
      of !== null &&
      names.includes(of) &&
      ((kind === 'SPLIT' && effectiveDate === exDate) ||
        (kind === 'BASELINE' && effectiveDate >= exDate && postings.some(({ account }) => account === 'Assets:Units'))),
  );
}
