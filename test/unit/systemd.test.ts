import { execa } from 'execa';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { OpsError } from '../../src/domain/errors.js';
import { assertInstallable, unitDirectory, unitFacts } from '../../src/host/systemd-facts.js';
import { activate, removeUnits, writeUnits } from '../../src/host/systemd-install.js';
import { renderUnits, type Unit, type UnitFacts } from '../../src/host/systemd-units.js';
import { verifyUnits } from '../../src/host/systemd-verify.js';
import { commandLine, pathText, word } from '../../src/host/systemd-words.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { loadSettings } from '../../src/runtime/settings.js';

const root = mkdtempSync(join(tmpdir(), 'trading-ops-systemd-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const AWKWARD = `${root}/da ta%n "q" $HOME \\x`;
const hasSystemd = (await execa('systemd-analyze', ['--version'], { reject: false })).exitCode === 0;

function factsOf(changes: Partial<UnitFacts> = {}): UnitFacts {
  return {
    system: true,
    user: 'root',
    group: 'root',
    dataDir: '/data/trading-ops',
    configDir: '/srv/config',
    node: process.execPath,
    path: ['/usr/bin'],
    environment: {},
    local: { postgres: true, temporal: true },
    postgres: '/usr/lib/postgresql/15/bin/postgres',
    writable: [],
    ...changes,
  };
}
const both = (facts: UnitFacts): Unit[] => [...renderUnits('service', facts), ...renderUnits('backup-timer', facts)];
const textOf = (units: Unit[], name: string): string =>
  units.find((unit) => unit.name === name)?.text ?? expect.unreachable(`${name} was not rendered`);
const valuesOf = (text: string, key: string): string[] =>
  [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value as string);
const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: OpsError) => error,
  );

describe('words of a unit file', () => {
  it('keep spaces, quotes, dollars and percent signs as they are', () => {
    expect(pathText('/a b/%c')).toBe('/a b/%%c');
    expect(word('/a "b"\\%c$d')).toBe('"/a \\"b\\"\\\\%%c$d"');
    expect(commandLine('/usr/bin/n$de', 'a $HOME')).toBe('"/usr/bin/n$de" "a $$HOME"');
  });

  it('refuse what would end the line', () => {
    expect(() => word('/data\n[Service]\nExecStart=/bin/evil')).toThrow(
      expect.objectContaining({ code: 'PATH_NOT_PRINTABLE', kind: 'usage' }),
    );
  });
});

