import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { DIRECTORY, readPlan } from './plan.js';

const plan = readPlan(process.env[DIRECTORY] ?? '');

/** The project's unit tests, on instrumented sources, run by a runner that tries every mutant. */
export default defineConfig({
  plugins: [
    {
      name: 'mutate',
      enforce: 'pre',
      transform: (_code, id) =>
        plan.sources[
          path
            .relative(plan.root, id.split('?')[0] as string)
            .split(path.sep)
            .join('/')
        ],
    },
  ],
  test: {
    root: plan.root,
    include: ['test/unit/**/*.test.ts'],
    pool: 'forks',
    setupFiles: [path.join(plan.root, 'tools/mutate/setup.ts')],
    runner: path.join(plan.root, 'tools/mutate/runner.ts'),
    reporters: [path.join(plan.root, 'tools/mutate/silent.ts')],
    update: false,
    testTimeout: 20_000,
  },
});
