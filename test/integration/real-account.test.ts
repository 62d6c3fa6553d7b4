import { signerOf } from '../support/signing.js';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asker } from '../../src/contract/asker.js';
import { DAY_MESSAGES } from '../../src/contract/day-messages.js';
import { tradingDayId, WORKFLOWS } from '../../src/contract/workflows.js';
import { openAccount } from '../../src/db/accounts.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { ledgerState } from '../../src/db/journal.js';
import { insertRun } from '../../src/db/runs.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { closeDay } from '../../src/operations/day/close.js';
import { leaveForTradingDay, tradingDayInput } from '../../src/operations/day/ask.js';
import { watchSlots } from '../../src/operations/guard/watch.js';
import { bookCash } from '../../src/operations/ledger/book-cash.js';
import { setBaseline } from '../../src/operations/ledger/set-baseline.js';
import { readConfiguration } from '../../src/operations/runs/configuration.js';
import { CASH, startSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';
import { startWorkerHere } from '../support/worker-here.js';

/** What one may say to a real account about the time, through every door: the machine's clock decides. */
const LONG_MS = 120_000;
const MONDAY = '2026-11-23';
const MAIN = { account: 'main', baseCurrency: 'USD', clock: 'real' } as const;
const OPENED_AT = '2026-11-20T20:00:00.000Z';
const LATER = '2031-01-01T15:40:00.000Z';

let installation: Installation;
let seat: TestSeat;
let close: () => Promise<void>;
/** What time it is on the machine that books. */
let clock = `${MONDAY}T10:00:00.000Z`;

beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { clock: 'real' });
  const { seat: opened, stop } = await startSeat(installation, false);
  seat = opened;
  const worker = await startWorkerHere(installation, { now: () => clock });
  close = async () => {
    await worker.stop();
    await stop();
  };
  const { policy, policyHash, universe, universeHash } = await readConfiguration(installation.configDir);
  await storeConfiguration(seat.db, 'policy', policyHash, policy);
  await storeConfiguration(seat.db, 'universe', universeHash, universe);
  await openAccount(seat.db, MAIN, 'demo', OPENED_AT);
  // The policy in force is that of the newest run.
  await insertRun(seat.db, {
    runId: randomUUID(),
    slot: 'ops',
    tradingDay: MONDAY,
    asOfDate: '2026-11-20',
    at: clock,
    workflowId: 'test',
    operator: 'demo',
    policyHash,
    universeHash,
  });
}, LONG_MS);
afterAll(() => close());

const place = () => ({ db: seat.db, ...installation, now: () => clock });
const says = (claimedAt: string | null): Asker => ({
  operator: 'demo',
  door: 'direct',
  claimedAt,
  sign: signerOf(installation.dataDir, () => clock),
});
/** Everything that is stored but alerts, which tell what happened to a message that was left. */
const facts = async () => ({ ...(await fingerprint(seat.db)), alerts: '', audit_log: '', fact_digests: '' });

describe('on a real account, a day that is said to have missed its 14:00 run', { timeout: LONG_MS }, () => {
  const missed = (at: string) =>
    leaveForTradingDay(
      seat.client,
      installation.settings.taskQueue,
      tradingDayInput(MAIN, MONDAY, seat.policy, clock),
      DAY_MESSAGES.missed,
      { at },
    );
  const why = (it: string) => `trading day: ${MONDAY}: must be over without a ticket to be closed as missed; it ${it}`;

  it('is over when the machine says so, whatever the sender says, by signal or by a direct call', async () => {
    const direct = (at: string) => closeDay(place(), { account: 'main', tradingDay: MONDAY, at, missed: true });
    await expect(direct(LATER)).rejects.toMatchObject({ code: 'DAY_NOT_OVER', message: why('was never opened') });
    await missed(LATER);
    const { rejected, state } = await seat.viewWhen(MONDAY, (view) => view.rejected.length > 0);
    const notYet = why(`may still get one: it is ${clock}`);
    expect([state, rejected.map((said) => said.why)]).toEqual(['open', [notYet]]);
    await expect(direct(LATER)).rejects.toMatchObject({ code: 'DAY_NOT_OVER', kind: 'refused', message: notYet });
    expect(await seat.db('day_events').pluck('event')).toEqual(['OPENED']);
    // The window of that day ends at 15:30 UK time, and includes its last second.
    clock = `${MONDAY}T15:30:00.000Z`;
    await expect(direct(LATER)).rejects.toMatchObject({ code: 'DAY_NOT_OVER' });
    clock = `${MONDAY}T15:30:01.000Z`;
    await missed('2014-05-06T15:40:00.000Z');
    expect(await seat.closed(MONDAY)).toMatchObject({ state: 'closed', outcome: 'MISSED', closedAt: clock });
    expect(await seat.db('audit_log').where({ action: 'day.closed' }).pluck('at')).toEqual([clock]);
  });
});

