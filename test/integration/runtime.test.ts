import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { OpsError } from '../../src/domain/errors.js';
import { makeSchema } from '../../src/cli/commands/setup/migrate.js';
import { connect } from '../../src/db/connect.js';
import { roleSettings } from '../../src/db/rights.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { health } from '../../src/runtime/health.js';
import { deskEntry, installationPaths, repositoryRoot } from '../../src/runtime/paths.js';
import { deskAnswers } from '../../src/runtime/processes/desk.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { refuseForeignPostgres } from '../../src/runtime/postgres/server.js';
import { findByCommandLine, identify, waitUntil, writePidFile } from '../../src/runtime/processes/processes.js';
import { readRecord } from '../../src/runtime/record.js';
import { loadSettings, type Settings } from '../../src/runtime/settings.js';
import { down, status, up } from '../../src/runtime/stack.js';
import { sanity } from '../../src/runtime/postgres/psql.js';
import { findTemporal } from '../../src/runtime/temporal/binary.js';
import { listeningOf } from '../support/listening.js';
import { cleanEnvironment, startServers } from '../support/servers.js';

const root = () => inject('servers').root;
const asRoot = process.getuid?.() === 0;
let counter = 0;
const lines: string[] = [];
const progress = (line: string) => void lines.push(line);
const said = () => lines.splice(0).join('\n');

function newSettings(): Settings {
  counter += 1;
  return loadSettings({ TRADING_OPS_DATA: join(root(), `runtime-${process.pid}-${counter}`) });
}

/** A new installation, started on random ports, without the worker. */
async function started(): Promise<Settings> {
  const { dataDir, configDir } = newSettings();
  return startServers(dataDir, configDir);
}

const services = async (settings: Settings) => (await status(settings)).parts.slice(0, 2);
const pids = async (settings: Settings) => (await services(settings)).map((part) => part.pid);
const failure = async (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: OpsError) => error,
  );
const processesOf = (settings: Settings) => [
  ...findByCommandLine(installationPaths(settings.dataDir).postgresData),
  ...findByCommandLine(installationPaths(settings.dataDir).temporalDatabase),
];

describe('a started installation', () => {
  let settings: Settings;
  beforeAll(async () => {
    settings = await started();
  });
  afterAll(() => down(settings, progress));

  it('runs Postgres and Temporal, and says where', async () => {
    const [postgres, temporal] = await services(settings);
    expect(postgres).toMatchObject({ name: 'postgres', state: 'running', external: false });
    expect(temporal).toMatchObject({ name: 'temporal', state: 'running', version: expect.stringMatching(/^1\./) });
    const checks = await health(settings);
    expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['postgres', true],
      ['temporal', true],
      ['worker', false],
      ['desk', false],
    ]);
    expect(await sanity(resolveAddresses(settings).databaseUrl)).toMatchObject({
      user: 'trading_ops_app',
      database: 'trading_ops',
    });
  });

  it('is not disturbed by a second up, nor by three at once', async () => {
    const before = await pids(settings);
    await up(settings, progress, { worker: false });
    await Promise.all([1, 2, 3].map(() => up(settings, progress, { worker: false })));
    expect(await pids(settings)).toEqual(before);
  });

  it('keeps its passwords, its databases and its logs to itself', () => {
    const { dataDir, run, logs, temporalDir, postgresData, record } = installationPaths(settings.dataDir);
    expect(modeOf(record)).toBe(0o600);
    for (const closed of [logs, temporalDir, postgresData]) expect([closed, modeOf(closed)]).toEqual([closed, 0o700]);
    // Postgres's own user passes through these where root starts it; nobody lists them.
    for (const passed of [dataDir, run]) expect([passed, modeOf(passed)]).toEqual([passed, asRoot ? 0o711 : 0o700]);
    for (const file of readdirSync(logs)) expect([file, modeOf(join(logs, file)) & 0o077]).toEqual([file, 0]);
  });

  it('takes back what roles have set of their own, at each up and each migration', async () => {
    const { databaseUrl: app, ownerDatabaseUrl: owner } = resolveAddresses(settings);
    const db = connect(app, 1);
    const setAndTaken = async (again: () => Promise<unknown>) => {
      const login = `alter role trading_ops_app set default_transaction_read_only = on`;
      await withClient(app, (client) =>
        client.query(`${login}; ${login.replace(' set', ' in database trading_ops set')}`),
      );
      await withClient(owner, (client) => client.query(`alter database trading_ops set statement_timeout = 1`));
      expect(await roleSettings(db)).toHaveLength(3);
      await again();
      expect(await roleSettings(db)).toEqual([]);
    };
    await setAndTaken(() => up(settings, progress, { worker: false }));
    await setAndTaken(() => makeSchema(settings));
    await db.destroy();
  });

  it('lets the application in, but not to create anything', async () => {
    const { databaseUrl: app, ownerDatabaseUrl: owner } = resolveAddresses(settings);
    await expect(withClient(app, (client) => client.query('create table t (a int)'))).rejects.toThrow(
      /permission denied/,
    );
    await withClient(owner, (client) => client.query('create table t (a int); drop table t'));
    await expect(withClient(app.replace(/:[^:@]+@/, ':wrong@'), (client) => client.query('select 1'))).rejects.toThrow(
      /password authentication failed/,
    );
  });

  it('runs beside two others that were started in the same second, each on ports of its own', async () => {
    const [other, third] = await Promise.all([started(), started()]);
    try {
      const ports = [settings, other, third].flatMap(({ dataDir }) => {
        const record = readRecord(dataDir);
        return [record?.postgres.port, record?.temporal.port, record?.temporal.uiPort];
      });
      expect(new Set(ports).size).toBe(9);
      const { ownerDatabaseUrl } = resolveAddresses(other);
      await refuseForeignPostgres(installationPaths(other.dataDir), ownerDatabaseUrl);
      expect(await failure(refuseForeignPostgres(installationPaths(settings.dataDir), ownerDatabaseUrl))).toMatchObject(
        { kind: 'refused', code: 'POSTGRES_FOREIGN' },
      );
      await down(other, progress);
      expect(processesOf(other)).toEqual([]);
      expect((await services(settings)).map((part) => part.state)).toEqual(['running', 'running']);
    } finally {
      await Promise.all([down(other, progress), down(third, progress)]);
    }
  });

  it('finds its processes again when the pid files are lost, and stops them all', async () => {
    const paths = installationPaths(settings.dataDir);
    const before = await pids(settings);
    for (const part of ['postgres', 'temporal']) rmSync(paths.pid(part));
    await up(settings, progress, { worker: false });
    expect(await pids(settings)).toEqual(before);
    for (const part of ['postgres', 'temporal']) rmSync(paths.pid(part));
    await down(settings, progress);
    expect(processesOf(settings)).toEqual([]);
    // The port stays, for the service of a machine that starts Postgres by itself.
    expect(readdirSync(paths.run)).toEqual(['postgres.env']);
    await down(settings, progress);
  });
});

