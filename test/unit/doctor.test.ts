import { describe, expect, it } from 'vitest';
import { skewVerdict } from '../../src/doctor/clock.js';
import { spaceVerdict } from '../../src/doctor/disk.js';
import { examine } from '../../src/doctor/examine.js';
import { fail, ok, warn, type Check } from '../../src/doctor/finding.js';
import { NotKnowable } from '../../src/doctor/not-knowable.js';
import type { Patient } from '../../src/doctor/patient.js';
import { slotsVerdict } from '../../src/doctor/schedules.js';
import { nodeVerdict, programsVerdict } from '../../src/doctor/versions.js';
import { firstDifference, knownOffsets, offsetsOf } from '../../src/doctor/zones.js';
import { refusal } from '../../src/domain/errors.js';
import type { SlotStanding } from '../../src/domain/day/slots.js';
import { readIdentity } from '../../src/runtime/build.js';

const nobody = {} as Patient;
const check = (name: string, examineIt: Check['examine']): Check => ({ name, expected: 'well', examine: examineIt });

describe('the doctor', () => {
  it('makes each check on its own: one that throws or hangs hides no other', async () => {
    const findings = await examine(
      nobody,
      [
        check('well', async () => ok('fine')),
        check('throws', async () => {
          throw new Error('broken\n  pipe');
        }),
        check('throws at once', () => {
          throw refusal('X', 'no', { remedy: 'make up' });
        }),
        check('hangs', () => new Promise(() => undefined)),
        check('blocked', async () => {
          throw new NotKnowable('Postgres does not run');
        }),
        check('of two', async () => [
          { of: 'main', ...fail('low', 'fill it') },
          { of: 'other', ...warn('lower') },
        ]),
      ],
      50,
    );
    expect(findings.map(({ name, status, found, remedy }) => [name, status, found, remedy])).toEqual([
      ['well', 'ok', 'fine', null],
      ['throws', 'fail', 'could not be checked: broken pipe', 'trading-ops status, and make logs'],
      ['throws at once', 'fail', 'could not be checked: no', 'make up'],
      ['hangs', 'fail', 'could not be checked: no answer within 0.05 s', 'trading-ops status, and make logs'],
      ['blocked', 'warn', 'not known: Postgres does not run', null],
      ['of two main', 'fail', 'low', 'fill it'],
      ['of two other', 'warn', 'lower', null],
    ]);
  });

  it('knows versions that are too old', () => {
    expect(
      ['18.20.8', '20.18.3', '22.11.0', '23.11.1'].filter((version) => nodeVerdict(version).status !== 'fail'),
    ).toEqual([]);
    expect(
      ['20.19.0', '22.12.0', '24.0.0', '25.1.0'].filter((version) => nodeVerdict(version).status !== 'ok'),
    ).toEqual([]);
    expect([13, 15, 16].map((major) => programsVerdict({ version: `${major}.1`, major }, 15).status)).toEqual([
      'fail',
      'ok',
      'ok',
    ]);
  });

  it('knows clocks that are apart by more than two seconds, either way', () => {
    expect([-60_000, -2_001, -2_000, 0, 1_999, 2_001].map((ms) => skewVerdict(ms).status)).toEqual([
      'fail',
      'fail',
      'ok',
      'ok',
      'ok',
      'fail',
    ]);
    expect(skewVerdict(-61_500).found).toBe('-61.5 s');
  });

  it('tells slots that nobody accounted for, and leaves those alone that are done, under way, or recorded as missed', () => {
    const slot = (state: SlotStanding['state'], recorded: boolean): SlotStanding => ({
      tradingDay: '2026-11-23',
      slot: '1400',
      state,
      recorded,
      outcome: null,
      dueAt: '',
      endsAt: '',
      runId: null,
      beganAt: null,
      failure: null,
      wasMissed: false,
    });
    expect(slotsVerdict([slot('DONE', true), slot('UNDER_WAY', false), slot('MISSED', true)]).status).toBe('ok');
    expect(
      ['LATE', 'STOPPED', 'MISSED'].map(
        (state) => slotsVerdict([slot('DONE', true), slot(state as SlotStanding['state'], false)]).status,
      ),
    ).toEqual(['fail', 'fail', 'fail']);
    expect(slotsVerdict([{ ...slot('STOPPED', false), failure: 'no disk' }]).found).toBe(
      '1 not, first 1400 of 2026-11-23: STOPPED (no disk)',
    );
  });

  it('measures the space that is left, also of a directory that is not there yet', async () => {
    const limits = (warnBytes: number, failBytes: number) =>
      spaceVerdict('/tmp/doctor-not-there/yet', { warnBytes, failBytes });
    expect([
      (await limits(1, 1)).status,
      (await limits(2 ** 60, 1)).status,
      (await limits(2 ** 60, 2 ** 59)).status,
    ]).toEqual(['ok', 'warn', 'fail']);
  });
});

describe('zone data', () => {
  it('is compared with the dates on which the clocks change', () => {
    expect(offsetsOf(2026).map(({ zone, at, minutes }) => `${zone} ${at} ${minutes}`)).toEqual([
      'America/New_York 2026-03-08T06:00:00.000Z -300',
      'America/New_York 2026-03-08T07:00:00.000Z -240',
      'Europe/London 2026-03-29T00:00:00.000Z 0',
      'Europe/London 2026-03-29T01:00:00.000Z 60',
      'Europe/London 2026-10-25T00:00:00.000Z 60',
      'Europe/London 2026-10-25T01:00:00.000Z 0',
      'America/New_York 2026-11-01T05:00:00.000Z -240',
      'America/New_York 2026-11-01T06:00:00.000Z -300',
    ]);
  });

  it('of every year to 2037 is as the rules say, by the dates that were published', () => {
    const marchSundays = {
      2024: '2024-03-31',
      2025: '2025-03-30',
      2027: '2027-03-28',
      2028: '2028-03-26',
      2037: '2037-03-29',
    };
    for (const [year, date] of Object.entries(marchSundays))
      expect(offsetsOf(Number(year))[3]?.at).toBe(`${date}T01:00:00.000Z`);
  });

  it('that is out of date is told by zone and instant', () => {
    const known = knownOffsets(2026);
    expect(
      firstDifference(
        known,
        known.map(({ minutes }) => minutes),
      ),
    ).toBeNull();
    const withoutSummerTime = known.map(({ zone, minutes, at }) =>
      zone === 'Europe/London' && at > '1980' ? 0 : minutes,
    );
    expect(firstDifference(known, withoutSummerTime)).toBe(
      'Europe/London at 2026-03-29T01:00:00.000Z: 0 minutes from UTC instead of 60',
    );
    expect(
      firstDifference(
        known,
        known.map(() => null),
      ),
    ).toMatch(/^Europe\/London at 1970-01-15T12:00:00\.000Z: null/);
  });
});

it("a worker's identity names its process, machine and build; a stranger's does not", () => {
  expect(readIdentity('4711@host.example trading-ops+0a1b2c3d4e5f')).toEqual({
    pid: 4711,
    host: 'host.example',
    build: '0a1b2c3d4e5f',
  });
  expect(readIdentity('4711@host.example')).toBeNull();
});
