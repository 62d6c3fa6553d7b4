import { randomUUID } from 'node:crypto';
import { openAccount } from '../../src/db/accounts.js';
import { insertConfirmation } from '../../src/db/confirmations.js';
import { insertRates } from '../../src/db/fx.js';
import { bookEntry } from '../../src/db/journal.js';
import { turnKillSwitch } from '../../src/db/kill-switch.js';
import { insertReconciliation, type Reconciliation } from '../../src/db/reconciliations.js';
import { recordGates } from '../../src/db/gates.js';
import { insertRun } from '../../src/db/runs.js';
import { insertSnapshot } from '../../src/db/snapshots.js';
import { inTransaction } from '../../src/db/transaction.js';
import { newValuations } from '../../src/db/valuations.js';
import type { Book, EntryDraft } from '../../src/domain/ledger/entries.js';
import type { Instant, IsoDate } from '../../src/domain/types.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { AT, createLedger, issue, type Ledger } from './ledger.fixture.js';

/** Days before, of and after what is asked about. */
export const [MONDAY, TUESDAY, WEDNESDAY] = ['2014-06-30', '2014-07-01', '2014-07-02'];

/** Two accounts with two of every fact, so that a query that asks too widely or for the older is noticed. */
export interface TwoAccounts extends Ledger {
  /** By account, book and number, in the order of booking: `main ledger 1`. */
  entries: Record<string, number>;
  /** By account and number, in the order of recording: `main 1`. */
  snapshots: Record<string, string>;
  /** By account, day and number: `main Tuesday 2`. */
  tickets: Record<string, string>;
  confirmations: string[];
  /** The run that both accounts' tickets name, which looked at the gates of main; another looked at those of other. */
  runs: { main: string; other: string };
}

/** Every later fact bears earlier instants, its recording's too: only the database's own order says what is newest. */
export async function createTwoAccounts(): Promise<TwoAccounts> {
  const ledger = await createLedger();
  await openAccount(ledger.db, { account: 'other', baseCurrency: 'GBP', clock: 'simulated' }, 'ann', AT);
  const other = randomUUID();
  const { policyHash, universeHash } = ledger;
  await insertRun(ledger.db, {
    runId: other,
    slot: '1400',
    tradingDay: TUESDAY,
    asOfDate: MONDAY,
    at: AT,
    workflowId: 'test-2',
    operator: 'ann',
    policyHash,
    universeHash,
  });
  const entries = await bookAll(ledger);
  const snapshots = await compareAll(ledger, entries);
  const runs = { main: ledger.runId, other };
  const { tickets, confirmations } = await issueAll(ledger, runs);
  await valueAndLatch(ledger, runs, entries);
  await restateMarket(ledger);
  await reverseRecording(ledger);
  return { ...ledger, entries, snapshots, tickets, confirmations, runs };
}

/** An amount of its own for each entry, so that a sum says which are in it. */
export const deposit = (amount: string): EntryDraft => ({
  kind: 'DEPOSIT',
  effectiveDate: TUESDAY,
  description: `Deposit of ${amount}`,
  symbol: null,
  postings: [
    { account: 'Assets:Cash', commodity: 'GBP', amount },
    { account: 'Equity:Transfers', commodity: 'GBP', amount: `-${amount}` },
  ],
});

/** What is booked, in this order; both accounts use the same keys. */
export const BOOKED: [account: string, book: Book, place: number, amount: string][] = [
  ['main', 'ledger', 1, '100'],
  ['other', 'ledger', 1, '200'],
  ['main', 'paper', 1, '400'],
  ['main', 'ledger', 2, '800'],
  ['other', 'ledger', 2, '1600'],
  ['main', 'paper', 2, '3200'],
  ['other', 'paper', 1, '6400'],
];

async function bookAll({ db }: Ledger): Promise<Record<string, number>> {
  const entries: Record<string, number> = {};
  for (const [index, [account, book, place, amount]] of BOOKED.entries()) {
    const { entryId } = await inTransaction(db, (trx) =>
      bookEntry(trx, deposit(amount), {
        account,
        book,
        operator: 'ann',
        idempotencyKey: `${book}:${place}`,
        bookedAt: `2014-07-01T0${7 - index}:00:00.000Z`,
      }),
    );
    entries[`${account} ${book} ${place}`] = entryId;
  }
  return entries;
}

