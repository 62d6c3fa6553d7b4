import type { DayFacts } from '../../src/reports/day/facts.js';
import type { GateRow } from '../../src/db/gates.js';
import type { PriceSeries } from '../../src/db/known-prices.js';
import type { RunRow } from '../../src/db/run-results.js';
import type { TicketRow } from '../../src/db/ticket-documents.js';
import type { ValuationRow } from '../../src/db/known-values.js';
import type { ReconciliationFacts } from '../../src/reports/reconciliation/facts.js';
import type { RunFacts } from '../../src/reports/run/facts.js';
import type { TicketFacts } from '../../src/reports/ticket/facts.js';
import { fillEntry, openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import type { BookedEntry } from '../../src/domain/ledger/sums.js';
import { D, toText } from '../../src/domain/money.js';
import { policySchema } from '../../src/domain/policy/policy.js';
import { compare } from '../../src/domain/reconciliation/compare.js';
import { materialHash } from '../../src/domain/decision/ticket.js';
import type { Reason, TicketMaterial, UniverseRow } from '../../src/domain/types.js';

/** Tuesday 2014-06-10 of a real spring: closes as published, Apple's 7-for-1 split of 2014-06-09 among them. */
export const TRADING_DAY = '2014-06-10';
export const AS_OF = '2014-06-09';
export const RUN_0800 = '0a1b2c3d-0000-4000-8000-000000000800';
export const RUN_1400 = '0a1b2c3d-0000-4000-8000-000000001400';
export const TICKET_ID = '7c1e0c5a-3f8e-5a52-9d3b-0c6f6d1a2b3c';
export const NO_TRADE_ID = '1d2c3b4a-3f8e-5a52-9d3b-0c6f6d1a2b3c';
export const SNAPSHOT_ID = '5a5a5a5a-0000-4000-8000-000000000001';
export const RECONCILIATION_ID = '6b6b6b6b-0000-4000-8000-000000000001';
export const CONFIRMATION_ID = '9e9e9e9e-0000-5000-8000-000000000001';

const SESSIONS = [
  '2014-04-30',
  '2014-05-01',
  '2014-05-02',
  '2014-05-05',
  '2014-05-06',
  '2014-05-07',
  '2014-05-08',
  '2014-05-09',
  '2014-05-12',
  '2014-05-13',
  '2014-05-14',
  '2014-05-15',
  '2014-05-16',
  '2014-05-19',
  '2014-05-20',
  '2014-05-21',
  '2014-05-22',
  '2014-05-23',
  '2014-05-27',
  '2014-05-28',
  '2014-05-29',
  '2014-05-30',
  '2014-06-02',
  '2014-06-03',
  '2014-06-04',
  '2014-06-05',
  '2014-06-06',
  '2014-06-09',
];
const PUBLISHED: Record<string, string> = {
  AAPL: '590.09 591.48 592.58 600.96 594.41 592.33 587.99 585.5425 592.83 593.76 593.87 588.82 597.51 604.59 604.71 606.31 607.27 614.13 625.63 624.01 635.38 633.0 628.65 637.54 644.82 647.35 645.57 93.7',
  DIS: '79.34 79.56 80.31 81.22 81.03 80.29 81.6 81.95 82.42 82.08 80.92 80.15 80.39 81.05 81.09 82.19 82.35 83.32 83.74 83.6 84.03 84.01 84.27 83.88 84.24 84.78 84.61 85.48',
  MSFT: '40.4 40.0 39.69 39.43 39.06 39.425 39.64 39.54 39.97 40.42 40.24 39.6 39.83 39.75 39.68 40.35 40.1 40.12 40.19 40.01 40.34 40.94 40.79 40.29 40.32 41.21 41.48 41.27',
  SPY: '188.43 188.29 188.06 188.44 186.81 187.89 187.7 188 189.81 189.96 189.04 187.4 188.11 188.7 187.55 189.13 189.6 190.38 191.57 191.38 192.4 192.63 192.91 192.81 193.19 194.46 195.41 195.57',
};

/** Closes by symbol and session. */
export const closes = Object.entries(PUBLISHED).flatMap(([symbol, text]) =>
  text.split(' ').map((close, index) => ({ symbol, session: SESSIONS[index]!, close })),
);

/** What the database makes of them: before the split, Apple's closes are a seventh. */
export const prices = (symbols: string[]): PriceSeries[] =>
  symbols.map((symbol) => ({
    symbol,
    currency: 'USD',
    points: closes
      .filter((each) => each.symbol === symbol)
      .map(({ session, close }) => ({
        session,
        close,
        adjusted: symbol === 'AAPL' && session < '2014-06-09' ? toText(D(close).div(7).toDecimalPlaces(6)) : close,
      })),
  }));

const stock = (internalSymbol: string, name: string): UniverseRow => ({
  internalSymbol,
  etoroSearchName: internalSymbol,
  name,
  kind: 'stock',
  listingCurrency: 'USD',
  tradable: true,
  enabled: true,
  verifiedOn: '2014-06-01',
  verifiedBy: 'ann',
});
export const universe: UniverseRow[] = [
  stock('AAPL', 'Apple'),
  stock('DIS', 'Walt Disney'),
  stock('MSFT', 'Microsoft'),
  { ...stock('SPY', 'S&P 500 ETF'), kind: 'benchmark', tradable: false, verifiedOn: null, verifiedBy: null },
];
export const policy = policySchema.parse({
  version: 1,
  accounts: { main: { base_currency: 'GBP', clock: 'real' } },
  operators: ['ann', 'ben'],
  market_data: { provider: 'csv' },
  trading: { mode: 'live', cadence: 'daily' },
});
/** Made up, so that a new policy key does not change every snapshot. */
export const policyHash = '1'.repeat(64);
export const universeHash = '2'.repeat(64);

export const runRow = (slot: RunRow['slot'], more: Partial<RunRow> = {}): RunRow => ({
  runId: slot === '1400' ? RUN_1400 : RUN_0800,
  slot,
  tradingDay: TRADING_DAY,
  asOfDate: AS_OF,
  at: slot === '1400' ? '2014-06-10T13:00:00.000Z' : '2014-06-10T07:00:00.000Z',
  workflowId: `run/${slot}`,
  operator: 'ann',
  policyHash,
  universeHash,
  outcome: slot === '1400' ? 'TRADE' : 'PASS',
  accounts: [],
  summary: slot === '1400' ? `main: TRADE, ticket ${TICKET_ID}` : `prices of ${AS_OF} are complete and sound`,
  ...more,
});

export const material: TicketMaterial = {
  schema: 1,
  account: 'main',
  baseCurrency: 'GBP',
  tradingDay: TRADING_DAY,
  asOfDate: AS_OF,
  kind: 'TRADE',
  dryRun: false,
  reasons: [],
  lines: [
    {
      sequence: 1,
      symbol: 'AAPL',
      etoroSearchName: 'AAPL',
      side: 'SELL',
      orderType: 'MARKET',
      valueBase: null,
      units: '10.123456',
      referencePrice: '93.7',
      referenceCurrency: 'USD',
      skipPrice: '93.24',
    },
    {
      sequence: 2,
      symbol: 'DIS',
      etoroSearchName: 'DIS',
      side: 'BUY',
      orderType: 'MARKET',
      valueBase: '250.00',
      units: null,
      referencePrice: '85.48',
      referenceCurrency: 'USD',
      skipPrice: '85.9',
    },
    {
      sequence: 3,
      symbol: 'MSFT',
      etoroSearchName: 'MSFT',
      side: 'BUY',
      orderType: 'MARKET',
      valueBase: '1234.56',
      units: null,
      referencePrice: '41.27',
      referenceCurrency: 'USD',
      skipPrice: '41.47',
    },
  ],
  fx: { pair: 'GBPUSD', date: AS_OF, rate: '1.680311' },
  window: { opensAt: '2014-06-10T13:35:00.000Z', closesAt: '2014-06-10T14:30:00.000Z' },
  policyHash,
  universeHash,
  snapshotId: SNAPSHOT_ID,
  supersedes: null,
};

export const notRebalanceDay: Reason = {
  code: 'NOT_REBALANCE_DAY',
  subject: TRADING_DAY,
  message: '2014-06-10 is a Tuesday; the policy trades weekly, on 2014-06-16 next',
  evidence: { cadence: 'weekly', next: '2014-06-16' },
};
export const cashDrift: Reason = {
  code: 'CASH_DRIFT',
  subject: null,
  message: 'cash is 5012.34 at the broker and 5000.00 in the ledger: 12.34 apart, limit 5',
  evidence: { ledger: '5000.00', snapshot: '5012.34', drift: '12.34', tolerance: '5' },
};

const GATES: GateRow['gate'][] = [
  'calendar',
  'data_quality',
  'reconciliation',
  'confirmation',
  'books',
  'universe',
  'ledger',
  'kill_switch',
  'cadence',
  'trading_mode',
  'sizing',
  'risk',
];
export const gates = (failing: Record<string, Reason[]> = {}): GateRow[] =>
  GATES.map((gate) => ({
    account: 'main',
    gate,
    status: failing[gate] ? 'FAIL' : 'PASS',
    reasons: failing[gate] ?? [],
    evidence: { asOfDate: AS_OF },
  }));

export function ticketRow(kind: 'TRADE' | 'NO_TRADE' | 'DRY_RUN'): TicketRow {
  const made: TicketMaterial =
    kind === 'NO_TRADE'
      ? {
          ...material,
          kind: 'NO_TRADE',
          lines: [],
          fx: null,
          window: null,
          reasons: [{ gate: 'cadence', code: 'NOT_REBALANCE_DAY', subject: TRADING_DAY }],
        }
      : { ...material, dryRun: kind === 'DRY_RUN' };
  return {
    ticketId: kind === 'NO_TRADE' ? NO_TRADE_ID : TICKET_ID,
    account: 'main',
    baseCurrency: 'GBP',
    clock: 'real',
    tradingDay: TRADING_DAY,
    asOfDate: AS_OF,
    kind: made.kind,
    dryRun: made.dryRun,
    materialHash: materialHash(made),
    material: made,
    reasons: kind === 'NO_TRADE' ? [notRebalanceDay, cashDrift] : [],
    runId: RUN_1400,
    issuedAt: '2014-06-10T13:00:00.000Z',
    windowOpensAt: made.window?.opensAt ?? null,
    windowClosesAt: made.window?.closesAt ?? null,
    supersedes: null,
  };
}

export const ticketFacts = (kind: 'TRADE' | 'NO_TRADE' | 'DRY_RUN'): TicketFacts => ({
  ticket: ticketRow(kind),
  snapshotDate: TRADING_DAY,
  policy,
  universe,
  gates: kind === 'NO_TRADE' ? gates({ cadence: [notRebalanceDay], reconciliation: [cashDrift] }) : gates(),
  prices: kind === 'NO_TRADE' ? [] : prices(['AAPL', 'DIS', 'MSFT']),
});

export const valuation: ValuationRow = {
  account: 'main',
  baseCurrency: 'GBP',
  asOfDate: AS_OF,
  cash: '5000.00',
  positionsValue: '4920.88',
  equity: '9920.88',
  netFlows: '0.00',
  equityIndex: '1.0123000000',
  peakIndex: '1.0200000000',
  fxRate: '1.680311',
};
export const equity = [
  ['2014-06-04', '9800.00', '1.0'],
  ['2014-06-05', '9996.00', '1.02'],
  ['2014-06-06', '9908.00', '1.011'],
  [AS_OF, '9920.88', '1.0123'],
].map(([asOfDate, value, index]) => ({
  account: 'main',
  baseCurrency: 'GBP',
  asOfDate: asOfDate!,
  equity: value!,
  equityIndex: index!,
}));

export const heldDividend: Reason = {
  code: 'ACTION_NEEDS_REVIEW',
  subject: 'GOOGL',
  message: 'a dividend of 567.97 USD on 2014-04-03 is 100.1 % of the close before it',
  evidence: { exDate: '2014-04-03', kind: 'DIVIDEND', value: '567.97', previousClose: '567.16' },
};

export const runFacts = (slot: RunRow['slot'], more: Partial<RunFacts> = {}): RunFacts => ({
  run: runRow(slot),
  accounts: [{ account: 'main', baseCurrency: 'GBP', clock: 'real' }],
  newestTicketId: null,
  steps: [
    { step: 'configuration', status: 'DONE', summary: 'policy and universe are sound, 4 symbols' },
    { step: 'data_quality', status: 'PASS', summary: 'every check passed' },
  ],
  gates:
    slot === '1400'
      ? gates()
      : [{ account: null, gate: 'data_quality', status: 'PASS', reasons: [], evidence: { coverage: '1', symbols: 4 } }],
  fetches:
    slot === '1400'
      ? []
      : ['AAPL', 'DIS', 'MSFT', 'SPY'].map((symbol) => ({
          provider: 'csv',
          kind: 'eod' as const,
          symbol,
          status: 'OK' as const,
          code: null,
          message: null,
          rowsRead: 28,
          rowsNew: 1,
          rowsRevised: 0,
          lastSession: AS_OF,
          findings: [],
        })),
  valuations: slot === '1400' ? [] : [valuation],
  tickets: slot === '1400' ? [ticketRow('TRADE')] : [],
  equity,
  ...more,
});

export function reconciliation(status: 'PASS' | 'FAIL', opened = false): ReconciliationFacts {
  const cash = status === 'PASS' ? '5000.00' : '5012.34';
  const snapshot = {
    snapshotId: SNAPSHOT_ID,
    snapshotDate: TRADING_DAY,
    takenAt: '2014-06-10T08:30:00.000Z',
    cash,
    positions: { AAPL: '70', DIS: '20.5' },
    notes: 'manual etoro snapshot',
  };
  const ledger = {
    cash: '5000',
    units: { AAPL: '70', DIS: '20.5' },
    lastEntryId: 1,
    lastBookedAt: '2014-06-09T20:00:00.000Z',
  };
  return {
    reconciliationId: RECONCILIATION_ID,
    account: 'main',
    clock: 'real',
    tradingDay: TRADING_DAY,
    snapshotId: SNAPSHOT_ID,
    status,
    reasons: status === 'PASS' ? [] : [cashDrift],
    lastEntryId: 1,
    openedLedger: opened,
    at: '2014-06-10T08:30:00.000Z',
    operator: 'ann',
    reportPath: 'artifacts/reports/reconcile_2014-06-10_20140610T083000Z.md',
    commandId: 'command-1',
    evidence: {
      baseCurrency: 'GBP',
      asOfDate: AS_OF,
      snapshot,
      ledger,
      tolerances: { cash: '5', units: '0.0001' },
      lines: compare(snapshot, ledger, policy.reconciliation, universe),
      // As earlier versions stored it: with its command as text.
      explanations:
        status === 'PASS'
          ? []
          : [
              {
                kind: 'DIVIDEND',
                subject: 'DIS',
                cash: '12.34',
                text: 'dividend of DIS, ex-date 2014-05-30, not booked: 20.5 units',
                command: 'trading-ops cash dividend --symbol DIS --ex-date 2014-05-30',
                make: 'make cash -- dividend --symbol DIS --ex-date 2014-05-30',
              },
            ],
      opening: opened ? { entryId: 1, text: 'Entry 1 books cash of 5000.00 GBP and 2 positions.' } : null,
      gate: {},
    },
  };
}

const booked = (entryId: number, draft: EntryDraft | null, more: Partial<BookedEntry> = {}): BookedEntry => ({
  ...draft!,
  entryId,
  bookedAt: '2014-06-09T20:00:00.000Z',
  reversesEntryId: null,
  ticketId: null,
  confirmationId: null,
  idempotencyKey: `key-${entryId}`,
  operator: 'ann',
  ...more,
});
export const opening = openingEntry({
  date: AS_OF,
  baseCurrency: 'GBP',
  cash: '5000.00',
  positions: { AAPL: '70', DIS: '20.5' },
});
export const fills = [
  {
    sequence: 1,
    symbol: 'AAPL',
    side: 'SELL' as const,
    executedStatus: 'DONE' as const,
    units: '10.123456',
    fillPrice: '94.1',
    executedValueBase: '566.10',
    filledAt: '2014-06-10T13:40:00.000Z',
    notes: null,
  },
  {
    sequence: 2,
    symbol: 'DIS',
    side: 'BUY' as const,
    executedStatus: 'PARTIAL' as const,
    units: '4.1',
    fillPrice: '85.52',
    executedValueBase: '208.67',
    filledAt: '2014-06-10T13:44:00.000Z',
    notes: 'only a part was filled',
  },
  {
    sequence: 3,
    symbol: 'MSFT',
    side: 'BUY' as const,
    executedStatus: 'SKIPPED' as const,
    units: null,
    fillPrice: null,
    executedValueBase: null,
    filledAt: null,
    notes: 'price above skip price',
  },
];
export const fillEntries = fills.flatMap((fill) =>
  fill.units === null
    ? []
    : [
        fillEntry({
          date: TRADING_DAY,
          baseCurrency: 'GBP',
          symbol: fill.symbol,
          side: fill.side,
          units: fill.units,
          value: fill.executedValueBase,
        }),
      ],
);

export const dayFacts = (more: Partial<DayFacts> = {}): DayFacts => ({
  account: { account: 'main', baseCurrency: 'GBP', clock: 'real' },
  tradingDay: TRADING_DAY,
  asOfDate: AS_OF,
  events: [
    { event: 'OPENED', at: '2014-06-10T07:00:00.000Z' },
    { event: 'CLOSED', at: '2014-06-10T15:00:00.000Z' },
  ],
  runs: [runRow('0800'), runRow('1400')],
  gates: gates(),
  reconciliation: reconciliation('PASS'),
  reconciliations: 2,
  tickets: [
    {
      ...ticketRow('TRADE'),
      supersededBy: null,
      fills,
      confirmation: {
        confirmationId: CONFIRMATION_ID,
        kind: 'FILLS',
        operator: 'ben',
        confirmedAt: '2014-06-10T15:00:00.000Z',
        amended: false,
      },
    },
  ],
  valuation,
  ledger: [
    booked(1, opening),
    ...fillEntries.map((draft, index) =>
      booked(index + 2, draft, { ticketId: TICKET_ID, bookedAt: '2014-06-10T15:00:00.000Z' }),
    ),
  ],
  paper: [],
  prices: prices(['AAPL', 'DIS', 'MSFT', 'SPY']),
  openingPrices: prices(['AAPL', 'DIS']).map((series) => ({ ...series, points: series.points.slice(-1) })),
  benchmarks: universe.filter(({ kind }) => kind === 'benchmark'),
  universe,
  rates: { USD: { rate: '1.680311', date: AS_OF } },
  openingRates: { USD: { rate: '1.680311', date: AS_OF } },
  rateSeries: SESSIONS.map((date) => ({ pair: 'GBPUSD', date, rate: '1.680311' })),
  equity,
  splits: [{ symbol: 'AAPL', exDate: '2014-06-09', value: '7' }],
  alerts: [
    {
      code: 'CONFIRMATION_DUE',
      message: 'Still waiting for confirmation of the ticket.',
      remedy: 'docs/INCIDENTS.md, CONFIRMATION_DUE',
      raisedAt: '2014-06-10T15:00:00.000Z',
    },
  ],
  ...more,
});