describe('the units', () => {
  it.each([
    ['of root', factsOf()],
    ['of a user who is not root', factsOf({ user: 'daemon', group: 'daemon' })],
    ['of the user himself', factsOf({ system: false })],
    [
      'with paths that need quoting',
      factsOf({
        dataDir: AWKWARD,
        configDir: `${AWKWARD}/c`,
        writable: [`${AWKWARD}/mnt`],
        environment: { XDG_CACHE_HOME: AWKWARD },
      }),
    ],
    ['with all services elsewhere', factsOf({ local: { postgres: false, temporal: false } })],
  ])(
    '%s are without fault for systemd itself',
    async (_name, facts) => {
      expect(await verifyUnits(both(facts), facts.system)).toBe(hasSystemd);
    },
    30_000,
  );

  it("are refused with systemd's words when there is a fault in them", async () => {
    const units = renderUnits('backup-timer', factsOf()).map((unit) => ({
      ...unit,
      text: unit.text.replace(/^OnCalendar=.*/m, 'OnCalendar=every now and then'),
    }));
    if (hasSystemd)
      expect(await failure(verifyUnits(units, true))).toMatchObject({
        code: 'UNITS_REFUSED',
        kind: 'fault',
        message: expect.stringContaining('every now and then'),
      });
    else expect(await verifyUnits(units, true)).toBe(false);
  });

  it.each(['root', 'daemon'])('are exposed by no more than 2.0 of 10 when they run as %s', async (user) => {
    if (!hasSystemd) return expect(await verifyUnits(both(factsOf({ user })), true)).toBe(false);
    const directory = mkdtempSync(join(root, 'security-'));
    await writeUnits(directory, 'service', renderUnits('service', factsOf({ user })));
    await writeUnits(directory, 'backup-timer', renderUnits('backup-timer', factsOf({ user })));
    for (const name of readdirSync(directory).filter((file) => file.endsWith('.service'))) {
      const { all, exitCode } = await execa(
        'systemd-analyze',
        ['security', '--offline=true', '--threshold=20', '--no-pager', join(directory, name)],
        { reject: false, all: true },
      );
      expect(exitCode, `${name}: ${all.split('\n').at(-1)}`).toBe(0);
    }
  });

  it('start the worker last, stop it first, and give it 75 seconds', () => {
    const worker = textOf(both(factsOf()), 'trading-ops-worker.service');
    expect(valuesOf(worker, 'After')).toEqual([
      'network-online.target trading-ops.target trading-ops-postgres.service trading-ops-temporal.service',
    ]);
    expect(valuesOf(worker, 'TimeoutStopSec')).toEqual(['75']);
    expect(valuesOf(worker, 'Restart')).toEqual(['on-failure']);
    expect(valuesOf(worker, 'PartOf')).toEqual(['trading-ops.target']);
  });

  it('let the desk speak with this machine alone where its Postgres is; it waits for no worker', () => {
    const desk = (postgres: boolean) =>
      textOf(both(factsOf({ local: { postgres, temporal: true } })), 'trading-ops-desk.service');
    expect([valuesOf(desk(true), 'IPAddressDeny'), valuesOf(desk(true), 'IPAddressAllow')]).toEqual([
      ['any'],
      ['localhost'],
    ]);
    expect(valuesOf(desk(false), 'IPAddressDeny')).toEqual([]);
    expect(valuesOf(desk(true), 'After').join()).not.toMatch(/worker|desk/);
    expect(valuesOf(desk(true), 'ExecStart')[0]).toMatch(/desk\/main\.js" "\/data\/trading-ops"$/);
  });

  it('are only of what this machine runs', () => {
    const units = renderUnits('service', factsOf({ local: { postgres: false, temporal: true } }));
    expect(units.map(({ name }) => name)).toEqual([
      'trading-ops-temporal.service',
      'trading-ops-worker.service',
      'trading-ops-desk.service',
      'trading-ops.target',
    ]);
    expect(valuesOf(textOf(units, 'trading-ops.target'), 'Wants')).toEqual([
      'trading-ops-temporal.service trading-ops-worker.service trading-ops-desk.service',
    ]);
  });

  it('back up every day, also a day that the machine slept through', () => {
    const units = renderUnits('backup-timer', factsOf());
    const timer = textOf(units, 'trading-ops-db-backup.timer');
    expect([valuesOf(timer, 'Persistent'), valuesOf(timer, 'OnCalendar')]).toEqual([
      ['true'],
      ['*-*-* 03:15:00 Europe/London'],
    ]);
    expect(valuesOf(textOf(units, 'trading-ops-db-backup.service'), 'ExecStart')[0]).toMatch(
      /main\.js" "backup" "--timer"$/,
    );
  });

  it('may write where backups are copied to, and nowhere else but in the data directory', () => {
    const text = textOf(both(factsOf({ writable: ['/mnt/nas'] })), 'trading-ops-db-backup.service');
    expect([valuesOf(text, 'ProtectSystem'), valuesOf(text, 'ReadWritePaths')]).toEqual([
      ['strict'],
      ['"/data/trading-ops" "-/mnt/nas"'],
    ]);
  });

  it('have a /tmp of their own, unless what they need lies in the common one', () => {
    const own = (dataDir: string) =>
      valuesOf(textOf(both(factsOf({ dataDir })), 'trading-ops-worker.service'), 'PrivateTmp');
    // This checkout is needed too, wherever it lies.
    const elsewhere = /^\/(var\/)?tmp\//.test(repositoryRoot) ? [] : ['yes'];
    expect([own('/data/trading-ops'), own('/tmp/mine'), own('/var/tmp/mine')]).toEqual([elsewhere, [], []]);
  });

  it('keep no rights of root; where root owns the installation Postgres is its own user', () => {
    const value = (user: string, part: string, key: string) =>
      valuesOf(textOf(both(factsOf({ user })), `trading-ops-${part}.service`), key);
    const parts = ['postgres', 'temporal', 'worker', 'db-backup'];
    const bound = parts.flatMap((part) =>
      ['root', 'daemon'].flatMap((user) => value(user, part, 'CapabilityBoundingSet')),
    );
    expect(bound).toEqual(Array.from({ length: 2 * parts.length }, () => ''));
    expect([value('root', 'postgres', 'User'), value('daemon', 'postgres', 'User')]).toEqual([
      ['postgres'],
      ['daemon'],
    ]);
    const privileged = (user: string) =>
      ['ExecStartPre', 'ExecStart', 'ExecStartPost'].flatMap((key) =>
        value(user, 'postgres', key).map((words) => words.startsWith('+')),
      );
    expect([privileged('root'), privileged('daemon')]).toEqual([
      [true, false, true],
      [false, false, false],
    ]);
  });
});

describe('installing', () => {
  it('writes, changes what differs, removes what is not wanted any more, and says which', async () => {
    const directory = unitDirectory(true, join(root, 'install'));
    expect(directory).toBe(join(root, 'install/etc/systemd/system'));
    const write = async (facts: UnitFacts) =>
      (await writeUnits(directory, 'service', renderUnits('service', facts))).map(({ change }) => change);
    expect(await write(factsOf())).toEqual(Array(5).fill('written'));
    expect(await write(factsOf())).toEqual(Array(5).fill('unchanged'));
    expect(await write(factsOf({ local: { postgres: true, temporal: false } }))).toEqual([
      'unchanged',
      'replaced',
      'replaced',
      'replaced',
      'removed',
    ]);
    expect(readdirSync(directory).toSorted()).toEqual([
      'trading-ops-desk.service',
      'trading-ops-postgres.service',
      'trading-ops-worker.service',
      'trading-ops.target',
    ]);
    expect(statSync(join(directory, 'trading-ops.target')).mode & 0o777).toBe(0o644);
  });

  it("leaves a stranger's unit of the same name, and writes none of the others", async () => {
    const directory = mkdtempSync(join(root, 'foreign-'));
    writeFileSync(join(directory, 'trading-ops.target'), '[Unit]\n');
    expect(await failure(writeUnits(directory, 'service', renderUnits('service', factsOf())))).toMatchObject({
      code: 'UNIT_FOREIGN',
      kind: 'refused',
    });
    expect(await removeUnits(directory, 'service', null)).toEqual([]);
    expect(readdirSync(directory)).toEqual(['trading-ops.target']);
  });

  it('has systemd read, enable and start them; a change restarts, a repeat does not', async () => {
    const directory = mkdtempSync(join(root, 'activate-'));
    const said: string[] = [];
    const systemctl = async (...args: string[]) => void said.push(args.join(' '));
    const install = async (facts: UnitFacts) => {
      await activate(
        'backup-timer',
        await writeUnits(directory, 'backup-timer', renderUnits('backup-timer', facts)),
        systemctl,
      );
      return said.splice(0);
    };
    const timer = 'trading-ops-db-backup.timer';
    expect(await install(factsOf())).toEqual(['daemon-reload', `enable ${timer}`, `restart ${timer}`]);
    expect(await install(factsOf())).toEqual([`enable ${timer}`, `start ${timer}`]);
    expect(await install(factsOf({ user: 'daemon' }))).toEqual([
      'daemon-reload',
      `enable ${timer}`,
      `restart ${timer}`,
    ]);
    expect((await removeUnits(directory, 'backup-timer', systemctl)).map(({ change }) => change)).toEqual([
      'removed',
      'removed',
    ]);
    expect(said).toEqual([`disable --now trading-ops-db-backup.service ${timer}`, 'daemon-reload']);
    expect(await removeUnits(directory, 'backup-timer', systemctl)).toEqual([]);
  });
});

describe('installing the services', () => {
  it('waits for each of them, for the target itself waits for none', async () => {
    const said: string[] = [];
    const services = ['postgres', 'temporal', 'worker', 'desk'].map((part) => `trading-ops-${part}.service`);
    const changes = await writeUnits(
      mkdtempSync(join(root, 'services-')),
      'service',
      renderUnits('service', factsOf()),
    );
    await activate('service', changes, async (...args) => void said.push(args.join(' ')));
    expect(said).toEqual([
      'daemon-reload',
      'enable trading-ops.target',
      `restart ${services.join(' ')} trading-ops.target`,
    ]);
  });
});

describe('the facts of an installation', () => {
  const installation = () => loadSettings({ TRADING_OPS_DATA: mkdtempSync(join(root, 'data-')) });

  it('are its owner, its programs and its settings, without secrets', async () => {
    const settings = installation();
    const env = {
      PATH: process.env['PATH'],
      TRADING_OPS_TASK_QUEUE: 'mine',
      DATABASE_URL: 'postgres://u:geheim@db/x',
      TRADING_OPS_AT: '2018-05-07T08:00:00Z',
    };
    const facts = await unitFacts(settings, { user: false, writable: [] }, env);
    const { stdout: owner } = await execa('stat', ['-c', '%U', settings.dataDir]);
    expect(facts).toMatchObject({ system: true, user: owner, environment: { TRADING_OPS_TASK_QUEUE: 'mine' } });
    const text = both(facts)
      .map((unit) => unit.text)
      .join('\n');
    expect(text).not.toMatch(/geheim|TRADING_OPS_AT/);
    expect(text).toContain(`Environment="TRADING_OPS_DATA=${settings.dataDir}"`);
  });

  it('are not enough before the first start, nor while a secret is only in the shell', () => {
    const settings = installation();
    const facts = factsOf({ dataDir: settings.dataDir });
    expect(() => assertInstallable(settings, facts, {})).toThrow(expect.objectContaining({ code: 'NOT_STARTED' }));
    writeFileSync(join(settings.dataDir, 'runtime.json'), '{}');
    expect(() => assertInstallable(settings, facts, { DATABASE_URL: 'postgres://u:geheim@db/x' })).toThrow(
      expect.objectContaining({ code: 'SERVICE_ENV_LACKS', message: expect.not.stringContaining('geheim') }),
    );
    writeFileSync(join(settings.dataDir, 'service.env'), '# keys\nDATABASE_URL=postgres://u:geheim@db/x\n');
    assertInstallable(settings, facts, { DATABASE_URL: 'postgres://u:geheim@db/x' });
    expect(readFileSync(join(settings.dataDir, 'service.env'), 'utf8')).toContain('DATABASE_URL');
  });
});
