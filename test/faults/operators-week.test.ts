import type { Knex } from 'knex';
import { describe, expect, it } from 'vitest';
import { slotsLate, slotsLost } from '../support/outages.js';
import { createPrivateStack } from '../support/stack.js';
import { operatorsWeek } from '../support/week.js';

/**
 * `WEEK_DAYS` and `WEEK_SEED` choose others: the more the better (docs/DEVELOPING.md). What happens to days without
 * schedules is the fault simulator's, which plays ten times as many.
 */
const DAYS = Number(process.env['WEEK_DAYS'] ?? 12);
const SEED = Number(process.env['WEEK_SEED'] ?? 2014);
const WEEK_MAX_MS = 300_000 + DAYS * 10_000;

describe("the operator's week: scheduled slots on real prices, with outages of worker, Temporal and Postgres", () => {
  it(
    `${DAYS} trading days, seed ${SEED}: every invariant holds after every day, and every slot has its outcome`,
    async () => {
      const stack = await createPrivateStack();
      try {
        const { days, fates, db } = await operatorsWeek(stack, { seed: SEED, count: DAYS });
        try {
          expect(days).toHaveLength(DAYS);
          expect(
            await missedSlots(db),
            `seed ${SEED}: one record of every slot that was lost, and of no other`,
          ).toEqual(slotsLost(fates));
          expect(await toldSlots(db, 'RUN_MISSED'), `seed ${SEED}`).toEqual(slotsLost(fates));
          expect(await toldSlots(db, 'RUN_LATE'), `seed ${SEED}`).toEqual(slotsLate(fates));
          expect(await db('alerts').whereIn('code', ['RUN_STOPPED']), `seed ${SEED}`).toEqual([]);
          expect(days.filter(({ kind }) => kind === 'TRADE').length, `seed ${SEED}: days that traded`).toBeGreaterThan(
            DAYS / 10,
          );
        } finally {
          await db.destroy();
        }
      } finally {
        await stack.cleanup();
      }
    },
    WEEK_MAX_MS,
  );
});

async function missedSlots(db: Knex): Promise<string[]> {
  const rows = await db('runs')
    .join('run_results', 'run_results.run_id', 'runs.run_id')
    .where({ outcome: 'MISSED' })
    .orderBy(['trading_day', 'slot'])
    .select<{ trading_day: string; slot: string }[]>('trading_day', 'slot');
  return rows.map(({ trading_day, slot }) => `${trading_day}/${slot}`);
}

const toldSlots = async (db: Knex, code: string): Promise<string[]> =>
  await db('alerts').where({ code }).orderBy('subject').pluck('subject');
