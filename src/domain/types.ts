/**
 * The shapes that more than one room speaks. Amounts, units, prices and rates are decimal strings (money is never a
 * float); dates are `YYYY-MM-DD`; instants are ISO 8601 with offset, UTC where we make them.
 */
export type IsoDate = string;
export type Instant = string;
export type DecimalString = string;
/** SHA-256 in lower-case hex. */
export type Sha256 = string;

export type Slot = '0800' | '1400';
export type RunSlot = Slot | 'ops';
export type TradingMode = 'off' | 'dry-run' | 'live';
export type Side = 'BUY' | 'SELL';
export type PriceBasis = 'raw' | 'split' | 'split+dividend';
export type Clock = 'real' | 'simulated';
export type SymbolKind = 'stock' | 'etf' | 'cfd' | 'benchmark';

export interface Account {
  account: string;
  baseCurrency: string;
  clock: Clock;
}

/** One row of universe.csv. `enabled` symbols are fetched, scored and counted for coverage. */
export interface UniverseRow {
  internalSymbol: string;
  etoroSearchName: string;
  name: string;
  kind: SymbolKind;
  listingCurrency: string;
  tradable: boolean;
  enabled: boolean;
  verifiedOn: IsoDate | null;
  verifiedBy: string | null;
}

/** One end-of-day bar as the provider gave it, prices in `currency` per share, volume in shares. */
export interface Bar {
  symbol: string;
  session: IsoDate;
  open: DecimalString;
  high: DecimalString;
  low: DecimalString;
  close: DecimalString;
  /** Null where the source gives none; earlier versions stored 0. */
  volume: DecimalString | null;
  /** The provider's own adjusted close, kept as an observation; null where it gives none. */
  adjClose: DecimalString | null;
}

/** What a payment of a company is; several of one ex-date are told apart by it. */
export type DividendType = 'regular' | 'special' | 'return_of_capital';

/** A split (value: new shares per old share) or a cash dividend (value: cash per share, raw on the ex-date). */
export interface CorporateAction {
  symbol: string;
  exDate: IsoDate;
  kind: 'SPLIT' | 'DIVIDEND';
  /** Of a dividend; left out where it is the regular one. */
  dividendType?: DividendType;
  value: DecimalString;
  /** Of a dividend; null: the listing's. */
  currency: string | null;
  source: string;
}

/**
 * What a human decided about an action that was on hold. `cash_dividend` and `split` say what it really was,
 * with its value; `ignore` says it never happened. Of a jump that no action explains, `genuine` says that the price
 * moved so.
 */
export interface ActionRuling {
  symbol: string;
  exDate: IsoDate;
  /** As it was published; `JUMP` goes with `genuine`: nothing was. */
  kind: 'SPLIT' | 'DIVIDEND' | 'JUMP';
  /** Which of several dividends of one ex-date; the regular one when left out. */
  dividendType?: DividendType;
  ruling: 'cash_dividend' | 'split' | 'ignore' | 'genuine';
  value: DecimalString | null;
}

export interface FxRate {
  /** `GBPUSD`: units of the second currency for one of the first. */
  pair: string;
  date: IsoDate;
  rate: DecimalString;
  source: string;
}

export type GateName =
  | 'calendar'
  | 'data_quality'
  | 'reconciliation'
  | 'confirmation'
  | 'universe'
  | 'ledger'
  | 'books'
  | 'kill_switch'
  | 'cadence'
  | 'risk'
  | 'trading_mode'
  | 'sizing';

/** Why a gate failed: a code of the catalogue (src/reports/catalogue), what it is about, and the figures it was decided on. */
export interface Reason {
  code: string;
  /** Symbol, ticket id or date the reason is about; null when it is about the day as a whole. */
  subject: string | null;
  message: string;
  evidence: Record<string, string | number | boolean | null>;
}

export interface GateResult {
  gate: GateName;
  status: 'PASS' | 'FAIL';
  reasons: Reason[];
  /** What was looked at, also when the gate passed. */
  evidence: Record<string, string | number | boolean | null>;
  /** Faults that leave single symbols out without stopping the day; left out where there are none. */
  exclusions?: Reason[];
}

export interface Snapshot {
  snapshotId: string;
  account: string;
  snapshotDate: IsoDate;
  takenAt: Instant;
  cash: DecimalString;
  /** Every non-zero position: symbol to units. */
  positions: Record<string, DecimalString>;
  notes: string | null;
  operator: string;
  /** Newest ledger entry when it was reconciled, its own OPENING included: anything newer was booked after it. */
  lastEntryId: number | null;
}

/** Cash in base currency and units by symbol, as the journal sums them. */
export interface LedgerState {
  cash: DecimalString;
  units: Record<string, DecimalString>;
  /** Newest entry that the sums include; null when the ledger is empty. */
  lastEntryId: number | null;
  lastBookedAt: Instant | null;
}

/** Prices a decision is made from: per symbol, oldest first, nothing after the as-of date. */
export interface SymbolHistory {
  symbol: string;
  bars: Bar[];
  /** What its own prices contain; left out where it is the basis of the whole market. */
  basis?: PriceBasis;
}

export interface Scored {
  symbol: string;
  /** Momentum score, 10 decimals; null when excluded. */
  score: DecimalString | null;
  /** Why the symbol was left out; null when it was scored. */
  excluded: string | null;
}

export interface TicketLine {
  sequence: number;
  symbol: string;
  etoroSearchName: string;
  side: Side;
  orderType: 'MARKET';
  /** BUY lines: amount in base currency, pennies. */
  valueBase: DecimalString | null;
  /** SELL lines: units, 6 decimals. */
  units: DecimalString | null;
  /** Close of the as-of date in the listing currency. */
  referencePrice: DecimalString;
  referenceCurrency: string;
  /** BUY: skip above; SELL: skip below. Listing currency, cents. */
  skipPrice: DecimalString;
}

/** The economic content of a ticket: what the material hash is taken over (RFC 8785), nothing else. */
export interface TicketMaterial {
  schema: 1;
  account: string;
  baseCurrency: string;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  kind: 'TRADE' | 'NO_TRADE';
  dryRun: boolean;
  /** Gate and code of every reason, sorted, without free text. */
  reasons: { gate: GateName; code: string; subject: string | null }[];
  lines: TicketLine[];
  /** `source` stands there when the rate is not of the policy's first source. */
  fx: { pair: string; date: IsoDate; rate: DecimalString; source?: string } | null;
  window: { opensAt: Instant; closesAt: Instant } | null;
  policyHash: Sha256;
  universeHash: Sha256;
  snapshotId: string | null;
  supersedes: string | null;
}

/** One day's decision: what the gates said, and the ticket's material that follows from it. */
export interface Decision {
  gates: GateResult[];
  scores: Scored[];
  /** Target weight by symbol, as fractions of the portfolio. */
  targets: Record<string, DecimalString>;
  /** Cash plus positions at the as-of date, base currency; null when prices are missing. */
  portfolioValue: DecimalString | null;
  material: TicketMaterial;
}
