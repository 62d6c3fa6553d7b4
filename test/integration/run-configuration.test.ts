import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRun, insertRun, type Run } from '../../src/db/runs.js';
import { doubtsOf } from '../../src/operations/day/run-configuration.js';
import { MONDAY, withSeat } from '../support/day.js';

/** The same rules but for the most that may be lost. */
const edited = (policy: string): string => `${policy}\nrisk: { max_drawdown: 0.15 }\n`;

describe('what a run pins, once the files say something else', { timeout: 60_000 }, () => {
  it.each<[how: string, putInPlace: (configDir: string, next: string) => void]>([
    [
      'a whole directory that was made before and moved there',
      (configDir, next) => {
        renameSync(configDir, `${configDir}-before`);
        renameSync(next, configDir);
      },
    ],
    [
      'a link that was led to another file, made before',
      (configDir, next) => {
        symlinkSync(join(next, 'policy.yml'), join(configDir, 'next.yml'));
        renameSync(join(configDir, 'next.yml'), join(configDir, 'policy.yml'));
      },
    ],
  ])('is excused by %s; a run that is written after it is not', (_, putInPlace) =>
    withSeat({}, async (seat, { configDir }) => {
      const next = `${configDir}-next`;
      cpSync(configDir, next, { recursive: true });
      const policy = readFileSync(join(next, 'policy.yml'), 'utf8');
      writeFileSync(join(next, 'policy.yml'), edited(policy));
      const { runId } = await seat.run('0800', MONDAY);
      const run = (await findRun(seat.db, runId)) as Run;
      const place = { db: seat.db, configDir };
      expect(await doubtsOf(place, run)).toEqual([]);
      putInPlace(configDir, next);
      expect(await doubtsOf(place, run)).toEqual([]);
      const forged = { ...run, runId: randomUUID(), workflowId: randomUUID() };
      await insertRun(seat.db, forged);
      expect(await doubtsOf(place, forged)).toEqual([
        `run ${forged.runId} pins a policy that the files did not say when it was recorded`,
      ]);
    }),
  );

  it.each<[how: string, putInPlace: (cur: string, next: string) => void]>([
    [
      'a link to a release, two directories above',
      (cur, next) => {
        symlinkSync(next, `${cur}.next`);
        renameSync(`${cur}.next`, cur);
      },
    ],
    [
      'a release that was moved there',
      (cur, next) => {
        renameSync(cur, `${cur}-before`);
        renameSync(next, cur);
      },
    ],
  ])('is excused by %s; a run that is written after it is not', (how, putInPlace) =>
    withSeat({}, async (seat, { configDir }) => {
      const root = mkdtempSync(join(tmpdir(), 'releases-'));
      const [cur, before, next] = ['cur', 'rel1', 'rel2'].map((name) => join(root, name)) as [string, string, string];
      const inside = how.includes('link') ? join('app', 'config') : 'config';
      for (const release of [before, next]) cpSync(configDir, join(release, inside), { recursive: true });
      const file = join(next, inside, 'policy.yml');
      writeFileSync(file, edited(readFileSync(file, 'utf8')));
      if (how.includes('link')) symlinkSync(before, cur);
      else renameSync(before, cur);
      const place = { db: seat.db, configDir: join(cur, inside) };
      const { runId } = await seat.run('0800', MONDAY);
      const run = (await findRun(seat.db, runId)) as Run;
      expect(await doubtsOf(place, run)).toEqual([]);
      putInPlace(cur, next);
      expect(await doubtsOf(place, run)).toEqual([]);
      const forged = { ...run, runId: randomUUID(), workflowId: randomUUID() };
      await insertRun(seat.db, forged);
      expect(await doubtsOf(place, forged)).toEqual([
        `run ${forged.runId} pins a policy that the files did not say when it was recorded`,
      ]);
    }),
  );
});
