import { execa } from 'execa';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { installationPaths, repositoryRoot } from '../../src/runtime/paths.js';
import type { RestoreState } from '../../src/runtime/postgres/restore-state.js';
import { restoreStateFile } from '../../src/runtime/postgres/restore-under-way.js';
import { up } from '../../src/runtime/stack.js';
import { useDemoPolicy } from '../support/day.js';
import { createPrivateStack, runCli, type PrivateStack } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const FAULTS_MAX_MS = 900_000;
let stack: PrivateStack;
let before: Record<string, string>;

beforeAll(async () => {
  stack = await createPrivateStack();
  useDemoPolicy(stack);
  const made = await runCli(stack, ['backup', '--direct', '--operator', 'demo']);
  if (made.code !== 0) throw new Error(`no backup: ${made.stderr}`);
  before = await rows();
}, FAULTS_MAX_MS);
afterAll(() => stack.cleanup());

async function rows(): Promise<Record<string, string>> {
  const db = connect(resolveAddresses(stack.settings).databaseUrl, 1);
  try {
    return await fingerprint(db);
  } finally {
    await db.destroy();
  }
}

/** Restores, and dies at a step. @returns the steps that were told, the last one the one it died at, and whether it died */
async function restoreUntil(step: number, verdict: 'yes' | 'no' = 'yes'): Promise<{ steps: string[]; died: boolean }> {
  const child = await execa(process.execPath, [join(repositoryRoot, 'test', 'support', 'faulty-restore.mjs')], {
    env: { ...stack.env, FAULT_STEP: String(step), FAULT_VERDICT: verdict },
    extendEnv: false,
    cwd: repositoryRoot,
    reject: false,
    all: true,
  });
  const steps = child.stdout.split('\n').filter((line) => /^\d+ /.test(line));
  if (child.signal !== 'SIGKILL' && child.exitCode !== 0) throw new Error(`the restore failed of itself: ${child.all}`);
  return { steps, died: child.signal === 'SIGKILL' };
}

const asides = () => readdirSync(stack.dataDir).filter((name) => name.startsWith('postgres-data.bak-'));
const leftovers = () => readdirSync(stack.dataDir).filter((name) => /^postgres-data\.(new|half|failed)/.test(name));

/** What the next `up` makes of it. */
async function recover(): Promise<{ finished: RestoreState | null; restored: boolean }> {
  let finished: RestoreState | null = null;
  await up(stack.settings, () => undefined, {
    worker: false,
    finishRestore: async (state) => {
      finished = state;
    },
  });
  const now = await rows();
  expect(existsSync(restoreStateFile(installationPaths(stack.dataDir)))).toBe(false);
  expect(leftovers()).toEqual([]);
  return { finished, restored: now['audit_log'] !== before['audit_log'] };
}

describe('a restore on a fresh cluster dies by SIGKILL', { timeout: FAULTS_MAX_MS }, () => {
  it('at each of its steps: the next up finds the prior database as it was, or, after the verdict, finishes', async () => {
    let undone = 0;
    for (let step = 0; ; step++) {
      const asideBefore = asides();
      const { steps, died } = await restoreUntil(step);
      if (!died) {
        expect(steps.at(-1)).toMatch(/ PASS$/);
        break;
      }
      const last = steps.at(-1) as string;
      const judged =
        steps.some((line) => line.endsWith('the comparison is done')) && !last.endsWith('the comparison is done');
      const { finished, restored } = await recover();
      expect({ last, restored, asides: asides().length, finishedByUp: finished !== null }).toEqual({
        last,
        restored: judged,
        asides: asideBefore.length + (judged ? 1 : 0),
        finishedByUp: judged && !last.endsWith(' PASS'),
      });
      if (judged) break;
      undone += 1;
      expect(await rows()).toEqual(before);
    }
    expect(undone).toBeGreaterThan(8);
  });

  it("in its last steps, when the restored database is the installation's: up finishes", async () => {
    const { steps } = await restoreUntil(-1);
    const last = steps.findIndex((line) => line.includes("the restored database is the installation's"));
    const { died } = await restoreUntil(last);
    expect(died).toBe(true);
    const { finished, restored } = await recover();
    expect(finished).toMatchObject({ stage: 'proved', backup: expect.stringMatching(/\.dump$/) });
    expect(restored).toBe(true);
  });

  it('while it puts the prior directory back: the next restore does that first', async () => {
    const now = await rows();
    const { steps } = await restoreUntil(-1, 'no');
    expect(steps.at(-1)).toMatch(/ FAIL$/);
    expect(await rows()).toEqual(now);
    const back = steps.findIndex((line) => line.includes('Putting the prior data directory back'));
    expect(back).toBeGreaterThan(0);
    for (const step of [back - 1, back]) {
      expect((await restoreUntil(step, 'no')).died).toBe(true);
      // Not `up` but another restore comes next: it finds the half-done one.
      const again = await restoreUntil(-1, 'no');
      expect(again.steps.some((line) => line.includes('was cut short: nothing of it is kept'))).toBe(true);
      expect(await rows()).toEqual(now);
      expect(leftovers()).toEqual([]);
    }
  });
});
