import { Decimal, D, toText } from '../money.js';
import { isSealed, sealKeyName, sealOf, type SealKey } from '../signing/seal.js';
import type { DecimalString, IsoDate } from '../types.js';

/** Everything that a stored valuation says; amounts in base currency. */
export interface SealedValuation {
  account: string;
  asOfDate: IsoDate;
  runId: string;
  cash: DecimalString;
  positionsValue: DecimalString;
  equity: DecimalString;
  /** Deposits less withdrawals since the previous valuation, baselines included. */
  netFlows: DecimalString;
  equityIndex: DecimalString;
  /** Highest index so far. */
  peakIndex: DecimalString;
  fxRate: DecimalString | null;
  /** Newest ledger entry in it. */
  lastEntryId: number;
  /** Why it takes the place of an earlier valuation of the same as-of date; left out: it does not. */
  restatedBecause?: string | null | undefined;
}

/** Decimals of the columns that round. */
const MONEY_PLACES = 2;
const INDEX_PLACES = 10;

/**
 * The seal of a valuation: the name of the key, and the HMAC over the figures as they are stored. Whoever has the
 * database alone cannot make one, and the drawdown is judged by valuations.
 */
export const valuationSeal = (key: SealKey, valuation: SealedValuation): string =>
  `${sealKeyName(key)}:${sealOf(key, 'valuation', asStored(valuation))}`;

/**
 * Why a stored valuation is not by the worker, in words; null where it is, or may be of a time before there were seals.
 * @param sealedSince place of the first row that names this key; null where there is none yet
 */
export function faultOfSeal(
  key: SealKey,
  told: SealedValuation & { seq: number; seal: string | null },
  sealedSince: number | null,
): string | null {
  if (sealedSince === null || told.seq < sealedSince) return null;
  const [, seal = null] = told.seal?.split(':') ?? [];
  return isSealed(key, 'valuation', asStored(told), seal) ? null : 'it was not written by the worker: its seal is none';
}

/** Figures round as Postgres rounds them, half away from zero, and are spelled in one way. */
function asStored({ restatedBecause = null, ...told }: SealedValuation) {
  const rounded = (value: DecimalString, places: number) =>
    toText(D(value).toDecimalPlaces(places, Decimal.ROUND_HALF_UP));
  return {
    account: told.account,
    asOfDate: told.asOfDate,
    runId: told.runId,
    cash: rounded(told.cash, MONEY_PLACES),
    positionsValue: rounded(told.positionsValue, MONEY_PLACES),
    equity: rounded(told.equity, MONEY_PLACES),
    netFlows: rounded(told.netFlows, MONEY_PLACES),
    equityIndex: rounded(told.equityIndex, INDEX_PLACES),
    peakIndex: rounded(told.peakIndex, INDEX_PLACES),
    fxRate: told.fxRate === null ? null : toText(D(told.fxRate)),
    lastEntryId: told.lastEntryId,
    restatedBecause,
  };
}
