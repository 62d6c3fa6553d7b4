import { execa } from 'execa';
import path from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { cleanEnvironment } from '../support/servers.js';

const CLI = path.join(repositoryRoot, 'dist', 'cli', 'main.js');

it.each([['--help'], ['ledger', '--help'], ['explain', 'NOTHING_OF_THE_KIND']])(
  'a reader that has read enough ends `trading-ops %s` without a stack trace',
  async (...words) => {
    for (const closed of ['stdout', 'stderr'] as const) {
      const child = execa(process.execPath, [CLI, ...words], {
        env: cleanEnvironment(),
        extendEnv: false,
        reject: false,
      });
      child[closed].destroy();
      const { stderr, signal, exitCode } = await child;
      expect(stderr).not.toMatch(/EPIPE|\n {4}at /);
      expect([signal, exitCode === 0 || exitCode === 64]).toEqual([undefined, true]);
    }
  },
);