/** Comparisons in this order: main has two on Tuesday and, later, one on Wednesday. */
const COMPARED: [account: string, place: number, day: IsoDate, status: 'PASS' | 'FAIL', at: Instant][] = [
  ['main', 1, TUESDAY, 'PASS', '2014-07-01T12:00:00.000Z'],
  ['other', 1, TUESDAY, 'FAIL', '2014-07-01T11:00:00.000Z'],
  ['main', 2, TUESDAY, 'FAIL', '2014-07-01T10:00:00.000Z'],
  ['main', 3, WEDNESDAY, 'PASS', '2014-07-01T09:00:00.000Z'],
  ['other', 2, TUESDAY, 'PASS', '2014-07-01T08:00:00.000Z'],
];

const EVIDENCE = { explanations: [] } as unknown as Reconciliation['evidence'];

async function compareAll({ db }: Ledger, entries: Record<string, number>): Promise<Record<string, string>> {
  const snapshots: Record<string, string> = {};
  for (const [index, [account, place, tradingDay, status, at]] of COMPARED.entries()) {
    const snapshotId = randomUUID();
    snapshots[`${account} ${place}`] = snapshotId;
    const snapshot = {
      snapshotId,
      account,
      snapshotDate: tradingDay,
      takenAt: at,
      cash: `${index + 1}.5`,
      notes: null,
      operator: 'ann',
      positions: { KO: String(index + 1) },
    };
    await inTransaction(db, (trx) => insertSnapshot(trx, snapshot, 'a'.repeat(64)));
    await insertReconciliation(db, {
      reconciliationId: randomUUID(),
      account,
      tradingDay,
      snapshotId,
      status,
      evidence: EVIDENCE,
      at,
      reasons:
        status === 'PASS'
          ? []
          : [
              {
                code: `DRIFT_${account}`,
                subject: null,
                message: 'drift',
                evidence: {},
              },
            ],
      lastEntryId: entries[`${account} ledger ${Math.min(place, 2)}`] as number,
      openedLedger: false,
      operator: 'ann',
      reportPath: `reports/${account}-${place}`,
      commandId: `c${place}`,
    });
  }
  return snapshots;
}

/** Issued in this order. Tuesday's first ticket of an account is a NO_TRADE that its second one replaces. */
const ISSUED: [account: string, day: 'Monday' | 'Tuesday' | 'Wednesday', place: number, at: Instant][] = [
  ['main', 'Wednesday', 1, '2014-07-01T13:50:00.000Z'],
  ['other', 'Monday', 1, '2014-07-01T13:45:00.000Z'],
  ['main', 'Monday', 1, '2014-07-01T13:40:00.000Z'],
  ['main', 'Tuesday', 1, '2014-07-01T13:35:00.000Z'],
  ['other', 'Tuesday', 1, '2014-07-01T13:30:00.000Z'],
  ['main', 'Tuesday', 2, '2014-07-01T13:25:00.000Z'],
  ['other', 'Tuesday', 2, '2014-07-01T13:20:00.000Z'],
];
const DATES = { Monday: MONDAY, Tuesday: TUESDAY, Wednesday: WEDNESDAY };

async function issueAll(
  ledger: Ledger,
  runs: TwoAccounts['runs'],
): Promise<Pick<TwoAccounts, 'tickets' | 'confirmations'>> {
  const tickets: Record<string, string> = {};
  for (const [account, day, place, at] of ISSUED) {
    const kind = day === 'Tuesday' && place === 1 ? 'NO_TRADE' : 'TRADE';
    const supersedes = place === 2 ? (tickets[`${account} ${day} 1`] as string) : null;
    const changes = { account, tradingDay: DATES[day] as IsoDate, kind, supersedes } as const;
    tickets[`${account} ${day} ${place}`] = await issue(ledger, changes, at);
  }
  const day = { tradingDay: TUESDAY, asOfDate: MONDAY };
  for (const account of ['main', 'other'] as const)
    await recordGates(ledger.db, { ...day, runId: runs[account] }, account, [
      { gate: 'cadence', status: 'PASS', reasons: [], evidence: {} },
    ]);
  const confirmations = [randomUUID(), randomUUID()];
  for (const [index, confirmationId] of confirmations.entries())
    await insertConfirmation(ledger.db, {
      confirmationId,
      ticketId: tickets['main Tuesday 2'] as string,
      kind: 'FILLS',
      content: { index },
      contentHash: String(index).repeat(64),
      amends: index === 0 ? null : (confirmations[0] as string),
      operator: index === 0 ? 'ann' : 'bob',
      confirmedAt: `2014-07-01T1${6 - index}:00:00.000Z`,
    });
  return { tickets, confirmations };
}

