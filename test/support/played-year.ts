import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAccount } from '../../src/db/accounts.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { insertConfirmation, insertFills } from '../../src/db/confirmations.js';
import { bookEntries } from '../../src/db/journal.js';
import { insertRun } from '../../src/db/runs.js';
import { insertSnapshot } from '../../src/db/snapshots.js';
import { insertTicket } from '../../src/db/tickets.js';
import { inTransaction } from '../../src/db/transaction.js';
import { addSessions, nextSession, sessionsBetween } from '../../src/domain/calendar/calendar.js';
import { bookingOfFill } from '../../src/domain/confirmation/bookings.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { materialHash, ticketId as idOf } from '../../src/domain/decision/ticket.js';
import { contentHash } from '../../src/domain/hash.js';
import {
  depositEntry,
  dividendAmounts,
  dividendEntry,
  feeEntry,
  interestEntry,
  openingEntry,
  splitEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { parsePolicy, type Policy } from '../../src/domain/policy/policy.js';
import { parseUniverse } from '../../src/domain/policy/universe.js';
import type { Account, IsoDate, Side, TicketMaterial, UniverseRow } from '../../src/domain/types.js';
import { valueLedgers } from '../../src/operations/ledger/value.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { FOLDER_OF_2014 } from './market-2014.js';
import { goodFacts } from '../unit/fixtures/facts-2014.js';

/** What is held, and what it is held against. */
export const HELD = ['AAPL', 'KO', 'MSFT', 'V', 'XOM'];
export const AGAINST = 'SPY';
const FOLDER_OF_YEARS = join(repositoryRoot, '..', 'shared', 'data', 'eod-demo');
export const ACCOUNT: Account = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' };
const [OPERATOR, SNAPSHOT, RATE_COLUMN] = ['ann', randomUUID(), 3];

/** Another benchmark, of which nobody knows a dividend: the prices are those of the first. */
export const WITHOUT_DIVIDENDS = 'PLAIN';
/** A year and a month of the shared data where these are there, the spring of the repository's own else. */
export const YEARS = existsSync(FOLDER_OF_YEARS)
  ? { folder: FOLDER_OF_YEARS, from: '2014-06-02', to: '2015-06-30' }
  : { folder: FOLDER_OF_2014, from: '2014-01-02', to: '2014-06-13' };

/** One departure that somebody owned, in words that a spreadsheet would run. */
const deviationOf = (symbol: string) => ({
  sequence: 1,
  symbol,
  kind: 'window',
  text: '@filled after the window',
  amountBase: null,
  reason: '+1 hour: "=the line was down"',
});

const POLICY = `version: 1
accounts:
  main: { base_currency: GBP, clock: simulated }
operators: [ann]
market_data: { provider: csv, fx_provider: csv, history_sessions: 70 }
`;
const UNIVERSE = [
  'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by',
  ...HELD.map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,2014-01-02,ann`),
  `${AGAINST},${AGAINST},S&P 500 ETF,benchmark,USD,false,,`,
  `${WITHOUT_DIVIDENDS},${WITHOUT_DIVIDENDS},its prices alone,benchmark,USD,false,,`,
  '',
].join('\n');

/** A fill as it was made, for whoever reckons again. */
export interface PlayedFill {
  date: IsoDate;
  side: Side;
  units: number;
  price: number;
  value: number;
  reference: number;
  ticketRate: number;
}

/** What was played, and how it goes on. */
export interface PlayedYear {
  policy: Policy;
  universe: UniverseRow[];
  sessions: IsoDate[];
  fills: PlayedFill[];
  /** Values the account at the close of a session, as the next morning's run does. */
  value(session: IsoDate): Promise<void>;
  book(date: IsoDate, draft: EntryDraft): Promise<void>;
}

const rowsOf = (file: string): string[][] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

/**
 * Plays the time of an account without servers of workflows: opened with shares and cash, bought and sold on the first
 * session of each month at other prices and rates than the ticket's, with one line left out, deposits, a withdrawal, a
 * fee, interest, dividends paid two sessions after their ex-dates, splits; and valued at each close that has a rate by
 * the operation of the morning run.
 */
export async function playYears(
  db: Knex,
  { configDir, dataDir }: { configDir: string; dataDir: string },
): Promise<PlayedYear> {
  writeFileSync(join(configDir, 'policy.yml'), POLICY);
  writeFileSync(join(configDir, 'universe.csv'), UNIVERSE);
  const policy = parsePolicy(POLICY, 'policy.yml');
  const universe = parseUniverse(UNIVERSE, 'universe.csv');
  const market = await storeMarket(db);
  const hashes = { policyHash: contentHash(policy), universeHash: contentHash(universe) };
  await storeConfiguration(db, 'policy', hashes.policyHash, policy);
  await storeConfiguration(db, 'universe', hashes.universeHash, universe);
  await openAccount(db, ACCOUNT, OPERATOR, `${YEARS.from}T08:00:00.000Z`);
  const snapshot = { snapshotId: SNAPSHOT, account: ACCOUNT.account, snapshotDate: YEARS.from, operator: OPERATOR };
  const takenAt = `${YEARS.from}T09:00:00.000Z`;
  await insertSnapshot(db, { ...snapshot, takenAt, cash: '0', positions: {}, notes: null }, 'f'.repeat(64));
  const sessions = sessionsBetween(YEARS.from, YEARS.to).filter((date) => market.rates.has(date));
  const stage: Stage = { db, dataDir, ...hashes, market, units: new Map(), fills: [], booked: 0 };
  const value = (session: IsoDate) => valueAt(stage, session);
  for (const session of sessionsBetween(YEARS.from, YEARS.to)) {
    await playSession(stage, session);
    if (market.rates.has(session)) await value(session);
  }
  return { policy, universe, sessions, fills: stage.fills, value, book: (date, draft) => bookOn(stage, date, [draft]) };
}

interface Market {
  closes: Map<string, Map<IsoDate, string>>;
  rates: Map<IsoDate, string>;
  dividends: { symbol: string; date: IsoDate; amount: string }[];
  splits: { symbol: string; date: IsoDate; ratio: string }[];
}

interface Stage {
  db: Knex;
  dataDir: string;
  policyHash: string;
  universeHash: string;
  market: Market;
  units: Map<string, number>;
  fills: PlayedFill[];
  booked: number;
}

async function storeMarket(db: Knex): Promise<Market> {
  const provenance = { source: 'csv', payload_sha256: 'f'.repeat(64), retrieved_at: `${YEARS.from}T08:00:00Z` };
  const closes = new Map<string, Map<IsoDate, string>>();
  for (const symbol of [...HELD, AGAINST, WITHOUT_DIVIDENDS]) {
    const file = symbol === WITHOUT_DIVIDENDS ? AGAINST : symbol;
    const rows = rowsOf(join(YEARS.folder, `${file}.csv`)).filter(([date = '']) => date <= YEARS.to);
    closes.set(symbol, new Map(rows.map((row) => [row[0]!, row[4]!])));
    await db('bars').insert(
      rows.map(([session = '', open = '', high = '', low = '', close = '', volume = '']) => ({
        ...provenance,
        symbol,
        session,
        basis: 'raw' as const,
        currency: 'USD',
        open,
        high,
        low,
        close,
        volume,
        adj_close: null,
      })),
    );
  }
  const known = new Set([...HELD, AGAINST]);
  const rates = new Map(rowsOf(join(YEARS.folder, 'GBPUSD_ecb.csv')).map((row) => [row[0]!, row[RATE_COLUMN]!]));
  await db('fx_rates').insert([...rates].map(([date, rate]) => ({ ...provenance, pair: 'GBPUSD', date, rate })));
  const dividends = rowsOf(join(YEARS.folder, 'dividends.csv'))
    .map(([symbol = '', date = '', amount = '']) => ({ symbol, date, amount }))
    .filter(({ symbol }) => known.has(symbol));
  const splits = rowsOf(join(YEARS.folder, 'splits.csv'))
    .map(([symbol = '', date = '', ratio = '']) => ({ symbol, date, ratio }))
    .filter(({ symbol }) => known.has(symbol));
  await db('corporate_actions').insert([
    ...dividends.map(({ symbol, date, amount }) => ({
      ...provenance,
      symbol,
      ex_date: date,
      kind: 'DIVIDEND' as const,
      value: amount,
      published: amount,
      currency: 'USD',
    })),
    ...splits.map(({ symbol, date, ratio }) => ({
      ...provenance,
      symbol,
      ex_date: date,
      kind: 'SPLIT' as const,
      value: ratio,
      published: ratio,
      currency: null,
    })),
  ]);
  return { closes, rates, dividends, splits };
}

async function valueAt({ db, dataDir, policyHash, universeHash }: Stage, session: IsoDate): Promise<void> {
  const runId = randomUUID();
  const tradingDay = nextSession(session);
  await insertRun(db, {
    runId,
    slot: '0800',
    tradingDay,
    asOfDate: session,
    at: `${tradingDay}T08:00:00.000Z`,
    workflowId: runId,
    operator: OPERATOR,
    policyHash,
    universeHash,
  });
  await valueLedgers({ db, dataDir }, { runId, accounts: [ACCOUNT.account] });
}

async function bookOn(
  stage: Stage,
  date: IsoDate,
  drafts: readonly EntryDraft[],
  of: { ticketId?: string; confirmationId?: string } = {},
): Promise<void> {
  const entries = drafts.map((draft) => ({ draft, idempotencyKey: `played:${++stage.booked}` }));
  const booking = { account: ACCOUNT.account, bookedAt: `${date}T19:00:00.000Z`, operator: OPERATOR, ...of };
  await inTransaction(stage.db, (trx) => bookEntries(trx, entries, booking));
  for (const { postings } of drafts)
    for (const { account, commodity, amount } of postings)
      if (account === 'Assets:Units') stage.units.set(commodity, (stage.units.get(commodity) ?? 0) + Number(amount));
}

/** What happens at the broker on a session, before the next morning. */
async function playSession(stage: Stage, session: IsoDate): Promise<void> {
  const { market, units } = stage;
  const of = { date: session, baseCurrency: 'GBP' };
  const drafts: (EntryDraft | null)[] = [];
  if (session === YEARS.from)
    drafts.push(openingEntry({ ...of, cash: '50000.00', positions: { KO: '200', AAPL: '10' } }));
  const month = session.slice(5, 7);
  const isFirst = addSessions(session, -1).slice(5, 7) !== month;
  for (const { symbol, ratio } of market.splits.filter(({ date }) => date === session))
    drafts.push(
      splitEntry({
        exDate: session,
        symbol,
        units: String(units.get(symbol) ?? 0),
        ratio: String(Math.round(Number(ratio))),
      }),
    );
  const paid = addSessions(session, -2);
  for (const { symbol, date, amount } of market.dividends) {
    const held = units.get(symbol) ?? 0;
    if (date !== paid || symbol === AGAINST || held <= 0) continue;
    const rate = market.rates.get(session) ?? '1.6';
    const amounts = dividendAmounts({ units: held.toFixed(6), amount, fx: rate });
    drafts.push(dividendEntry({ ...of, exDate: date, symbol, amounts }));
  }
  if (isFirst && ['02', '05', '08', '11'].includes(month))
    drafts.push(depositEntry({ ...of, amount: `${1000 + Number(month) * 10}.50` }));
  if (isFirst && month === '06')
    drafts.push(withdrawalEntry({ ...of, amount: '2500.00' }), feeEntry({ ...of, amount: '5.00' }));
  if (isFirst && month === '04') drafts.push(interestEntry({ ...of, amount: '3.21' }));
  const booked = drafts.flatMap((draft) => draft ?? []);
  if (booked.length > 0) await bookOn(stage, session, booked);
  if (isFirst && session > YEARS.from) await trade(stage, session);
}

/** A ticket of three lines: one sold, one bought, one left out. */
async function trade(stage: Stage, session: IsoDate): Promise<void> {
  const { db, market, units, policyHash, universeHash } = stage;
  const asOfDate = addSessions(session, -1);
  const [close, rate] = [
    (symbol: string) => market.closes.get(symbol)!.get(asOfDate)!,
    market.rates.get(asOfDate) ?? market.rates.get(addSessions(asOfDate, -1))!,
  ];
  const turn = stage.fills.length / 2;
  const bought = HELD[turn % HELD.length]!;
  const sold = [...units].find(([symbol, held]) => held > 5 && symbol !== bought)![0];
  const missed = HELD.find((symbol) => symbol !== bought && symbol !== sold)!;
  const lines = [
    { symbol: sold, side: 'SELL' as const, units: '3.000000', valueBase: null },
    { symbol: bought, side: 'BUY' as const, units: null, valueBase: '1500.00' },
    { symbol: missed, side: 'BUY' as const, units: null, valueBase: '700.00' },
  ].map((line, index) => ({
    ...line,
    sequence: index + 1,
    etoroSearchName: line.symbol,
    orderType: 'MARKET' as const,
    referencePrice: close(line.symbol),
    referenceCurrency: 'USD',
    skipPrice: close(line.symbol),
  }));
  const fillOf = (index: number): Fill => {
    const { sequence, symbol, side } = lines[index]!;
    const worse = side === 'BUY' ? 1.0013 : 0.9991;
    const fillPrice = (Number(close(symbol)) * worse).toFixed(2);
    const count = side === 'BUY' ? (1500 * Number(rate)) / Number(fillPrice) : 3;
    const had = Number(rate) * (side === 'BUY' ? 0.9985 : 1.0015);
    return {
      sequence,
      internalSymbol: symbol,
      side,
      executedStatus: 'DONE',
      units: count.toFixed(6),
      fillPrice,
      executedValueBase: ((Number(count.toFixed(6)) * Number(fillPrice)) / had).toFixed(2),
      filledAt: `${session}T15:00:00.000Z`,
      notes: null,
    };
  };
  const done = [fillOf(0), fillOf(1)];
  const skipped: Fill = {
    ...fillOf(2),
    executedStatus: 'SKIPPED',
    units: null,
    fillPrice: null,
    executedValueBase: null,
    filledAt: null,
    notes: '=above the skip price',
  };
  const material: TicketMaterial = {
    schema: 1,
    account: ACCOUNT.account,
    baseCurrency: 'GBP',
    tradingDay: session,
    asOfDate,
    kind: 'TRADE',
    dryRun: false,
    reasons: [],
    lines,
    fx: { pair: 'GBPUSD', date: asOfDate, rate },
    window: { opensAt: `${session}T14:35:00.000Z`, closesAt: `${session}T15:30:00.000Z` },
    policyHash,
    universeHash,
    snapshotId: SNAPSHOT,
    supersedes: null,
  };
  const hash = materialHash(material);
  const [ticketId, confirmationId] = [idOf(ACCOUNT.account, session, hash), randomUUID()];
  const run = await db('runs').orderBy('seq', 'desc').first<{ run_id: string }>('run_id');
  await inTransaction(db, async (trx) => {
    await insertTicket(trx, {
      ticketId,
      material,
      materialHash: hash,
      reasons: [],
      runId: run.run_id,
      issuedAt: `${session}T14:00:00.000Z`,
      facts: goodFacts(),
    });
  });
  await inTransaction(db, async (trx) => {
    await insertConfirmation(trx, {
      confirmationId,
      ticketId,
      kind: 'FILLS',
      content: stage.fills.length === 0 ? { deviations: [deviationOf(sold)] } : {},
      contentHash: contentHash({ confirmationId }),
      amends: null,
      operator: OPERATOR,
      confirmedAt: `${session}T16:00:00.000Z`,
    });
    await insertFills(
      trx,
      confirmationId,
      [...done, skipped].map((fill) => ({ ...fill, entryId: null })),
    );
  });
  const drafts = done.map((fill) => bookingOfFill(fill, 'GBP')!);
  await bookOn(stage, session, drafts, { ticketId, confirmationId });
  const split = (symbol: string) =>
    Number(market.splits.find((one) => one.symbol === symbol && one.date === session)?.ratio ?? 1);
  for (const fill of done)
    stage.fills.push({
      date: session,
      side: fill.side,
      units: Number(fill.units),
      price: Number(fill.fillPrice),
      value: Number(fill.executedValueBase),
      reference: Number(close(fill.internalSymbol)) / split(fill.internalSymbol),
      ticketRate: Number(rate),
    });
}
