import type { IsoDate } from '../types.js';
import { doubtsAbout, soundQuotes, type Doubt } from './doubt.js';
import { nextEquityIndex, reachesLimit, risenFrom, type EquityIndex } from './equity.js';
import type { IndexState } from './valuation.js';
import { D } from '../money.js';
import { worthOf, type BooksToValue, type Quotes, type Worth } from './worth.js';

/** What an account's value goes on from; null at the first. */
export type ValuedBefore = (IndexState & { asOfDate: IsoDate; lastEntryId: number; isResetSince?: boolean }) | null;

/** What a ledger is worth at a date with its index; or what has no price or rate that anybody may rely on. */
export type DayValue =
  { worth: Worth; index: EquityIndex; stops: boolean } | { missing: string[]; inDoubt: ReadonlyMap<string, Doubt> };

/**
 * Values a ledger at the as-of date and carries its equity index on. `stops` says that the drawdown has reached the
 * limit, so that the kill switch engages (docs/RULES.md 2.7).
 * @param undecided splits that somebody has still to rule on: in whose shares the price is, is unknown.
 * @param doubts what the data gate of the morning says against prices and rates.
 */
export function valueAt(
  asOfDate: IsoDate,
  books: BooksToValue & { previous: ValuedBefore; undecided?: readonly Doubt[] },
  { quotes, doubts, maxDrawdown }: { quotes: Quotes; doubts: readonly Doubt[]; maxDrawdown: number },
): DayValue {
  const { base, previous } = books;
  const undecided = (books.undecided ?? []).filter(({ date }) => date <= asOfDate);
  const about = doubtsAbout(doubts, { since: previous?.asOfDate ?? null, asOfDate });
  const inDoubt = new Map([...about, ...undecided.map((doubt) => [doubt.subject, doubt] as const)]);
  const worth = worthOf(books, soundQuotes(quotes, base, inDoubt));
  if ('missing' in worth) return { missing: worth.missing, inDoubt };
  const reckoned = nextEquityIndex(previous, worth.equity, worth.netFlows);
  // A reset that came after the date was valued first accepted the loss of that date, too.
  const index = previous?.isResetSince ? risenFrom(reckoned) : reckoned;
  // A whole loss stopped everything once: where nothing came since, there is nothing to stop again.
  const isLost = previous !== null && D(previous.equityIndex).isZero();
  return { worth, index, stops: reachesLimit(index.drawdown, maxDrawdown) && !isLost };
}
