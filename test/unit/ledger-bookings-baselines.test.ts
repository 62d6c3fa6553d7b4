import { describe, expect, test } from 'vitest';
import { planBaseline, type BaselineCommand } from '../../src/domain/ledger/bookings/baseline.js';
import { planOpening } from '../../src/domain/ledger/bookings/opening.js';
import { planPaperAlignment } from '../../src/domain/ledger/bookings/paper.js';
import { baselinePositionEntry } from '../../src/domain/ledger/entries.js';
import { paperKey } from '../../src/domain/ledger/keys.js';
import { booked } from './ledger.fixture.js';
import { account, today, opening, opened, money, no, FUTURE, OPENING, PRESENT } from '../support/bookings.js';

// What opens a ledger and sets it right, and the paper book beside it: to the last posting, or what is said instead.

describe('baselines', () => {
  const baseline = (changes: Partial<BaselineCommand> = {}, entries = opened) =>
    planBaseline(entries, {
      account,
      today,
      date: null,
      cash: null,
      positions: {},
      costs: {},
      reason: 'read off eToro',
      isKnown: (symbol) => symbol !== 'GME',
      ...changes,
    });
  const shown = (plan: ReturnType<typeof baseline>) =>
    plan.ok
      ? plan.result.entries.map(
          ({ draft, key }) =>
            `${key} ${draft.effectiveDate} ${draft.postings.map(({ account: where, commodity, amount }) => `${where} ${commodity} ${amount}`).join(', ')}`,
        )
      : plan.refusal;

  test('open an empty ledger with all they name', () => {
    expect(baseline({ cash: '500', positions: { KO: '5', AAPL: '1' }, costs: { KO: '99.5' } }, [])).toMatchObject({
      ok: true,
      result: { opens: true },
    });
    expect(
      shown(
        baseline({ cash: '500', positions: { KO: '5', AAPL: '1' }, costs: { KO: '99.5' }, date: '2014-06-01' }, []),
      ),
    ).toEqual([
      'baseline:0:OPENING:cash 2014-06-01 Assets:Cash GBP 500, Equity:Opening GBP -500, Assets:Units AAPL 1, Equity:Opening AAPL -1, Assets:Units KO 5, Equity:Opening KO -5',
      'baseline:0:BASELINE:KO 2014-06-01 Equity:Trading GBP 99.5, Equity:Opening GBP -99.5',
    ]);
    expect(shown(baseline({ positions: { KO: '5' } }, []))).toEqual([
      'baseline:0:OPENING:cash 2014-06-30 Assets:Units KO 5, Equity:Opening KO -5',
    ]);
    for (const nothing of [{}, { cash: '0' }, { cash: '0', positions: { KO: '0' } }])
      expect(baseline(nothing, [])).toEqual({
        ok: false,
        refusal: {
          kind: 'refused',
          code: 'BASELINE_EMPTY',
          message: 'the ledger is empty: a baseline opens it with cash above 0 or a position, and this one has neither',
          remedy: expect.stringContaining('once the first deposit had arrived, with --cash') as string,
        },
      });
  });

  test('set what differs, one entry a figure, and nothing else', () => {
    expect(baseline({ cash: '1000', positions: { KO: '20' } })).toEqual({
      ok: true,
      result: { opens: false, entries: [] },
    });
    expect(baseline({ cash: '999.5' })).toEqual({
      ok: true,
      result: {
        opens: false,
        entries: [
          {
            key: 'baseline:1:BASELINE:cash',
            draft: {
              kind: 'BASELINE',
              effectiveDate: today,
              description: 'Baseline: read off eToro',
              symbol: null,
              postings: [
                { account: 'Assets:Cash', commodity: 'GBP', amount: '-0.5' },
                { account: 'Equity:Opening', commodity: 'GBP', amount: '0.5' },
              ],
            },
          },
        ],
      },
    });
    expect(
      shown(baseline({ positions: { MSFT: '3', KO: '0', AAPL: '10' }, costs: { MSFT: '60', AAPL: '700' } })),
    ).toEqual([
      'baseline:1:BASELINE:AAPL 2014-06-30 Equity:Trading GBP 700, Equity:Opening GBP -700',
      'baseline:1:BASELINE:KO 2014-06-30 Assets:Units KO -20, Equity:Opening KO 20',
      'baseline:1:BASELINE:MSFT 2014-06-30 Assets:Units MSFT 3, Equity:Opening MSFT -3, Equity:Trading GBP 60, Equity:Opening GBP -60',
    ]);
  });

  test('say in every entry why', () => {
    const descriptions = (plan: ReturnType<typeof baseline>) =>
      plan.ok ? plan.result.entries.map(({ draft }) => draft.description) : [];
    const why = 'Baseline: read off eToro';
    expect(descriptions(baseline({ cash: '1', positions: { KO: '5' }, costs: { KO: '9' } }, []))).toEqual([why, why]);
    expect(descriptions(baseline({ cash: '1', positions: { KO: '5' } }))).toEqual([why, why]);
  });

  test('of a ledger that is open may be of long ago', () => {
    const old = booked([{ ...opening, effectiveDate: '2012-01-01' }]);
    expect(baseline({ cash: '1', date: '2012-06-01' }, old).ok).toBe(true);
  });

  test('name a cost anew: what was named before is taken off', () => {
    const named = booked([
      opening,
      baselinePositionEntry({ ...money, symbol: 'KO', units: '0', cost: '300', description: 'x' }),
    ]);
    expect(shown(baseline({ costs: { KO: '250' } }, named))).toEqual([
      'baseline:2:BASELINE:KO 2014-06-30 Equity:Trading GBP -50, Equity:Opening GBP 50',
    ]);
    expect(shown(baseline({ costs: { KO: '300' } }, named))).toEqual([]);
  });

  test('name no cost of what is not held', () => {
    const told = (symbol: string) =>
      no('refused', 'NOTHING_HELD', `cost ${symbol}: the ledger holds no ${symbol}: name its units with --position`);
    expect(baseline({ costs: { MSFT: '1' } })).toEqual(told('MSFT'));
    expect(baseline({ costs: { KO: '1' }, positions: { KO: '0' } })).toEqual(told('KO'));
    expect(baseline({ cash: '1', costs: { MSFT: '1' } }, [])).toEqual(told('MSFT'));
    expect(baseline({ costs: { MSFT: '1' }, positions: { MSFT: '0.5' } }).ok).toBe(true);
  });

  test('are of the present: of today at the latest, of a year ago at the earliest, and not before the opening', () => {
    expect(baseline({ cash: '1', date: '2014-07-01' })).toEqual(
      no('usage', 'DATE_INVALID', 'date: 2014-07-01: must not be in the future: today is 2014-06-30', FUTURE),
    );
    expect([
      baseline({ cash: '1', date: '2013-06-29' }, []).ok,
      baseline({ cash: '1', date: today }, []).ok,
      baseline({ cash: '1', date: '2014-05-01' }).ok,
    ]).toEqual([true, true, true]);
    expect(baseline({ cash: '1', date: '2013-06-28' }, [])).toEqual(
      no(
        'usage',
        'DATE_INVALID',
        'date: 2013-06-28: must not be before 2013-06-29: a ledger is opened with figures of the present',
        PRESENT,
      ),
    );
    expect(baseline({ cash: '1', date: '2014-04-30' })).toEqual(
      no(
        'usage',
        'DATE_INVALID',
        'date: 2014-04-30: must not be before the ledger was opened, 2014-05-01: what was earlier is in its opening',
        OPENING,
      ),
    );
  });

  test('name symbols of the universe alone, each told', () => {
    expect(baseline({ positions: { GME: '1', KO: '1' }, costs: { GME: '2' } })).toEqual(
      no(
        'usage',
        'ARGUMENT_INVALID',
        'positions.GME: "1": must be a symbol of the universe\ncosts.GME: "2": must be a symbol of the universe',
        'nothing was booked',
      ),
    );
  });
});

