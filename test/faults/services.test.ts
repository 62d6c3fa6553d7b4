import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { installationPaths } from '../../src/runtime/paths.js';
import { assertInvariants, assertOneOfEverything, CASH, fillsOf, MONDAY, openDesk, useDemoPolicy, writeFills, type TestDesk } from '../support/day.js';
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
    const desk = await openDesk(stack);
    try {
      const during = async <T>(part: (desk: TestDesk) => Promise<T>): Promise<T> => {
        const asked = part(desk).catch(() => null);
        await kill(stack);
        await pause(AWAY_MS);
        await stack.restart();
        // Whoever asked may have lost the line; asking the same again gives the same answer.
        return await asked ?? part(desk);
      };
      await during((open) => open.run('0800', MONDAY));
      expect(await desk.reconcile(MONDAY, { id: 'reconcile' })).toMatchObject({ status: 'PASS' });
      const run = await during((open) => open.issue(MONDAY));
      expect(run.kind).toBe('TRADE');
      expect(await during((open) => open.confirm(run.ticketId))).toMatchObject({ status: 'BOOKED' });
      await desk.closed(MONDAY);
      await assertOneOfEverything(desk.db, MONDAY, run.ticketId, true);
    } finally {
      await desk.close();
      await worker.stop();
      await stack.cleanup();
    }
  });

  it('Temporal loses its state: rebuild opens the day at the step where it stood, and it ends with the same ticket', async () => {
    const stack = await createPrivateStack();
    useDemoPolicy(stack);
    let worker = await startWorkerHere(stack);
    let desk = await openDesk(stack);
    try {
      await desk.run('0800', MONDAY);
      await desk.reconcile(MONDAY);
      const { ticketId } = await desk.issue(MONDAY);
      const before = await desk.view(MONDAY);
      await worker.stop();
      await desk.close();
      await stack.killTemporal();
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${installationPaths(stack.dataDir).temporalDatabase}${suffix}`, { force: true });
      await stack.restart();
      worker = await startWorkerHere(stack);
      desk = await openDesk(stack);
      await expect(desk.view(MONDAY)).rejects.toThrow(/not found/i);

      const rebuilt = await desk.cli(['rebuild']);
      expect(rebuilt).toMatchObject({ code: 0, stdout: expect.stringContaining(`Opened again: trading-day/main/${MONDAY}`) });
      const after = await desk.viewWhen(MONDAY, ({ state }) => state === 'ticketed');
      expect(after).toEqual(before);
      expect(await desk.cli(['rebuild'])).toMatchObject({ code: 0 });
      expect(await desk.issue(MONDAY, { time: '14:10' })).toMatchObject({ ticketId, issuedNow: false });
      expect(await desk.confirm(ticketId)).toMatchObject({ status: 'BOOKED' });
      expect(await desk.closed(MONDAY)).toMatchObject({ state: 'closed' });
      await assertInvariants(desk.db);
      expect(await desk.db('tickets').pluck('ticket_id')).toEqual([ticketId]);
      expect(await desk.cli(['rebuild'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Every day that was opened is closed.') });
    } finally {
      await desk.close();
      await worker.stop();
      await stack.cleanup();
    }
  });
});

describe('a command that needs a service that is away', { timeout: FAULTS_MAX_MS }, () => {
  it('says which and how to start it, exits 69 and changes nothing; a message to a day is kept while only the worker is down', async () => {
    const stack = await createPrivateStack();
    useDemoPolicy(stack);
    const desk = await openDesk(stack);
    try {
      let worker = await startWorkerProcess(stack);
      await desk.run('0800', MONDAY);
      await worker.kill();
      const kept = await desk.cli(['reconcile-daily', '--snapshot-date', MONDAY, '--cash', CASH, ...at('09:00')]);
      expect(kept).toMatchObject({ code: 69, stdout: '', stderr: expect.stringMatching(/^WORKER_DOWN: no worker answers; the reconcile message is kept and will be handled when one returns\nNext: make up/) });
      expect(await desk.db('reconciliations')).toEqual([]);
      await assertUnreachable(desk, [['run-0800', ...at('08:30')], ['run-1400', ...at('14:00')], ['run-ops', ...at('08:30')]], /^WORKER_DOWN: no worker serves the task queue .*\nNext: make up$/);

      worker = await startWorkerProcess(stack);
      await desk.viewWhen(MONDAY, ({ reconciliation }) => reconciliation?.status === 'PASS');
      const { ticketId } = await desk.issue(MONDAY);
      await worker.kill();
      const fills = writeFills(join(stack.dataDir, 'fills.json'), fillsOf((await desk.ticket(ticketId)).material));
      const confirm = ['confirm-fills', '--fills', fills, ...at('15:20')];
      // Two impatient operators: both messages are kept, one is booked.
      expect([(await desk.cli(confirm)).code, (await desk.cli(confirm)).code]).toEqual([69, 69]);
      worker = await startWorkerProcess(stack);
      await desk.closed(MONDAY);
      await assertOneOfEverything(desk.db, MONDAY, ticketId);

      const rows = await fingerprint(desk.db);
      const needBoth = [
        ['run-0800', ...at('08:30')], ['run-1400', ...at('14:30')], ['run-ops', ...at('08:30')], ['rebuild'], confirm,
        ['reconcile-daily', '--snapshot-date', MONDAY, '--cash', CASH, ...at('09:30')],
      ];
      const needPostgres = [
        ...needBoth, ['day'], ['tickets-last'], ['runs-last'], ['alerts-last'], ['ticket', 'verify', ticketId], ['audit', 'verify'], ['ledger-report'],
        ['db-tables'], ['migrate'], ['kill-switch', 'status'],
      ];
      await stack.killPostgres();
      await assertUnreachable(desk, needPostgres, /^POSTGRES_DOWN: Postgres at \S+ does not answer \(.*\)\nNext: make up$/);
      await stack.restart();
      await stack.killTemporal();
      await assertUnreachable(desk, needBoth, /^TEMPORAL_DOWN: Temporal at 127\.0\.0\.1:\d+ does not answer\nNext: make up$/);
      expect(await fingerprint(desk.db)).toEqual(rows);
    } finally {
      await desk.close();
      await stack.cleanup();
    }
  });
});

async function assertUnreachable(desk: TestDesk, commands: string[][], said: RegExp): Promise<void> {
  // All at once: each waits some seconds for the service before it gives up.
  const answers = await Promise.all(commands.map(async (command) => ({ command, ...await desk.cli(command) })));
  for (const { stderr, ...answer } of answers) {
    expect({ ...answer, stderr: stderr.trimEnd() }).toEqual({ command: answer.command, code: 69, stdout: '', stderr: expect.stringMatching(said) });
  }
}
