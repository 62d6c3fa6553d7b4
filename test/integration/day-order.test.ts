import { signedMessage, signerOf } from '../support/signing.js';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import {
  DAY_MESSAGES,
  type ConfirmReply,
  type ReconcileCommand,
  type ReconcileReply,
} from '../../src/contract/day-messages.js';
import { tradingDayId, WORKFLOWS } from '../../src/contract/workflows.js';
import { lockTicketOfDay } from '../../src/db/confirmations.js';
import { connect } from '../../src/db/connect.js';
import { findRun, insertRun } from '../../src/db/runs.js';
import { ticketFacts } from '../../src/db/tickets.js';
import { inTransaction } from '../../src/db/transaction.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import type { Instant } from '../../src/domain/types.js';
import { tradingDayInput } from '../../src/operations/day/ask.js';
import { issueTicket } from '../../src/operations/day/issue-ticket.js';
import { bookCash } from '../../src/operations/ledger/book-cash.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { assertInvariants, CASH, confirmCommand, MONDAY, withSeat, type TestSeat } from '../support/day.js';
import type { Installation } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

const STORY_MAX_MS = 240_000;
const BEAT_MS = 1_000;
const AFTERNOON: Instant = londonInstant(MONDAY, '14:00');

/** Holds an activity at its beginning, the first time it is asked for, as a slow database would. */
interface Hold {
  interceptor: ActivityInterceptorsFactory;
  /** Resolves when the activity is held. */
  reached: Promise<void>;
  release(): void;
}

function hold(activityType: string): Hold {
  let [reach, release] = [(): void => undefined, (): void => undefined];
  const reached = new Promise<void>((resolve) => void (reach = resolve));
  const released = new Promise<void>((resolve) => void (release = resolve));
  let isFirst = true;
  const interceptor = (context: Context): ActivityInterceptors => ({
    inbound: {
      async execute(input, next) {
        if (context.info.activityType !== activityType || !isFirst) return next(input);
        isFirst = false;
        const beat = setInterval(() => context.heartbeat(), BEAT_MS);
        reach();
        await released.finally(() => clearInterval(beat));
        return next(input);
      },
    },
  });
  return { interceptor, reached, release: () => release() };
}

/** A seat with a worker that holds this activity once. */
const withHold = (
  activityType: string,
  action: (seat: TestSeat, held: Hold, installation: Installation) => Promise<void>,
) =>
  withSeat({ worker: false }, async (seat, installation) => {
    const held = hold(activityType);
    const worker = await startWorkerHere(installation, { interceptors: [held.interceptor] });
    try {
      await action(seat, held, installation);
    } finally {
      held.release();
      await worker.stop();
    }
  });

/** Asks the day, and comes back once it has the question; the answer is waited for apart. */
async function ask<Reply>(
  { client, sign, db }: TestSeat,
  update: string,
  command: { commandId: string },
): Promise<() => Promise<Reply>> {
  const signed = await signedMessage(sign, db, { account: 'main', tradingDay: MONDAY }, update, command);
  const asked = await client.workflow
    .getHandle(tradingDayId('main', MONDAY))
    .startUpdate<Reply, [unknown]>(update, { args: [signed], waitForStage: 'ACCEPTED', updateId: command.commandId });
  return () => asked.result();
}

const snapshot = (commandId: string, cash = CASH): ReconcileCommand => ({
  commandId,
  snapshotDate: MONDAY,
  cash,
  positions: {},
  notes: null,
  operator: 'demo',
  at: londonInstant(MONDAY, '09:00'),
});

