import { bundleWorkflowCode } from '@temporalio/worker';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stampBuild } from '../runtime/build.js';

/** Bundles the workflows once, when the program is built, so that a worker starts in half a second. */
const workflowsPath = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
// Evaluated once for all workflows of a worker, and frozen: they keep no state, and every run and every day would pay
// 15 ms for them.
const ours = [
  new URL('../contract/alerts.js', import.meta.url),
  new URL('../contract/backup.js', import.meta.url),
  new URL('../contract/day-messages.js', import.meta.url),
  new URL('../contract/run-reply.js', import.meta.url),
  new URL('../contract/runs.js', import.meta.url),
  new URL('../contract/workflows.js', import.meta.url),
  new URL('../domain/backup/failure.js', import.meta.url),
  new URL('../domain/calendar/calendar.js', import.meta.url),
  new URL('../domain/day/state.js', import.meta.url),
];
const preloadModules = ['zod', 'luxon', ...ours.map((url) => fileURLToPath(url))];
const payloadConverterPath = fileURLToPath(new URL('../workflows/payload-converter.js', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath, payloadConverterPath, preloadModules });
await writeFile(fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)), code);
stampBuild();
