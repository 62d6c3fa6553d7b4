import { bundleWorkflowCode } from '@temporalio/worker';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Bundles the workflows once, when the program is built, so that a worker starts in half a second. */
const workflowsPath = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath });
await writeFile(fileURLToPath(new URL('../workflow-bundle.js', import.meta.url)), code);
