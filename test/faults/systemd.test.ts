import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { startSystemdMachine, type SystemdMachine } from '../support/systemd-machine.js';

/** The services under a real systemd: what a rendered file cannot show is whether they start, come back and stop in order. */
const STEP_MAX_MS = 180_000;
const SERVICES = ['trading-ops-postgres', 'trading-ops-temporal', 'trading-ops-worker'];
const OPS = `TRADING_OPS_DATA='/srv/trading ops%' TRADING_OPS_CONFIG=/srv/config ./trading-ops`;

let machine: SystemdMachine | string;

beforeAll(async () => {
  machine = await startSystemdMachine();
}, STEP_MAX_MS);

afterAll(async () => {
  if (typeof machine === 'object') await machine.stop();
}, STEP_MAX_MS);

type Shell = (script: string) => Promise<string>;

/** Runs a proof on the machine; where there can be none it is skipped, and says why. The rendered units are proved elsewhere. */
function onSystemd(proof: (sh: Shell) => Promise<void>): (context: TestContext) => Promise<void> {
  return async ({ skip }) => {
    if (typeof machine === 'string') {
      expect(machine).toMatch(/take root|does not start in namespaces/);
      skip(machine);
    }
    const { sh } = machine as SystemdMachine;
    await proof(async (script) => {
      const { code, text } = await sh(script);
      expect(code, `${script}\n${text}`).toBe(0);
      return text;
    });
  };
}

const stateOf = (sh: Shell) => async () =>
  (await sh(`systemctl is-active ${SERVICES.join(' ')} || true`)).trim().split('\n');
const pidOf = (sh: Shell) => async (service: string) =>
  Number(await sh(`systemctl show -p MainPID --value ${service}`));
const RUNNING = SERVICES.map(() => 'active');

describe('under systemd', () => {
  it(
    'what was started by hand is taken over by the services, each with its own main process',
    onSystemd(async (sh) => {
      await sh(
        `mkdir -p /srv/config && cp -r '${repositoryRoot}'/config/. /srv/config/ && ${OPS} up && ${OPS} migrate`,
      );
      const before = await sh(`cat '/srv/trading ops%/run/worker.ready'`);
      expect(await sh(`${OPS} install-service`)).toContain('systemd-analyze verify: no fault found.');
      expect(await stateOf(sh)()).toEqual(RUNNING);
      expect(await sh('systemctl is-enabled trading-ops.target')).toBe('enabled');
      await expect.poll(() => sh(`${OPS} health || true`), { timeout: 60_000, interval: 1_000 }).not.toContain('DOWN');
      expect(await pidOf(sh)('trading-ops-worker')).toBe(Number(await sh(`cat '/srv/trading ops%/run/worker.ready'`)));
      expect(await pidOf(sh)('trading-ops-worker')).not.toBe(Number(before));
    }),
    STEP_MAX_MS,
  );

  it(
    'each part comes back after it was killed',
    onSystemd(async (sh) => {
      const killed = await Promise.all(SERVICES.map(pidOf(sh)));
      expect(
        killed.every((pid) => pid > 1),
        String(killed),
      ).toBe(true);
      for (const pid of killed) await sh(`kill -9 ${pid}`);
      const restarts = () => sh(`systemctl show -p NRestarts --value ${SERVICES.join(' ')}`);
      await expect.poll(restarts, { timeout: 60_000, interval: 1_000 }).toMatch(/^[1-9]\d*\s+[1-9]\d*\s+[1-9]\d*$/);
      await expect.poll(stateOf(sh), { timeout: 60_000, interval: 1_000 }).toEqual(RUNNING);
      await expect.poll(() => sh(`${OPS} health || true`), { timeout: 60_000, interval: 1_000 }).not.toContain('DOWN');
    }),
    STEP_MAX_MS,
  );

  it(
    "the timer's service backs up, also without a worker",
    onSystemd(async (sh) => {
      await sh(`${OPS} install-backup-timer`);
      expect(await sh('systemctl list-timers --no-pager')).toContain('trading-ops-db-backup.timer');
      await sh('systemctl start trading-ops-db-backup.service');
      await sh(
        'systemctl stop trading-ops-worker.service trading-ops-temporal.service && systemctl start trading-ops-db-backup.service',
      );
      const { backups } = JSON.parse(await sh(`${OPS} --json backups list`)) as { backups: unknown[] };
      expect(backups).toHaveLength(2);
      await sh('systemctl start trading-ops-worker.service trading-ops-temporal.service');
    }),
    STEP_MAX_MS,
  );

  it(
    'stopping the target waits until all have stopped, the worker first; make down stays down',
    onSystemd(async (sh) => {
      await sh('systemctl stop trading-ops.target');
      expect(await stateOf(sh)()).toEqual(SERVICES.map(() => 'inactive'));
      const at = async (service: string) =>
        Number(await sh(`systemctl show -p InactiveEnterTimestampMonotonic --value ${service}`));
      const [postgres, temporal, worker] = (await Promise.all(SERVICES.map(at))) as [number, number, number];
      expect([worker <= postgres, worker <= temporal]).toEqual([true, true]);
      await sh(`systemctl start trading-ops.target ${SERVICES.join(' ')} && ${OPS} down`);
      await expect.poll(stateOf(sh), { timeout: 30_000, interval: 500 }).toEqual(SERVICES.map(() => 'inactive'));
      expect(await sh('systemctl --failed --no-legend --no-pager')).toBe('');
    }),
    STEP_MAX_MS,
  );

  it(
    'uninstalling leaves nothing of ours',
    onSystemd(async (sh) => {
      await sh(`${OPS} uninstall-service && ${OPS} uninstall-backup-timer`);
      expect(await sh(`ls /etc/systemd/system | grep trading-ops || true`)).toBe('');
      expect(await sh(`systemctl list-units --all --no-legend --no-pager 'trading-ops*'`)).toBe('');
    }),
    STEP_MAX_MS,
  );
});
