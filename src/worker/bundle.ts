import { bundleWorkflowCode } from '@temporalio/worker';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stampBuild } from '../runtime/build.js';

/** Bundles the workflows once, when the program is built, so that a worker starts in half a second. */
const workflowsPath = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
const rules = (file: string) => fileURLToPath(new URL(`../${file}.js`, import.meta.url));
// Evaluated once for all workflows of a worker, and frozen: they keep no state, and every run and every day would pay 15 ms for them.
const preloadModules = ['zod', 'luxon', rules('contract/day-messages'), rules('domain/calendar/calendar'), rules('domain/day/state')];
const { code } = await bundleWorkflowCode({ workflowsPath, preloadModules });
await writeFile(fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)), code);
stampBuild();
