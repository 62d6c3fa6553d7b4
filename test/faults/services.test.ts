import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { installationPaths } from '../../src/runtime/paths.js';
import { workerProcess } from '../../src/runtime/processes/worker.js';
import { readRecord } from '../../src/runtime/record.js';
import {
  assertInvariants,
  assertOneOfEverything,
  CASH,
  fillsOf,
  MONDAY,
  openSeat,
  useDemoPolicy,
  writeFills,
  type TestSeat,
} from '../support/day.js';
import { createPrivateStack, startWorkerProcess, type PrivateStack } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';
import { startWorkerHere } from '../support/worker-here.js';

const FAULTS_MAX_MS = 300_000;
const AWAY_MS = 1_500;
const at = (time: string) => ['--at', `${MONDAY}T${time}:00+01:00`];

describe('a service stops under a running day and comes back', { timeout: FAULTS_MAX_MS }, () => {
  it.each([
    ['Postgres is stopped with -m immediate', (stack: PrivateStack) => stack.killPostgres('SIGQUIT')],
    ['Temporal is killed', (stack: PrivateStack) => stack.killTemporal()],
  ])('%s during the morning run, the ticket and the confirmation', async (_name, kill) => {
    const stack = await createPrivateStack();
    useDemoPolicy(stack);
    const worker = await startWorkerHere(stack);
    const seat = await openSeat(stack);
    try {
      const during = async <T>(part: (seat: TestSeat) => Promise<T>): Promise<T> => {
        const asked = part(seat).catch(() => null);
        await kill(stack);
        await pause(AWAY_MS);
        await stack.restart();
        // Whoever asked may have lost the line; asking the same again gives the same answer.
        return (await asked) ?? part(seat);
      };
      await during((open) => open.run('0800', MONDAY));
      expect(await seat.reconcile(MONDAY, { id: 'reconcile' })).toMatchObject({ status: 'PASS' });
      const run = await during((open) => open.issue(MONDAY));
      expect(run.kind).toBe('TRADE');
      expect(await during((open) => open.confirm(run.ticketId))).toMatchObject({ status: 'BOOKED' });
      await seat.closed(MONDAY);
      await assertOneOfEverything(seat.db, MONDAY, run.ticketId, true);
    } finally {
      await seat.close();
      await worker.stop();
      await stack.cleanup();
    }
  });

  it('Temporal is killed under a worker that lives: it comes back where it was, and the worker is left alone', async () => {
    const stack = await createPrivateStack();
    useDemoPolicy(stack);
    const { pid } = await startWorkerProcess(stack);
    const seat = await openSeat(stack);
    try {
      const before = readRecord(stack.dataDir);
      await stack.killTemporal();
      await stack.restart();
      expect(readRecord(stack.dataDir)).toEqual(before);
      expect((await seat.run('0800', MONDAY)).outcome).toBe('PASS');
      expect(workerProcess(installationPaths(stack.dataDir))?.pid).toBe(pid);
    } finally {
      await seat.close();
      await stack.cleanup();
    }
  });

  it('Temporal loses its state: rebuild opens the day at the step where it stood, and it ends with the same ticket', async () => {
    const stack = await createPrivateStack();
    useDemoPolicy(stack);
    let worker = await startWorkerHere(stack);
    let seat = await openSeat(stack);
    try {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      const before = await seat.view(MONDAY);
      await worker.stop();
      await seat.close();
      await stack.killTemporal();
      for (const suffix of ['', '-wal', '-shm'])
        rmSync(`${installationPaths(stack.dataDir).temporalDatabase}${suffix}`, { force: true });
      await stack.restart();
      worker = await startWorkerHere(stack);
      seat = await openSeat(stack);
      await expect(seat.view(MONDAY)).rejects.toThrow(/not found/i);

      const rebuilt = await seat.cliApart(['rebuild']);
      expect(rebuilt).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`Opened again: trading-day/main/${MONDAY}`),
      });
      const after = await seat.viewWhen(MONDAY, ({ state }) => state === 'ticketed');
      expect(after).toEqual(before);
      expect(await seat.cliApart(['rebuild'])).toMatchObject({ code: 0 });
      expect(await seat.issue(MONDAY, { time: '14:10' })).toMatchObject({ ticketId, issuedNow: false });
      expect(await seat.confirm(ticketId)).toMatchObject({ status: 'BOOKED' });
      expect(await seat.closed(MONDAY)).toMatchObject({ state: 'closed' });
      await assertInvariants(seat.db);
      expect(await seat.db('tickets').pluck('ticket_id')).toEqual([ticketId]);
      expect(await seat.cliApart(['rebuild'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Every day that was opened is closed.'),
      });
    } finally {
      await seat.close();
      await worker.stop();
      await stack.cleanup();
    }
  });
});

