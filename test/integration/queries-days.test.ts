import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { confirmationInForce, openTicketsQuestion } from '../../src/db/confirmations.js';
import { recallDay } from '../../src/db/days.js';
import { killSwitchEvents, killSwitchState, turnKillSwitch } from '../../src/db/kill-switch.js';
import { ask } from '../../src/db/questions.js';
import { reconciliationOfCommand } from '../../src/db/reconciliations.js';
import { findRun, insertRun, type Run } from '../../src/db/runs.js';
import { latestSnapshot } from '../../src/db/snapshots.js';
import {
  lastTickets,
  liveTicket,
  standingOf,
  ticketsOfRun,
  unconfirmedTickets,
  type StoredTicket,
} from '../../src/db/tickets.js';
import { inTransaction } from '../../src/db/transaction.js';
import type { Statement } from '../../src/domain/statement/statement.js';
import { ledgerFactsOf } from '../../src/operations/statement/ledger-facts.js';
import { loadRunFacts } from '../../src/reports/run/facts.js';
import { policy } from './ledger.fixture.js';
import { createTwoAccounts, MONDAY, TUESDAY, WEDNESDAY, type TwoAccounts } from './queries.fixture.js';

let two: TwoAccounts;
beforeAll(async () => {
  two = await createTwoAccounts();
});
afterAll(() => two.close());

const ids = (tickets: readonly Pick<StoredTicket, 'ticketId'>[]) =>
  tickets.map(({ ticketId }) => Object.keys(two.tickets).find((name) => two.tickets[name] === ticketId));

