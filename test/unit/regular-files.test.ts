import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { headsFile, keepHead, keptHeads } from '../../src/backup/heads.js';
import { verifyBackup } from '../../src/backup/verify.js';
import { manifestName } from '../../src/domain/backup/manifest.js';
import type { OpsError } from '../../src/domain/errors.js';
import { readConfiguration, readConfigurationFile } from '../../src/operations/runs/configuration.js';
import { readKeyring } from '../../src/operations/signing/keyring.js';
import { keyLines } from '../../src/operations/signing/operator-keys.js';
import { appendManifest } from '../../src/providers/archive.js';
import { touch } from '../../src/runtime/directories.js';
import { tail } from '../../src/runtime/parts.js';
import { readRecord } from '../../src/runtime/record.js';
import { readSecretFiles } from '../../src/runtime/secret-files.js';
import { ensureInstallationKey, installationSigningKey } from '../../src/runtime/signing/installation-key.js';
import { makePersonalKey, openPersonalKey, personalKeysMade } from '../../src/runtime/signing/personal-keys.js';
import { loadSettings } from '../../src/runtime/settings.js';
import { temporalConnectConfig } from '../../src/runtime/temporal/connection.js';
import { readRulingsFile } from '../../src/simulation/planned-files.js';
import { SRC, typeScriptOf } from '../support/source.js';

const root = mkdtempSync(path.join(tmpdir(), 'regular-'));
const dir = path.join(root, 'installation');
const at = (name: string) => path.join(dir, name);
const FIFO = path.join(root, 'fifo');

const servers: Server[] = [];
const listenAt = async (file: string) => {
  const server = createServer().listen(file);
  servers.push(server);
  await once(server, 'listening');
};

/** What somebody may put in the place of a file, and what is said of it. */
const KINDS: [kind: string, put: (file: string) => void | Promise<void>, why: RegExp][] = [
  ['a pipe that nobody writes to', (file) => void execFileSync('mkfifo', [file]), /it is no regular file/],
  ['a link to one', (file) => symlinkSync(FIFO, file), /it is no regular file/],
  ['a directory', (file) => mkdirSync(file) as undefined, /EISDIR/],
  ['a link to a device without an end', (file) => symlinkSync('/dev/zero', file), /it is no regular file/],
  ['a socket', listenAt, /it is no regular file/],
  [
    'a file of a terabyte',
    (file) => {
      writeFileSync(file, '');
      truncateSync(file, 2 ** 40);
    },
    /it has more than \d+ bytes/,
  ],
];
const PIPES = KINDS.filter(([kind]) => kind === 'a pipe that nobody writes to');

/** Whoever waited for a writer after all is let go, so that the test says so instead of the clock of the whole run. */
let guard: ReturnType<typeof spawn>;
beforeAll(() => {
  execFileSync('mkfifo', [FIFO]);
  guard = spawn('sh', [
    '-c',
    'while sleep 3; do find "$0" -type p | while read -r pipe; do : <>"$pipe"; done; done',
    root,
  ]);
});
afterAll(() => {
  guard.kill();
  for (const server of servers) server.close();
  rmSync(root, { recursive: true });
});

const PUBLIC = 'keys/installation.json';
const PRIVATE = 'keys/installation.key';
let personal: { file: string; publicKey: string };

beforeEach(setUp);

/** An installation's files, each as it should be. */
async function setUp() {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(at('run'), { recursive: true });
  for (const name of ['policy.yml', 'universe.csv']) cpSync(path.join('config/demo', name), at(name));
  await ensureInstallationKey(dir);
  const { made, file } = makePersonalKey(at('keys'), { operator: 'alice', label: 'mine' }, 'a passphrase');
  personal = { file, publicKey: made.publicKey };
}

const secrets = (variable: string) => () => readSecretFiles({ [variable]: at('secret') });
const place = { dataDir: dir, configDir: dir };

/** Each file that is read whole, who reads it, and with which code it is refused. */
const FILES: [name: () => string, read: () => unknown, code: string][] = [
  [() => 'policy.yml', () => readConfiguration(dir), 'CONFIG_UNREADABLE'],
  [() => 'universe.csv', () => readConfiguration(dir), 'CONFIG_UNREADABLE'],
  [() => 'other.yml', () => readConfigurationFile(at('other.yml')), 'CONFIG_UNREADABLE'],
  [() => 'operators.keys', () => keyLines(dir), 'CONFIG_UNREADABLE'],
  [() => 'operators.keys', () => readKeyring(place), 'CONFIG_UNREADABLE'],
  [() => PUBLIC, () => readKeyring(place), 'CONFIG_UNREADABLE'],
  [() => PUBLIC, () => ensureInstallationKey(dir), 'CONFIG_UNREADABLE'],
  [() => PRIVATE, () => installationSigningKey(dir), 'CONFIG_UNREADABLE'],
  [
    () => path.relative(dir, personal.file),
    () => openPersonalKey(at('keys'), personal.publicKey, 'a passphrase'),
    'CONFIG_UNREADABLE',
  ],
  [() => 'runtime.json', () => readRecord(dir), 'RUNTIME_RECORD_UNREADABLE'],
  [() => 'secret', secrets('TIINGO_API_KEY_FILE'), 'SECRET_FILE_UNREADABLE'],
  [() => 'secret', secrets('TRADING_OPS_ENV_FILE'), 'SECRET_FILE_UNREADABLE'],
  [() => 'rulings.csv', () => readRulingsFile(at('rulings.csv')), 'RULINGS_UNREADABLE'],
  [() => 'temporal.toml', () => temporalConnectConfig(profiled()), 'CONFIG_UNREADABLE'],
];

