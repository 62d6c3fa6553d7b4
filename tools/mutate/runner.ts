import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { collectTests, getFn, getHooks, type File, type Suite, type Test } from '@vitest/runner';
import { vi } from 'vitest';
import { VitestTestRunner } from 'vitest/runners';
import { DIRECTORY, linesOf, readPlan, say } from './plan.js';
import { switchboard } from './switchboard.js';

const directory = process.env[DIRECTORY] ?? '';
/** What snapshots say when Vitest does not know which test is under way, as in a file that was loaded again. */
const NO_CONTEXT = 'without test context';

// A test that is run a thousand times listens a thousand times for its own end.
setMaxListeners(0);

/**
 * Runs each test once as it is, to see which places it reaches, and then once for every mutant that lives there and that
 * nobody has noticed so far. What runs outside of tests (a constant, a table of cases, a hook) is seen only by loading the
 * file again with the mutant on, which is done at the end for those that are left.
 */
export default class MutationRunner extends VitestTestRunner {
  private readonly plan = readPlan(directory);
  private readonly reachedOutside = new Set<number>();
  private decided = new Set<number>();
  private file = '';
  private again = false;

  override onCollectStart(file: File): void {
    super.onCollectStart(file);
    if (this.again) return;
    switchboard.taken();
    const lines = linesOf(directory);
    this.file = path.relative(this.plan.root, file.filepath);
    this.decided = new Set(lines.flatMap((line) => (line.kind === 'noticed' ? [line.mutant] : [])));
    // A process before this one came through the whole file.
    if (lines.some((line) => line.kind === 'done' && line.file === this.file))
      for (const { id } of this.plan.mutants) this.decided.add(id);
  }

  async runTask(test: Test): Promise<void> {
    for (const id of switchboard.taken()) this.reachedOutside.add(id);
    try {
      await getFn(test)();
    } catch (error) {
      say(directory, { kind: 'broken', file: this.file, test: test.name, error: String(error) });
      return;
    }
    const reached = switchboard.taken();
    say(directory, { kind: 'reached', file: this.file, mutants: [...reached] });
    if (await this.passes(test)) for (const { id } of this.plan.mutants) await this.tryIn(test, id, reached);
    else for (const id of reached) this.reachedOutside.add(id);
    switchboard.taken();
  }

  private async tryIn(test: Test, id: number, reached: ReadonlySet<number>): Promise<void> {
    if (!reached.has(id) || this.decided.has(id)) return;
    say(directory, { kind: 'try', mutant: id, file: this.file });
    if (!(await switchboard.with(id, () => this.passes(test)))) this.notice(id, test.name);
  }

  /** Whether the test passes when it is run once more: a test that uses up what its hooks made does not. */
  private async passes(test: Test): Promise<boolean> {
    try {
      this.onBeforeTryTask(test);
      await getFn(test)();
      this.onAfterTryTask(test);
      return true;
    } catch {
      return false;
    }
  }

  private notice(id: number, by: string): void {
    this.decided.add(id);
    say(directory, { kind: 'noticed', mutant: id, file: this.file, by });
  }

  override async onAfterRunSuite(suite: Suite): Promise<void> {
    await super.onAfterRunSuite(suite);
    if (!('filepath' in suite)) return;
    for (const id of switchboard.taken()) this.reachedOutside.add(id);
    say(directory, { kind: 'reached', file: this.file, mutants: [...this.reachedOutside] });
    for (const { id } of this.plan.mutants) {
      if (!this.reachedOutside.has(id) || this.decided.has(id)) continue;
      say(directory, { kind: 'try', mutant: id, file: this.file });
      const by = await switchboard.with(id, () => this.loadedAgain(suite as File));
      if (by !== null) this.notice(id, by);
    }
    say(directory, { kind: 'done', file: this.file });
  }

  /** Loads the file and what it imports anew, with the mutant on; a file that cannot be loaded has noticed it. */
  private async loadedAgain({ filepath }: File): Promise<string | null> {
    this.again = true;
    try {
      vi.resetModules();
      const [file] = await collectTests([filepath], this);
      if (file === undefined || file.result?.state === 'fail') return '(loading)';
      return await firstFailing(file, [], this);
    } finally {
      this.again = false;
    }
  }
}

/** The first test of a suite that fails, with the hooks around it; null when none does. */
async function firstFailing(suite: Suite, outer: readonly Suite[], runner: MutationRunner): Promise<string | null> {
  const around = [...outer, suite];
  const failed = await failure(async () => {
    for (const hook of getHooks(suite).beforeAll) await hook(suite);
  });
  if (failed !== null) return `${suite.name}: ${failed}`;
  for (const task of suite.tasks) {
    if (task.mode === 'skip' || task.mode === 'todo') continue;
    if (task.type === 'suite') {
      const name = await firstFailing(task, around, runner);
      if (name !== null) return name;
    } else if ((await failure(() => runAlone(task, around, runner))) !== null) return task.name;
  }
  for (const hook of getHooks(suite).afterAll) await hook(suite);
  return null;
}

async function runAlone(test: Test, around: readonly Suite[], runner: MutationRunner): Promise<void> {
  runner.onBeforeTryTask(test);
  for (const suite of around) for (const hook of getHooks(suite).beforeEach) await hook(test.context, suite);
  await getFn(test)();
  runner.onAfterTryTask(test);
  for (const suite of around.toReversed())
    for (const hook of getHooks(suite).afterEach) await hook(test.context, suite);
}

async function failure(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    const text = String(error);
    return text.includes(NO_CONTEXT) ? null : text;
  }
}
