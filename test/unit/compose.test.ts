import { execa } from 'execa';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeCommand, composeEnvironment, projectName, requireCompose } from '../../src/host/compose.js';
import {
  composeRecord,
  composeUser,
  prepareComposeDirectory,
  prepareComposeFiles,
  secretsOf,
} from '../../src/host/compose-files.js';
import { pinnedVersion } from '../../src/runtime/temporal/binary.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { newRecord, readRecord } from '../../src/runtime/record.js';
import { readSecretFiles } from '../../src/runtime/secret-files.js';
import { loadSettings } from '../../src/runtime/settings.js';
import { up } from '../../src/runtime/stack.js';
import { SEARCH_ATTRIBUTES } from '../../src/runtime/temporal/server.js';
import { deskArguments } from '../../src/runtime/processes/desk.js';
import { workerArguments } from '../../src/runtime/processes/worker.js';

interface Service {
  image: string;
  ports?: string[];
  restart?: string;
  user?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: (string | { source: string; target: string; read_only?: boolean })[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  stop_grace_period?: string;
  security_opt?: string[];
}
const root = mkdtempSync(join(tmpdir(), 'trading-ops-compose-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const file = parse(readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
};
const services = Object.entries(file.services);
const service = (name: string): Service => file.services[name] ?? expect.unreachable(`there is no service ${name}`);
/** Without the digest that `make pin-images` writes behind it. */
const tagOf = (image: string): string => image.replace(/@sha256:[0-9a-f]{64}$/, '');
const ONCE = ['postgres-roles', 'migrate', 'temporal-schema', 'temporal-namespace'];
const record = newRecord({ postgres: 15432, temporal: 17233, ui: 18233, desk: 18240 }, 'compose');
const settingsIn = (directory: string, more: NodeJS.ProcessEnv = {}) =>
  loadSettings({ TRADING_OPS_DATA: directory, TRADING_OPS_RUNTIME: 'compose', ...more });
const filled = (dataDir: string) => composeEnvironment(settingsIn(dataDir), record, { uid: 1234, gid: 1234 });

describe('docker-compose.yml', () => {
  it('has the services of an always-on host, at versions that are written down', () => {
    expect(Object.keys(file.services).toSorted()).toEqual([
      'desk',
      'migrate',
      'postgres',
      'postgres-roles',
      'temporal',
      'temporal-namespace',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ]);
    const foreign = services.filter(([, { image }]) => !image.startsWith('trading-ops:'));
    expect(
      foreign.map(([, { image }]) => tagOf(image)).filter((image) => !/:\d+\.\d+(\.\d+)?(-bookworm)?$/.test(image)),
    ).toEqual([]);
    expect(foreign.some(([, { image }]) => image.includes('auto-setup'))).toBe(false);
  });

  it('runs the server that tools/go.mod pins, its tools of the same version, and the UI that belongs to it', () => {
    const modules = readFileSync(join(repositoryRoot, 'tools', 'go.mod'), 'utf8');
    const version = (name: string) => new RegExp(`${name} v([\\d.]+)`).exec(modules)?.[1];
    expect(pinnedVersion()).toMatch(/^\d/);
    expect([
      tagOf(service('temporal').image),
      tagOf(service('temporal-schema').image),
      tagOf(service('temporal-namespace').image),
      tagOf(service('temporal-ui').image),
    ]).toEqual([
      `temporalio/server:${version('go.temporal.io/server')}`,
      `temporalio/admin-tools:${version('go.temporal.io/server')}`,
      `temporalio/admin-tools:${version('go.temporal.io/server')}`,
      `temporalio/ui:${version('github.com/temporalio/ui-server/v2')}`,
    ]);
  });

  it('lets nobody in but this machine', () => {
    const ports = services.flatMap(([, { ports = [] }]) => ports);
    expect(ports.length).toBe(4);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('keeps the database in a named volume, and mounts no volume without a name', () => {
    expect(Object.keys(file.volumes)).toEqual(['postgres-data']);
    expect(service('postgres').volumes).toContain('postgres-data:/var/lib/postgresql/data');
    const anonymous = services
      .flatMap(([, { volumes = [] }]) => volumes)
      .filter((volume) => typeof volume === 'string' && !volume.includes(':'));
    expect(anonymous).toEqual([]);
  });

  it('starts what goes on again, asks it how it is, and waits for it in the right order', () => {
    const lasting = services.filter(([name]) => !ONCE.includes(name));
    expect(
      lasting
        .filter(([, { restart, healthcheck }]) => restart !== 'unless-stopped' || !healthcheck)
        .map(([name]) => name),
    ).toEqual([]);
    expect(ONCE.map((name) => service(name).restart)).toEqual(['on-failure', 'on-failure', 'on-failure', 'on-failure']);
    expect(
      services
        .flatMap(([, { depends_on = {} }]) => Object.entries(depends_on))
        .filter(
          ([name, { condition }]) =>
            condition !== (ONCE.includes(name) ? 'service_completed_successfully' : 'service_healthy'),
        ),
    ).toEqual([]);
    expect(Object.keys(service('worker').depends_on ?? {})).toEqual(['migrate', 'temporal-namespace']);
    expect(Object.keys(service('temporal').depends_on ?? {})).toEqual(['temporal-schema']);
  });

  it('gives the worker the time it needs to stop, and the arguments it has everywhere', () => {
    const worker = service('worker');
    expect(worker.stop_grace_period).toBe('75s');
    expect([...(worker.entrypoint ?? []), ...(worker.command ?? [])].slice(1)).toEqual(
      workerArguments('${TRADING_OPS_DATA}').map((word) => word.replace(repositoryRoot, '/app')),
    );
  });

  it('gives the desk its arguments, and a port of loopback that it answers to', () => {
    const desk = service('desk');
    expect([...(desk.entrypoint ?? []), ...(desk.command ?? [])].slice(1)).toEqual([
      ...deskArguments('${TRADING_OPS_DATA}').map((word) => word.replace(repositoryRoot, '/app')),
      '--any-address',
    ]);
    expect(desk.ports).toEqual(['127.0.0.1:${TRADING_OPS_DESK_PORT:-8240}:8240']);
    expect(desk.environment?.['TRADING_OPS_DESK_PORT']).toBe('${TRADING_OPS_DESK_PORT:-8240}');
    expect(filled('/srv/x')['TRADING_OPS_DESK_PORT']).toBe('18240');
  });

  it('gives Temporal 512 shards, the namespace its retention, and the search attributes that workflows set', () => {
    expect(service('temporal').environment?.['NUM_HISTORY_SHARDS']).toBe('512');
    expect(service('temporal-namespace').environment).toMatchObject({
      RETENTION: '720h',
      SEARCH_ATTRIBUTES: Object.keys(SEARCH_ATTRIBUTES).join(' '),
    });
  });

  it("has no password in it: each service reads its own secrets as files, and nothing else of the data directory's", () => {
    const words = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    expect(words.filter(([name]) => /PASSWORD|PWD|KEY|TOKEN|URL/.test(name) && !name.endsWith('_FILE'))).toEqual([]);
    expect(service('worker').secrets).toEqual(['database_url', 'service_env']);
    expect(
      Object.values(file.secrets)
        .map(({ file: source }) => source)
        .filter((source) => !source.startsWith('${TRADING_OPS_DATA}/secrets/')),
    ).toEqual([]);
    expect(Object.keys(file.secrets).toSorted()).toEqual([...Object.keys(secretsOf(record)), 'service_env'].toSorted());
    const shared = (service('worker').volumes ?? []).map((volume) =>
      typeof volume === 'string' ? volume : volume.source,
    );
    expect(shared).toEqual([
      '${TRADING_OPS_DATA}/artifacts',
      '${TRADING_OPS_DATA}/data',
      '${TRADING_OPS_DATA}/backups',
      '${TRADING_OPS_CONFIG}',
      // The public half alone.
      '${TRADING_OPS_DATA}/keys/installation.json',
    ]);
  });

  it('runs nothing of ours as root', () => {
    expect([service('worker').user, service('migrate').user]).toEqual(
      Array.from({ length: 2 }, () => '${TRADING_OPS_UID:-10001}:${TRADING_OPS_GID:-10001}'),
    );
    expect(
      services
        .filter(([, { security_opt = [] }]) => !security_opt.includes('no-new-privileges:true'))
        .map(([name]) => name),
    ).toEqual([]);
  });

  it('is what Compose itself can read, with a space in the path', async () => {
    const programs = [['docker', 'compose'], ['docker-compose']];
    const versions = await Promise.all(
      programs.map(([name = '', ...args]) => execa(name, [...args, 'version'], { reject: false })),
    );
    const [name = '', ...args] = programs[versions.findIndex(({ exitCode }) => exitCode === 0)] ?? [];
    // No Compose here: the structure above is all that can be checked.
    if (name === '') return expect(services.length).toBe(9);
    const dataDir = mkdtempSync(join(root, 'with space '));
    await prepareComposeFiles(dataDir, record, composeUser());
    writeFileSync(join(dataDir, 'secrets', 'service_env'), '');
    const result = await execa(name, [...args, '-f', join(repositoryRoot, 'docker-compose.yml'), 'config'], {
      env: filled(dataDir),
      extendEnv: false,
      reject: false,
    });
    expect(result.stderr.split('\n').filter((line) => /error|invalid|unsupported/i.test(line))).toEqual([]);
    expect(result.exitCode).toBe(0);
    const read = parse(result.stdout) as {
      services: Record<string, { user?: string; environment: Record<string, string> }>;
    };
    expect(read.services['worker']).toMatchObject({
      user: '1234:1234',
      environment: { TRADING_OPS_DATA: dataDir, TEMPORAL_ADDRESS: 'temporal:7233' },
    });
  }, 60_000);
});

describe('the Dockerfile', () => {
  const dockerfile = readFileSync(join(repositoryRoot, 'ops', 'docker', 'Dockerfile'), 'utf8');

  it('is of glibc, at a version, in two stages, and not root', () => {
    const stages = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => tagOf(image));
    expect(stages).toEqual(['node:22.23.3-bookworm-slim', 'node:22.23.3-bookworm-slim']);
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
    expect(dockerfile.indexOf('\nUSER ')).toBeLessThan(dockerfile.indexOf('\nENTRYPOINT '));
  });

  it("has a pg_dump of the server's major version", () => {
    const server = /postgres:(\d+)\./.exec(service('postgres').image)?.[1];
    expect(dockerfile).toContain(`postgresql-client-${server} `);
  });

  it('copies only what is there and what .dockerignore lets through', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, words = '']) =>
      words.split(' '),
    );
    const allowed = [...readFileSync(join(repositoryRoot, '.dockerignore'), 'utf8').matchAll(/^!(\S+)$/gm)].map(
      ([, name]) => name as string,
    );
    expect(sources.filter((name) => !existsSync(join(repositoryRoot, name)))).toEqual([]);
    expect(sources.filter((name) => !allowed.some((open) => name === open || name.startsWith(`${open}/`)))).toEqual([]);
    expect(allowed.filter((name) => !existsSync(join(repositoryRoot, name)))).toEqual([]);
  });

