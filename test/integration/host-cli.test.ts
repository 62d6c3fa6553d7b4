import { execa } from 'execa';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { projectName } from '../../src/host/compose.js';
import { repositoryRoot } from '../../src/runtime/paths.js';

/** The commands of an always-on host, as an operator types them. */
const cli = join(repositoryRoot, 'dist', 'cli', 'main.js');
const home = () => mkdtempSync(join(inject('servers').root, 'host-'));
const SYSTEM_PATH = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
const type = (env: NodeJS.ProcessEnv, ...args: string[]) =>
  execa(process.execPath, [cli, ...args], {
    env: { PATH: SYSTEM_PATH, HOME: process.env['HOME'], ...env },
    extendEnv: false,
    reject: false,
    cwd: repositoryRoot,
  });

describe('the services of systemd', () => {
  it('are shown by --print, and nothing is written', async () => {
    const data = join(home(), 'my data%');
    const shown = await type({ TRADING_OPS_DATA: data }, 'install-service', '--print');
    expect(shown.exitCode, shown.stderr).toBe(0);
    expect(shown.stdout).toContain('==> trading-ops-worker.service <==');
    expect(shown.stdout).toContain(`Environment="TRADING_OPS_DATA=${data.replace('%', '%%')}"`);
    expect(existsSync(data)).toBe(false);
  });

  it('are written below --root, again without a change, and removed there', async () => {
    const root = home();
    const env = { TRADING_OPS_DATA: join(root, 'data') };
    for (const [group, count] of [
      ['service', 5],
      ['backup-timer', 2],
    ] as const) {
      const words = async (command: string) =>
        JSON.parse((await type(env, '--json', command, '--root', root)).stdout) as { changes: { change: string }[] };
      expect((await words(`install-${group}`)).changes.map(({ change }) => change)).toEqual(
        Array.from({ length: count }, () => 'written'),
      );
      expect((await words(`install-${group}`)).changes.map(({ change }) => change)).toEqual(
        Array.from({ length: count }, () => 'unchanged'),
      );
      expect((await words(`uninstall-${group}`)).changes.map(({ change }) => change)).toEqual(
        Array.from({ length: count }, () => 'removed'),
      );
      expect((await words(`uninstall-${group}`)).changes).toEqual([]);
    }
    expect(readdirSync(join(root, 'etc', 'systemd', 'system'))).toEqual([]);
  });

  it('are refused clearly where systemd does not run the machine', async () => {
    if (existsSync('/run/systemd/system'))
      return expect((await type({}, 'install-service', '--print', '--root', '/tmp')).exitCode).toBe(64);
    const refused = await type({ TRADING_OPS_DATA: join(home(), 'data') }, 'install-backup-timer');
    expect([refused.exitCode, refused.stderr]).toEqual([69, expect.stringMatching(/^SYSTEMD_MISSING: .*\nNext: /)]);
  });
});

describe('Docker Compose', () => {
  it('is called for up and down of a compose runtime, and its failure is told with its words', async () => {
    const root = home();
    const [bin, asked, data] = [join(root, 'bin'), join(root, 'asked'), join(root, 'data')];
    mkdirSync(bin);
    // An engine cannot run in a test: this stands for the docker program, and notes what is asked of it.
    writeFileSync(
      join(bin, 'docker'),
      `#!/bin/sh\necho "$@" >> ${asked}\nif [ "$7" = --detach ]; then echo "no such image" >&2; exit 17; fi\n`,
    );
    chmodSync(join(bin, 'docker'), 0o755);
    const env = { TRADING_OPS_DATA: data, TRADING_OPS_RUNTIME: 'compose', PATH: `${bin}:${SYSTEM_PATH}` };
    const up = await type(env, 'up');
    expect([up.exitCode, up.stderr]).toEqual([1, expect.stringMatching(/COMPOSE_FAILED[\s\S]*17[\s\S]*no such image/)]);
    expect((await type({ TRADING_OPS_DATA: data, PATH: env.PATH }, 'ps')).exitCode).toBe(0);
    expect((await type(env, 'psql', '--', '-c', 'select 1')).exitCode).toBe(0);
    expect((await type(env, 'install-service', '--print')).stderr).toContain('RUNTIME_DIFFERS');
    expect((await type(env, 'down')).exitCode).toBe(0);
    const project = projectName(data);
    const words = `compose -p ${project} -f ${join(repositoryRoot, 'docker-compose.yml')}`;
    expect(
      readFileSync(asked, 'utf8')
        .split('\n')
        .filter((line) => line.includes(project)),
    ).toEqual([
      `${words} up --detach --build --remove-orphans`,
      `${words} ps --all`,
      `${words} exec -T postgres psql -U trading_ops_app -d trading_ops -c select 1`,
      `${words} down`,
    ]);
  });

  it('that is not there ends with 69 and says what to do', async () => {
    const refused = await type(
      { TRADING_OPS_DATA: join(home(), 'data'), TRADING_OPS_RUNTIME: 'compose', PATH: '/nowhere' },
      'up',
    );
    expect([refused.exitCode, refused.stderr]).toEqual([69, expect.stringMatching(/^COMPOSE_MISSING: /)]);
  });
});