describe('what stands in the way of up', () => {
  let settings: Settings;
  let blocker: Server | null = null;
  /** One that was made and stopped: what several of these tests begin with. */
  let stopped: Settings;
  beforeAll(async () => {
    stopped = await started();
    await down(stopped, progress);
  });
  afterEach(async () => {
    blocker?.close();
    blocker = null;
    if (settings && existsSync(settings.dataDir)) await down(settings, progress).catch(() => undefined);
  });

  it('a stale pid file: neither believed nor killed, though a stranger has the number', async () => {
    settings = stopped;
    const { pid } = installationPaths(settings.dataDir);
    // Our own number with another start time is exactly a number that was given out again.
    for (const part of ['postgres', 'temporal', 'worker'])
      await writePidFile(pid(part), { pid: process.pid, started: 'before the last boot/1' });
    expect((await services(settings)).map((part) => part.state)).toEqual(['stopped', 'stopped']);
    await down(settings, progress);
    expect(identify(process.pid)).not.toBeNull();
    await writePidFile(pid('postgres'), { pid: process.pid, started: 'before the last boot/1' });
    await up(settings, progress, { worker: false });
    expect((await services(settings)).map((part) => part.state)).toEqual(['running', 'running']);
  });

  it('a busy port: says who has it, and moves', async () => {
    settings = stopped;
    const before = readRecord(settings.dataDir);
    blocker = await listenOn(before?.postgres.port ?? 0);
    said();
    await up(settings, progress, { worker: false });
    expect(said()).toMatch(
      new RegExp(`Port ${before?.postgres.port}, which Postgres .* now used by .*: Postgres moves to \\d+`),
    );
    const after = readRecord(settings.dataDir);
    expect(after?.postgres.port).not.toBe(before?.postgres.port);
    expect(after?.temporal).toEqual(before?.temporal);
    expect((await services(settings)).map((part) => part.state)).toEqual(['running', 'running']);
  });

  it('a half-made data directory: moved aside, then a whole one is made', async () => {
    settings = newSettings();
    mkdirSync(join(settings.dataDir, 'postgres-data', 'base'), { recursive: true });
    writeFileSync(join(settings.dataDir, 'postgres-data', 'PG_VERSION'), '15\n');
    await startServers(settings.dataDir, settings.configDir, { progress });
    expect(said()).toMatch(
      /postgres-data was half-made .* moved to .*postgres-data\.half-\d{8}T\d{6}Z, which you may delete/,
    );
    expect(clustersOf(settings)).toEqual(['postgres-data', expect.stringMatching(/^postgres-data\.half-/)]);
    expect((await services(settings))[0]).toMatchObject({ state: 'running' });
  });

  it('an up that was killed during initdb: the next one clears its rest and starts', async () => {
    settings = newSettings();
    const script = `import { loadSettings } from '${dist('settings')}'; import { up } from '${dist('stack')}'; await up(loadSettings(), () => {}, { worker: false });`;
    const first = execa(process.execPath, ['--input-type=module', '-e', script], {
      env: cleanEnvironment({ TRADING_OPS_DATA: settings.dataDir }),
      extendEnv: false,
      reject: false,
    });
    expect(await waitUntil(() => clustersOf(settings).some((name) => name.includes('.new-')), 20_000, 5)).toBe(true);
    first.kill('SIGKILL');
    await first;
    said();
    await up(settings, progress, { worker: false });
    expect(said()).toContain('left by a start that was cut short');
    expect(clustersOf(settings)).toEqual(['postgres-data']);
    expect((await services(settings))[0]).toMatchObject({ state: 'running' });
  });

  it("a stranger's cluster: refused, untouched", async () => {
    settings = stopped;
    const marker = join(settings.dataDir, 'postgres-data', 'trading-ops.cluster');
    rmSync(marker);
    const error = await failure(up(settings, progress, { worker: false }));
    expect(error).toMatchObject({ code: 'CLUSTER_FOREIGN', kind: 'fault', remedy: expect.stringContaining('mv ') });
    expect(existsSync(join(settings.dataDir, 'postgres-data', 'PG_VERSION'))).toBe(true);
    writeFileSync(marker, '{}');
  });

  it('a lost record: the cluster gets new passwords and keeps its data', async () => {
    settings = stopped;
    await up(settings, progress, { worker: false });
    await withClient(resolveAddresses(settings).ownerDatabaseUrl, (client) =>
      client.query('create table kept as select 42 as answer'),
    );
    rmSync(join(settings.dataDir, 'runtime.json'));
    await startServers(settings.dataDir, settings.configDir);
    const kept = await withClient(resolveAddresses(settings).ownerDatabaseUrl, (client) =>
      client.query('select answer from kept'),
    );
    expect(kept.rows).toEqual([{ answer: 42 }]);
  });

  it('a data directory path that is a file, or below one', async () => {
    settings = newSettings();
    writeFileSync(settings.dataDir, 'a file');
    for (const path of [settings.dataDir, join(settings.dataDir, 'below')]) {
      const error = await failure(up(loadSettings({ TRADING_OPS_DATA: path }), progress));
      expect(error).toMatchObject({
        code: 'DATA_DIRECTORY_UNUSABLE',
        message: expect.stringMatching(/is a file/),
        remedy: expect.stringContaining('TRADING_OPS_DATA'),
      });
    }
    rmSync(settings.dataDir);
  });

  it('a directory that may not be written', async () => {
    settings = newSettings();
    mkdirSync(settings.dataDir, { mode: 0o555 });
    if (asRoot) process.seteuid?.(65_534);
    try {
      const error = await failure(up(loadSettings({ TRADING_OPS_DATA: join(settings.dataDir, 'inside') }), progress));
      expect(error).toMatchObject({
        code: 'DATA_DIRECTORY_UNUSABLE',
        message: expect.stringContaining('may not write'),
        remedy: expect.stringContaining('sudo mkdir'),
      });
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });

  it.runIf(asRoot)('a parent that the postgres user may not enter (needs root)', async () => {
    const parent = `${newSettings().dataDir}-closed`;
    mkdirSync(parent, { mode: 0o700 });
    settings = loadSettings({ TRADING_OPS_DATA: join(parent, 'data') });
    const error = await failure(up(settings, progress, { worker: false }));
    expect(error).toMatchObject({
      code: 'DIRECTORY_CLOSED',
      message: expect.stringContaining(`may not enter ${parent},`),
      remedy: expect.stringContaining(`chmod o+x ${parent}`),
    });
    chmodSync(parent, 0o711);
    await startServers(settings.dataDir, settings.configDir);
    expect((await services(settings))[0]).toMatchObject({ state: 'running' });
  });

  it('a record that is not one: says which field, changes nothing', async () => {
    settings = newSettings();
    mkdirSync(settings.dataDir);
    writeFileSync(join(settings.dataDir, 'runtime.json'), '{"version":1,"postgres":{"port":"x"}}');
    expect(await failure(up(settings, progress, { worker: false }))).toMatchObject({
      code: 'RUNTIME_RECORD_BAD',
      message: expect.stringContaining('postgres.port'),
    });
    expect(readFileSync(join(settings.dataDir, 'runtime.json'), 'utf8')).toContain('"x"');
    rmSync(settings.dataDir, { recursive: true });
  });

  it('a worker that dies while it starts: the end of its log, and nothing left of it', async () => {
    settings = stopped;
    // Node itself refuses this and ends, as a worker with a broken installation does.
    process.env['NODE_OPTIONS'] = '--require=/nonexistent/module.cjs';
    const error = await failure(up(settings, progress)).finally(() => delete process.env['NODE_OPTIONS']);
    expect(error).toMatchObject({
      code: 'WORKER_DID_NOT_START',
      message: expect.stringContaining('/nonexistent/module.cjs'),
    });
    expect((await status(settings)).parts.map((part) => part.state)).toEqual([
      'running',
      'running',
      'stopped',
      'stopped',
    ]);
  });

  it('nothing was ever started: exit 69 and make up', () => {
    settings = newSettings();
    expect(() => resolveAddresses(settings)).toThrow(
      expect.objectContaining({ kind: 'unreachable', remedy: expect.stringContaining('make up') }),
    );
  });
});

describe('the desk', () => {
  const deskOf = async (settings: Settings) => (await status(settings)).parts.find(({ name }) => name === 'desk')!;
  const upDesk = (settings: Settings) => up(settings, progress, { parts: ['postgres', 'desk'] });

  it('starts with `up`, stops with `down`, is started again after a kill; two at once have two ports', async () => {
    const [one, two] = [newSettings(), newSettings()];
    try {
      await Promise.all([upDesk(one), upDesk(two)]);
      const [first, second] = [await deskOf(one), await deskOf(two)];
      for (const desk of [first, second]) expect(desk).toMatchObject({ state: 'running', pid: expect.any(Number) });
      expect(first.address).not.toBe(second.address);
      expect((await status(one)).desk).toBe(`http://${first.address}`);
      // Nobody but this machine.
      expect(listeningOf(first.pid ?? 0).map(({ ip }) => ip)).toEqual(['127.0.0.1']);
      expect(
        await fetch(`http://127.0.0.1:${readRecord(two.dataDir)?.desk?.port}/x`, { redirect: 'manual' }),
      ).toMatchObject({ status: 308 });
      await upDesk(one);
      expect((await deskOf(one)).pid).toBe(first.pid);

      process.kill(first.pid ?? 0, 'SIGKILL');
      expect(await waitUntil(async () => (await deskOf(one)).state === 'stopped', 10_000)).toBe(true);
      await upDesk(one);
      expect(await deskOf(one)).toMatchObject({ state: 'running', address: first.address });
      expect((await deskOf(one)).pid).not.toBe(first.pid);

      // Without its database it stays, says so, and is well again by itself.
      const port = readRecord(one.dataDir)?.desk?.port ?? 0;
      expect(await deskAnswers(port)).toBe(true);
      await down(one, progress, ['postgres']);
      expect(await deskAnswers(port)).toBe(false);
      await up(one, progress, { parts: ['postgres'] });
      expect(await waitUntil(() => deskAnswers(port), 10_000)).toBe(true);
    } finally {
      await Promise.all([down(one, progress), down(two, progress)]);
    }
    expect(await deskOf(one)).toMatchObject({ state: 'stopped', pid: null });
    expect(findByCommandLine(deskEntry, one.dataDir)).toEqual([]);
  });
});

describe('finding the Temporal server', () => {
  it('takes the one on PATH first, then the cache; a program that is not Temporal is passed over', async () => {
    const cached = await findTemporal({ ...process.env, PATH: '' });
    const directory = join(root(), 'path');
    mkdirSync(join(directory, 'bad'), { recursive: true });
    symlinkSync(cached?.file ?? '', join(directory, 'temporal'));
    symlinkSync('/bin/true', join(directory, 'bad', 'temporal'));
    const found = await findTemporal({ PATH: `${join(directory, 'bad')}:${directory}` });
    expect(found).toEqual({ ...cached, file: join(directory, 'temporal') });
    expect(await findTemporal({ PATH: join(directory, 'bad'), XDG_CACHE_HOME: directory })).toBeNull();
  });
});

function clustersOf({ dataDir }: Settings): string[] {
  return existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name.startsWith('postgres-data')) : [];
}

function dist(module: string): string {
  return pathToFileURL(join(repositoryRoot, 'dist', 'runtime', `${module}.js`)).href;
}

function modeOf(file: string): number {
  return statSync(file).mode & 0o777;
}

function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