describe.concurrent('the messages of a day', { timeout: STORY_MAX_MS }, () => {
  it('are handled one after another in the order they came, signals and updates alike', () =>
    withHold('reconcile', async (seat, held) => {
      await seat.run('0800', MONDAY);
      // The first one opens the ledger, so that the answer to each of the others tells what came before it.
      await seat.signal(MONDAY, DAY_MESSAGES.reconcile, snapshot('first'));
      await held.reached;
      const second = await ask<ReconcileReply>(seat, DAY_MESSAGES.reconcileUpdate, snapshot('second', '9000.00'));
      await seat.signal(MONDAY, DAY_MESSAGES.reconcile, snapshot('third'));
      const fourth = await ask<ReconcileReply>(seat, DAY_MESSAGES.reconcileUpdate, snapshot('fourth', '8000.00'));
      held.release();
      expect(await second()).toMatchObject({ status: 'FAIL', openedLedger: false, reasons: [{ code: 'CASH_DRIFT' }] });
      expect(await fourth()).toMatchObject({ status: 'FAIL', openedLedger: false });
      expect(await seat.db('reconciliations').orderBy('seq').pluck('command_id')).toEqual([
        'first',
        'second',
        'third',
        'fourth',
      ]);
      expect(await seat.view(MONDAY)).toMatchObject({ state: 'open', reconciliation: { status: 'FAIL' } });
    }));

  it('that come while it closes are answered, and it ends only when each has its answer', () =>
    withHold('closeDay', async (seat, held) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      const { material } = await seat.ticket(ticketId);
      const confirmed = await seat.confirm(ticketId);
      await held.reached;
      const again = await ask<ConfirmReply>(seat, DAY_MESSAGES.confirmUpdate, {
        ...confirmCommand(ticketId, material, { time: '15:30' }),
        commandId: 'again',
      });
      const stranger = await ask<ConfirmReply>(seat, DAY_MESSAGES.confirmUpdate, {
        ...confirmCommand(ticketId, material, { operator: 'mallory' }),
        commandId: 'stranger',
      });
      held.release();
      expect(await again()).toEqual(confirmed);
      expect(await stranger()).toMatchObject({ status: 'REFUSED', reason: { code: 'OPERATOR_UNKNOWN' } });
      expect(await seat.closed(MONDAY)).toMatchObject({
        state: 'closed',
        rejected: [{ message: `confirm ${ticketId} by mallory` }],
      });
      expect(await seat.db('day_events').where({ event: 'CLOSED' })).toHaveLength(1);
      await assertInvariants(seat.db);
    }));
});

/** The workflow of the day as the server knows it. */
const described = ({ client }: TestSeat) => client.workflow.getHandle(tradingDayId('main', MONDAY)).describe();
const activitiesOf = async (seat: TestSeat) => (await described(seat)).raw.pendingActivities ?? [];

describe.concurrent('a day that has nothing left to do', { timeout: STORY_MAX_MS }, () => {
  const malformed = { cash: 'lots' };
  const refusals = (seat: TestSeat) => seat.db('alerts').where({ code: 'MESSAGE_REFUSED' }).pluck('message');

  it('ends only when whoever left a malformed signal was told of it', () =>
    withHold('raiseAlert', async (seat, held) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      await seat.signal(MONDAY, DAY_MESSAGES.reconcile, malformed);
      await held.reached;
      await seat.confirm((await seat.issue(MONDAY)).ticketId);
      expect((await seat.viewWhen(MONDAY, ({ state }) => state === 'closed')).rejected).toHaveLength(1);
      expect((await described(seat)).status.name).toBe('RUNNING');
      expect(await refusals(seat)).toEqual([]);
      held.release();
      expect(await seat.closed(MONDAY)).toMatchObject({ state: 'closed' });
      expect(await refusals(seat)).toEqual([expect.stringContaining('MESSAGE_INVALID: ')]);
    }));

  it('takes a malformed signal that arrives while it closes: it is refused with its code, and the day ends', () =>
    withHold('closeDay', async (seat, held) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      await seat.confirm((await seat.issue(MONDAY)).ticketId);
      await held.reached;
      await seat.signal(MONDAY, DAY_MESSAGES.reconcile, malformed);
      await seat.signal(MONDAY, DAY_MESSAGES.confirm, null);
      // A query is answered after the signals that came before it.
      const { rejected, closedAt } = await seat.view(MONDAY);
      expect([rejected.map(({ message }) => message), closedAt]).toEqual([
        ['signal reconcile', 'signal confirm'],
        null,
      ]);
      held.release();
      expect(await seat.closed(MONDAY)).toMatchObject({ state: 'closed', rejected });
      expect(((await refusals(seat)) as string[]).toSorted()).toEqual([
        expect.stringMatching(/^A confirm message .*: MESSAGE_INVALID: /),
        expect.stringMatching(/^A reconcile message .*: MESSAGE_INVALID: /),
      ]);
      expect(await activitiesOf(seat)).toEqual([]);
      expect((await described(seat)).status.name).toBe('COMPLETED');
      expect(await seat.db('day_events').where({ event: 'CLOSED' })).toHaveLength(1);
    }));

  it('nor does one that may not be opened', () =>
    withHold('raiseAlert', async (seat, held, { settings }) => {
      // Its account runs on a simulated clock.
      const account = { account: 'main', baseCurrency: 'USD', clock: 'real' } as const;
      await seat.client.workflow.signalWithStart(WORKFLOWS.tradingDay, {
        workflowId: tradingDayId('main', MONDAY),
        taskQueue: settings.taskQueue,
        args: [tradingDayInput(account, MONDAY, seat.policy, londonInstant(MONDAY, '09:00'))],
        signal: DAY_MESSAGES.reconcile,
        signalArgs: [malformed],
      });
      await held.reached;
      const waitsFor = async () => (await activitiesOf(seat)).map(({ activityType }) => activityType?.name);
      await vi.waitFor(async () => expect(await waitsFor()).toEqual(['raiseAlert']), { timeout: 30_000, interval: 50 });
      // A query is answered after all that has happened: the refusal of its opening too.
      expect(await seat.view(MONDAY)).toMatchObject({ openedAt: null, rejected: [{ message: 'signal reconcile' }] });
      expect((await described(seat)).status.name).toBe('RUNNING');
      held.release();
      await expect(seat.closed(MONDAY)).rejects.toMatchObject({ cause: { cause: { type: 'ACCOUNT_DIFFERS' } } });
      expect(await refusals(seat)).toEqual([expect.stringContaining('MESSAGE_INVALID: ')]);
    }));
});

