import { describe, expect, it } from 'vitest';
import { BENCHMARK_OF_2014, SYMBOLS_OF_2014 } from '../support/market-2014.js';
import { spoiled } from '../../tools/faults/data-faults.js';
import { causeOf } from '../../tools/faults/cause.js';
import { ALL_KINDS, DAYS_A_LIFE, lifeOfDay, planLife } from '../../tools/faults/plan.js';
import { shrink } from '../../tools/faults/shrink.js';

describe('the plan of a run', () => {
  it('is the same for the same seed, and of each life whatever the others are', () => {
    expect(planLife(7, 3)).toEqual(planLife(7, 3));
    expect(planLife(7, 3)).not.toEqual(planLife(8, 3));
    expect(planLife(7, 3).faults).not.toEqual(planLife(7, 4).faults);
  });

  it('numbers days through, and faults by their day', () => {
    const { firstDay, sessions, faults } = planLife(7, 3);
    expect({ firstDay, sessions: sessions.length }).toEqual({ firstDay: 3 * DAYS_A_LIFE + 1, sessions: DAYS_A_LIFE });
    expect(faults.every(({ id, day }) => id.startsWith(`${day}.`) && lifeOfDay(day) === 3)).toBe(true);
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
  });

  it('has every kind there is, or those that are wanted', () => {
    const kinds = new Set(
      Array.from({ length: 60 }, (_, life) => planLife(1, life)).flatMap(({ faults }) =>
        faults.map(({ fault }) => fault.kind),
      ),
    );
    expect([...kinds].toSorted()).toEqual(ALL_KINDS.toSorted());
    const wanted = planLife(1, 0, new Set(['data', 'killed'])).faults.map(({ fault }) => fault.kind);
    expect(new Set([...wanted, 'data', 'killed'])).toEqual(new Set(['data', 'killed']));
  });

  it('spoils files of symbols that there are', () => {
    const symbols = Array.from({ length: 40 }, (_, life) => planLife(1, life))
      .flatMap(({ faults }) => faults)
      .flatMap(({ fault }) => (fault.kind === 'data' ? [fault.symbol] : []));
    expect([...new Set(symbols)].toSorted()).toEqual([...SYMBOLS_OF_2014, BENCHMARK_OF_2014, 'GBPUSD_ecb'].toSorted());
  });
});

describe('a file that is spoiled', () => {
  const file =
    'Date,Open,High,Low,Close,Volume\n2014-05-01,1,4,1,2,100\n2014-05-02,2,5,2,3,200\n2014-05-05,3,6,3,4,300\n';

  it.each([
    ['newest row missing', 'Date,Open,High,Low,Close,Volume\n2014-05-01,1,4,1,2,100\n'],
    ['price zero', 'Date,Open,High,Low,Close,Volume\n2014-05-01,1,4,1,2,100\n2014-05-02,0,0,0,0,200\n'],
    ['high below low', 'Date,Open,High,Low,Close,Volume\n2014-05-01,1,4,1,2,100\n2014-05-02,2,0.01,2,3,200\n'],
    ['newest row repeated', 'Date,Open,High,Low,Close,Volume\n2014-05-01,1,4,1,2,100\n2014-05-02,1,4,1,2,100\n'],
    ['cut in a line', 'Date,Open,High,Low,Close,Volume\n2014-05-01,1,4,1,2,100\n2014-05-02,2,5,2,'],
    ['header only', 'Date,Open,High,Low,Close,Volume\n'],
  ] as const)('%s, as it was known on an evening', (what, text) => {
    expect(spoiled(file, what, '2014-05-02')).toBe(text);
  });
});

describe('the fewest faults that fail alike', () => {
  const ids = ['1.1', '1.2', '2.1', '3.1', '3.2', '3.3'];
  const today = ['3.1', '3.2', '3.3'];
  const failsWith =
    (...needed: string[]) =>
    (some: readonly string[]) =>
      Promise.resolve(needed.every((id) => some.includes(id)));

  it.each([[[]], [['3.2']], [['1.2']], [['1.1', '3.3']], [['1.1', '2.1', '3.1']], [ids]])(
    'are found: %j',
    async (needed) => {
      expect(await shrink(ids, today, failsWith(...needed), 100)).toEqual({ ids: needed, isSure: true });
    },
  );

  it('are as few as could be found in so many tries', async () => {
    const { ids: kept, isSure } = await shrink(ids, today, failsWith('1.1', '2.1'), 3);
    expect(kept).toEqual(expect.arrayContaining(['1.1', '2.1']));
    expect(isSure).toBe(false);
  });
});

it('the cause of a failure is told without what differs from time to time', () => {
  expect(causeOf('INVARIANT_BROKEN: 2014-05-01:\nI3: main GBP: the ledger says 12.5, fills say 13')).toBe(
    'I3: main GBP: the ledger says <n>, fills say <n>',
  );
  expect(causeOf('LOST: ticket 9f1b80f7-8101-4254-b140-97ceb7a3e232 of 2014-05-01 was answered')).toBe(
    'LOST: ticket <id> of <date> was answered',
  );
});