/** The latch turned before and after the valuations: only the other account's is reset after them. */
async function valueAndLatch(
  ledger: Ledger,
  runs: TwoAccounts['runs'],
  entries: Record<string, number>,
): Promise<void> {
  const turn = (account: string, event: 'ENGAGED' | 'RESET', reason: string, hour: number) =>
    inTransaction(ledger.db, (trx) =>
      turnKillSwitch(trx, {
        account,
        event,
        reason,
        operator: 'ann',
        at: `2014-07-01T${hour}:00:00.000Z`,
      }),
    );
  await turn('main', 'ENGAGED', 'main first', 19);
  await turn('main', 'RESET', 'main second', 18);
  await turn('other', 'ENGAGED', 'other first', 17);
  await valueAll(ledger, runs, entries);
  await turn('main', 'ENGAGED', 'main third', 16);
  await turn('other', 'RESET', 'other second', 15);
}

/** Valued in this order: of Monday's close twice, and of a close before it afterwards. */
const VALUED: [account: string, run: 'main' | 'other', asOf: IsoDate, equity: string, index: string][] = [
  ['main', 'main', MONDAY, '100', '1.1'],
  ['main', 'other', MONDAY, '120', '1.2'],
  ['other', 'main', MONDAY, '300', '1.3'],
  ['other', 'other', MONDAY, '400', '1.4'],
  ['main', 'main', TUESDAY, '160', '1.6'],
  ['main', 'main', '2014-06-27', '170', '1.7'],
];

async function valueAll({ db }: Ledger, runs: TwoAccounts['runs'], entries: Record<string, number>): Promise<void> {
  const valuations = VALUED.map(([account, run, asOfDate, equity, equityIndex]) => ({
    account,
    asOfDate,
    runId: runs[run],
    cash: equity,
    positionsValue: '0',
    equity,
    netFlows: '0',
    equityIndex,
    peakIndex: '1.9',
    fxRate: null,
    lastEntryId: entries[`${account} ledger 1`] as number,
  }));
  for (const valuation of valuations) await newValuations(db, [valuation]);
}

/** A second word on what the market said of a date; another source and pair; and bars of two bases. */
async function restateMarket({ db }: Ledger): Promise<void> {
  const rate = (source: string, pair: string, date: IsoDate, value: string) =>
    insertRates(db, {
      source,
      pair,
      rates: [
        {
          date,
          rate: value,
        },
      ],
      payloadSha256: 'e'.repeat(64),
      retrievedAt: '2014-06-30T07:30:00.000Z',
    });
  await rate('csv', 'GBPUSD', MONDAY, '1.8');
  await rate('yahoo', 'GBPUSD', MONDAY, '1.9');
  await rate('csv', 'GBPEUR', MONDAY, '1.25');
  await rate('csv', 'GBPUSD', WEDNESDAY, '1.6');
  const told = { payload_sha256: 'e'.repeat(64), retrieved_at: AT };
  await db('corporate_actions').insert(
    ['0.5', '0.4'].map((value) => ({
      source: 'csv',
      symbol: 'KO',
      ex_date: '2014-09-11',
      kind: 'DIVIDEND',
      value,
      published: value,
      currency: 'USD',
      ...told,
    })),
  );
  await db('action_rulings').insert(
    (['split', 'ignore'] as const).map((ruling) => ({
      symbol: 'KO',
      ex_date: '2014-09-11',
      kind: 'DIVIDEND',
      ruling,
      value: ruling === 'split' ? '2' : null,
      reason: ruling,
      operator: 'ann',
      ruled_at: AT,
    })),
  );
  await db('bars').insert(
    (
      [
        ['AAA', 'split'],
        ['BBB', 'raw'],
        ['CCC', 'raw'],
      ] as const
    ).map(([symbol, basis]) => ({
      source: 'sample',
      symbol,
      session: MONDAY,
      basis,
      currency: 'USD',
      open: '1',
      high: '1',
      low: '1',
      close: '1',
      volume: '1',
      adj_close: null,
      ...told,
    })),
  );
}

/** What each table is in order by. */
const ORDERED = {
  journal_entries: 'entry_id',
  reconciliations: 'seq',
  tickets: 'seq',
  confirmations: 'seq',
  kill_switch_events: 'seq',
  valuations: 'seq',
  fx_rates: 'seq',
  corporate_actions: 'seq',
  action_rulings: 'ruling_id',
};

/** As after a clock was set back: what was recorded later says that it was recorded earlier. */
async function reverseRecording({ database }: Ledger): Promise<void> {
  await withClient(database.ownerUrl, async (client) => {
    for (const [table, order] of Object.entries(ORDERED)) {
      await client.query(`alter table ${table} disable trigger user`);
      await client.query(`update ${table} set recorded_at = timestamptz '2014-08-01' - ${order} * interval '1 second'`);
      await client.query(`alter table ${table} enable trigger user`);
    }
  });
}