describe('on a real account, a deposit of 2031', { timeout: LONG_MS }, () => {
  const deposit = { account: 'main', kind: 'DEPOSIT', amount: '5', date: '2031-01-01' } as const;

  beforeAll(async () => {
    resultOrThrow(await setBaseline(place(), says(null), { account: 'main', cash: CASH, reason: 'as eToro shows' }));
  });

  it('is refused by a direct call and by the command line, which takes no word about the time either', async () => {
    const before = await facts();
    expect(await bookCash(place(), says(null), deposit)).toMatchObject({
      ok: false,
      refusal: { code: 'DATE_INVALID', message: expect.stringContaining('2031-01-01') },
    });
    expect(await bookCash(place(), says(LATER), deposit)).toMatchObject({ refusal: { code: 'CLAIM_IN_FUTURE' } });
    const typed = ['cash', 'deposit', '--amount', '5', '--date', '2031-01-01'];
    expect(await seat.cli(typed)).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^DATE_INVALID: .*2031-01-01/),
    });
    expect(await seat.cli([...typed, '--at', LATER])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^CLOCK_IS_REAL: /),
    });
    expect(await seat.cli(typed, { env: { TRADING_OPS_AT: LATER } })).toMatchObject({ code: 64 });
    expect(await facts()).toEqual(before);
  });

  it('has no door in Temporal: the day takes no booking, as an update or as a signal', async () => {
    const tradingDay = '2026-11-24';
    clock = `${tradingDay}T10:00:00.000Z`;
    const input = tradingDayInput(MAIN, tradingDay, seat.policy, clock);
    await leaveForTradingDay(seat.client, installation.settings.taskQueue, input, DAY_MESSAGES.recall, { at: clock });
    await seat.viewWhen(tradingDay, ({ openedAt }) => openedAt !== null);
    const before = await facts();
    const day = seat.client.workflow.getHandle(tradingDayId('main', tradingDay));
    for (const name of ['bookCash', 'bookCashUpdate'])
      await expect(day.executeUpdate(name, { args: [deposit] })).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
    await day.signal('bookCash', deposit);
    // Messages are handled in their order: what comes after the signal was handled after it.
    await seat.signal(tradingDay, DAY_MESSAGES.missed, { at: clock });
    await seat.viewWhen(tradingDay, ({ rejected }) => rejected.length > 0);
    expect(await facts()).toEqual(before);
    expect(await ledgerState(seat.db, 'main')).toMatchObject({ cash: '10000' });
  });
});

describe('on a real account, a watch with a later instant', { timeout: LONG_MS }, () => {
  const watching = (input: unknown) =>
    seat.client.workflow
      .execute(WORKFLOWS.watch, {
        workflowId: `by-hand/${randomUUID()}`,
        taskQueue: installation.settings.taskQueue,
        args: [input],
      })
      .then(
        (reply) => reply as { at: string; missed: string[] },
        (error: { cause?: { cause?: { type?: string } } }) => error.cause?.cause?.type ?? String(error),
      );
  const watcher = () => ({
    ...place(),
    client: seat.client,
    taskQueue: installation.settings.taskQueue,
    env: {},
  });

  it('records nothing of what is to come, through whatever door it is said', async () => {
    expect(await watching({ accounts: ['main'] })).toMatchObject({ at: clock });
    const before = await facts();
    for (const accounts of [['main'], []]) {
      const asked = { at: LATER, accounts, workflowId: 'direct' };
      await expect(watchSlots(watcher(), { ...asked, claimed: true })).rejects.toMatchObject({
        code: 'CLAIM_IN_FUTURE',
        kind: 'refused',
      });
      // What nobody claims is the time that a workflow ran at: it is now on the machine that looks.
      expect(await watchSlots(watcher(), asked)).toMatchObject({ at: clock, missed: [] });
      expect(await watchSlots(watcher(), { ...asked, claimed: false })).toMatchObject({ at: clock, missed: [] });
      expect(await watching({ at: LATER, accounts })).toBe('CLAIM_IN_FUTURE');
    }
    // What cannot even be read as a text ends the watch too: it would be tried again without end.
    expect(await watching({ at: { toString: 1 }, accounts: ['main'] })).toBe('MESSAGE_INVALID');
    for (const nobody of ['nobody', '__proto__', 'a\u0000b']) {
      await expect(
        watchSlots(watcher(), { at: clock, accounts: [nobody], workflowId: 'direct' }),
      ).rejects.toMatchObject({ code: 'ACCOUNT_UNKNOWN', kind: 'usage' });
      expect(await watching({ accounts: [nobody] })).toBe('ACCOUNT_UNKNOWN');
    }
    expect(await seat.cli(['watch', '--account', 'nobody'])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^ACCOUNT_UNKNOWN: /),
    });
    expect(await seat.cli(['watch', '--at', LATER])).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^CLOCK_IS_REAL: /),
    });
    expect(await seat.cli(['watch'], { env: { TRADING_OPS_AT: LATER } })).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^CLOCK_IS_REAL: /),
    });
    expect(await facts()).toEqual(before);
  });
});
