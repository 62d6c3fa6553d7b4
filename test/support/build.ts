import { execa } from 'execa';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../../src/runtime/processes/lock.js';
import { repositoryRoot } from '../../src/runtime/paths.js';

const STAMP = join(repositoryRoot, 'dist', '.built');

/**
 * Compiles src/ to dist/, with the scripts of the browser, and bundles the workflows (what `make build` does) when it
 * is older than the sources: tests with servers run the program as an operator does.
 */
export async function buildOnce(): Promise<void> {
  mkdirSync(join(repositoryRoot, '.build'), { recursive: true });
  await withLock(
    join(repositoryRoot, '.build', 'dist.lock'),
    () => undefined,
    async () => {
      const built = statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (existsSync(STAMP) && newest(join(repositoryRoot, 'src')) < built) return;
      const tsc = await execa('npx', ['--no-install', 'tsc', '-p', 'tsconfig.build.json'], {
        cwd: repositoryRoot,
        reject: false,
      });
      // tsc writes the files all the same; a type error is for `npm run typecheck` to fail on, not for every test.
      if (tsc.exitCode !== 0) process.stderr.write(`The build has type errors:\n${tsc.stdout}\n`);
      await execa('npx', ['--no-install', 'tsc', '-p', 'src/desk/browser'], { cwd: repositoryRoot });
      await execa(process.execPath, [join(repositoryRoot, 'dist', 'worker', 'bundle.js')], { cwd: repositoryRoot });
      await execa('touch', [STAMP]);
    },
  );
}

function newest(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Math.max(0, ...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
