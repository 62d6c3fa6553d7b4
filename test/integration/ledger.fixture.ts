import { randomUUID } from 'node:crypto';
import type { ReconcileInput } from '../../src/contract/day-messages.js';
import { reconcile, type ReconcileResult } from '../../src/operations/day/reconcile.js';
import type { Knex } from 'knex';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Asker } from '../../src/contract/asker.js';
import { openAccount } from '../../src/db/accounts.js';
import { connect } from '../../src/db/connect.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { insertRun } from '../../src/db/runs.js';
import { insertTicket } from '../../src/db/tickets.js';
import { contentHash } from '../../src/domain/hash.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { materialHash, ticketId as idOf } from '../../src/domain/decision/ticket.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import type { Account, Instant, TicketLine, TicketMaterial, UniverseRow } from '../../src/domain/types.js';
import type { Installation } from '../../src/operations/installation.js';
import { sharedSigner, useSharedKey } from '../support/signing.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { goodFacts } from '../unit/fixtures/facts-2014.js';

export const ACCOUNT: Account = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' };
export const AT = '2014-07-01T07:30:00.000Z';
const facts = goodFacts();
export const policy: Policy = { ...facts.policy, operators: ['ann', 'bob'] };

export interface Ledger {
  database: TestDatabase;
  /** Connected as the application's role: what it may not do fails here too. */
  db: Knex;
  runId: string;
  policyHash: string;
  universeHash: string;
  /** The same with files: policy.yml and universe.csv say what the run pinned. */
  installation: Installation;
  close(): Promise<void>;
}

/** A database with an open account, its configuration pinned by one run, and prices and actions of June 2014. */
export async function createLedger(): Promise<Ledger> {
  const database = await createTestDatabase();
  const db = connect(database.appUrl, 8);
  const [policyHash, universeHash, runId] = [contentHash(policy), contentHash(facts.universe), randomUUID()];
  await storeConfiguration(db, 'policy', policyHash, policy);
  await storeConfiguration(db, 'universe', universeHash, facts.universe);
  await openAccount(db, ACCOUNT, 'ann', AT);
  await insertRun(db, {
    runId,
    slot: '0800',
    tradingDay: '2014-07-01',
    asOfDate: '2014-06-30',
    at: AT,
    workflowId: 'test',
    operator: 'ann',
    policyHash,
    universeHash,
  });
  await storeMarket(db);
  const dataDir = mkdtempSync(path.join(tmpdir(), 'ledger-'));
  writeConfiguration(dataDir, policy, facts.universe);
  useSharedKey(dataDir);
  const close = async () => {
    await db.destroy();
    await database.drop();
    rmSync(dataDir, { recursive: true });
  };
  return {
    database,
    db,
    runId,
    policyHash,
    universeHash,
    installation: { db, dataDir, configDir: dataDir, now: () => new Date().toISOString() },
    close,
  };
}

/** Writes the two files of a configuration; JSON is YAML too. */
export function writeConfiguration(folder: string, of: Policy, universe: readonly UniverseRow[]): void {
  writeFileSync(path.join(folder, 'policy.yml'), JSON.stringify(of));
  const rows = universe.map((row) => [
    row.internalSymbol,
    row.etoroSearchName,
    row.name,
    row.kind,
    row.listingCurrency,
    row.tradable,
    row.verifiedOn ?? '',
    row.verifiedBy ?? '',
    row.enabled,
  ]);
  writeFileSync(
    path.join(folder, 'universe.csv'),
    [
      'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by,enabled',
      ...rows.map((cells) => cells.map((cell) => `"${cell}"`).join(',')),
      '',
    ].join('\n'),
  );
}

/** Somebody who asks under the simulated clock of the fixture's account. */
export const asks = (claimedAt: Instant, operator = 'ann'): Asker => ({
  operator,
  door: 'direct',
  claimedAt,
  sign: sharedSigner,
});

/** Reconciles as a person asking directly would, on the account's simulated clock. */
export function reconcileBy(
  ledger: Ledger,
  { operator, at, ...input }: ReconcileInput & { operator: string; at: Instant },
): Promise<ReconcileResult> {
  return reconcile(ledger.installation, asks(at, operator), input);
}

