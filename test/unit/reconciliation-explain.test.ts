import { describe, expect, test } from 'vitest';
import {
  baselinePositionEntry,
  dividendAmounts,
  dividendEntry,
  openingEntry,
  reversalEntry,
  splitEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { dividendKey } from '../../src/domain/ledger/keys.js';
import { renameEntry } from '../../src/domain/ledger/reorganisations.js';
import { D, toText } from '../../src/domain/money.js';
import { compare } from '../../src/domain/reconciliation/compare.js';
import type { DriftContext } from '../../src/domain/reconciliation/drift-context.js';
import { explainDrift } from '../../src/domain/reconciliation/explain.js';
import type { CorporateAction, TicketLine } from '../../src/domain/types.js';
import { booked } from './ledger.fixture.js';

const action = (symbol: string, exDate: string, kind: CorporateAction['kind'], value: string): CorporateAction => ({
  symbol,
  exDate,
  kind,
  value,
  currency: kind === 'DIVIDEND' ? 'USD' : null,
  source: 'csv',
});
/** Real actions of 2014 and the ECB's rates of their dates. */
const actions = [
  action('AAPL', '2014-05-08', 'DIVIDEND', '3.29'),
  action('AAPL', '2014-06-09', 'SPLIT', '7'),
  action('KO', '2014-06-12', 'DIVIDEND', '0.305'),
  action('MSFT', '2014-05-13', 'DIVIDEND', '0.28'),
];
const rates: Record<string, string> = { '2014-05-08': '1.6985', '2014-05-13': '1.6866', '2014-06-12': '1.6829' };
const opening = openingEntry({
  date: '2014-05-01',
  baseCurrency: 'GBP',
  cash: '1000',
  positions: { AAPL: '10', KO: '400', MSFT: '250' },
}) as EntryDraft;
const universe = ['AAPL', 'KO', 'MSFT', 'JPM'].map((internalSymbol) => ({ internalSymbol }));

const contextWith = (changes: Partial<DriftContext> = {}): DriftContext => ({
  baseCurrency: 'GBP',
  snapshotDate: '2014-06-30',
  asOfDate: '2014-06-30',
  entries: booked([opening]),
  actions,
  fxOn: (_currency, date) => rates[date] ?? null,
  openTickets: [],
  known: ['AAPL', 'KO', 'MSFT', 'JPM'],
  listedIn: () => 'USD',
  agreedOn: null,
  worthOf: () => null,
  cashTolerance: '5',
  unitsTolerance: '0.0001',
  ...changes,
});
const ledger = { cash: '1000', units: { AAPL: '10', KO: '400', MSFT: '250' } };
const explain = (
  snapshot: { cash?: string; positions?: Record<string, string> },
  changes: Partial<DriftContext> = {},
) =>
  explainDrift(
    compare(
      { cash: snapshot.cash ?? ledger.cash, positions: snapshot.positions ?? ledger.units },
      ledger,
      { cash_tolerance: 5, units_tolerance: 0.0001 },
      universe,
    ),
    contextWith(changes),
  ).map(({ text: _text, ...explained }) => explained);

const ko = dividendAmounts({ units: '400', amount: '0.305', fx: '1.6829' });
const msft = dividendAmounts({ units: '250', amount: '0.28', fx: '1.6866' });
const plus = (...amounts: (string | { toString(): string })[]) =>
  toText(amounts.reduce<ReturnType<typeof D>>((sum, amount) => sum.plus(D(String(amount))), D(1000)));

describe('explaining drift', () => {
  test('a dividend that arrived after 15 % withholding, with the proposal that books it', () => {
    expect(explain({ cash: plus(ko.net) })).toEqual([
      {
        kind: 'DIVIDEND',
        subject: 'KO',
        cash: '61.62',
        proposal: {
          kind: 'BOOK_DIVIDEND',
          symbol: 'KO',
          exDate: '2014-06-12',
          units: '400',
          amount: '0.305',
          currency: 'USD',
          fx: '1.6829',
          withholding: '0.15',
        },
      },
    ]);
  });

  test('a dividend that arrived gross is booked without withholding', () => {
    expect(explain({ cash: plus(ko.gross) })).toMatchObject([
      {
        kind: 'DIVIDEND',
        subject: 'KO',
        cash: ko.gross.toFixed(2),
        proposal: { kind: 'BOOK_DIVIDEND', withholding: '0' },
      },
    ]);
  });

  test('two dividends together', () => {
    expect(
      explain({ cash: plus(ko.net, msft.net) })
        .map(({ kind, subject }) => `${kind} ${subject}`)
        .toSorted(),
    ).toEqual(['DIVIDEND KO', 'DIVIDEND MSFT']);
  });

  test('a dividend and a round deposit', () => {
    expect(explain({ cash: plus(ko.net, '500') })).toMatchObject([
      { kind: 'DIVIDEND', subject: 'KO' },
      { kind: 'DEPOSIT', cash: '500.00', proposal: { kind: 'BOOK_DEPOSIT', amount: '500.00', date: '2014-06-30' } },
    ]);
  });

  test('money that nothing explains was paid in, or out', () => {
    expect(explain({ cash: '1234.56' })).toMatchObject([{ kind: 'DEPOSIT', cash: '234.56' }]);
    expect(explain({ cash: '400' })).toMatchObject([
      {
        kind: 'WITHDRAWAL',
        cash: '-600.00',
        proposal: { kind: 'BOOK_WITHDRAWAL', amount: '600.00', date: '2014-06-30' },
      },
    ]);
  });

  test('a dividend that is booked explains nothing; one that was reversed does again', () => {
    const paid = dividendEntry({
      date: '2014-06-20',
      exDate: '2014-06-12',
      baseCurrency: 'GBP',
      symbol: 'KO',
      amounts: ko,
    });
    const key = dividendKey('KO', '2014-06-12');
    expect(explain({ cash: plus(ko.net) }, { entries: booked([opening, { ...paid, key }]) })).toMatchObject([
      { kind: 'DEPOSIT' },
    ]);
    const entries = booked([opening, { ...paid, key }, { ...reversalEntry(paid, 'wrong'), reverses: 2 }]);
    expect(explain({ cash: plus(ko.net) }, { entries })).toMatchObject([{ kind: 'DIVIDEND', subject: 'KO' }]);
  });

  test('without a rate of its date a dividend is not offered: a rate is never invented', () => {
    expect(explain({ cash: plus(ko.net) }, { fxOn: () => null })).toMatchObject([{ kind: 'DEPOSIT' }]);
  });

  test.each(['137.54', '3.3972', '3.3971', '0.0123'])(
    'a rate that is a slip (%s on one day) is looked at as any, and breaks nothing: the cash is explained or it is not',
    (slip) => {
      for (const date of ['2014-06-11', '2014-06-12', '2014-06-25', '2014-06-30'])
        for (const cash of [plus(ko.net), plus('9.99'), plus('7431.11'), plus('-250')]) {
          const fxOn = (_currency: string, on: string) => (on === date ? slip : '1.6986');
          expect(explain({ cash }, { fxOn }).length).toBeGreaterThan(0);
        }
    },
  );

  test('AAPL’s split of 2014-06-09, and with it a dividend that was paid on the old shares', () => {
    const aapl = dividendAmounts({ units: '10', amount: '3.29', fx: '1.6985' });
    expect(explain({ cash: plus(aapl.net), positions: { ...ledger.units, AAPL: '70' } })).toMatchObject([
      {
        kind: 'SPLIT',
        subject: 'AAPL',
        proposal: { kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2014-06-09', ratio: '7', published: true },
      },
      { kind: 'DIVIDEND', subject: 'AAPL' },
    ]);
  });

  test('a split that is booked, or that the opening has in it, is not offered again', () => {
    const split = splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '7' }) as EntryDraft;
    const late = openingEntry({
      date: '2014-06-20',
      baseCurrency: 'GBP',
      cash: '1000',
      positions: ledger.units,
    }) as EntryDraft;
    for (const entries of [booked([opening, { ...split, key: 'split:AAPL:2014-06-09' }]), booked([late])]) {
      const [found] = explain({ positions: { ...ledger.units, AAPL: '70' } }, { entries });
      expect(found?.proposal).toEqual({
        kind: 'BOOK_SPLIT',
        symbol: 'AAPL',
        exDate: '2014-06-30',
        ratio: '7',
        published: false,
      });
    }
  });

  test('a whole ratio before the prices of its day is never offered for booking: units after the split at prices before it', () => {
    const [found] = explain(
      { positions: { ...ledger.units, KO: toText(D(ledger.units['KO'] ?? '0').times(2)) } },
      { asOfDate: '2014-06-27' },
    );
    expect(found).toMatchObject({ kind: 'SPLIT', subject: 'KO', proposal: null });
  });

  test('a whole ratio that no source told of is a guess, to be looked at', () => {
    expect(explain({ positions: { ...ledger.units, KO: '800' } }, { actions: [] })).toMatchObject([
      {
        kind: 'SPLIT',
        subject: 'KO',
        proposal: { kind: 'BOOK_SPLIT', symbol: 'KO', exDate: '2014-06-30', ratio: '2', published: false },
      },
    ]);
    expect(explain({ positions: { ...ledger.units, MSFT: '62.5' } })).toMatchObject([
      { kind: 'SPLIT', subject: 'MSFT', proposal: { ratio: '1/4', published: false } },
    ]);
  });

  test('fills of a ticket that nobody confirmed explain units and cash together', () => {
    const line = (sequence: number, symbol: string, rest: Partial<TicketLine>): TicketLine => ({
      sequence,
      symbol,
      etoroSearchName: symbol,
      side: 'BUY',
      orderType: 'MARKET',
      valueBase: null,
      units: null,
      referencePrice: '42.36',
      referenceCurrency: 'USD',
      skipPrice: '42.57',
      ...rest,
    });
    const ticket = {
      ticketId: 't1',
      fx: '1.704055',
      lines: [
        line(1, 'MSFT', { side: 'SELL', units: '50', referencePrice: '41.70' }),
        line(2, 'KO', { valueBase: '500.00' }),
      ],
    };
    const found = explain(
      { cash: '1723.00', positions: { AAPL: '10', KO: '420.1', MSFT: '200' } },
      { openTickets: [ticket] },
    );
    expect(found).toMatchObject([
      { kind: 'FILLS', subject: 't1', proposal: { kind: 'CONFIRM_FILLS', ticketId: 't1', sequences: [2, 1] } },
    ]);
  });

  test('a partly executed line is that ticket’s, a bigger one is not', () => {
    const lines: TicketLine[] = [
      {
        sequence: 1,
        symbol: 'MSFT',
        etoroSearchName: 'MSFT',
        side: 'SELL',
        orderType: 'MARKET',
        valueBase: null,
        units: '50',
        referencePrice: '41.70',
        referenceCurrency: 'USD',
        skipPrice: '41.50',
      },
    ];
    const openTickets = [{ ticketId: 't1', fx: '1.704055', lines }];
    expect(explain({ cash: '1489.42', positions: { ...ledger.units, MSFT: '230' } }, { openTickets })).toMatchObject([
      { kind: 'FILLS' },
    ]);
    expect(explain({ positions: { ...ledger.units, MSFT: '150' } }, { openTickets })).toMatchObject([
      { kind: 'UNEXPLAINED', subject: 'MSFT' },
    ]);
    expect(explain({ positions: { ...ledger.units, MSFT: '260' } }, { openTickets })).toMatchObject([
      { kind: 'UNEXPLAINED', subject: 'MSFT' },
    ]);
  });

  test('what nothing explains is said to be so, and never with a baseline', () => {
    expect(explain({ positions: { ...ledger.units, MSFT: '251.3' } })).toMatchObject([
      { kind: 'UNEXPLAINED', proposal: { kind: 'READ_AGAIN', symbols: ['MSFT'], likely: null } },
    ]);
    expect(explain({ positions: { ...ledger.units, GME: '5' } })).toMatchObject([
      { kind: 'UNEXPLAINED', subject: 'GME', proposal: { kind: 'CHECK_UNIVERSE', symbol: 'GME' } },
    ]);
  });

  test('nothing is explained that is within its tolerance', () => {
    expect(explain({ cash: '1004.99', positions: { ...ledger.units, KO: '400.0001' } })).toEqual([]);
  });
});