describe('openings and the paper book', () => {
  test('an opening says of itself what it is from', () => {
    expect(planOpening({ date: '2014-05-01', baseCurrency: 'GBP', cash: '1', positions: {} })).toMatchObject({
      result: { description: 'Opening from the snapshot of 2014-05-01' },
    });
    expect(
      planOpening({ date: '2014-05-01', baseCurrency: 'GBP', cash: '1', positions: {}, description: 'other' }),
    ).toMatchObject({ result: { kind: 'OPENING', description: 'other' } });
  });

  test('the paper book is opened with the ledger, or set to it by what differs', () => {
    const where = { baseCurrency: 'GBP', date: today };
    const align = (
      units: Record<string, string>,
      paper: Record<string, string>,
      cash = '1000',
      lastEntryId: number | null = 5,
    ) => planPaperAlignment({ cash: '1000', units }, { cash, units: paper, lastEntryId, lastBookedAt: null }, where);
    expect(align({ KO: '3' }, {}, '0', null)).toEqual([
      {
        what: 'opening',
        draft: {
          kind: 'OPENING',
          effectiveDate: today,
          description: 'Paper book set to the ledger before a dry run',
          symbol: null,
          postings: [
            { account: 'Assets:Cash', commodity: 'GBP', amount: '1000' },
            { account: 'Equity:Opening', commodity: 'GBP', amount: '-1000' },
            { account: 'Assets:Units', commodity: 'KO', amount: '3' },
            { account: 'Equity:Opening', commodity: 'KO', amount: '-3' },
          ],
        },
      },
    ]);
    expect(
      planPaperAlignment(
        { cash: '0', units: {} },
        { cash: '0', units: {}, lastEntryId: null, lastBookedAt: null },
        where,
      ),
    ).toEqual([]);
    expect(align({ KO: '3' }, { KO: '3' })).toEqual([]);
    const description = 'Paper book set to the ledger before a dry run';
    expect(align({ MSFT: '2', KO: '3' }, { KO: '5', AAPL: '1' }, '990')).toEqual([
      {
        what: 'cash',
        draft: {
          kind: 'BASELINE',
          effectiveDate: today,
          description,
          symbol: null,
          postings: [
            { account: 'Assets:Cash', commodity: 'GBP', amount: '10' },
            { account: 'Equity:Opening', commodity: 'GBP', amount: '-10' },
          ],
        },
      },
      ...[
        ['AAPL', '-1', '1'],
        ['KO', '-2', '2'],
        ['MSFT', '2', '-2'],
      ].map(([symbol, to, from]) => ({
        what: symbol,
        draft: {
          kind: 'BASELINE',
          effectiveDate: today,
          description,
          symbol,
          postings: [
            { account: 'Assets:Units', commodity: symbol, amount: to },
            { account: 'Equity:Opening', commodity: symbol, amount: from },
          ],
        },
      })),
    ]);
    expect(paperKey('c1', 'cash')).toBe('paper:c1:cash');
  });
});