describe('of two accounts with two of every fact, each is answered its own newest:', () => {
  test('the snapshot that was reconciled last, with the entry it was compared with', async () => {
    expect(await latestSnapshot(two.db, 'main')).toMatchObject({
      snapshotId: two.snapshots['main 3'],
      account: 'main',
      cash: '4.5',
      positions: { KO: '4' },
      lastEntryId: two.entries['main ledger 2'],
    });
    expect(await latestSnapshot(two.db, 'other')).toMatchObject({
      snapshotId: two.snapshots['other 2'],
      account: 'other',
      cash: '5.5',
      lastEntryId: two.entries['other ledger 2'],
    });
    expect(await latestSnapshot(two.db, 'nobody')).toBeNull();
  });

  test('what a command led to, though both used the same name for it', async () => {
    expect(await reconciliationOfCommand(two.db, 'main', 'c2')).toMatchObject({
      snapshotId: two.snapshots['main 2'],
    });
    expect(await reconciliationOfCommand(two.db, 'other', 'c2')).toMatchObject({
      snapshotId: two.snapshots['other 2'],
    });
    expect(await reconciliationOfCommand(two.db, 'other', 'c3')).toBeNull();
  });

  test('a run of the accounts that it is of, or of all where an earlier version kept none', async () => {
    const { db } = two;
    const run = (await findRun(db, two.runs.main)) as Run;
    const of = async (accounts: string[]) => {
      const runId = randomUUID();
      await insertRun(db, { ...run, runId, workflowId: runId, accounts });
      return (await loadRunFacts(db, runId))?.accounts.map(({ account }) => account);
    };
    expect([await of(['main']), await of(['other']), await of([])]).toEqual([['main'], [], ['main']]);
  });

  test('a ticket from before the period of a statement, for its fill may be within', async () => {
    const account = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' } as const;
    const [from, to] = ['2014-07-10T00:00:00.000Z', '2014-07-31T23:59:59.000Z'];
    const statement = { from, to, currency: 'USD', events: [] } as unknown as Statement;
    const asked = { account, configuration: { policy } } as Parameters<typeof ledgerFactsOf>[1];
    const { tickets } = await ledgerFactsOf(two.db, asked, statement);
    expect(ids(tickets)).toContain('main Tuesday 2');
    expect(ids(tickets).some((name) => name?.startsWith('other'))).toBe(false);
  });

  test('the reconciliation, ticket and confirmation of its day', async () => {
    expect(await recallDay(two.db, { account: 'main', tradingDay: TUESDAY })).toMatchObject({
      reconciliation: { status: 'FAIL', at: '2014-07-01T10:00:00.000Z', codes: ['DRIFT_main'] },
      ticket: { ticketId: two.tickets['main Tuesday 2'], kind: 'TRADE' },
      confirmation: { confirmationId: two.confirmations[1], operator: 'bob', at: '2014-07-01T15:00:00.000Z' },
    });
    expect(await recallDay(two.db, { account: 'other', tradingDay: TUESDAY })).toMatchObject({
      reconciliation: { status: 'PASS', at: '2014-07-01T08:00:00.000Z', codes: [] },
      ticket: { ticketId: two.tickets['other Tuesday 2'] },
      confirmation: null,
    });
    expect(await recallDay(two.db, { account: 'other', tradingDay: WEDNESDAY })).toMatchObject({
      reconciliation: null,
      ticket: null,
      confirmation: null,
    });
  });

  test('the confirmation in force, which is the end of the chain', async () => {
    const ticketId = two.tickets['main Tuesday 2'] as string;
    expect(await confirmationInForce(two.db, ticketId)).toMatchObject({ confirmationId: two.confirmations[1] });
    expect(await confirmationInForce(two.db, two.tickets['main Monday 1'] as string)).toBeNull();
  });

  test('the live ticket, and all of them newest first: by day, and within it as they were issued', async () => {
    expect(ids([(await liveTicket(two.db, 'main', TUESDAY)) as StoredTicket])).toEqual(['main Tuesday 2']);
    const all = ['main Wednesday 1', 'main Tuesday 2', 'main Tuesday 1', 'main Monday 1'];
    expect(ids(await lastTickets(two.db, 'main', 10))).toEqual(all);
    expect(ids(await lastTickets(two.db, 'main', 2))).toEqual(all.slice(0, 2));
    expect(ids(await lastTickets(two.db, 'other', 1))).toEqual(['other Tuesday 2']);
  });

  test('tickets nobody confirmed: live ones, oldest first, and before a day without that day', async () => {
    expect(ids(await unconfirmedTickets(two.db, 'main'))).toEqual(['main Monday 1', 'main Wednesday 1']);
    expect(ids(await unconfirmedTickets(two.db, 'other'))).toEqual(['other Monday 1', 'other Tuesday 2']);
    const openBefore = async (account: string, day: string) =>
      ids((await ask(two.db, openTicketsQuestion(two.db, account, day))) as []);
    expect(await openBefore('main', '2014-07-03')).toEqual(['main Monday 1', 'main Wednesday 1']);
    expect(await openBefore('main', WEDNESDAY)).toEqual(['main Monday 1']);
    expect(await openBefore('main', MONDAY)).toEqual([]);
    expect(await openBefore('other', WEDNESDAY)).toEqual(['other Monday 1', 'other Tuesday 2']);
  });

  test('the newest ticket of the accounts that a run looked at, and of no other', async () => {
    const ofRun = async (runId: string, tradingDay = TUESDAY) =>
      ids((await ticketsOfRun(two.db, { runId, tradingDay })) as StoredTicket[]);
    expect(await ofRun(two.runs.main)).toEqual(['main Tuesday 2']);
    expect(await ofRun(two.runs.other)).toEqual(['other Tuesday 2']);
    expect(await ofRun(two.runs.main, MONDAY)).toEqual(['main Monday 1']);
  });

  test('what tells that its facts moved on: the ledger’s newest entry, not the paper book’s; and the day’s live ticket', async () => {
    const standing = async (account: string, day: string) => {
      const { live, ...newest } = await standingOf(two.db, account, day);
      return { ...newest, live: ids(live ? [live] : []) };
    };
    expect(await standing('main', TUESDAY)).toEqual({
      lastEntryId: two.entries['main ledger 2'],
      snapshotId: two.snapshots['main 3'],
      isMarketPinned: false,
      live: ['main Tuesday 2'],
    });
    expect(await standing('other', '2014-07-03')).toEqual({
      lastEntryId: two.entries['other ledger 2'],
      snapshotId: two.snapshots['other 2'],
      isMarketPinned: false,
      live: [],
    });
  });

  test('how its latch stands, and its history oldest first', async () => {
    expect(await killSwitchState(two.db, 'main')).toEqual({ engaged: true, reason: 'main third' });
    expect(await killSwitchState(two.db, 'other')).toEqual({ engaged: false, reason: 'other second' });
    expect(await killSwitchState(two.db, 'nobody')).toEqual({ engaged: false, reason: null });
    expect((await killSwitchEvents(two.db, 'main')).map(({ reason }) => reason)).toEqual([
      'main first',
      'main second',
      'main third',
    ]);
  });

  test('a turn of the latch that stands like that is none, and the next is counted from its own account', async () => {
    const event = { account: 'other', event: 'ENGAGED', operator: 'ann', at: '2014-07-01T20:00:00.000Z' } as const;
    const turn = (reason: string) => inTransaction(two.db, (trx) => turnKillSwitch(trx, { ...event, reason }));
    expect(await turn('anew')).toBe('other/ENGAGED/2');
    expect(await turn('stands already')).toBeNull();
    expect(await killSwitchState(two.db, 'other')).toEqual({ engaged: true, reason: 'anew' });
  });
});
