import { signedRun } from '../support/signing.js';
import { execa } from 'execa';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RestoreProof } from '../../src/domain/backup/proof.js';
import { dumpName, manifestName, manifestText, readManifest, sealManifest } from '../../src/domain/backup/manifest.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { installationPaths, repositoryRoot } from '../../src/runtime/paths.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import { workerProcess } from '../../src/runtime/processes/worker.js';
import { WORKFLOWS } from '../../src/contract/workflows.js';
import {
  assertInvariants,
  CASH,
  driveDay,
  MONDAY,
  openSeat,
  TUESDAY,
  useDemoPolicy,
  withSeat,
  type TestSeat,
} from '../support/day.js';
import { createPrivateStack, startWorkerProcess, type PrivateStack } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const TEST_MAX_MS = 400_000;
const SLOW = { timeoutMs: 240_000 };
const at = (day: string, time: string) => ['--at', `${day}T${time}:00+01:00`];

async function onOwnServers(action: (seat: TestSeat, stack: PrivateStack) => Promise<void>): Promise<void> {
  const stack = await createPrivateStack();
  useDemoPolicy(stack);
  const seat = await openSeat(stack);
  try {
    await action(seat, stack);
  } finally {
    await seat.close();
    await stack.cleanup();
  }
}

const asides = ({ dataDir }: PrivateStack) =>
  readdirSync(dataDir).filter((name) => name.startsWith('postgres-data.bak-'));
const dumps = ({ dataDir }: PrivateStack) =>
  readdirSync(installationPaths(dataDir).backups)
    .filter((name) => name.endsWith('.dump'))
    .toSorted();

/** What a restore's own records change, left out. */
async function facts(seat: TestSeat): Promise<Record<string, string>> {
  const {
    restore_proofs: _proofs,
    backups: _backups,
    audit_log: _log,
    fact_digests: _digests,
    alerts: _alerts,
    ...rest
  } = await fingerprint(seat.db);
  return rest;
}

/** The seat's own connections were cut off by the restart of Postgres. */
const reconnected = (seat: TestSeat) =>
  waitUntil(
    async () =>
      seat.db.raw('select 1').then(
        () => true,
        () => false,
      ),
    20_000,
  );