describe.concurrent(
  'an activity that takes longer than the server waits for a sign of it',
  { timeout: STORY_MAX_MS },
  () => {
    // Of the six seconds that the workflows say, by the server's own clock: nobody sleeps here.
    const LIMIT_MS = 6_000;
    const ms = (at: { seconds?: unknown; nanos?: number | null } | null | undefined) =>
      Number(at?.seconds ?? 0) * 1_000 + Number(at?.nanos ?? 0) / 1_000_000;

    it('beats meanwhile, so that it is done once', () =>
      withSeat({}, async (seat, { settings }) => {
        await seat.run('0800', MONDAY);
        await seat.reconcile(MONDAY);
        const db = connect(resolveAddresses(settings).databaseUrl, 2);
        try {
          const issued = await inTransaction(db, async (trx) => {
            await lockTicketOfDay(trx, 'main', MONDAY);
            const ticket = seat.issue(MONDAY);
            const held = async () =>
              (await activitiesOf(seat)).find(({ activityType }) => activityType?.name === 'issueTicket');
            await vi.waitFor(
              async () => {
                const activity = await held();
                expect(ms(activity?.lastHeartbeatTime) - ms(activity?.lastStartedTime)).toBeGreaterThan(LIMIT_MS);
              },
              { timeout: 60_000, interval: 200 },
            );
            expect(await held()).toMatchObject({ attempt: 1, lastFailure: null });
            return { ticket };
          });
          expect(await issued.ticket).toMatchObject({ issuedNow: true });
        } finally {
          await db.destroy();
        }
      }));
  },
);

describe.concurrent('a 14:00 run that was missed', { timeout: STORY_MAX_MS }, () => {
  const missed = (seat: TestSeat) => seat.signal(MONDAY, DAY_MESSAGES.missed, { at: londonInstant(MONDAY, '15:40') });

  it('closes a day that has no ticket, once', () =>
    withSeat({}, async (seat) => {
      await seat.run('0800', MONDAY);
      await missed(seat);
      expect(await seat.closed(MONDAY)).toMatchObject({
        state: 'closed',
        outcome: 'MISSED',
        closedAt: londonInstant(MONDAY, '15:40'),
      });
    }));

  it('is not believed while the ticket may still come: the day stays open and says why', () =>
    withSeat({}, async (seat) => {
      await seat.run('0800', MONDAY);
      await seat.signal(MONDAY, DAY_MESSAGES.missed, { at: londonInstant(MONDAY, '10:00') });
      const view = await seat.viewWhen(MONDAY, ({ rejected }) => rejected.length > 0);
      expect(view.rejected).toMatchObject([{ why: expect.stringContaining('may still get one') }]);
      expect(view.state).toBe('open');
      expect(await seat.db('day_events').where({ event: 'CLOSED' })).toEqual([]);
    }));

  it('leaves a day alone that has its ticket after all: the ticket is waited for as ever', () =>
    withSeat({}, async (seat) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId, kind } = await seat.issue(MONDAY);
      await missed(seat);
      // Handled after it: so the day had heard of it by then.
      expect(await seat.reconcile(MONDAY, { time: '15:45' })).toMatchObject({ status: 'PASS' });
      expect(await seat.view(MONDAY)).toMatchObject({
        state: 'ticketed',
        outcome: kind,
        closedAt: null,
        ticket: { ticketId },
      });
      expect(await seat.db('day_events').where({ event: 'CLOSED' })).toEqual([]);
      expect(await seat.confirm(ticketId, { time: '15:50' })).toMatchObject({ status: 'BOOKED' });
      expect(await seat.closed(MONDAY)).toMatchObject({
        state: 'closed',
        outcome: kind,
        closedAt: londonInstant(MONDAY, '15:50'),
      });
    }));
});

