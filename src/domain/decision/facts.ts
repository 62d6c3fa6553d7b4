import { tradingDayOf } from '../calendar/calendar.js';
import type { Policy } from '../policy/policy.js';
import type { SignatureFacts } from '../signing/facts.js';
import type {
  Account,
  ActionRuling,
  CorporateAction,
  DecimalString,
  FxRate,
  Instant,
  IsoDate,
  LedgerState,
  Sha256,
  Snapshot,
  SymbolHistory,
  TradingMode,
  UniverseRow,
} from '../types.js';

/** What one fetch said of one symbol; the newest for each symbol and source counts. */
export interface FetchOutcome {
  symbol: string;
  source: string;
  status: 'OK' | 'FAILED';
  code: string | null;
  message: string | null;
  /**
   * Dates that came twice with different figures (the gate fails on them), and bars on closed days (left out, for
   * information).
   */
  findings: { code: FindingCode; session: IsoDate; message: string }[];
}

/**
 * What a fetch may find: two different bars or rates of one date (neither is stored), a bar on a closed day and a rate
 * outside its own day's range (left out), an action that the newest answer tells otherwise, and a file that was passed
 * over for a newer one.
 */
export const FINDING_CODES = [
  'DUPLICATE_BAR',
  'CLOSED_DAY_BAR',
  'FX_DUPLICATE',
  'FX_INVALID',
  'ACTION_RESTATED',
  'FILE_PASSED_OVER',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** The rates of the look-back that are judged; each date's newest word of a source, oldest first. */
export interface RateFacts {
  pair: string;
  first: RateSeries;
  /** The second source's, when one is configured. */
  second: RateSeries | null;
  /** How the newest fetch from the first source fared; null when there was none. */
  fetch: Omit<FetchOutcome, 'symbol' | 'source'> | null;
}

interface RateSeries {
  source: string;
  rates: { date: IsoDate; rate: DecimalString }[];
}

/** Two closes running of the second source, and the split that it publishes for the later one's day. */
export interface SecondMove {
  symbol: string;
  session: IsoDate;
  closeBefore: DecimalString;
  close: DecimalString;
  split: DecimalString | null;
}

/** Everything the data-quality gate and the scorer look at, up to the as-of date and nothing later. */
export interface MarketFacts {
  asOfDate: IsoDate;
  provider: string;
  /**
   * Price basis that most series have; a history that says its own has that one. Adjusted closes of `raw` bars only
   * are computed.
   */
  basis: 'raw' | 'split' | 'split+dividend';
  histories: SymbolHistory[];
  /** Newest close of the second source by symbol, when one is configured. */
  secondCloses: {
    source: string;
    closes: Record<string, DecimalString>;
    /** What it says of the days on which the first one's closes jump; left out where none does. */
    moves?: SecondMove[];
  } | null;
  fetches: FetchOutcome[];
  actions: CorporateAction[];
  rulings: ActionRuling[];
  /** Rate of the as-of date; null when there is none. Not needed when every currency is the base currency. */
  fx: FxRate | null;
  /**
   * That a fault of a stock that is neither held nor a benchmark leaves it out, and stops nobody else. Left out by
   * facts pinned before this was the rule: their tickets are verified by the one they were issued under.
   */
  faultsExclude?: true;
  /** What the rate is judged by; left out where no rate is needed, and by facts pinned before rates were judged. */
  rates?: RateFacts;
}

/** Everything the ticket is decided on. The decision is a pure function of this and can be recomputed from it. */
export interface DecisionFacts {
  account: Account;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  /** The instant of the run: decides only whether the window has passed; not part of the material. */
  at: Instant;
  mode: TradingMode;
  policy: Policy;
  policyHash: Sha256;
  universe: UniverseRow[];
  universeHash: Sha256;
  market: MarketFacts;
  ledger: LedgerState;
  /** The newest snapshot; null when there is none. */
  snapshot: Snapshot | null;
  /** Earlier trading days' tickets of the account that nobody has confirmed. */
  openTickets: { ticketId: string; tradingDay: IsoDate }[];
  killSwitch: { engaged: boolean; reason: string | null };
  /** Newest equity index and its peak (1 = first valuation); null before the first valuation. */
  equity: { index: DecimalString; peak: DecimalString; asOfDate: IsoDate } | null;
  /**
   * Whether a valuation of the as-of date is to be expected: the ledger was open before the trading day. Left out by
   * facts pinned before `VALUATION_STALE` existed.
   */
  valuationDue?: boolean;
  /**
   * The newest instant stored with the account's facts, and which fact has it; left out by facts pinned before the
   * gate `books` existed.
   */
  books?: {
    newest: { what: string; at: Instant } | null;
    /** What `books verify` found broken and is not put right; left out while nothing is. */
    broken?: readonly string[];
  };
  /** Who signed the snapshot and the answers; left out by facts pinned before there were signatures. */
  signatures?: SignatureFacts;
}

/**
 * Whether a valuation of the as-of date is to be expected at 14:00: there was one before, or the ledger was open before
 * the trading day.
 * @param opened when the ledger was opened; null while it is empty.
 */
export const isValuationDue = (account: { isValued: boolean; opened: Instant | null; tradingDay: IsoDate }): boolean =>
  account.isValued || (account.opened !== null && tradingDayOf(account.opened) < account.tradingDay);
