import { dividendAmounts } from '../ledger/entries.js';
import { bookedUnder, dividendKey } from '../ledger/keys.js';
import { standingOf, sumsOf, unitsBefore, type BookedEntry } from '../ledger/sums.js';
import { D, toText } from '../money.js';
import type { DividendContext } from './dividends.js';

/** So many dividends that were booked last are looked at, */
const LOOKED_AT = 12;
/** and so many of them that were paid at other rates are a habit. */
const HABIT = 2;
/** What was booked net is a penny or two off, for the tax is reckoned back. */
const ROUNDING = D('0.02');

/**
 * Whether the account's broker may pay at the rate of the ex-date. Where dividends were booked at other rates it does
 * not, and one that fits to the penny at that rate is a coincidence like any other that fits.
 */
export function mayPayAtExDate(context: DividendContext): boolean {
  const booked = standingOf(context.entries, 'DIVIDEND').slice(-LOOKED_AT);
  return booked.filter((entry) => wasAtAnotherRate(entry, context)).length < HABIT;
}

function wasAtAnotherRate(
  entry: BookedEntry,
  { actions, entries, baseCurrency, fxOn, listedIn }: DividendContext,
): boolean {
  const alone = [entry];
  const action = actions.find(
    ({ kind, symbol, exDate, dividendType }) =>
      kind === 'DIVIDEND' &&
      symbol === entry.symbol &&
      bookedUnder(alone, dividendKey(symbol, exDate, dividendType)) !== undefined,
  );
  if (!action) return false;
  const { symbol, exDate, value: amount } = action;
  const currency = action.currency ?? listedIn(symbol);
  const fx = currency === baseCurrency ? null : fxOn(currency, exDate);
  if (fx === null) return false;
  const { gross } = dividendAmounts({ units: toText(unitsBefore(entries, symbol, exDate)), amount, fx });
  const booked = [...sumsOf([entry], 'Income:Dividends').values()][0]?.neg() ?? D(0);
  return booked.minus(gross).abs().gt(ROUNDING);
}