describe('a command that needs a service that is away', { timeout: FAULTS_MAX_MS }, () => {
  it('says which and how to start it, exits 69 and changes nothing; a message to a day is kept while only the worker is down', async () => {
    const stack = await createPrivateStack();
    useDemoPolicy(stack);
    const seat = await openSeat(stack);
    try {
      let worker = await startWorkerProcess(stack);
      await seat.run('0800', MONDAY);
      await worker.kill();
      const kept = await seat.cliApart(['reconcile-daily', '--snapshot-date', MONDAY, '--cash', CASH, ...at('09:00')]);
      expect(kept).toMatchObject({
        code: 69,
        stdout: '',
        stderr: expect.stringMatching(
          /^WORKER_DOWN: no worker answers; the reconcile message is kept and will be handled when one returns\nNext: make up/,
        ),
      });
      expect(await seat.db('reconciliations')).toEqual([]);
      await assertUnreachable(
        seat,
        [
          ['run-0800', ...at('08:30')],
          ['run-1400', ...at('14:00')],
          ['run-ops', ...at('08:30')],
        ],
        /^WORKER_DOWN: no worker serves the task queue .*\nNext: make up$/,
      );

      worker = await startWorkerProcess(stack);
      await seat.viewWhen(MONDAY, ({ reconciliation }) => reconciliation?.status === 'PASS');
      const { ticketId } = await seat.issue(MONDAY);
      await worker.kill();
      const fills = writeFills(join(stack.dataDir, 'fills.json'), fillsOf((await seat.ticket(ticketId)).material));
      const confirm = ['confirm-fills', '--fills', fills, ...at('15:20')];
      // Two impatient operators: both messages are kept, one is booked.
      expect([(await seat.cliApart(confirm)).code, (await seat.cliApart(confirm)).code]).toEqual([69, 69]);
      worker = await startWorkerProcess(stack);
      await seat.closed(MONDAY);
      await assertOneOfEverything(seat.db, MONDAY, ticketId);

      const rows = await fingerprint(seat.db);
      const needBoth = [
        ['run-0800', ...at('08:30')],
        ['run-1400', ...at('14:30')],
        ['run-ops', ...at('08:30')],
        ['rebuild'],
        confirm,
        ['reconcile-daily', '--snapshot-date', MONDAY, '--cash', CASH, ...at('09:30')],
      ];
      const needPostgres = [
        ...needBoth,
        ['day'],
        ['tickets-last'],
        ['runs-last'],
        ['alerts-last'],
        ['ticket', 'verify', ticketId],
        ['audit', 'verify'],
        ['ledger-report'],
        ['db-tables'],
        ['migrate'],
        ['kill-switch', 'status'],
      ];
      await stack.killPostgres();
      await assertUnreachable(
        seat,
        needPostgres,
        /^POSTGRES_DOWN: Postgres at \S+ does not answer \(.*\)\nNext: make up$/,
      );
      await stack.restart();
      await stack.killTemporal();
      await assertUnreachable(
        seat,
        needBoth,
        /^TEMPORAL_DOWN: Temporal at 127\.0\.0\.1:\d+ does not answer\nNext: make up$/,
      );
      expect(await fingerprint(seat.db)).toEqual(rows);
    } finally {
      await seat.close();
      await stack.cleanup();
    }
  });
});

async function assertUnreachable(seat: TestSeat, commands: string[][], said: RegExp): Promise<void> {
  // All at once: each waits some seconds for the service before it gives up.
  const answers = await Promise.all(commands.map(async (command) => ({ command, ...(await seat.cliApart(command)) })));
  for (const { stderr, ...answer } of answers) {
    expect({ ...answer, stderr: stderr.trimEnd() }).toEqual({
      command: answer.command,
      code: 69,
      stdout: '',
      stderr: expect.stringMatching(said),
    });
  }
}
