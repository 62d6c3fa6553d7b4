import { defineConfig } from 'vitest/config';

/** Unit tests need nothing; all others share one Postgres and one Temporal server, started by test/support/globalSetup.ts. */
const WITH_SERVERS = ['integration', 'replay', 'faults', 'browser'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
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