/**
 * Everything that is said, of lines that need not come from `compare`: what is over which tolerance is not the matter
 * here.
 */
const said = (
  snapshot: { cash?: string; positions?: Record<string, string> },
  changes: Partial<DriftContext> = {},
  held: { cash: string; units: Record<string, string> } = ledger,
) => {
  const lines = compare(
    { cash: snapshot.cash ?? held.cash, positions: snapshot.positions ?? held.units },
    held,
    { cash_tolerance: 0, units_tolerance: 0.0001 },
    universe,
  );
  return explainDrift(lines, contextWith(changes));
};
const kinds = (found: ReturnType<typeof said>) => found.map(({ kind, subject }) => `${kind} ${subject ?? 'cash'}`);
const ticketLine = (sequence: number, symbol: string, rest: Partial<TicketLine>): TicketLine => ({
  sequence,
  symbol,
  etoroSearchName: symbol,
  side: 'BUY',
  orderType: 'MARKET',
  valueBase: null,
  units: null,
  referencePrice: '40',
  referenceCurrency: 'USD',
  skipPrice: '41',
  ...rest,
});
const sale = (ticketId: string, ...lines: TicketLine[]) => ({ ticketId, fx: '1', lines });

describe('splits, at their limits', () => {
  const units = (AAPL: string) => ({ positions: { ...ledger.units, AAPL } });

  test('what is left after a split may be the tolerance, and no more', () => {
    expect(kinds(said(units('70.0001')))).toEqual(['SPLIT AAPL']);
    expect(kinds(said(units('70.0002')))).toEqual(['UNEXPLAINED AAPL']);
  });

  test("one of the snapshot's own date is offered, one of the day after is not; one of the day the ledger was opened is", () => {
    expect(said(units('70'), { actions: [action('AAPL', '2014-06-30', 'SPLIT', '7')] })).toMatchObject([
      { proposal: { exDate: '2014-06-30', published: true } },
    ]);
    expect(said(units('70'), { actions: [action('AAPL', '2014-07-01', 'SPLIT', '7')] })).toMatchObject([
      { proposal: { exDate: '2014-06-30', published: false } },
    ]);
    expect(said(units('70'), { actions: [action('AAPL', '2014-05-01', 'SPLIT', '7')] })).toMatchObject([
      { proposal: { exDate: '2014-05-01', published: true } },
    ]);
  });

  test('units after one are what the ledger would book: 6 decimals', () => {
    const third = toText(D(1).div(3));
    expect(
      kinds(said(units('3.333333'), { actions: [action('AAPL', '2014-06-09', 'SPLIT', third)], unitsTolerance: '0' })),
    ).toEqual(['SPLIT AAPL']);
  });

  test('it is said in words', () => {
    expect(said(units('70'))).toEqual([
      {
        kind: 'SPLIT',
        subject: 'AAPL',
        cash: '0',
        text: 'AAPL split 7 for 1 on 2014-06-09, not booked yet',
        proposal: { kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2014-06-09', ratio: '7', published: true },
      },
    ]);
  });

  test('a guess is a whole ratio from 2 to 30, up or down, to within the tolerance', () => {
    const guessed = (held: string, shown: string) =>
      said({ positions: { KO: shown } }, {}, { cash: '1000', units: { KO: held } }).map(({ proposal }) =>
        proposal?.kind === 'BOOK_SPLIT' ? proposal.ratio : proposal?.kind,
      );
    expect(
      [
        ['10', '300'],
        ['300', '10'],
        ['0.5', '1'],
        ['1', '0.5'],
        ['10', '20.0001'],
        ['10', '20'],
      ].map(([held = '', shown = '']) => guessed(held, shown)),
    ).toEqual([['30'], ['1/30'], ['2'], ['1/2'], ['2'], ['2']]);
    for (const [held = '', shown = ''] of [
      ['10', '310'],
      ['310', '10'],
      ['10', '25'],
      ['10', '20.0002'],
      ['10', '14'],
      ['10', '0'],
      ['10', '10.5'],
    ]) {
      expect(guessed(held, shown), `${held} to ${shown}`).toEqual(['READ_AGAIN']);
    }
    expect(guessed('0', '5')).toEqual(['READ_AGAIN']);
  });

  test('a guess says which way, and to wait for the prices of its day', () => {
    const ko = (shown: string, asOfDate = '2014-06-30') =>
      said({ positions: { ...ledger.units, KO: shown } }, { asOfDate })[0];
    expect(ko('800')).toMatchObject({
      cash: '0',
      text: 'KO looks split 2 for 1, but no source has told of it: look at eToro before booking it',
    });
    expect(ko('100')?.text).toBe(
      'KO looks split 1 for 4, but no source has told of it: look at eToro before booking it',
    );
    expect(ko('800', '2014-06-27')).toEqual({
      kind: 'SPLIT',
      subject: 'KO',
      cash: '0',
      proposal: null,
      text: 'KO looks split 2 for 1, but no source has told of it: if eToro dates it 2014-06-30, wait for the prices of that day, which the next session has; if earlier, book it with its own ex-date and the ratio 2',
    });
  });
});

describe('fills, at their limits', () => {
  const sold = (MSFT: string, cash = '1000') =>
    said(
      { cash, positions: { ...ledger.units, MSFT } },
      { openTickets: [sale('t1', ticketLine(1, 'MSFT', { side: 'SELL', units: '50' }))], actions: [] },
    );
  const bought = (KO: string, cash = '1000') =>
    said(
      { cash, positions: { ...ledger.units, KO } },
      { openTickets: [sale('t1', ticketLine(1, 'KO', { valueBase: '500.00' }))], actions: [] },
    );

  test('a twentieth more than the line said is still its fill', () => {
    expect(kinds(sold('197.5', '3100'))).toEqual(['FILLS t1']);
    expect(kinds(sold('197.4'))).toEqual(['UNEXPLAINED MSFT']);
    expect(kinds(bought('413.125', '475'))).toEqual(['FILLS t1']);
    expect(kinds(bought('413.126'))).toEqual(['UNEXPLAINED KO']);
  });

  test('cash may be a twentieth of the fills and the tolerance off, either way', () => {
    expect(
      [sold('200', '3105'), sold('200', '3105.01'), sold('200', '2895'), sold('200', '2894.99')].map(kinds),
    ).toEqual([['FILLS t1'], ['FILLS t1', 'DEPOSIT cash'], ['FILLS t1'], ['FILLS t1', 'WITHDRAWAL cash']]);
    expect([bought('412.5', '470'), bought('412.5', '469.99')].map(kinds)).toEqual([
      ['FILLS t1'],
      ['FILLS t1', 'WITHDRAWAL cash'],
    ]);
  });

  test('fills explain units also when cash is where it was', () => {
    expect(kinds(sold('200', '1000'))).toEqual(['FILLS t1']);
  });

  test('they are told with their lines and what they bring, a ticket at a time', () => {
    const openTickets = [
      {
        ...sale(
          't1',
          ticketLine(1, 'AAPL', { side: 'SELL', units: '5' }),
          ticketLine(2, 'MSFT', { side: 'SELL', units: '50', referencePrice: '41.70' }),
        ),
        fx: '1.704055',
      },
      sale('t2', ticketLine(3, 'KO', { valueBase: '500.00' })),
    ];
    const found = said({ positions: { AAPL: '5', KO: '410', MSFT: '200.000001' } }, { openTickets });
    expect(found.slice(0, 2)).toEqual([
      {
        kind: 'FILLS',
        subject: 't1',
        cash: '1340.92',
        text: 'ticket t1 was executed but not confirmed: line 1 SELL AAPL, line 2 SELL MSFT',
        proposal: { kind: 'CONFIRM_FILLS', ticketId: 't1', sequences: [1, 2] },
      },
      {
        kind: 'FILLS',
        subject: 't2',
        cash: '-400',
        text: 'ticket t2 was executed but not confirmed: line 3 BUY KO',
        proposal: { kind: 'CONFIRM_FILLS', ticketId: 't2', sequences: [3] },
      },
    ]);
  });

  test('a line of another symbol is no explanation', () => {
    expect(
      kinds(
        said(
          { positions: { ...ledger.units, KO: '360' } },
          { openTickets: [sale('t1', ticketLine(1, 'MSFT', { side: 'SELL', units: '50' }))] },
        ),
      ),
    ).toEqual(['UNEXPLAINED KO']);
  });
});

describe('which dividends are offered', () => {
  const paid = (exDate: string, changes: Partial<CorporateAction> = {}) => ({
    ...action('KO', exDate, 'DIVIDEND', '0.305'),
    ...changes,
  });
  const offered = (actions: CorporateAction[], cash: string = plus(ko.net), changes: Partial<DriftContext> = {}) =>
    kinds(said({ cash }, { actions, fxOn: () => '1.6829', ...changes }));

  test('those that went ex up to a hundred days before the snapshot, on its own date too', () => {
    expect(['2014-03-22', '2014-06-30'].map((exDate) => offered([paid(exDate)]))).toEqual([
      ['DIVIDEND KO'],
      ['DIVIDEND KO'],
    ]);
    expect(['2014-03-21', '2014-07-01', '2013-06-30'].map((exDate) => offered([paid(exDate)]))).toEqual([
      ['DEPOSIT cash'],
      ['DEPOSIT cash'],
      ['DEPOSIT cash'],
    ]);
  });

  test('the newest first, then by symbol', () => {
    const both = [action('MSFT', '2014-05-13', 'DIVIDEND', '0.28'), action('KO', '2014-06-12', 'DIVIDEND', '0.305')];
    const together = plus(ko.net, dividendAmounts({ units: '250', amount: '0.28', fx: '1.6829' }).net);
    for (const actions of [both, both.toReversed()])
      expect(offered(actions, together)).toEqual(['DIVIDEND KO', 'DIVIDEND MSFT']);
    const newer = [action('KO', '2014-05-13', 'DIVIDEND', '0.305'), action('MSFT', '2014-06-12', 'DIVIDEND', '0.28')];
    for (const actions of [newer, newer.toReversed()])
      expect(offered(actions, together)).toEqual(['DIVIDEND MSFT', 'DIVIDEND KO']);
    const oneDay = [action('MSFT', '2014-06-12', 'DIVIDEND', '0.28'), action('KO', '2014-06-12', 'DIVIDEND', '0.305')];
    for (const actions of [oneDay, oneDay.toReversed()])
      expect(offered(actions, together)).toEqual(['DIVIDEND KO', 'DIVIDEND MSFT']);
  });

  test('one in base currency, its own or that of the listing, needs no rate', () => {
    for (const currency of [null, 'GBP']) {
      const [found] = said(
        { cash: '1103.70' },
        { actions: [paid('2014-06-12', { currency })], fxOn: () => null, listedIn: () => 'GBP' },
      );
      expect(found?.proposal).toMatchObject({ kind: 'BOOK_DIVIDEND', currency: 'GBP', fx: '1' });
    }
  });

  test('one of half a unit is one; one of less than a penny is none', () => {
    const half = booked([
      openingEntry({ date: '2014-05-01', baseCurrency: 'GBP', cash: '1000', positions: { KO: '0.5' } }) as EntryDraft,
    ]);
    const held = { cash: '1000', units: { KO: '0.5' } };
    expect(
      kinds(
        said(
          { cash: '1008.50' },
          { entries: half, actions: [paid('2014-06-12', { value: '20', currency: 'GBP' })] },
          held,
        ),
      ),
    ).toEqual(['DIVIDEND KO']);
    expect(
      kinds(
        said(
          { cash: '1000.60' },
          { entries: half, cashTolerance: '0', actions: [paid('2014-06-12', { value: '1.40', currency: 'GBP' })] },
          held,
        ),
      ),
    ).toEqual(['DIVIDEND KO']);
    expect(offered([paid('2014-06-12', { value: '0.00001' })], '1500')).toEqual(['DEPOSIT cash']);
  });
});

describe('what cannot be explained', () => {
  test('is said with what to do, figures included', () => {
    expect(said({ positions: { ...ledger.units, MSFT: '251.3', GME: '5' } })).toEqual([
      {
        kind: 'UNEXPLAINED',
        subject: 'GME',
        cash: '0',
        proposal: { kind: 'CHECK_UNIVERSE', symbol: 'GME' },
        text: 'GME (5) is not in the universe: correct the symbol, or add its row to universe.csv and reconcile again',
      },
      {
        kind: 'UNEXPLAINED',
        subject: 'MSFT',
        cash: '0',
        proposal: { kind: 'READ_AGAIN', symbols: ['MSFT'], likely: null, snapshotDate: '2014-06-30' },
        text:
          'nothing known explains MSFT: 1.3. ' +
          'Read eToro again, and find out in its history what changed it, before anything is booked',
      },
    ]);
  });
});

describe('a split that nobody booked', () => {
  const dividend = action('AAPL', '2014-06-12', 'DIVIDEND', '0.47');
  const split = action('AAPL', '2014-06-09', 'SPLIT', '7');
  const paid = dividendAmounts({ units: '70', amount: '0.47', fx: '1.6829' });
  const received = { cash: toText(D('1000').plus(paid.net)), positions: { ...ledger.units, AAPL: '70' } };

  test('stands in the shares that a later dividend was paid on', () => {
    const found = explain(received, { actions: [split, dividend] });
    expect(found.map(({ kind }) => kind)).toEqual(['SPLIT', 'DIVIDEND']);
    expect(found[1]).toMatchObject({ cash: toText(paid.net), proposal: { units: '70', amount: '0.47' } });
  });

  test('is not offered again where figures that were set right since have it, nor under another name', () => {
    const seventy = baselinePositionEntry({
      date: '2014-06-10',
      baseCurrency: 'GBP',
      symbol: 'AAPL',
      units: '60',
      cost: null,
      description: 'as eToro shows',
    });
    const kinds = (drafts: Parameters<typeof booked>[0], told: CorporateAction[], symbol: string) =>
      explainDrift(
        compare(
          { cash: '1000', positions: { KO: '400', MSFT: '250', [symbol]: '130' } },
          { cash: '1000', units: { KO: '400', MSFT: '250', [symbol]: '70' } },
          { cash_tolerance: 5, units_tolerance: 0.0001 },
          [...universe, { internalSymbol: 'NEW' }],
        ),
        contextWith({ entries: booked(drafts), actions: told, known: ['AAPL', 'KO', 'MSFT', 'NEW'] }),
      ).map(({ proposal }) => proposal && 'published' in proposal && proposal.published);
    expect(kinds([opening, seventy], [split], 'AAPL')).not.toContain(true);
    const bookedSplit = splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '7' }) as EntryDraft;
    const renamed = renameEntry({ date: '2014-06-20', baseCurrency: 'GBP', symbol: 'AAPL', to: 'NEW', units: '70' });
    const told = { ...split, symbol: 'NEW' };
    expect(kinds([opening, bookedSplit, renamed], [told], 'NEW')).not.toContain(true);
  });
});
