import { chmodSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrateToLatest } from '../../src/db/migrate.js';
import { resolveAddresses, type Addresses } from '../../src/runtime/addresses.js';
import { installationPaths, repositoryRoot } from '../../src/runtime/paths.js';
import type { Settings } from '../../src/runtime/settings.js';
import { up } from '../../src/runtime/stack.js';
import { workerProcess } from '../../src/runtime/processes/worker.js';
import { startServers } from '../../test/support/servers.js';

/** Files of an installation's configuration that a bench writes instead of the repository's own. */
export interface StackOptions {
  policy?: string;
  universe?: string;
  /** Has the worker write a CPU profile when it ends. */
  profile?: boolean;
}

/** An installation of a bench's own: Postgres (migrated), Temporal, and when asked for the compiled worker. */
export interface BenchStack {
  settings: Settings;
  addresses: Addresses;
  dataDir: string;
  configDir: string;
  /** Environment variables that make a command one of this installation. */
  env: Record<string, string>;
  /** Starts the worker of dist/, as `make up` does; with `--profile` it leaves a CPU profile in bench/results. @returns its pid */
  startWorker(): Promise<number>;
}

/** Starts a private stack below the root (about 4 s); whoever made the root stops and removes it. */
export async function createStack(root: string, options: StackOptions = {}): Promise<BenchStack> {
  const home = mkdtempSync(join(root, 'installation-'));
  chmodSync(home, 0o755);
  const [dataDir, configDir] = [join(home, 'data'), join(home, 'config')];
  for (const directory of [join(dataDir, 'run'), join(dataDir, 'logs'), configDir])
    mkdirSync(directory, { recursive: true });
  cpSync(join(repositoryRoot, 'config'), configDir, { recursive: true });
  if (options.policy !== undefined) writeFileSync(join(configDir, 'policy.yml'), options.policy);
  if (options.universe !== undefined) writeFileSync(join(configDir, 'universe.csv'), options.universe);
  const settings = await startServers(dataDir, configDir);
  const addresses = resolveAddresses(settings);
  await migrateToLatest(addresses.ownerDatabaseUrl);
  return {
    settings,
    addresses,
    dataDir,
    configDir,
    env: { TRADING_OPS_DATA: dataDir, TRADING_OPS_CONFIG: configDir },
    startWorker: async () => {
      if (options.profile) leaveProfile();
      await up(settings, () => undefined);
      delete process.env['NODE_OPTIONS'];
      const worker = workerProcess(installationPaths(dataDir));
      if (!worker) throw new Error('The worker did not start: make build');
      return worker.pid;
    },
  };
}

/** What is started next writes a CPU profile into bench/results when it ends. */
function leaveProfile(): void {
  const directory = join(repositoryRoot, 'bench', 'results');
  mkdirSync(directory, { recursive: true });
  process.env['BENCH_PROFILE_DIR'] = directory;
  process.env['NODE_OPTIONS'] = `--import ${join(repositoryRoot, 'bench', 'support', 'profile.mjs')}`;
}
