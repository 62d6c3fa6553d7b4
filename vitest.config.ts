import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Unit tests need nothing; all others share one Postgres and one Temporal server, started by test/support/globalSetup.ts. */
const WITH_SERVERS = ['integration', 'replay', 'faults', 'browser'];

/** Files that take minutes: one that begins last would run on alone. */
const LONGEST = ['simulator', 'restore-fresh', 'worker-kill', 'hostile', 'services', 'doors-ledger', 'bad-input'];

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

export default defineConfig({
  test: {
    pool: 'forks',
    // On two cores: many tests wait for a server to stop or start, and leave one of them idle.
    maxWorkers: 3,
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
        test: {
          name: 'integration',
          include: WITH_SERVERS.map((directory) => `test/${directory}/**/*.test.ts`),
          globalSetup: ['test/support/globalSetup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
