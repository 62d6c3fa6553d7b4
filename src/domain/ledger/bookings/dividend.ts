import { refusal, refused, type Outcome } from '../../errors.js';
import type { KnownActions } from '../../market/actions.js';
import { D, toText } from '../../money.js';
import type { Account, DecimalString, DividendType, IsoDate } from '../../types.js';
import { dividendAmounts, dividendEntry, dividendFromNet, type DividendAmounts } from '../entries.js';
import { US_WITHHOLDING } from '../withholding.js';
import { dividendKey } from '../keys.js';
import { unitsBefore, type BookedEntry } from '../sums.js';
import { knownAction } from './known-action.js';
import { beforeOpening, inFuture, ledgerEmpty, plannedOnce, unknownSymbol, type EntryPlan } from './plan.js';

export interface DividendCommand {
  account: Account;
  today: IsoDate;
  symbol: string;
  exDate: IsoDate;
  /** Which of several of one ex-date; the regular one when left out. */
  type?: DividendType;
  /** Date it was paid; today when left out. */
  paidOn: IsoDate | null;
  /** Cash a share in listing currency; the stored action's when left out. */
  amount: DecimalString | null;
  /** Units it was paid on; those held before the ex-date when left out. */
  units: DecimalString | null;
  /** Listing currency for one of base; the stored rate when left out. */
  fx: DecimalString | null;
  /** Fraction of the gross amount; the usual US withholding when left out, and nothing of a return of capital. */
  withholding: DecimalString | null;
  /** What arrived, base currency; replaces amount, units and fx. */
  net: DecimalString | null;
  /** Whether the universe has a symbol. */
  isKnown(symbol: string): boolean;
}

/** What is stored about the market: actions up to the as-of date, and the newest rate of the ex-date or before. */
export interface DividendMarket {
  known: KnownActions;
  /** Of the listing: what an amount a share is in, where nobody said another. */
  currency: string;
  rateOf(currency: string): DecimalString | null;
}

/**
 * Plans a dividend, once a symbol, ex-date and type: from the stored action, or from what the operator read off the
 * broker.
 */
export function planDividend(
  entries: readonly BookedEntry[],
  command: DividendCommand,
  market: DividendMarket,
): EntryPlan {
  const { account, today, symbol, exDate, type = 'regular', net } = command;
  const date = command.paidOn ?? today;
  if (exDate > today) return refused(inFuture('ex-date', exDate, today));
  if (date > today) return refused(inFuture('paid-on', date, today));
  if (entries.length === 0) return refused(ledgerEmpty(account.account));
  const unknown = unknownSymbol(entries, symbol, command.isKnown);
  if (unknown) return refused(unknown);
  const amounts = net === null ? amountsOf(entries, command, market) : received(net, withheld(command));
  if (!amounts.ok) return amounts;
  if (!amounts.result.gross.gt(0))
    return refused(
      refusal('DIVIDEND_TOO_SMALL', `the dividend of ${symbol} comes to less than a penny: nothing is booked`),
    );
  const early = beforeOpening(entries, 'paid-on', date);
  if (early) return refused(early);
  const draft = dividendEntry({
    date,
    exDate,
    baseCurrency: account.baseCurrency,
    symbol,
    amounts: amounts.result,
    type,
  });
  return plannedOnce(entries, account, { key: dividendKey(symbol, exDate, type), draft });
}

const withheld = ({ withholding, type }: DividendCommand): DecimalString =>
  withholding ?? (type === 'return_of_capital' ? '0' : US_WITHHOLDING);

const received = (net: DecimalString, withholding: DecimalString): Outcome<DividendAmounts> => ({
  ok: true,
  result: dividendFromNet(net, withholding),
});

function amountsOf(
  entries: readonly BookedEntry[],
  command: DividendCommand,
  { known, currency, rateOf }: DividendMarket,
): Outcome<DividendAmounts> {
  const { symbol, exDate, type } = command;
  const units = command.units ?? toText(unitsBefore(entries, symbol, exDate));
  if (!D(units).gt(0)) {
    return refused(
      refusal('NOTHING_HELD', `the ledger held no ${symbol} before ${exDate}`, {
        remedy: 'give what eToro paid with --net, or the units with --units',
      }),
    );
  }
  const told =
    command.amount === null
      ? knownAction(known, 'DIVIDEND', symbol, exDate, type)
      : ({ ok: true, result: { value: command.amount, currency } } as const);
  if (!told.ok) return told;
  const fx = command.fx ?? rateOf(told.result.currency ?? currency);
  if (fx === null) {
    return refused(
      refusal('FX_MISSING', `no rate of ${exDate} or before is stored`, {
        remedy: 'make market-fetch, or give the rate with --fx, or what arrived with --net',
      }),
    );
  }
  return {
    ok: true,
    result: dividendAmounts({ units, amount: told.result.value, fx, withholding: withheld(command) }),
  };
}