async function storeMarket(db: Knex): Promise<void> {
  const provenance = { payload_sha256: 'f'.repeat(64), retrieved_at: AT };
  await db('bars').insert(
    facts.market.histories
      .flatMap(({ bars }) => bars)
      .map((bar) => ({
        source: 'csv',
        symbol: bar.symbol,
        session: bar.session,
        basis: 'raw',
        currency: 'USD',
        open: bar.open,
        high: bar.high,
        low: bar.low,
        close: bar.close,
        volume: bar.volume,
        adj_close: null,
        ...provenance,
      })),
  );
  await db('corporate_actions').insert(
    facts.market.actions.map((action) => ({
      source: action.source,
      symbol: action.symbol,
      ex_date: action.exDate,
      kind: action.kind,
      value: action.value,
      published: action.value,
      currency: action.currency,
      ...provenance,
    })),
  );
  await db('fx_rates').insert(
    (
      [
        ['2014-05-08', '1.6985'],
        ['2014-06-12', '1.6829'],
        ['2014-06-30', '1.704055'],
      ] as const
    ).map(([date, rate]) => ({
      source: 'csv',
      pair: 'GBPUSD',
      date,
      rate,
      ...provenance,
    })),
  );
}

/** A sale of 5 KO and a purchase of £500 of MSFT, at the closes of 2014-06-30. */
export const LINES: TicketLine[] = [
  {
    sequence: 1,
    symbol: 'KO',
    etoroSearchName: 'Coca-Cola',
    side: 'SELL',
    orderType: 'MARKET',
    valueBase: null,
    units: '5.000000',
    referencePrice: '42.36',
    referenceCurrency: 'USD',
    skipPrice: '42.15',
  },
  {
    sequence: 2,
    symbol: 'MSFT',
    etoroSearchName: 'Microsoft',
    side: 'BUY',
    orderType: 'MARKET',
    valueBase: '500.00',
    units: null,
    referencePrice: '41.7',
    referenceCurrency: 'USD',
    skipPrice: '41.90',
  },
];

/** The fills that execute LINES. */
export const FILLS: Fill[] = [
  {
    sequence: 1,
    internalSymbol: 'KO',
    side: 'SELL',
    executedStatus: 'DONE',
    units: '5',
    fillPrice: '42.4',
    executedValueBase: '124.41',
    filledAt: '2014-07-01T13:40:00.000Z',
    notes: null,
  },
  {
    sequence: 2,
    internalSymbol: 'MSFT',
    side: 'BUY',
    executedStatus: 'DONE',
    units: '20.4',
    fillPrice: '41.75',
    executedValueBase: '499.8',
    filledAt: '2014-07-01T13:42:00.000Z',
    notes: null,
  },
];

/** Where a ticket may be issued: an open account, and a run with its configuration pinned. */
export type Issuer = Pick<Ledger, 'db' | 'runId' | 'policyHash' | 'universeHash'>;

/** Issues a ticket as the afternoon run would: a TRADE with LINES, or a NO_TRADE. @returns its id. */
export async function issue(
  ledger: Issuer,
  changes: Partial<TicketMaterial> = {},
  issuedAt: Instant = '2014-07-01T13:00:00.000Z',
): Promise<string> {
  const kind = changes.kind ?? 'TRADE';
  const snapshot = await ledger.db('snapshots').first<{ snapshot_id: string } | undefined>('snapshot_id');
  const material: TicketMaterial = {
    schema: 1,
    account: 'main',
    baseCurrency: 'GBP',
    tradingDay: '2014-07-01',
    asOfDate: '2014-06-30',
    kind,
    dryRun: false,
    reasons: kind === 'TRADE' ? [] : [{ gate: 'cadence', code: 'NOT_REBALANCE_DAY', subject: null }],
    lines: kind === 'TRADE' ? LINES : [],
    fx: kind === 'TRADE' ? { pair: 'GBPUSD', date: '2014-06-30', rate: '1.704055' } : null,
    window: kind === 'TRADE' ? { opensAt: '2014-07-01T13:35:00.000Z', closesAt: '2014-07-01T14:30:00.000Z' } : null,
    policyHash: ledger.policyHash,
    universeHash: ledger.universeHash,
    snapshotId: snapshot?.snapshot_id ?? null,
    supersedes: null,
    ...changes,
  };
  const hash = materialHash(material);
  const ticketId = idOf('main', material.tradingDay, hash);
  const reasons = material.reasons.map(({ code, subject }) => ({ code, subject, message: code, evidence: {} }));
  await ledger.db.transaction((trx) =>
    insertTicket(trx, { ticketId, material, materialHash: hash, reasons, runId: ledger.runId, issuedAt, facts }),
  );
  return ticketId;
}

/** A run of the day's afternoon, which a ticket can be of. @returns its id. */
export async function beginAfternoon({ db, policyHash, universeHash }: Ledger, at: Instant): Promise<string> {
  const runId = randomUUID();
  const days = { tradingDay: '2014-07-01', asOfDate: '2014-06-30' };
  await insertRun(db, {
    runId,
    slot: '1400',
    ...days,
    at,
    workflowId: runId,
    operator: 'ann',
    policyHash,
    universeHash,
  });
  return runId;
}
