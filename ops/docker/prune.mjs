// Leaves of the Temporal SDK's native part only the build for this machine: five are shipped, 148 MB.
//   node ops/docker/prune.mjs node_modules
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const releases = path.join(process.argv[2] ?? 'node_modules', '@temporalio', 'core-bridge', 'releases');
const wanted = `${{ x64: 'x86_64', arm64: 'aarch64' }[process.arch]}-unknown-linux-gnu`;
const found = readdirSync(releases);
if (!found.includes(wanted)) throw new Error(`${releases} has no build for ${wanted}, only ${found.join(', ')}`);
for (const name of found.filter((release) => release !== wanted))
  rmSync(path.join(releases, name), { recursive: true });
