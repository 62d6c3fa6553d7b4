import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { prepareLatches } from '../operations/guard/latch.js';
import { readSecretFiles } from '../runtime/secret-files.js';
import { loadSettings } from '../runtime/settings.js';
import { installLogging } from './logging.js';
import { openUiOf } from './web-ui.js';
import { createWorker } from './worker.js';

// Whatever is written here is for its owner: figures of a household, and the letters to it.
process.umask(0o077);
readSecretFiles(process.env);
const settings = loadSettings();
installLogging(settings.logLevel, settings.metricsPort);
// `up` waits for worker.ready; a further worker of the same data directory has a file of its own.
const ready = path.join(
  settings.dataDir,
  'run',
  process.argv.includes('--extra') ? `worker-${process.pid}.ready` : 'worker.ready',
);
await prepareLatches(settings.dataDir);
const closeUi = openUiOf(settings);
const { run, watch, close } = await createWorker(settings);
const stopped = run();
await mkdir(path.dirname(ready), { recursive: true });
await writeFileAtomic(ready, `${process.pid}\n`);
// The server may have gone again by now: the hourly watch finds the same.
await watch().catch(
  (error: unknown) => void process.stderr.write(`The first watch was not started: ${String(error)}\n`),
);
try {
  await stopped;
} finally {
  await rm(ready, { force: true });
  closeUi();
  await close();
}