/** A run of the afternoon under the configuration of another run. @returns its id. */
async function afternoonLike(db: Knex, runId: string): Promise<string> {
  const [like, own] = [await findRun(db, runId), randomUUID()];
  if (!like) throw new Error(`run ${runId} is not stored`);
  await insertRun(db, { ...like, runId: own, workflowId: own, slot: '1400', at: AFTERNOON });
  return own;
}

/**
 * Issues a ticket while something happens between its reading of the facts and its taking of the lock: it is kept
 * waiting for the lock, which somebody else holds, until that has happened.
 */
async function issueWhile(
  { settings, dataDir, configDir }: Installation,
  runId: string,
  action: () => Promise<void>,
): Promise<Awaited<ReturnType<typeof issueTicket>>> {
  const db = connect(resolveAddresses(settings).databaseUrl, 6);
  try {
    return await inTransaction(db, async (trx) => {
      await lockTicketOfDay(trx, 'main', MONDAY);
      const issued = issueTicket(
        { db, dataDir, configDir, now: () => AFTERNOON },
        { account: 'main', tradingDay: MONDAY, runId: await afternoonLike(db, runId), dryRun: false, at: AFTERNOON },
      );
      const waiting = () =>
        db('pg_locks')
          .where({ locktype: 'advisory', granted: false })
          .whereRaw('database = (select oid from pg_database where datname = current_database())');
      await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 30_000, interval: 50 });
      await action();
      // Whoever is in a transaction gives the lock back at its end.
      return { issued };
    }).then(({ issued }) => issued);
  } finally {
    await db.destroy();
  }
}

describe.concurrent('a ticket whose facts moved while it waited for the lock', { timeout: STORY_MAX_MS }, () => {
  it('is decided again on the reconciliation that came', () =>
    withSeat({}, async (seat, installation) => {
      const { runId } = await seat.run('0800', MONDAY);
      const reply = await issueWhile(installation, runId, async () => {
        expect(await seat.reconcile(MONDAY)).toMatchObject({ status: 'PASS', openedLedger: true });
      });
      expect(reply).toMatchObject({ kind: 'TRADE', issuedNow: true, supersedes: null, reasons: [] });
      expect(await seat.db('tickets').pluck('snapshot_id')).toEqual(await seat.db('snapshots').pluck('snapshot_id'));
    }));

  it('is decided again on the booking that came', () =>
    withSeat({}, async (seat, installation) => {
      const { runId } = await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const at = londonInstant(MONDAY, '13:50');
      const reply = await issueWhile(installation, runId, async () => {
        resultOrThrow(
          await bookCash(
            { db: seat.db, ...installation, now: () => at },
            { operator: 'demo', door: 'direct', claimedAt: at, sign: signerOf(installation.dataDir, () => at) },
            { account: 'main', kind: 'DEPOSIT', amount: '5' },
          ),
        );
      });
      expect(reply).toMatchObject({
        kind: 'NO_TRADE',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'LEDGER_CHANGED_SINCE_SNAPSHOT' })]),
      });
      const facts = await ticketFacts(seat.db, reply.ticketId);
      expect(facts?.ledger).toMatchObject({ lastEntryId: 2, cash: '10005' });
      expect(await seat.db('tickets')).toHaveLength(1);
    }));
});
