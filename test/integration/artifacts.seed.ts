import type { Knex } from 'knex';
import { bookEntry } from '../../src/db/journal.js';
import { insertReconciliation } from '../../src/db/reconciliations.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { recordGates } from '../../src/db/gates.js';
import { finishRun } from '../../src/db/run-results.js';
import { insertRun, recordStep } from '../../src/db/runs.js';
import { insertTicket } from '../../src/db/tickets.js';
import { newValuations } from '../../src/db/valuations.js';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import type { GateResult } from '../../src/domain/types.js';
import * as given from '../unit/artifacts.fixture.js';

const PAYLOAD = { payload_sha256: '3'.repeat(64), retrieved_at: '2014-06-09T22:00:00Z' };

/** One whole day of the fixture, as the activities of the day would have stored it. */
export async function seedDay(db: Knex): Promise<void> {
  await db('accounts').insert({ account: 'main', base_currency: 'GBP', clock: 'real' });
  await storeConfiguration(db, 'policy', given.policyHash, given.policy);
  await storeConfiguration(db, 'universe', given.universeHash, given.universe);
  await seedMarket(db);
  await db.transaction((trx) =>
    bookEntry(trx, given.opening!, {
      account: 'main',
      bookedAt: '2014-06-09T20:00:00Z',
      operator: 'ann',
      idempotencyKey: 'opening',
    }),
  );
  await seedMorning(db);
  await seedReconciliation(db);
  await seedAfternoon(db);
  await seedConfirmation(db);
}

async function seedMarket(db: Knex): Promise<void> {
  await db('bars').insert(
    given.closes.map(({ symbol, session, close }) => ({
      source: 'csv',
      symbol,
      session,
      basis: 'raw',
      currency: 'USD',
      open: close,
      high: close,
      low: close,
      close,
      volume: '1000',
      ...PAYLOAD,
    })),
  );
  await db('corporate_actions').insert({
    source: 'csv',
    symbol: 'AAPL',
    ex_date: '2014-06-09',
    kind: 'SPLIT',
    value: '7',
    published: '7',
    ...PAYLOAD,
  });
  await db('fx_rates').insert({ source: 'ecb', pair: 'GBPUSD', date: given.AS_OF, rate: '1.680311', ...PAYLOAD });
}

async function seedMorning(db: Knex): Promise<void> {
  const run = given.runRow('0800');
  await insertRun(db, run);
  await recordStep(db, run.runId, 'configuration', 'DONE', 'policy and universe are sound, 4 symbols');
  await db('fetch_results').insert([
    ...['AAPL', 'DIS', 'MSFT', 'SPY'].map((symbol) => ({
      run_id: run.runId,
      provider: 'csv',
      kind: 'eod' as const,
      symbol,
      status: 'OK' as const,
      code: null,
      message: null,
      rows_read: 28,
      rows_new: 28,
      last_session: given.AS_OF,
    })),
    {
      run_id: run.runId,
      provider: 'csv',
      kind: 'eod',
      symbol: 'GOOGL',
      status: 'FAILED',
      code: 'FILE_MISSING',
      message: 'no file <GOOGL.csv> in the drop folder',
      rows_read: 0,
      rows_new: 0,
      last_session: null,
    },
  ]);
  const quality: GateResult = {
    gate: 'data_quality',
    status: 'FAIL',
    reasons: [given.heldDividend],
    evidence: { coverage: '1' },
  };
  await recordGates(db, run, null, [quality]);
  await newValuations(db, [{ ...given.valuation, account: 'main', runId: run.runId, lastEntryId: 1 }]);
  await db('day_events').insert({
    account: 'main',
    trading_day: given.TRADING_DAY,
    event: 'OPENED',
    at: run.at,
    run_id: run.runId,
  });
  await finishRun(db, run.runId, 'FAIL', 'data_quality: ACTION_NEEDS_REVIEW');
}

async function seedReconciliation(db: Knex): Promise<void> {
  const stored = given.reconciliation('PASS');
  const { snapshot } = stored.evidence;
  await db.transaction(async (trx) => {
    await trx('snapshots').insert({
      snapshot_id: snapshot.snapshotId,
      account: 'main',
      snapshot_date: snapshot.snapshotDate,
      taken_at: snapshot.takenAt,
      cash: snapshot.cash,
      notes: snapshot.notes,
      operator: 'ann',
      content_hash: '4'.repeat(64),
    });
    await trx('snapshot_positions').insert(
      Object.entries(snapshot.positions).map(([symbol, units]) => ({
        snapshot_id: snapshot.snapshotId,
        symbol,
        units,
      })),
    );
    await insertReconciliation(trx, stored);
  });
}

async function seedAfternoon(db: Knex): Promise<void> {
  const run = given.runRow('1400');
  await insertRun(db, run);
  await db.transaction(async (trx) => {
    await recordGates(trx, run, 'main', given.gates() as GateResult[]);
    const ticket = given.ticketRow('TRADE');
    await insertTicket(trx, { ...ticket, facts: decisionFacts() });
  });
  await finishRun(db, run.runId, 'TRADE', `main: TRADE, ticket ${given.TICKET_ID}`);
}

/** Without a price: the test looks at what is excluded, not at a momentum. */
const decisionFacts = (): DecisionFacts => ({
  account: { account: 'main', baseCurrency: 'GBP', clock: 'real' },
  tradingDay: given.TRADING_DAY,
  asOfDate: given.AS_OF,
  at: given.runRow('1400').at,
  mode: 'live',
  ledger: { cash: '0', units: {}, lastEntryId: null, lastBookedAt: null },
  snapshot: null,
  openTickets: [],
  killSwitch: { engaged: false, reason: null },
  equity: null,
  books: { newest: null },
  policy: given.policy,
  policyHash: given.policyHash,
  universe: given.universe,
  universeHash: given.universeHash,
  market: {
    asOfDate: given.AS_OF,
    provider: 'csv',
    basis: 'raw',
    actions: [],
    rulings: [],
    fetches: [],
    fx: null,
    secondCloses: null,
    histories: [],
  },
});

async function seedConfirmation(db: Knex): Promise<void> {
  await db.transaction(async (trx) => {
    await trx('confirmations').insert({
      confirmation_id: given.CONFIRMATION_ID,
      ticket_id: given.TICKET_ID,
      kind: 'FILLS',
      content: JSON.stringify(given.fills),
      content_hash: '5'.repeat(64),
      operator: 'ben',
      confirmed_at: '2014-06-10T15:00:00Z',
    });
    for (const [index, draft] of given.fillEntries.entries()) {
      await bookEntry(trx, draft, {
        account: 'main',
        bookedAt: '2014-06-10T15:00:00Z',
        operator: 'ben',
        idempotencyKey: `fill-${index}`,
        ticketId: given.TICKET_ID,
        confirmationId: given.CONFIRMATION_ID,
      });
    }
    await trx('fills').insert(
      given.fills.map((fill) => ({
        confirmation_id: given.CONFIRMATION_ID,
        sequence: fill.sequence,
        symbol: fill.symbol,
        side: fill.side,
        executed_status: fill.executedStatus,
        units: fill.units,
        fill_price: fill.fillPrice,
        executed_value_base: fill.executedValueBase,
        filled_at: fill.filledAt,
        notes: fill.notes,
      })),
    );
    await trx('day_events').insert({
      account: 'main',
      trading_day: given.TRADING_DAY,
      event: 'CLOSED',
      at: '2014-06-10T15:00:00Z',
    });
  });
}