describe('restore-fresh-test', { timeout: TEST_MAX_MS }, () => {
  it('restores real days with tickets, fills and a dividend; newer facts are backed up first; the next day goes on', () =>
    onOwnServers(async (seat, stack) => {
      const worker = await startWorkerProcess(stack);
      const { ticketId } = await driveDay(seat);
      await seat.run('0800', TUESDAY);
      expect(
        await seat.cli([
          'ledger',
          'dividend',
          '--symbol',
          'AAPL',
          '--ex-date',
          TUESDAY,
          '--net',
          '1.50',
          ...at(TUESDAY, '09:30'),
        ]),
      ).toMatchObject({ code: 0 });
      expect(await seat.cli(['backup', '--direct'])).toMatchObject({ code: 0 });
      expect(
        await seat.cli([
          'cash',
          'deposit',
          '--amount',
          '12.34',
          '--notes',
          'after the backup',
          ...at(TUESDAY, '10:00'),
        ]),
      ).toMatchObject({ code: 0 });
      const before = await facts(seat);
      const tickets: string[] = await seat.db('tickets').pluck('ticket_id');

      const answer = await seat.cliApart(['restore-fresh-test'], SLOW);
      expect(answer, answer.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^RESTORE_PROOF_PASS: /) });
      expect(answer.stderr).toContain('RESTORE PROOF: the worker and Postgres');
      expect(answer.stderr).toContain('The database has facts beyond it, so a new backup is made first');
      expect(await worker.exited).toBe(0);
      expect(await reconnected(seat)).toBe(true);
      expect(await facts(seat)).toEqual(before);
      expect(workerProcess(installationPaths(stack.dataDir))).not.toBeNull();
      expect(asides(stack)).toHaveLength(1);
      const [row] = await seat.db('restore_proofs');
      expect(row).toMatchObject({
        kind: 'FRESH',
        passed: true,
        operator: 'demo',
        file: dumps(stack).at(-1),
        proof: { tickets: { verified: tickets.length, differing: [] }, lost: null },
      });
      const report = readFileSync(join(stack.dataDir, (row as { report_path: string }).report_path), 'utf8');
      for (const { name, rows } of (row as { proof: RestoreProof }).proof.expected.tables)
        expect(report).toContain(`| ${name} | ${rows} | ${rows} |`);
      expect(report).toMatch(/main \(ledger\): Assets:Cash, USD \| (\S+) \| \1 \|/);

      for (const id of [...tickets, ticketId])
        expect(await seat.cli(['ticket', 'verify', id])).toMatchObject({ code: 0 });
      expect(await seat.cli(['audit', 'verify'])).toMatchObject({ code: 0 });
      // The day that was open goes on, with every right that a day needs, on the restored cluster.
      await seat.run('0800', TUESDAY, { time: '10:30' });
      const { ticketId: next } = await seat.issue(TUESDAY);
      expect(await seat.confirm(next)).toMatchObject({ status: 'ACKNOWLEDGED' });
      expect((await seat.closed(TUESDAY)).state).toBe('closed');
      await assertInvariants(seat.db);
    }));

  it('--lose-newer goes back to the older backup and says what is lost; a confirmation of the lost time is given again', () =>
    onOwnServers(async (seat, stack) => {
      await startWorkerProcess(stack);
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      expect(await seat.cli(['backup', '--direct'])).toMatchObject({ code: 0 });
      const [older] = dumps(stack);
      const booked = await seat.confirm(ticketId);
      await seat.closed(MONDAY);
      await settled(seat);
      // The close has made a newer backup; without it the older one is the newest.
      const aside = join(stack.dataDir, 'set-aside');
      for (const dump of dumps(stack).filter((name) => name !== older))
        for (const name of [dump, manifestName(dump)]) moveTo(installationPaths(stack.dataDir).backups, name, aside);

      const answer = await seat.cliApart(['restore-fresh-test', '--lose-newer'], SLOW);
      expect(answer, answer.stderr).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(new RegExp(`^RESTORE_PROOF_PASS: ${older}`)),
      });
      expect(answer.stdout).toMatch(/Lost, as --lose-newer allowed:\n {2}rows: .*confirmations \+1/);
      expect(answer.stdout).toContain(`Confirmed again: ticket ${ticketId}`);
      expect(await reconnected(seat)).toBe(true);
      expect(
        await waitUntil(async () => (await seat.db('day_events').where({ event: 'CLOSED' })).length === 1, 30_000),
      ).toBe(true);
      expect(await seat.db('confirmations').pluck('confirmation_id')).toEqual([booked.confirmationId]);
      await assertInvariants(seat.db);
    }));

  it('what differs fails it: exit 2, the table named, the prior data back in place, an alert', () =>
    onOwnServers(async (seat, stack) => {
      await startWorkerProcess(stack);
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      expect(await seat.cli(['backup', '--direct'])).toMatchObject({ code: 0 });
      const directory = installationPaths(stack.dataDir).backups;
      const dump = dumps(stack)[0] as string;
      const { manifest } = readManifest(readFileSync(join(directory, manifestName(dump)), 'utf8'), dump);
      if (!manifest) throw new Error('no manifest');
      const { manifestSha256: _, ...body } = manifest;
      const file = dumpName('2030-01-01T00:00:00.000Z');
      const tables = body.figures.tables.map((table) =>
        table.name === 'public.bars' ? { ...table, rows: table.rows + 7 } : table,
      );
      copyFileSync(join(directory, dump), join(directory, file));
      writeFileSync(
        join(directory, manifestName(file)),
        manifestText(
          sealManifest({ ...body, file, takenAt: '2030-01-01T00:00:00.000Z', figures: { ...body.figures, tables } }),
        ),
      );
      const before = await facts(seat);

      const answer = await seat.cliApart(['restore-fresh-test', '--lose-newer', '--json'], SLOW);
      expect(answer, answer.stderr).toMatchObject({ code: 2 });
      const proof = JSON.parse(answer.stdout) as RestoreProof & { files: string[] };
      expect(proof).toMatchObject({
        passed: false,
        problems: [expect.stringMatching(/^rows of public\.bars: \d+ in the backup, \d+ restored$/)],
        priorData: null,
      });
      expect(await reconnected(seat)).toBe(true);
      expect(await facts(seat)).toEqual(before);
      expect([asides(stack), readdirSync(stack.dataDir).filter((name) => name.includes('failed'))]).toEqual([[], []]);
      expect(await seat.db('alerts').where({ code: 'RESTORE_PROOF_FAILED' }).pluck('message')).toEqual([
        expect.stringContaining('rows of public.bars'),
      ]);
      expect(existsSync(join(stack.dataDir, proof.files[0] as string))).toBe(true);
      expect(workerProcess(installationPaths(stack.dataDir))).not.toBeNull();
      // And the day goes on as if nothing had been.
      expect(await seat.issue(MONDAY)).toMatchObject({ kind: 'TRADE' });
    }));

  it('refuses while something is under way, names it, and changes nothing', () =>
    onOwnServers(async (seat, stack) => {
      const worker = await startWorkerProcess(stack);
      await seat.run('0800', MONDAY);
      await seat.viewWhen(MONDAY, ({ openedAt }) => openedAt !== null);
      const prior = await facts(seat);
      const refused = async (said: RegExp) =>
        expect(await seat.cliApart(['restore-fresh-test'], SLOW)).toMatchObject({
          code: 2,
          stdout: '',
          stderr: expect.stringMatching(said),
        });
      await withClient(resolveAddresses(stack.settings).databaseUrl, async (client) => {
        await client.query('begin');
        await client.query(`select pg_advisory_xact_lock(hashtextextended('journal:main', 0))`);
        await refused(
          /^WORK_UNDER_WAY: a restore now would cut this short:\n {2}a session \(pid \d+, trading_ops_app\): an open transaction\nNext: wait until it is done/,
        );
        await client.query('rollback');
      });
      await worker.kill();
      expect(
        await seat.cli(['reconcile-daily', '--snapshot-date', MONDAY, '--cash', CASH, ...at(MONDAY, '09:00')]),
      ).toMatchObject({ code: 69 });
      await refused(/^WORK_UNDER_WAY: .*\n {2}trading-day\/main\/2018-05-07: a message that no worker has handled yet/);

      const second = await startWorkerProcess(stack);
      await seat.viewWhen(MONDAY, ({ reconciliation }) => reconciliation !== null);
      const morning = { at: `${TUESDAY}T07:00:00Z`, operator: 'demo', accounts: ['main'], full: true };
      const run = await seat.client.workflow.start(WORKFLOWS.morningRun, {
        workflowId: 'a-morning-run',
        taskQueue: stack.settings.taskQueue,
        args: [await signedRun(seat.sign, '0800', morning)],
      });
      expect(await waitUntil(async () => (await run.describe()).historyLength > 5, 30_000, 5)).toBe(true);
      await second.kill();
      await refused(/^WORK_UNDER_WAY: .*\n(?: {2}.*\n)* {2}a-morning-run: /);
      expect(asides(stack)).toEqual([]);
      await startWorkerProcess(stack);
      await run.result();
      expect(Object.keys(await facts(seat))).toEqual(Object.keys(prior));
    }));

  it('Ctrl-C in the middle: the prior data is back in place, and everything runs as before', () =>
    onOwnServers(async (seat, stack) => {
      await startWorkerProcess(stack);
      await seat.run('0800', MONDAY);
      // The day that the run calls stores itself by itself: it would be a fact beyond the backup.
      await seat.viewWhen(MONDAY, ({ openedAt }) => openedAt !== null);
      expect(await seat.cli(['backup', '--direct'])).toMatchObject({ code: 0 });
      const before = await fingerprint(seat.db);
      const child = execa(process.execPath, [join(repositoryRoot, 'dist', 'cli', 'main.js'), 'restore-fresh-test'], {
        env: stack.env,
        extendEnv: false,
        reject: false,
      });
      child.stderr.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('Starting an empty cluster')) child.kill('SIGINT');
      });
      const { exitCode, stderr } = await child;
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringMatching(/INTERRUPTED: The restore proof was interrupted/),
      });
      expect(await reconnected(seat)).toBe(true);
      expect(await fingerprint(seat.db)).toEqual(before);
      expect(asides(stack)).toEqual([]);
      expect(workerProcess(installationPaths(stack.dataDir))).not.toBeNull();
      expect(await seat.reconcile(MONDAY)).toMatchObject({ status: 'PASS' });
    }));

  it('a database that does not start any more: refused, and with --lose-newer the newest backup takes its place', () =>
    onOwnServers(async (seat, stack) => {
      const { ticketId } = await startWorkerProcess(stack).then(async (worker) =>
        driveDay(seat).finally(() => worker.kill('SIGTERM')),
      );
      expect(await seat.cli(['backup', '--direct'])).toMatchObject({ code: 0 });
      const before = await facts(seat);
      await stack.killPostgres('SIGKILL');
      const control = join(installationPaths(stack.dataDir).postgresData, 'global', 'pg_control');
      writeFileSync(control, Buffer.alloc(statSync(control).size));
      const refused = await seat.cliApart(['restore-fresh-test'], SLOW);
      expect(refused).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('PRIOR_UNREADABLE: the present database does not start'),
      });
      expect(asides(stack)).toEqual([]);
      const answer = await seat.cliApart(['restore-fresh-test', '--lose-newer'], SLOW);
      expect(answer, answer.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^RESTORE_PROOF_PASS: /) });
      await stack.restart();
      expect(await reconnected(seat)).toBe(true);
      expect(await facts(seat)).toEqual(before);
      expect(await seat.cli(['ticket', 'verify', ticketId])).toMatchObject({ code: 0 });
    }));

  it('refuses a Postgres that is not its own, or in a container', () =>
    withSeat({ worker: false }, async (seat) => {
      const said = {
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/^POSTGRES_IS_EXTERNAL: .*\nNext: make restore-test/),
      };
      expect(await seat.cliApart(['restore-fresh-test'])).toMatchObject(said);
      expect(await seat.cliApart(['restore-fresh-test'], { env: { TRADING_OPS_RUNTIME: 'compose' } })).toMatchObject(
        said,
      );
    }));
});

/** The close of a day may start a backup, of which nobody waits for the end. */
async function settled(seat: TestSeat): Promise<void> {
  expect(
    await waitUntil(
      async () => {
        for await (const { type } of seat.client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
          if (type === WORKFLOWS.databaseBackup) return false;
        return true;
      },
      60_000,
      200,
    ),
  ).toBe(true);
}

function moveTo(from: string, name: string, to: string): void {
  mkdirSync(to, { recursive: true });
  renameSync(join(from, name), join(to, name));
}