  it('keeps of the native part only the build for its machine', async () => {
    const releases = join(root, 'modules', '@temporalio', 'core-bridge', 'releases');
    for (const name of ['x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-gnu', 'x86_64-pc-windows-msvc'])
      mkdirSync(join(releases, name), { recursive: true });
    const prune = join(repositoryRoot, 'ops', 'docker', 'prune.mjs');
    await execa(process.execPath, [prune, join(root, 'modules')]);
    const kept = readdirSync(releases);
    expect(kept).toEqual([process.arch === 'arm64' ? 'aarch64-unknown-linux-gnu' : 'x86_64-unknown-linux-gnu']);
    // The SDK ships the build under this very name, so that the image has one.
    expect(
      existsSync(join(repositoryRoot, 'node_modules', '@temporalio', 'core-bridge', 'releases', kept[0] ?? '')),
    ).toBe(true);
    rmSync(join(releases, kept[0] ?? ''), { recursive: true });
    mkdirSync(join(releases, 'musl'));
    expect((await execa(process.execPath, [prune, join(root, 'modules')], { reject: false })).exitCode).toBe(1);
  });
});

describe('the compose runtime', () => {
  /** A `docker` that answers as asked, so that what is asked of it can be seen. */
  function dockerThat(answer: string): { env: NodeJS.ProcessEnv } {
    const bin = mkdtempSync(join(root, 'bin-'));
    writeFileSync(join(bin, 'docker'), `#!/bin/sh\n${answer}\n`);
    chmodSync(join(bin, 'docker'), 0o755);
    return { env: { PATH: bin } };
  }

  it('says exit 69 where there is no Compose, or no engine', async () => {
    await expect(requireCompose({ PATH: mkdtempSync(join(root, 'empty-')) })).rejects.toMatchObject({
      code: 'COMPOSE_MISSING',
      kind: 'unreachable',
    });
    const { env } = dockerThat(
      'if [ "$1" = compose ]; then exit 0; fi; echo "Cannot connect to the Docker daemon" >&2; exit 1',
    );
    await expect(requireCompose(env)).rejects.toMatchObject({
      code: 'ENGINE_DOWN',
      kind: 'unreachable',
      message: expect.stringContaining('Cannot connect'),
    });
  });

  it('finds the plugin, and calls the project by its data directory', async () => {
    const program = await requireCompose(dockerThat('exit 0').env);
    const [here, there] = [settingsIn(join(root, 'a')), settingsIn(join(root, 'b'))];
    expect(composeCommand(program, here, 'ps')).toEqual([
      'docker',
      'compose',
      '-p',
      projectName(here.dataDir),
      '-f',
      join(repositoryRoot, 'docker-compose.yml'),
      'ps',
    ]);
    expect(projectName(here.dataDir)).not.toBe(projectName(there.dataDir));
    mkdirSync(there.dataDir);
    writeFileSync(join(there.dataDir, 'compose.override.yml'), 'services: {}\n');
    expect(composeCommand(program, there, 'ps').slice(-3)).toEqual([
      '-f',
      join(there.dataDir, 'compose.override.yml'),
      'ps',
    ]);
  });

  it('writes the secrets where only their owner gets, keeps them the next time, and then knows its addresses', async () => {
    const dataDir = join(root, 'installation');
    prepareComposeDirectory(dataDir);
    const made = await composeRecord(dataDir);
    await prepareComposeFiles(dataDir, made, composeUser());
    expect(statSync(join(dataDir, 'secrets')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(dataDir, 'secrets', 'database_url'), 'utf8')).toBe(
      `postgres://trading_ops_app:${made.postgres.appPassword}@postgres:5432/trading_ops`,
    );
    expect(statSync(join(dataDir, 'artifacts')).uid).toBe(composeUser().uid);
    expect(await composeRecord(dataDir)).toEqual(made);
    expect(readRecord(dataDir)?.temporal.password).toHaveLength(32);
    const settings = loadSettings({ TRADING_OPS_DATA: dataDir });
    expect(settings).toMatchObject({
      runtime: 'compose',
      temporalAddress: `127.0.0.1:${made.temporal.port}`,
      databaseUrl: `postgres://trading_ops_app:${made.postgres.appPassword}@127.0.0.1:${made.postgres.port}/trading_ops`,
    });
  });

  it('never starts a second runtime on the same data directory', async () => {
    const dataDir = join(root, 'taken');
    prepareComposeDirectory(dataDir);
    await composeRecord(dataDir);
    for (const env of [{ TRADING_OPS_DATA: dataDir }, { TRADING_OPS_DATA: dataDir, TRADING_OPS_RUNTIME: 'local' }]) {
      await expect(up(loadSettings(env), () => undefined)).rejects.toMatchObject({
        code: 'RUNTIME_DIFFERS',
        kind: 'refused',
      });
    }
  });

  it('refuses a path that Compose would read otherwise, and a runtime that does not exist', () => {
    expect(() => prepareComposeDirectory('/data/a:b')).toThrow(
      expect.objectContaining({ code: 'PATH_NOT_PRINTABLE', kind: 'usage' }),
    );
    expect(() => loadSettings({ TRADING_OPS_RUNTIME: 'kubernetes' })).toThrow(
      expect.objectContaining({ code: 'BAD_ENVIRONMENT', message: expect.stringContaining('local or compose') }),
    );
  });
});

