import { describe, expect, test } from 'vitest';
import { openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { compare } from '../../src/domain/reconciliation/compare.js';
import type { DriftContext } from '../../src/domain/reconciliation/drift-context.js';
import { explainDrift } from '../../src/domain/reconciliation/explain.js';
import type { CorporateAction, TicketLine } from '../../src/domain/types.js';
import { booked } from './ledger.fixture.js';

// At the edges of what explains a drift, and in the words an operator reads.

const action = (
  symbol: string,
  exDate: string,
  kind: CorporateAction['kind'],
  value: string,
  currency: string | null = null,
): CorporateAction => ({ symbol, exDate, kind, value, currency, source: 'csv' });

const UNIVERSE = ['AAPL', 'KO', 'MSFT'].map((internalSymbol) => ({ internalSymbol }));
interface Case {
  units: Record<string, string>;
  there: Record<string, string>;
  cash?: string;
  unitsTolerance?: number;
  cashTolerance?: number;
  context?: Partial<DriftContext>;
}

function explain({ units, there, cash = '1000', unitsTolerance = 0.0001, cashTolerance = 5, context = {} }: Case) {
  const opening = openingEntry({
    date: '2014-05-01',
    baseCurrency: 'GBP',
    cash: '1000',
    positions: units,
  }) as EntryDraft;
  const lines = compare(
    { cash, positions: there },
    { cash: '1000', units },
    { cash_tolerance: cashTolerance, units_tolerance: unitsTolerance },
    UNIVERSE,
  );
  return explainDrift(lines, {
    baseCurrency: 'GBP',
    snapshotDate: '2014-06-30',
    asOfDate: '2014-06-30',
    entries: booked([opening]),
    actions: [],
    fxOn: () => '2',
    openTickets: [],
    known: ['AAPL', 'KO', 'MSFT', 'JPM'],
    listedIn: () => 'USD',
    agreedOn: null,
    worthOf: () => null,
    cashTolerance: String(cashTolerance),
    unitsTolerance: String(unitsTolerance),
    ...context,
  });
}
const kinds = (input: Case) =>
  explain(input).map(({ kind, subject }) => [kind, subject].filter((part) => part !== null).join(' '));

describe('units by splits', () => {
  const split = (exDate: string, ratio = '7') => ({ actions: [action('AAPL', exDate, 'SPLIT', ratio)] });
  const seven = (exDate: string, there = '70') =>
    kinds({ units: { AAPL: '10' }, there: { AAPL: there }, context: split(exDate) });

  test('from the day the ledger was opened to the day of the snapshot, both included, to the tolerance', () => {
    const published = ({ units = '10', there = '70', exDate = '2014-06-09' }) =>
      explain({ units: { AAPL: units }, there: { AAPL: there }, context: split(exDate) }).map(
        ({ proposal }) => proposal && 'published' in proposal && proposal.published,
      );
    expect(published({ exDate: '2014-06-30' })).toEqual([true]);
    expect(published({ exDate: '2014-05-02' })).toEqual([true]);
    expect([published({ exDate: '2014-07-01' }), published({ exDate: '2014-04-30' })]).toEqual([[false], [false]]);
    expect([seven('2014-06-09', '70.0001'), seven('2014-06-09', '70.000101')]).toEqual([
      ['SPLIT AAPL'],
      ['UNEXPLAINED AAPL'],
    ]);
  });

  test('say so in words, and move no cash', () => {
    expect(explain({ units: { AAPL: '10' }, there: { AAPL: '70' }, context: split('2014-06-09') })).toEqual([
      {
        kind: 'SPLIT',
        subject: 'AAPL',
        cash: '0',
        text: 'AAPL split 7 for 1 on 2014-06-09, not booked yet',
        proposal: { kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2014-06-09', ratio: '7', published: true },
      },
    ]);
  });

  test('are of whole millionths of a unit', () => {
    expect(
      kinds({
        units: { AAPL: '1.234567' },
        there: { AAPL: '1.851851' },
        unitsTolerance: 0,
        context: split('2014-06-09', '1.5'),
      }),
    ).toEqual(['SPLIT AAPL']);
  });
});

describe('units by a ratio that no source has told', () => {
  const guess = (ledger: string, there: string, context: Partial<DriftContext> = {}) =>
    explain({ units: { AAPL: ledger }, there: { AAPL: there }, context });
  const ratio = (ledger: string, there: string) =>
    guess(ledger, there).map(({ kind, proposal }) => (proposal && 'ratio' in proposal ? proposal.ratio : kind));

  test('2 to 30 for 1, or 1 for 2 to 30, of any size of position', () => {
    expect([
      ratio('10', '20'),
      ratio('1', '30'),
      ratio('0.5', '1'),
      ratio('1', '0.5'),
      ratio('30', '1'),
      ratio('10', '5'),
    ]).toEqual([['2'], ['30'], ['2'], ['1/2'], ['1/30'], ['1/2']]);
    expect([ratio('1', '31'), ratio('31', '1'), ratio('10', '25'), ratio('10', '12'), ratio('10', '9')]).toEqual([
      ['UNEXPLAINED'],
      ['UNEXPLAINED'],
      ['UNEXPLAINED'],
      ['UNEXPLAINED'],
      ['UNEXPLAINED'],
    ]);
  });

  test('3 for 2, 4 for 3, 5 for 4, where no cash drifts and no ticket of it is open', () => {
    expect([ratio('10', '15'), ratio('7', '10.5'), ratio('9', '12'), ratio('0.333333', '0.416666')]).toEqual([
      ['3/2'],
      ['3/2'],
      ['4/3'],
      ['5/4'],
    ]);
    expect(ratio('15', '10')).toEqual(['UNEXPLAINED']);
    expect(
      explain({ units: { AAPL: '10' }, there: { AAPL: '15' }, cash: '900' }).map(({ kind }) => kind),
    ).not.toContain('SPLIT');
    const order = { sequence: 1, symbol: 'AAPL', etoroSearchName: 'AAPL', side: 'SELL', orderType: 'MARKET' } as const;
    const price = { referencePrice: '10', referenceCurrency: 'USD', skipPrice: '10' };
    const lines: TicketLine[] = [{ ...order, ...price, valueBase: null, units: '2' }];
    const openTickets = [{ ticketId: 't', fx: '2', lines }];
    expect(guess('10', '15', { openTickets }).map(({ kind }) => kind)).not.toContain('SPLIT');
  });

  test('to the tolerance', () => {
    expect([ratio('10', '20.0001'), ratio('10', '20.000101')]).toEqual([['2'], ['UNEXPLAINED']]);
  });

  test('and never of a position that only one side has', () => {
    expect(kinds({ units: {}, there: { AAPL: '3' } })).toEqual(['UNEXPLAINED AAPL']);
    expect(kinds({ units: { AAPL: '3' }, there: {} })).toEqual(['SLIP AAPL']);
  });

  test('says what it looks like, and waits for the prices of the day', () => {
    expect(guess('10', '20')).toEqual([
      {
        kind: 'SPLIT',
        subject: 'AAPL',
        cash: '0',
        text: 'AAPL looks split 2 for 1, but no source has told of it: look at eToro before booking it',
        proposal: { kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2014-06-30', ratio: '2', published: false },
      },
    ]);
    expect(guess('20', '10', { asOfDate: '2014-06-27' })).toEqual([
      {
        kind: 'SPLIT',
        subject: 'AAPL',
        cash: '0',
        proposal: null,
        text: 'AAPL looks split 1 for 2, but no source has told of it: if eToro dates it 2014-06-30, wait for the prices of that day, which the next session has; if earlier, book it with its own ex-date and the ratio 1/2',
      },
    ]);
  });
});

describe('units by fills that nobody confirmed', () => {
  const line = (sequence: number, symbol: string, side: 'BUY' | 'SELL', size: string): TicketLine => ({
    sequence,
    symbol,
    etoroSearchName: symbol,
    side,
    orderType: 'MARKET',
    valueBase: side === 'BUY' ? size : null,
    units: side === 'SELL' ? size : null,
    referencePrice: '10',
    referenceCurrency: 'USD',
    skipPrice: '10',
  });
  /** A share is worth 5 GBP. */
  const ticket = (ticketId: string, ...lines: TicketLine[]) => ({ ticketId, lines, fx: '2' });
  const bought = (there: string, cash = '900') =>
    kinds({
      units: { KO: '100' },
      there: { KO: there },
      cash,
      context: { openTickets: [ticket('t', line(1, 'MSFT', 'BUY', '5000'), line(2, 'KO', 'BUY', '100'))] },
    });

  test('a BUY of 100 GBP is 20 units, or up to 5 % more', () => {
    expect([bought('120'), bought('121', '895'), bought('101', '995')]).toEqual([
      ['FILLS t'],
      ['FILLS t'],
      ['FILLS t'],
    ]);
    expect(bought('121.0002', '1000')).toEqual(['UNEXPLAINED KO']);
    expect(bought('80', '1000')).toEqual(['UNEXPLAINED KO']);
  });

  test('a SELL by its units', () => {
    const sold = (there: string) =>
      kinds({
        units: { KO: '100' },
        there: { KO: there },
        context: { openTickets: [ticket('t', line(1, 'KO', 'SELL', '20'))] },
      });
    expect([sold('80'), sold('79'), sold('78.9')]).toEqual([['FILLS t'], ['FILLS t'], ['UNEXPLAINED KO']]);
  });

  test('with the cash they cost, to the penny, by ticket, in words', () => {
    const openTickets = [
      ticket('t1', line(1, 'KO', 'BUY', '100'), line(3, 'MSFT', 'SELL', '10')),
      ticket('t2', line(2, 'AAPL', 'BUY', '100')),
    ];
    expect(
      explain({
        units: { AAPL: '1', KO: '100', MSFT: '50' },
        there: { AAPL: '21', KO: '119.123457', MSFT: '40' },
        context: { openTickets },
      }),
    ).toEqual([
      {
        kind: 'FILLS',
        subject: 't2',
        cash: '-100',
        text: 'ticket t2 was executed but not confirmed: line 2 BUY AAPL',
        proposal: { kind: 'CONFIRM_FILLS', ticketId: 't2', sequences: [2] },
      },
      {
        kind: 'FILLS',
        subject: 't1',
        cash: '-45.62',
        text: 'ticket t1 was executed but not confirmed: line 1 BUY KO, line 3 SELL MSFT',
        proposal: { kind: 'CONFIRM_FILLS', ticketId: 't1', sequences: [1, 3] },
      },
    ]);
  });

  test('the cash that is left may differ by 5 % of what each ticket moved and the tolerance', () => {
    const openTickets = [ticket('a', line(1, 'KO', 'BUY', '500')), ticket('b', line(1, 'MSFT', 'SELL', '80'))];
    // 500 were spent and 400 came back: 45 and 5 are let pass around 900.
    const left = (cash: string) =>
      kinds({ units: { KO: '100', MSFT: '100' }, there: { KO: '200', MSFT: '20' }, cash, context: { openTickets } });
    expect([left('950'), left('850'), left('950.01'), left('849.99')]).toEqual([
      ['FILLS a', 'FILLS b'],
      ['FILLS a', 'FILLS b'],
      ['FILLS a', 'FILLS b', 'DEPOSIT'],
      ['FILLS a', 'FILLS b', 'WITHDRAWAL'],
    ]);
  });
});

describe('what nothing explains', () => {
  test('is said with what to look at', () => {
    expect(explain({ units: { KO: '100' }, there: { KO: '90.5', GME: '3' } })).toEqual([
      {
        kind: 'UNEXPLAINED',
        subject: 'GME',
        cash: '0',
        proposal: { kind: 'CHECK_UNIVERSE', symbol: 'GME' },
        text: 'GME (3) is not in the universe: correct the symbol, or add its row to universe.csv and reconcile again',
      },
      {
        kind: 'UNEXPLAINED',
        subject: 'KO',
        cash: '0',
        proposal: { kind: 'READ_AGAIN', symbols: ['KO'], likely: null, snapshotDate: '2014-06-30' },
        text:
          'nothing known explains KO: -9.5. ' +
          'Read eToro again, and find out in its history what changed it, before anything is booked',
      },
    ]);
  });
});

describe('dividends that may have arrived', () => {
  const held = { AAPL: '0.5', KO: '100', MSFT: '100' };
  const paid = (cash: string, actions: CorporateAction[], changes: Partial<Case> = {}) =>
    kinds({ units: held, there: held, cash, context: { actions }, ...changes });
  const ko = (exDate: string, value = '2', currency: string | null = 'USD') =>
    action('KO', exDate, 'DIVIDEND', value, currency);

  test('went ex within 100 days before the snapshot, both days included', () => {
    const opened = {
      entries: booked([
        openingEntry({ date: '2014-01-01', baseCurrency: 'GBP', cash: '1000', positions: held }) as EntryDraft,
      ]),
    };
    const of = (exDate: string) => paid('1085', [], { context: { actions: [ko(exDate)], ...opened } });
    expect([of('2014-06-30'), of('2014-03-22'), of('2014-07-01'), of('2014-03-21')]).toEqual([
      ['DIVIDEND KO'],
      ['DIVIDEND KO'],
      ['DEPOSIT'],
      ['DEPOSIT'],
    ]);
  });

  test('are told newest first, then by symbol', () => {
    const actions = [
      action('MSFT', '2014-06-12', 'DIVIDEND', '4', 'USD'),
      ko('2014-06-12', '3'),
      action('AAPL', '2014-06-13', 'DIVIDEND', '1600', 'USD'),
    ];
    // 100 × 3 / 2, 100 × 4 / 2 and 0.5 × 1600 / 2, less 15 % each.
    expect(paid('1637.5', actions)).toEqual(['DIVIDEND AAPL', 'DIVIDEND KO', 'DIVIDEND MSFT']);
    expect(paid('1637.5', actions.toReversed())).toEqual(['DIVIDEND AAPL', 'DIVIDEND KO', 'DIVIDEND MSFT']);
    expect(paid('1637.5', [...actions.slice(1), ...actions.slice(0, 1)])).toEqual([
      'DIVIDEND AAPL',
      'DIVIDEND KO',
      'DIVIDEND MSFT',
    ]);
  });

  test("in the account's own currency need no rate", () => {
    const noRate = { fxOn: () => null };
    expect(paid('1170', [], { context: { actions: [ko('2014-06-12', '2', 'GBP')], ...noRate } })).toEqual([
      'DIVIDEND KO',
    ]);
    expect(
      paid('1170', [], { context: { actions: [ko('2014-06-12', '2', null)], ...noRate, listedIn: () => 'GBP' } }),
    ).toEqual(['DIVIDEND KO']);
    expect(paid('1170', [], { context: { actions: [ko('2014-06-12', '2', 'USD')], ...noRate } })).toEqual(['DEPOSIT']);
  });

  test('of nothing are none', () => {
    expect(paid('1000.02', [ko('2014-06-12', '0.00001')], { cashTolerance: 0 })).toEqual(['INTEREST', 'DEPOSIT']);
    expect(
      kinds({
        units: { KO: '100' },
        there: { KO: '100' },
        cash: '1085',
        context: { actions: [action('MSFT', '2014-06-12', 'DIVIDEND', '2', 'USD')] },
      }),
    ).toEqual(['DEPOSIT']);
  });
});