const profiled = () =>
  loadSettings({
    TRADING_OPS_DATA: dir,
    TEMPORAL_CONFIG_FILE: at('temporal.toml'),
    DATABASE_URL: 'postgres://a@127.0.0.1:1/a',
  });

describe.each(KINDS)('%s', (kind, put, why) => {
  it('in the place of a file of the configuration, of keys or of secrets is refused at once', async () => {
    for (const [name, read, code] of FILES) {
      await setUp();
      const file = at(name());
      rmSync(file, { force: true, recursive: true });
      await put(file);
      const refused = await Promise.resolve()
        .then(read)
        .then(
          (answer) => expect.fail(`${name()} was read as ${JSON.stringify(answer)}`),
          (error: OpsError) => error,
        );
      expect(refused, name()).toMatchObject({ code, message: expect.stringMatching(why) as string });
      expect(refused.message).toContain(file);
    }
  });

  it('in the place of one that is only looked through hides none of the others', async () => {
    await put(at('keys/other.key.pub'));
    expect(personalKeysMade(at('keys'))).toHaveLength(1);
    await put(headsFile(dir));
    mkdirSync(at('backups'));
    const { problems } = await keptHeads(dir, at('backups'));
    if (kind.startsWith('a link')) expect(problems).toEqual(['audit-heads.jsonl cannot be read: ELOOP']);
    else expect(problems).toEqual([expect.stringMatching(why)]);
    const dump = 'trading_ops_2026-11-20T10-00-00Z.dump';
    writeFileSync(at(`backups/${dump}`), 'a dump');
    await put(at(`backups/${manifestName(dump)}`));
    const backup = await verifyBackup(at('backups'), dump);
    expect(backup).toMatchObject({ state: 'damaged', problem: expect.stringMatching(why) as string });
    await put(at('run/worker.log'));
    expect(tail(at('run/worker.log'), 3).replaceAll('\0', '')).toBe('');
  });
});

describe.each(PIPES)('%s', (_kind, put) => {
  it('in the place of a file that lines are added to keeps nobody waiting', async () => {
    await put(headsFile(dir));
    const head = { seq: 1, hash: 'a'.repeat(64), at: '2026-11-20T10:00:00.000Z', of: 'a test' };
    await expect(keepHead(dir, head)).rejects.toThrow('ENXIO');
    await put(at('run/worker.log'));
    expect(() => touch(at('run/worker.log'))).toThrow('ENXIO');
    await put(at('manifest.jsonl'));
    const kept = { path: 'one.csv' } as Parameters<typeof appendManifest>[2][number];
    await expect(appendManifest(dir, 'a run', [kept])).rejects.toThrow('ENXIO');
  });
});

it('a file of /proc, which says that it has no length, is read to its end', async () => {
  expect(await readConfigurationFile('/proc/self/status')).toMatch(/^Name:/);
});

/** What may open files by hand, and of what: the machine's own, the program's own, a name that nobody had before. */
const BY_HAND: Record<string, string> = {
  'backup/copy.ts': 'dumps whose bytes were held against their manifest',
  'backup/directory.ts': 'a file of ours, to have the disk keep it',
  'backup/dump.ts': 'a new name',
  'backup/make.ts': 'a new name',
  'backup/written-secrets.ts': 'regular files of a listing',
  'cli/kit/make-arguments.ts': '/proc',
  'cli/kit/write-output.ts': 'a new name',
  'cli/program.ts': "the program's own",
  'db/schema-proof.ts': "the program's own",
  'desk/assets.ts': "the program's own",
  'operations/guard/latch.ts': 'never waits, never follows',
  'providers/sample.ts': "a package's own",
  'runtime/build.ts': "the program's own",
  'runtime/environment.ts': '/proc',
  'runtime/postgres/restore-state.ts': 'a directory',
  'runtime/postgres/server.ts': "the cluster's own, once it is known to be one",
  'runtime/processes/logs.ts': 'a log with a length',
  'runtime/processes/processes.ts': '/proc',
  'runtime/processes/service.ts': '/proc',
  'runtime/status.ts': "the program's own",
  'runtime/temporal/binary.ts': "the program's own",
  'runtime/temporal/build.ts': "the program's own",
};
const OPENS =
  /import \{[^}]*\b(readFile|readFileSync|createReadStream|open|openSync)\b[^}]*\} from 'node:fs(\/promises)?'/;

it('files are opened by the one helper, except where somebody has said why', () => {
  const opening = typeScriptOf(SRC)
    .map((file) => path.relative(SRC, path.resolve(SRC, file)))
    .filter((file) => !file.startsWith('files/') && !file.startsWith('desk/browser/'))
    .filter((file) => OPENS.test(readFileSync(path.join(SRC, file), 'utf8')))
    .toSorted();
  expect(opening).toEqual(Object.keys(BY_HAND));
});
