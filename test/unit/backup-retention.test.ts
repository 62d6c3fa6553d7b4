import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tradingDayOf } from '../../src/domain/calendar/calendar.js';
import { backupsToDelete, type KeepPolicy, type Retained } from '../../src/domain/backup/retention.js';

const at = (takenAt: string, verified = true): Retained => ({
  file: takenAt,
  takenAt: new Date(takenAt).toISOString(),
  verified,
});
const policy = (keep_daily: number, keep_monthly: number, keep_verified_min: number): KeepPolicy => ({
  keep_daily,
  keep_monthly,
  keep_verified_min,
});

const START = Date.parse('2026-01-01T00:00:00Z');
const backup = fc
  .record({ hours: fc.integer({ min: 0, max: 24 * 500 }), verified: fc.boolean() })
  .map(({ hours, verified }) => at(new Date(START + hours * 3_600_000).toISOString(), verified));
const backups = fc.uniqueArray(backup, { selector: ({ file }) => file, maxLength: 80 });
const policies = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 14 }), fc.integer({ min: 1, max: 10 }))
  .map((numbers) => policy(...numbers));

describe('retention', () => {
  it('keeps the newest of each day and of each month, of a year of two backups a day', () => {
    const year = Array.from({ length: 365 }, (_, day) =>
      new Date(Date.parse('2025-11-23T00:00:00Z') + day * 86_400_000).toISOString().slice(0, 10),
    ).flatMap((day) => [at(`${day}T15:10:00Z`), at(`${day}T22:30:00Z`)]);
    const deleted = new Set(backupsToDelete(year, policy(30, 12, 3)));
    const kept = year.map(({ file }) => file).filter((file) => !deleted.has(file));
    const months = [
      '2025-12-31',
      '2026-01-31',
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
      '2026-05-31',
      '2026-06-30',
      '2026-07-31',
      '2026-08-31',
      '2026-09-30',
    ];
    // Two of the last day: the last three are kept whatever their day.
    expect(kept.filter((file) => file < '2026-10-24')).toEqual(months.map((day) => `${day}T22:30:00Z`));
    expect(kept.filter((file) => file >= '2026-10-24')).toHaveLength(31);
  });

  it('goes by the UK day: half past midnight in summer belongs to the day before in UTC only', () => {
    expect(backupsToDelete([at('2026-07-01T22:30:00Z'), at('2026-07-01T23:30:00Z')], policy(5, 0, 1))).toEqual([]);
    expect(backupsToDelete([at('2026-07-01T21:30:00Z'), at('2026-07-01T22:30:00Z')], policy(5, 0, 1))).toEqual([
      '2026-07-01T21:30:00Z',
    ]);
  });

  it('days without a backup do not count: a timer that stopped a year ago has deleted nothing', () => {
    const old = [at('2025-01-01T22:30:00Z'), at('2025-01-02T22:30:00Z')];
    expect(backupsToDelete(old, policy(30, 12, 1))).toEqual([]);
  });

  it('never deletes the last N whole ones, never anything that is not whole, and never the newest of a day that it keeps', () => {
    fc.assert(
      fc.property(backups, policies, (all, rules) => {
        const deleted = backupsToDelete(all, rules);
        const whole = all.filter(({ verified }) => verified).toSorted((a, b) => (a.takenAt < b.takenAt ? 1 : -1));
        expect(whole.slice(0, rules.keep_verified_min).filter(({ file }) => deleted.includes(file))).toEqual([]);
        expect(all.filter(({ verified, file }) => !verified && deleted.includes(file))).toEqual([]);
        const days = [...new Set(whole.map(({ takenAt }) => tradingDayOf(takenAt)))].slice(0, rules.keep_daily);
        const newest = days.map((day) => whole.find(({ takenAt }) => tradingDayOf(takenAt) === day)?.file);
        expect(newest.filter((file) => file !== undefined && deleted.includes(file))).toEqual([]);
      }),
    );
  });

  it('once done has nothing more to do, in whatever order the files are listed, and leaves no more than the policy counts', () => {
    fc.assert(
      fc.property(backups, policies, (all, rules) => {
        const deleted = backupsToDelete(all, rules);
        const left = all.filter(({ file }) => !deleted.includes(file));
        expect(backupsToDelete(left, rules)).toEqual([]);
        expect(backupsToDelete(all.toReversed(), rules)).toEqual(deleted);
        expect(left.filter(({ verified }) => verified).length).toBeLessThanOrEqual(
          rules.keep_daily + rules.keep_monthly + rules.keep_verified_min,
        );
      }),
    );
  });
});
