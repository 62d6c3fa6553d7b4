import { describe, expect, it } from 'vitest';
import { dueRuns } from '../../src/domain/day/backfill.js';
import { defaultSchedules } from '../../src/domain/policy/schedules.js';

const due = (
  from: string,
  to: string,
  slot: string | null = null,
  now: string | null = null,
  openedAt = null as string | null,
) => dueRuns({ from, to, slot }, defaultSchedules, now === null ? null : { now, openedAt });

describe('the runs that were due on past days', () => {
  it('are both slots, Monday to Friday, in their order', () => {
    expect(due('2026-03-27', '2026-03-30')).toEqual([
      { slot: '0800', at: '2026-03-27T08:00:00.000Z' },
      { slot: '1400', at: '2026-03-27T14:00:00.000Z' },
      // From the last Sunday of March on London is an hour ahead.
      { slot: '0800', at: '2026-03-30T07:00:00.000Z' },
      { slot: '1400', at: '2026-03-30T13:00:00.000Z' },
    ]);
  });

  it('are those of one slot where it is named, and none on a weekend', () => {
    expect(due('2026-03-27', '2026-03-27', '1400')).toEqual([{ slot: '1400', at: '2026-03-27T14:00:00.000Z' }]);
    expect(due('2026-03-28', '2026-03-29')).toEqual([]);
  });

  it('are past: up to the very instant, and on a simulated clock any', () => {
    expect(due('2026-03-27', '2026-03-27', '0800', '2026-03-27T08:00:00.000Z')).toHaveLength(1);
    expect(() => due('2026-03-27', '2026-03-27', null, '2026-03-27T08:00:00.000Z')).toThrow(
      'to: 2026-03-27: the 1400 run of 2026-03-27T14:00:00.000Z is still to come; only past runs are made up for',
    );
  });

  it('are of an account: on the real clock from the day on which the first was opened', () => {
    const opened = ['2026-04-01T00:00:00.000Z', '2026-03-27T23:30:00.000Z'] as const;
    expect(due('2026-03-27', '2026-03-27', null, ...opened)).toHaveLength(2);
    expect(() => due('2026-03-26', '2026-03-27', null, ...opened)).toThrow(
      'from: 2026-03-26: must not be before 2026-03-27, when the first account of the real clock was opened',
    );
  });

  it('are at most those of a year', () => {
    expect(due('2026-01-01', '2027-01-01')).toHaveLength(2 * 262);
    expect(() => due('2026-01-01', '2027-01-02')).toThrow(
      'to: 2027-01-02: must be less than 366 days after --from, 2026-01-01',
    );
    expect(() => due('0001-01-01', '9999-12-31')).toThrow('must be less than 366 days after');
  });

  it.each([
    ['2026-02-30', '2026-03-01', null, 'from: 2026-02-30: must be a date YYYY-MM-DD'],
    ['2026-03-01', 'soon', null, 'to: soon: must be a date YYYY-MM-DD'],
    ['2026-03-02', '2026-03-01', null, 'to: 2026-03-01: must not be before --from, 2026-03-02'],
    ['2026-03-02', '2026-03-02', '0900', 'slot: 0900: must be 0800 or 1400'],
  ])('%s to %s, slot %s: refused', (from, to, slot, message) => {
    expect(() => due(from, to, slot)).toThrow(message);
  });
});
