import { refusal, refused, type Outcome } from '../../errors.js';
import { D, toText } from '../../money.js';
import type { Bar, DecimalString } from '../../types.js';
import { newUnits, spinOffEntry, stockMergerEntry } from '../reorganisations.js';
import type { BookedEntry } from '../sums.js';
import { eventPlan, heldBefore, wrongExchange, type ExchangeCommand } from './event.js';
import type { EntryPlan } from './plan.js';
import { proceedsOf, type ListingRate, type ProceedsCommand } from './proceeds.js';

/** Decimals of a fraction of cost. */
const SHARE_DECIMALS = 10;

interface Splitting {
  /** New shares for one old share. */
  ratio: DecimalString;
  /** Fraction of the old cost; found by the stored closes when left out. */
  costShare: DecimalString | null;
}

export type StockMergerCommand = ExchangeCommand & ProceedsCommand & Splitting;
export type SpinOffCommand = ExchangeCommand & Splitting;

/** Base currency a share of each, at the first session from the date on that has both; null where there is none. */
export interface FirstValues {
  old: DecimalString | null;
  new: DecimalString;
}

/**
 * What a share of each is worth at the first session that has a close of both; null where there is none.
 * @param olds closes of the old shares; null where only the new ones are looked at.
 * @param worthOf a close in base currency; null without a rate.
 */
export function firstValuesIn(
  { news, olds }: { news: readonly Bar[]; olds: readonly Bar[] | null },
  worthOf: (bar: Bar) => DecimalString | null,
): FirstValues | null {
  const first = news.find(({ session }) => olds === null || olds.some((bar) => bar.session === session));
  const value = first ? worthOf(first) : null;
  if (first === undefined || value === null) return null;
  const old = olds?.find(({ session }) => session === first.session);
  return { new: value, old: old ? worthOf(old) : null };
}

/** Plans an exchange of shares, with cash or without: the cost goes along, but for what the cash is set against. */
export function planStockMerger(
  entries: readonly BookedEntry[],
  command: StockMergerCommand,
  market: { rate: ListingRate; values: FirstValues | null },
): EntryPlan {
  const wrong = wrongExchange(entries, command, 'date');
  if (wrong) return refused(wrong);
  const units = heldBefore(entries, command, { kind: 'STOCK_MERGER', to: [command.to] });
  if (!units.ok) return units;
  const cash = proceedsOf(units.result, command, market.rate);
  if (!cash.ok) return cash;
  const received = newUnits(D(units.result), command.ratio);
  const worth = market.values && received.times(D(market.values.new));
  const share =
    cash.result === null
      ? ({ ok: true, result: '0' } as const)
      : costShareOf(command, worth && D(cash.result).div(worth.plus(D(cash.result))));
  if (!share.ok) return share;
  const { account, symbol, to, ratio, date } = command;
  const { baseCurrency } = account;
  const event = { date, baseCurrency, symbol, to, ratio, units: units.result };
  if (received.isZero()) return refused(nothingLeft(command));
  return eventPlan(entries, command, stockMergerEntry({ ...event, cash: cash.result, costShare: share.result }));
}

/** Plans that shares of a new company came beside those held: the cost is split by what each is worth, or as said. */
export function planSpinOff(
  entries: readonly BookedEntry[],
  command: SpinOffCommand,
  values: FirstValues | null,
): EntryPlan {
  const wrong = wrongExchange(entries, command, 'ex-date');
  if (wrong) return refused(wrong);
  const units = heldBefore(entries, command, { kind: 'SPIN_OFF', field: 'ex-date', to: [command.to] });
  if (!units.ok) return units;
  const came = values && D(command.ratio).times(D(values.new));
  const share = costShareOf(command, came && values.old !== null ? came.div(came.plus(D(values.old))) : null);
  if (!share.ok) return share;
  if (newUnits(D(units.result), command.ratio).isZero()) return refused(nothingLeft(command));
  const { symbol, to, ratio, date } = command;
  const event = { date, symbol, to, ratio, units: units.result };
  return eventPlan(entries, command, spinOffEntry({ ...event, costShare: share.result }));
}

function costShareOf(
  { costShare, symbol, to, date }: SpinOffCommand,
  found: ReturnType<typeof D> | null,
): Outcome<DecimalString> {
  const share = costShare ?? (found && toText(found.toDecimalPlaces(SHARE_DECIMALS)));
  if (share !== null) return { ok: true, result: share };
  return refused(
    refusal(
      'COST_SHARE_MISSING',
      `no close of ${symbol} and ${to} of ${date} or after is stored: the cost cannot be split by value`,
      {
        remedy:
          'nothing was booked: make market-fetch, or give the fraction that the company published with --cost-share',
      },
    ),
  );
}

const nothingLeft = ({ symbol, to, ratio }: SpinOffCommand) =>
  refusal(
    'NOTHING_HELD',
    `ratio: ${ratio}: leaves nothing of ${to} that six decimals can show for the ${symbol} held`,
    {
      remedy: 'nothing was booked: read the ratio again',
    },
  );
