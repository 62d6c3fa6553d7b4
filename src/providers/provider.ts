import type { RateFinding, RateRow } from '../domain/market/rates.js';
import type { Bar, CorporateAction, Instant, IsoDate, PriceBasis } from '../domain/types.js';

/** Why a provider's answer for one symbol could not be used. Stored in fetch_results, shown to the operator. */
export type FailureCode =
  | 'NOT_FOUND'
  | 'EMPTY'
  | 'FILE_MISSING'
  | 'FILE_CHANGED'
  | 'FILE_UNREADABLE'
  | 'HTML_INSTEAD_OF_DATA'
  | 'BAD_LAYOUT'
  | 'BAD_NUMBER'
  | 'BAD_DATE'
  | 'BAD_CURRENCY'
  | 'SYMBOL_MISMATCH'
  | 'HISTORY_RESTATED'
  | 'TRUNCATED'
  | 'TOO_LARGE'
  | 'RATE_LIMITED'
  | 'UNAUTHORISED'
  | 'KEY_MISSING'
  | 'PREMIUM_ONLY'
  | 'REFUSED'
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'CONNECTION_LOST'
  | 'REDIRECT_LOOP'
  | 'HTTP_4XX'
  | 'HTTP_5XX'
  | 'CANCELLED'
  | 'PROVIDER_FAULT';

/** A failed fetch of one symbol: a value, for one bad symbol never sinks the rest. */
export interface FetchFailure {
  ok: false;
  code: FailureCode;
  /** For people; secrets are redacted. */
  message: string;
}

/** Thrown inside a provider, turned into a FetchFailure at its edge. */
export class FetchError extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FetchError';
    this.code = code;
  }
}

/** What a provider sent, as it came. A large file is named, not read: it is copied without being held in memory. */
export interface RawPayload {
  kind: 'eod' | 'actions' | 'fx';
  /** What it is about, where that is not the symbol asked for: `splits`, `dividends`. */
  name?: string;
  /** Extension of the file it is kept in: csv, json, zip. */
  extension: string;
  /** What was asked, secrets redacted. */
  request: string;
  body: Buffer | { file: string };
}

/** An action, the figure as the provider wrote it before repeating decimals were cleaned, and where it was read. */
export type PublishedAction = CorporateAction & {
  published: string;
  /** Index into the answer's payloads. */
  payload: number;
};

/** Where several files could have been read: the one that was, and the others. */
export interface PassedOver {
  read: string;
  others: string[];
}

/** A usable answer for one symbol. */
export interface ProviderAnswer {
  ok: true;
  symbol: string;
  /** Iterating may throw a FetchError: then the symbol has failed and none of its bars may be stored. */
  bars: Iterable<Bar> | AsyncIterable<Bar>;
  /** Complete once the bars have been iterated. */
  actions: PublishedAction[];
  basis: PriceBasis;
  currency: string;
  payloads: RawPayload[];
  retrievedAt: Instant;
  passedOver?: PassedOver;
}

export interface BarRequest {
  /** Internal symbol; the provider maps it to its own. */
  symbol: string;
  from: IsoDate;
  /** The as-of date: nothing after it is ever returned. */
  to: IsoDate;
  signal?: AbortSignal;
}

export interface EodProvider {
  readonly name: ProviderName;
  fetchBars(request: BarRequest): Promise<ProviderAnswer | FetchFailure>;
}

export interface FxRequest {
  /** `GBPUSD`: dollars a pound. */
  pair: string;
  from: IsoDate;
  to: IsoDate;
  signal?: AbortSignal;
}

export interface FxAnswer {
  ok: true;
  pair: string;
  /** As read; what `createFxProvider` gives is judged: oldest first, one a date. */
  rates: RateRow[];
  /** What is odd about its dates. */
  findings?: RateFinding[];
  passedOver?: PassedOver;
  payloads: RawPayload[];
  retrievedAt: Instant;
}

export interface FxProvider {
  readonly name: FxProviderName;
  fetchRates(request: FxRequest): Promise<FxAnswer | FetchFailure>;
}

export type ProviderName = 'csv' | 'tiingo' | 'alphavantage' | 'yahoo' | 'sample';
export type FxProviderName = 'ecb' | 'csv' | 'tiingo' | 'alphavantage' | 'yahoo';

/** Runs a provider's work and turns what it throws into a failure value; anything unforeseen keeps its message. */
export async function asOutcome<T>(work: () => Promise<T>): Promise<T | FetchFailure> {
  try {
    return await work();
  } catch (error) {
    return failureOf(error);
  }
}

/** The failure value of whatever was thrown while fetching or reading one symbol. */
export function failureOf(error: unknown): FetchFailure {
  if (error instanceof FetchError) return { ok: false, code: error.code, message: error.message };
  return { ok: false, code: 'PROVIDER_FAULT', message: error instanceof Error ? error.message : String(error) };
}
