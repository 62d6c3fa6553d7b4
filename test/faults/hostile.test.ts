import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { killSwitchEvents, killSwitchState } from '../../src/db/kill-switch.js';
import { latchFolder, standingLatches } from '../../src/operations/guard/latch.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { installationPaths } from '../../src/runtime/paths.js';
import { postgresProcess } from '../../src/runtime/postgres/server.js';
import { temporalProcess } from '../../src/runtime/temporal/server.js';
import { withinMs } from '../support/clock.js';
import { MONDAY, openSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { createPrivateStack, startWorkerProcess, type PrivateStack, type WorkerProcess } from '../support/stack.js';

/** Megabytes of the disk that the servers of this file have for themselves. */
const DISK_MB = 900;
/** A host that takes connections and never says a word. */
const silent = createServer();

/**
 * What an installation may meet that does not end by itself: a server that is frozen, a lock that is held, a flood,
 * files that are none, a host that is silent, a disk that is full. Each ends in bounded time with its code, and the
 * kill switch engages within five seconds meanwhile.
 */
describe('hostile states', { timeout: 300_000 }, () => {
  let stack: PrivateStack;
  let worker: WorkerProcess;
  let seat: TestSeat;
  let observer: Knex;
  /** What it takes on this machine, now, to start a command at all. */
  let startMs: number;

  beforeAll(async () => {
    stack = await createPrivateStack(canMount() ? { diskMb: DISK_MB } : {});
    useDemoPolicy(stack);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    worker = await startWorkerProcess(stack, {
      TIINGO_API_KEY: 'of-nobody',
      TRADING_OPS_TIINGO_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`,
    });
    seat = await openSeat(stack);
    observer = connect(resolveAddresses(stack.settings).databaseUrl, 2);
    await seat.run('0800', MONDAY);
    startMs = (await timed(['kill-switch', 'status'])).ms;
  }, 180_000);
  afterAll(async () => {
    await seat.close();
    await observer.destroy();
    await stack.cleanup();
    silent.close();
  });

  async function timed(args: string[]) {
    const from = Date.now();
    const told = await seat.cliApart(args);
    return { ...told, ms: Date.now() - from };
  }
  const engage = () =>
    timed(['kill-switch', 'engage', '--reason', 'something is wrong', '--at', `${MONDAY}T10:00:00Z`]);
  /** Engages it while something else goes on, and sees that it is. */
  async function engagesMeanwhile(): Promise<void> {
    const engaged = await engage();
    expect(engaged).toMatchObject({ code: 0 });
    withinMs(engaged.ms - startMs, 5_000);
    expect((await standingLatches(stack.dataDir)).length > 0 || (await killSwitchState(observer, 'main')).engaged).toBe(
      true,
    );
  }
  /** Sees that the first ends while the other waits still, however slow the machine is. */
  async function inThisOrder<T>(first: Promise<T>, other: Promise<T>): Promise<[T, T]> {
    expect(await Promise.race([first.then(() => 'first'), other.then(() => 'other')])).toBe('first');
    return Promise.all([first, other]);
  }
  const reset = () => timed(['kill-switch', 'reset', '--reason', 'all is well again', '--at', `${MONDAY}T10:30:00Z`]);

  it('a stopped Postgres is told in 15 s; the kill switch engages in 5, and is booked before a ticket', async () => {
    await seat.reconcile(MONDAY);
    const thaw = freeze(postgresProcess(installationPaths(stack.dataDir))!.pid);
    try {
      const [engaged, day] = await inThisOrder(engage(), timed(['ledger-report', '--at', `${MONDAY}T10:00:00Z`]));
      expect(engaged).toMatchObject({ code: 0, stdout: expect.stringContaining('engaged by a file') as string });
      withinMs(engaged.ms - startMs, 5_000);
      expect(day).toMatchObject({ code: 69, stderr: expect.stringMatching(/^POSTGRES_DOWN: /) as string });
      withinMs(day.ms - startMs, 15_000);
      expect(await standingLatches(stack.dataDir)).toMatchObject([{ account: 'main', reason: 'something is wrong' }]);
      const byFiles = await timed(['kill-switch', 'status']);
      expect(byFiles).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('main: ENGAGED (something is') as string,
      });
      expect(byFiles.stdout).toContain('cannot be told');
      withinMs(byFiles.ms - startMs, 15_000);
    } finally {
      thaw();
    }
    const { kind, reasons } = await seat.issue(MONDAY);
    expect(kind).toBe('NO_TRADE');
    expect(reasons.map(({ code }) => code)).toContain('KILL_SWITCH_ENGAGED');
    expect(await killSwitchEvents(observer, 'main')).toMatchObject([
      { event: 'ENGAGED', operator: 'demo', reason: 'something is wrong' },
    ]);
    expect(await standingLatches(stack.dataDir)).toEqual([]);
    expect(readdirSync(latchFolder(stack.dataDir))).toEqual(['spare']);
    expect(await reset()).toMatchObject({ code: 0 });
  });

  it('Postgres that stops under a command that waits is told within 15 s', async () => {
    const holder = await holdLock(resolveAddresses(stack.settings).databaseUrl, 'kill-switch:main');
    const waiting = timed(['kill-switch', 'reset', '--reason', 'waits', '--at', `${MONDAY}T11:00:00Z`]);
    await delay(startMs + 500);
    const thaw = freeze(postgresProcess(installationPaths(stack.dataDir))!.pid);
    const from = Date.now();
    try {
      const told = await waiting;
      withinMs(Date.now() - from - startMs, 15_000);
      expect(told).toMatchObject({ code: 69, stderr: expect.stringMatching(/^POSTGRES_DOWN: /) as string });
    } finally {
      thaw();
      await holder.release();
    }
  });

  it('a lock that a stopped client holds is told, the kill switch engages, the holder is ended', async () => {
    const holder = await holdLock(resolveAddresses(stack.settings).databaseUrl, 'audit_log');
    const [engaged, told] = await inThisOrder(
      engage(),
      timed(['ledger', 'interest', '--amount', '1.00', '--at', `${MONDAY}T12:00:00Z`]),
    );
    expect(told).toMatchObject({ code: 69, stderr: expect.stringMatching(/^DATABASE_LOCKED: /) as string });
    withinMs(told.ms - startMs, 15_000);
    expect(engaged).toMatchObject({ code: 0 });
    withinMs(engaged.ms - startMs, 5_000);
    expect(await standingLatches(stack.dataDir)).toHaveLength(1);
    // Nobody lets go: the server ends the session after 20 s, and the worker books the latch by itself.
    await expect
      .poll(() => killSwitchState(observer, 'main'), { timeout: 60_000, interval: 500 })
      .toMatchObject({ engaged: true });
    await holder.release();
    expect(await reset()).toMatchObject({ code: 0 });
  });

  it('Temporal that stops under a command that waits is told within 15 s', async () => {
    process.kill(worker.pid, 'SIGSTOP');
    const waiting = timed(['run-0800', '--at', `${MONDAY}T08:05:00+01:00`]);
    await delay(startMs + 2_000);
    const thaw = freeze(temporalProcess(installationPaths(stack.dataDir))!.pid);
    const from = Date.now();
    try {
      const told = await waiting;
      withinMs(Date.now() - from - startMs, 15_000);
      expect(told).toMatchObject({ code: 69, stderr: expect.stringMatching(/^TEMPORAL_DOWN: /) as string });
      expect(await engage()).toMatchObject({ code: 0, stdout: expect.not.stringContaining('by a file') as string });
    } finally {
      thaw();
      process.kill(worker.pid, 'SIGCONT');
    }
    // Whoever was stopped goes on.
    await expect
      .poll(async () => (await seat.run('ops', MONDAY, { time: '12:00' })).outcome, { timeout: 60_000 })
      .toBeTruthy();
    expect(await reset()).toMatchObject({ code: 0 });
  });

  it('pipes, devices and links in the drop folder are no files', async () => {
    const folder = join(stack.dataDir, 'data', 'drop');
    mkdirSync(folder, { recursive: true });
    execFileSync('mkfifo', [join(folder, 'AAPL.csv')]);
    symlinkSync('/dev/zero', join(folder, 'SP500.csv'));
    const ended = fetchesOf('csv', '13:00');
    await engagesMeanwhile();
    expect(new Set(await ended)).toEqual(new Set(['FILE_UNREADABLE']));
    expect(await reset()).toMatchObject({ code: 0 });
  });

  it('a host that never answers', async () => {
    const ended = fetchesOf('tiingo', '13:10');
    await engagesMeanwhile();
    for (const code of await ended) expect(['TIMEOUT', 'UNREACHABLE']).toContain(code);
    expect(await reset()).toMatchObject({ code: 0 });
  });

  it('a flood of messages', async () => {
    const flood = Promise.all(
      Array.from({ length: 500 }, (_, n) => seat.signal(MONDAY, 'confirm', { nonsense: n, padding: 'x'.repeat(200) })),
    );
    await engagesMeanwhile();
    await flood;
    expect(await reset()).toMatchObject({ code: 0 });
    expect((await seat.view(MONDAY)).state).toBeTruthy();
  });

  it.runIf(canMount())('a disk that is full', async () => {
    const ballast = join(stack.dataDir, 'ballast');
    const at = ['--at', `${MONDAY}T14:00:00Z`];
    const entries = await journalEntries();
    fill(ballast);
    const told = [];
    try {
      await engagesMeanwhile();
      for (let n = 1; n <= 20 && told.at(-1)?.code !== 1; n++)
        told.push(await timed(['ledger', 'interest', '--amount', `${n}.00`, ...at]));
      const waited = await timed(['run-ops', '--at', `${MONDAY}T14:05:00Z`]);
      withinMs(waited.ms - startMs, 20_000);
      for (const { code, stderr } of [told.at(-1)!, waited, await timed(['backup'])])
        expect({ code, stderr }).toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^(Back.*\n)?DISK_FULL: /) as string,
        });
    } finally {
      rmSync(ballast);
    }
    // What make up does; the worker has waited, and goes on.
    await stack.restart();
    expect(await journalEntries()).toBe(entries + told.filter(({ code }) => code === 0).length);
    expect((await seat.run('ops', MONDAY, { time: '15:10' })).outcome).toBeTruthy();
    await expect
      .poll(() => killSwitchState(observer, 'main'), { timeout: 60_000, interval: 500 })
      .toMatchObject({ engaged: true });
    expect(await standingLatches(stack.dataDir)).toEqual([]);
    expect(process.kill(worker.pid, 0)).toBe(true);
  });

  /** How each symbol fared in a run that asks this provider: codes, in the order of symbols. */
  async function fetchesOf(provider: string, time: string): Promise<(string | null)[]> {
    const file = join(stack.configDir, 'policy.yml');
    const policy = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      policy.replace('provider: sample', `provider: ${provider}\n  timeout_seconds: 2\n  max_attempts: 2`),
    );
    try {
      const { runId } = await seat.run('ops', MONDAY, { time });
      const codes = await seat
        .db('fetch_results')
        .where({ run_id: runId, kind: 'eod' })
        .pluck<(string | null)[]>('code');
      expect(codes).not.toEqual([]);
      return codes;
    } finally {
      writeFileSync(file, policy);
    }
  }

  const journalEntries = async () => (await observer('journal_entries').pluck('entry_id')).length;
});

/** Whether a small disk can be mounted here: by root alone. */
function canMount(): boolean {
  return process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;
}

/** Writes until there is no room for one byte more. */
function fill(file: string): void {
  const out = openSync(file, 'w');
  for (const bytes of [1_048_576, 4_096, 1]) while (writes(out, bytes));
  closeSync(out);
}

function writes(out: number, bytes: number): boolean {
  try {
    return writeSync(out, Buffer.alloc(bytes)) > 0;
  } catch {
    return false;
  }
}

/** Stops a process and its children, as a frozen machine would. @returns lets them go on */
function freeze(pid: number): () => void {
  const all = [pid, ...childrenOf(pid)];
  for (const each of all) process.kill(each, 'SIGSTOP');
  return () => all.forEach((each) => process.kill(each, 'SIGCONT'));
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return pid > 0 && Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]) === parent;
      } catch {
        return false;
      }
    });
}

/** A session as ours are, whose transaction has a lock and does nothing more: its process was stopped. */
async function holdLock(url: string, name: string): Promise<{ release(): Promise<void> }> {
  const pool = connect(url, 1);
  const session = (await (pool.client as { acquireConnection(): Promise<unknown> }).acquireConnection()) as Client;
  session.on('error', () => undefined);
  await session.query('begin');
  await session.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [name]);
  return { release: () => session.end().catch(() => undefined) };
}
