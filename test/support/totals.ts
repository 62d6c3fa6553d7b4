import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const FILE = path.join('.build', 'totals.txt');

/**
 * Writes `.build/totals.txt`: a line for each test that was skipped, with its reason, then the totals. A file that could not be
 * loaded, or an error outside of tests, counts as a failure: otherwise a run without tests would pass.
 */
export default class Totals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter(
      (module) => module.state() === 'failed' && [...module.children.allTests('failed')].length === 0,
    ).length;
    const skipped = tests
      .filter((test) => test.result().state === 'skipped')
      .map((test) => `skipped: ${nameOf(test)}: ${reasonOf(test)}`);
    const totals = `${count('passed')} passed, ${count('failed') + broken + errors.length} failed, ${skipped.length} skipped`;
    mkdirSync(path.dirname(FILE), { recursive: true });
    writeFileSync(FILE, `${[...skipped, totals].join('\n')}\n`);
  }
}

const nameOf = (test: TestCase): string => `${path.relative(process.cwd(), test.module.moduleId)} > ${test.fullName}`;

/** What `skip('reason')` said; a test that is skipped beforehand says it in its name. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  return (result.state === 'skipped' && result.note?.replaceAll(/\s+/g, ' ')) || 'as its name says';
}
