import { bundleWorkflowCode } from '@temporalio/worker';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stampBuild } from '../runtime/build.js';

/** Bundles the workflows once, when the program is built, so that a worker starts in half a second. */
const workflowsPath = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
// These two are evaluated once for all workflows of a worker, and frozen; else every run and every day would pay 10 ms for them.
const { code } = await bundleWorkflowCode({ workflowsPath, preloadModules: ['zod', 'luxon'] });
await writeFile(fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)), code);
stampBuild();
