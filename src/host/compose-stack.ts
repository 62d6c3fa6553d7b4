import { copyFileSync, chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { faultError, refusal } from '../domain/errors.js';
import { health } from '../runtime/health.js';
import { withLock } from '../runtime/processes/lock.js';
import type { Progress } from '../runtime/parts.js';
import { installationPaths } from '../runtime/paths.js';
import { waitUntil } from '../runtime/processes/processes.js';
import { readRecord } from '../runtime/record.js';
import { loadSettings, type Settings } from '../runtime/settings.js';
import { ensureInstallationKey } from '../runtime/signing/installation-key.js';
import { composeCommand, composeEnvironment, handOver, requireCompose, runCompose } from './compose.js';
import { composeRecord, composeUser, prepareComposeDirectory, prepareComposeFiles } from './compose-files.js';
import { environmentFile } from './systemd-units.js';

/** The worker has by then logged in everywhere; an image that must be built first is not counted in. */
const READY_MAX_MS = 180_000;

/**
 * Builds the image, starts the containers of docker-compose.yml in their order, and waits until a worker asks for
 * work. Harmless when they run. Throws "unreachable" (69) without Compose or an engine.
 */
export async function composeUp(settings: Settings, progress: Progress): Promise<{ webUi: string }> {
  const program = await requireCompose();
  if (readRecord(settings.dataDir)?.runtime === 'local') throw startedLocally(settings);
  prepareComposeDirectory(settings.dataDir);
  const { lock } = installationPaths(settings.dataDir);
  return withLock(
    lock,
    (pid) => progress(`Process ${pid} is starting or stopping this installation: waiting for it`),
    async () => {
      const record = await composeRecord(settings.dataDir);
      const user = composeUser();
      await ensureInstallationKey(settings.dataDir);
      await prepareComposeFiles(settings.dataDir, record, user);
      copyServiceSecrets(settings.dataDir);
      await runCompose(
        composeCommand(program, settings, 'up', '--detach', '--build', '--remove-orphans'),
        composeEnvironment(settings, record, user),
        progress,
      );
      await becomesHealthy(progress);
      return { webUi: `http://127.0.0.1:${record.temporal.uiPort}` };
    },
  );
}

/** Stops and removes the containers, each with the grace its service has; volumes and the data directory stay. */
export async function composeDown(settings: Settings, progress: Progress): Promise<void> {
  const record = readRecord(settings.dataDir);
  if (record?.runtime !== 'compose') return;
  const program = await requireCompose();
  await runCompose(
    composeCommand(program, settings, 'down'),
    composeEnvironment(settings, record, composeUser()),
    progress,
  );
}

/** Compose's own answer, on the terminal: `ps`, `logs`, `exec`. @returns its exit code */
export async function composeShow(settings: Settings, ...args: string[]): Promise<number> {
  const record = readRecord(settings.dataDir);
  if (record?.runtime !== 'compose')
    throw refusal('NOT_STARTED', `${settings.dataDir} has never been started by Docker Compose.`, {
      remedy: 'TRADING_OPS_RUNTIME=compose make up',
    });
  return handOver(
    composeCommand(await requireCompose(), settings, ...args),
    composeEnvironment(settings, record, composeUser()),
  );
}

/** The operator's file stays closed; the copy lies beside the other secrets. */
function copyServiceSecrets(dataDir: string): void {
  const copy = join(dataDir, 'secrets', 'service_env');
  if (existsSync(copy)) chmodSync(copy, 0o600);
  copyFileSync(environmentFile(dataDir), copy);
  chmodSync(copy, 0o444);
}

async function becomesHealthy(progress: Progress): Promise<void> {
  progress('Waiting until the worker asks for work');
  let missing = '';
  const healthy = await waitUntil(
    async () => {
      // Read again: only now does the record name the containers' ports.
      const checks = await health(loadSettings());
      missing = checks
        .filter(({ ok }) => !ok)
        .map(({ name, detail }) => `${name}: ${detail}`)
        .join('\n');
      return missing === '';
    },
    READY_MAX_MS,
    1_000,
  );
  if (healthy) return;
  throw faultError(
    'COMPOSE_NOT_HEALTHY',
    `The containers run, but after ${READY_MAX_MS / 60_000} minutes:\n${missing}`,
    { remedy: 'TRADING_OPS_RUNTIME=compose make logs' },
  );
}

function startedLocally(settings: Settings) {
  return refusal(
    'RUNTIME_DIFFERS',
    `${settings.dataDir} is run by processes of this program, with a database of their own.`,
    {
      remedy: 'set TRADING_OPS_DATA to another directory, or move the data over (docs/HOSTING.md)',
    },
  );
}
