import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { identify } from '../../src/runtime/processes/processes.js';
import type { Progress } from '../../src/runtime/parts.js';
import { newRecord, writeRecord, type RuntimeRecord } from '../../src/runtime/record.js';
import { loadSettings, type Settings } from '../../src/runtime/settings.js';
import { down, up, type PartName } from '../../src/runtime/stack.js';

const PREFIX = 'trading-ops-test-';

/** A directory of this test run that Postgres's user may enter; its name carries the pid, so that a later run can clear it. */
export function makeRoot(): string {
  const root = mkdtempSync(join(realpathSync(tmpdir()), `${PREFIX}${process.pid}-`));
  chmodSync(root, 0o755);
  return root;
}

/** The environment without anything that would point a test at the developer's own installation. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  // A test run by make must not hand make's own words to the make that a test runs.
  const own = /^(MAKE|MFLAGS$|TRADING_OPS_|DATABASE_|TEMPORAL_|DRYRUN_TRADES$|LOG_LEVEL$|VITEST|NODE_ENV$)/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name))), ...extra };
}

/**
 * Starts Postgres and Temporal for one data directory, on ports that nobody uses (the usual ones are left to people).
 * @param choices cluster: the passwords of a cluster that is there already; parts: only these.
 */
export async function startServers(
  dataDir: string,
  configDir: string,
  {
    progress = () => undefined,
    cluster = {},
    parts = ['postgres', 'temporal'],
  }: { progress?: Progress; cluster?: Partial<RuntimeRecord['postgres']>; parts?: readonly PartName[] } = {},
): Promise<Settings> {
  const settings = loadSettings({ TRADING_OPS_DATA: dataDir, TRADING_OPS_CONFIG: configDir });
  const [postgres, temporal, ui, desk] = [await anyPort(), await anyPort(), await anyPort(), await anyPort()];
  mkdirSync(dataDir, { recursive: true });
  const record = newRecord({ postgres, temporal, ui, desk });
  await writeRecord(dataDir, { ...record, postgres: { ...record.postgres, ...cluster, port: postgres } });
  await up(settings, progress, { parts, worker: false });
  return settings;
}

/** Stops and removes every data directory below a root; used at the end, and for what a killed run has left. */
export async function removeRoot(root: string): Promise<void> {
  const records = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => basename(path) === 'runtime.json',
  );
  for (const record of records) {
    await down(loadSettings({ TRADING_OPS_DATA: join(root, dirname(record)) }), () => undefined).catch(() => undefined);
  }
  rmSync(root, { recursive: true, force: true });
}

/** Clears what earlier test runs left that were killed before their teardown. */
export async function sweepOldRoots(): Promise<void> {
  const directory = realpathSync(tmpdir());
  for (const name of readdirSync(directory).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = Number.parseInt(name.slice(PREFIX.length), 10);
    if (identify(owner) === null) await removeRoot(join(directory, name)).catch(() => undefined);
  }
}