describe('secrets by file', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(root, name), text);
    return join(root, name);
  };

  it('are read into the variables they are of; what is set already wins', () => {
    const env: NodeJS.ProcessEnv = {
      DATABASE_URL_FILE: write('url', 'postgres://u:p@h/d\n'),
      TIINGO_API_KEY_FILE: write('key', ''),
      SMTP_PASSWORD: 'mine',
      SMTP_PASSWORD_FILE: write('smtp', 'other'),
      TRADING_OPS_ENV_FILE: write(
        'env',
        '# keys\nALPHAVANTAGE_API_KEY="a \\"b\\""\n EMPTY=\nALERTS_NTFY_TOKEN=tk=1 \nnot a line\n',
      ),
    };
    readSecretFiles(env);
    expect(env).toMatchObject({
      DATABASE_URL: 'postgres://u:p@h/d',
      SMTP_PASSWORD: 'mine',
      ALPHAVANTAGE_API_KEY: 'a "b"',
      ALERTS_NTFY_TOKEN: 'tk=1',
    });
    expect(['TIINGO_API_KEY', 'EMPTY'].filter((name) => name in env)).toEqual([]);
  });

  it('leave files of others alone, and name the variable whose file is missing', () => {
    const env = {
      SSL_CERT_FILE: '/nowhere',
      TEMPORAL_CONFIG_FILE: '/nowhere',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere',
    };
    readSecretFiles(env);
    expect(() => readSecretFiles({ DATABASE_URL_FILE: join(root, 'nowhere') })).toThrow(
      expect.objectContaining({ code: 'SECRET_FILE_UNREADABLE', kind: 'usage' }),
    );
  });
});
