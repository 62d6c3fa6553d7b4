import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pino, stdTimeFunctions } from 'pino';
import writeFileAtomic from 'write-file-atomic';
import { connect, OF_THE_DESK } from '../db/connect.js';
import { NOT_EXPOSED, readExposure } from '../operations/setup/exposure.js';
import { resolveAddresses } from '../runtime/addresses.js';
import { installationPaths } from '../runtime/paths.js';
import { USUAL_PORTS } from '../runtime/processes/ports.js';
import { readRecord } from '../runtime/record.js';
import { readSecretFiles } from '../runtime/secret-files.js';
import { loadSettings } from '../runtime/settings.js';
import { deskSealKey } from '../runtime/signing/desk-key.js';
import { ensureInstallationKey } from '../runtime/signing/installation-key.js';
import { openMail } from './mail.js';
import type { Place } from './place.js';
import { createDesk } from './server.js';

/** Connections at once: a page asks a few questions side by side, and two people look. */
const CONNECTIONS = 6;

// Whatever is written here is for its owner.
process.umask(0o077);
readSecretFiles(process.env);
const settings = loadSettings();
const { databaseUrl, local: isLocal } = resolveAddresses(settings);
const logger = pino({ level: settings.logLevel, errorKey: 'error', timestamp: stdTimeFunctions.isoTime, base: null });
const db = connect(databaseUrl, CONNECTIONS, OF_THE_DESK);
const { dataDir, taskQueue } = settings;
const mail = openMail(settings, { dataDir, taskQueue, isLocal });
// In a container the port is published on loopback by the engine, and the name a browser uses has that one.
const isContained = process.argv.includes('--any-address');
const port = isContained
  ? Number(process.env['TRADING_OPS_DESK_PORT'] ?? USUAL_PORTS.desk)
  : (readRecord(settings.dataDir)?.desk?.port ?? USUAL_PORTS.desk);
// A policy that cannot be read exposes nothing: pages say what is wrong with it.
const { exposure, trustedProxies } = await readExposure(settings.configDir).catch((error: unknown) => {
  logger.error({ error }, 'desk.public_url cannot be read: the desk answers to this machine alone');
  return NOT_EXPOSED;
});
const place: Place = {
  exposure,
  trustedProxies,
  db,
  databaseUrl,
  mail,
  dataDir,
  configDir: settings.configDir,
  now: () => new Date().toISOString(),
  port,
  sealKey: () => deskSealKey(dataDir),
  installation: (await ensureInstallationKey(settings.dataDir)).installation,
  dryRun: settings.dryRunTrades,
};
const desk = await createDesk(place, logger);
await desk.listen(isContained ? { port: USUAL_PORTS.desk, host: '0.0.0.0' } : { port, host: '127.0.0.1' });
// `up` waits for this file.
const ready = installationPaths(settings.dataDir).ready('desk');
await mkdir(path.dirname(ready), { recursive: true });
await writeFileAtomic(ready, `${process.pid}\n`);
logger.info({ port, public: exposure && exposure.origin + exposure.base }, 'the desk listens');

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await rm(ready, { force: true });
  await desk.close();
  await mail.close();
  await db.destroy();
}
process.on('SIGTERM', () => void stop()).on('SIGINT', () => void stop());
