import { defineConfig } from 'vitest/config';
import { dirname, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { scratchDirectory } from './test/support/scratch.ts';

/** Unit tests need nothing; all others share one Postgres and one Temporal server, started by test/support/globalSetup.ts. */
const WITH_SERVERS = ['integration', 'replay', 'faults', 'browser'];

/** Files that take a minute or more: one that begins last would run on alone. What computes is among what waits. */
const LONGEST = [
  'integration/restore-fresh',
  'faults/simulator',
  'faults/worker-kill',
  'faults/backup-services',
  'integration/simulate',
  'integration/alerts-delivery',
  'faults/restore-kill',
  'faults/services',
  'faults/hostile',
  'integration/corpus',
  'integration/restore-test',
  'faults/systemd',
  'integration/watch',
  'integration/runtime',
  'faults/operators-week',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return found < 0 ? LONGEST.length : found;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array that is sorted
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

const SOURCE = resolve(import.meta.dirname, 'src') + sep;
const BUILT = resolve(import.meta.dirname, 'dist') + sep;

/**
 * Tests with servers take the program as it was built: Node loads it by itself, once for all that runs in the process of a
 * test. Translated anew for each of ninety files it took longer than many of them do.
 */
const asBuilt: Plugin = {
  name: 'as-built',
  enforce: 'pre',
  resolveId(source, importer) {
    if (!source.startsWith('.') || importer === undefined) return null;
    const file = resolve(dirname(importer), source);
    return file.startsWith(SOURCE) ? BUILT + file.slice(SOURCE.length) : null;
  },
};

// Said before any process of a test is started, so that all of them agree.
const scratch = scratchDirectory();
if (scratch !== undefined) process.env['TMPDIR'] ??= scratch;

export default defineConfig({
  test: {
    pool: 'forks',
    // On two cores: many tests wait for a server to stop or start, and leave one of them idle.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    projects: [
      // A limit finds what hangs; on a machine ten times as busy nothing else may fail.
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // They start nothing and keep nothing: loading the program anew for each file took longer than they do.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        plugins: [asBuilt],
        test: {
          name: 'integration',
          include: WITH_SERVERS.map((directory) => `test/${directory}/**/*.test.ts`),
          // A process plays many files, and loads the program once: each has installations of its own, and gives back what it took.
          isolate: false,
          globalSetup: ['test/support/globalSetup.ts'],
          server: { deps: { external: [/\/dist\//] } },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
