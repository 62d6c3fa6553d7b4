import { describe, expect, test } from 'vitest';
import type { OpsError } from '../../src/domain/errors.js';
import { D } from '../../src/domain/money.js';
import { beginSession, snapshot, without, type BrokerBook, type BrokerMarket } from '../../src/simulation/broker.js';
import { parseEvents } from '../../src/simulation/events.js';
import { parseRulings } from '../../src/simulation/rulings.js';
import { bookSmallItems, wordsOf, type Errand, type Hands } from '../../src/simulation/operator.js';

// What companies and the broker do in a simulation: read from a file, done at the broker, booked by the operator.

const FILE = `date,kind,symbol,to,ratio,amount,cost_share
2014-06-10,RENAME,FB,META,,,
2014-06-10,CASH_MERGER,TWX,,,80,
2014-06-10,STOCK_MERGER,UTX,RTX,0.5,16,0.25
2014-06-10,CASH_IN_LIEU,RTX,,,32,
2014-06-10,SPIN_OFF,EBAY,PYPL,1/4,,0.4
2014-06-10,DELISTING,GM,,,,
2014-06-10,INTEREST,,,,34.20,
2014-06-11,DELISTING,KO,,,,
`;
const book: BrokerBook = {
  cash: D('100'),
  units: new Map([
    ['FB', D('2')],
    ['TWX', D('3')],
    ['UTX', D('5')],
    ['EBAY', D('10')],
    ['GM', D('7')],
    ['KO', D('1')],
  ]),
};
const events = parseEvents(FILE, 'events.csv');
const market: BrokerMarket = {
  openOf: () => null,
  closeOf: () => null,
  actionsOn: () => [],
  paysDividends: () => false,
  eventsOn: (date) => events.filter((event) => event.date === date),
  rateOn: () => '1.6',
  rateAt: () => '1.6',
  lastCloseOf: () => null,
  pair: 'GBPUSD',
  basisOf: () => 'raw',
  pricedTo: '2014-12-31',
};

describe('events', () => {
  const { book: after, statement } = beginSession(book, market, '2014-06-10');

  test('change what is held at the broker, one after another', () => {
    // 150 for the merger, 50 beside the shares, 10 for half a share at 32 / 1.6, and the interest.
    expect(snapshot(after)).toEqual({
      cash: '344.20',
      positions: { EBAY: '10', KO: '1', META: '2', PYPL: '2.5', RTX: '2' },
    });
    expect(snapshot(without(after, statement))).toEqual(snapshot(book));
  });

  test('are booked by the operator as the statement shows them', async () => {
    const asked: Errand[] = [];
    const hands = {
      carryOut: (errand: Errand) => {
        asked.push(errand);
        return Promise.resolve({ ok: true, result: null });
      },
    } as unknown as Hands;
    const { done, problems } = await bookSmallItems(hands, statement, '2014-06-11T08:00:00.000Z');
    expect([done, problems]).toEqual([asked, []]);
    expect(
      asked.map((errand) => [wordsOf(errand), errand.kind === 'BOOK_EVENT' && [errand.cash, errand.units]]),
    ).toEqual([
      ['BOOK_EVENT RENAME FB 2014-06-10', [null, null]],
      ['BOOK_EVENT CASH_MERGER TWX 2014-06-10', ['150.00', null]],
      ['BOOK_EVENT STOCK_MERGER UTX 2014-06-10', ['50.00', null]],
      ['BOOK_EVENT CASH_IN_LIEU RTX 2014-06-10', ['10.00', '0.5']],
      ['BOOK_EVENT SPIN_OFF EBAY 2014-06-10', [null, null]],
      ['BOOK_EVENT DELISTING GM 2014-06-10', [null, null]],
      ['BOOK_EVENT INTEREST cash 2014-06-10', ['34.20', null]],
    ]);
  });

  test('of what is not held change nothing', () => {
    const nothing: BrokerBook = { cash: D('1'), units: new Map() };
    const { book: same, statement: shown } = beginSession(nothing, market, '2014-06-11');
    expect([snapshot(same), shown]).toEqual([{ cash: '1.00', positions: {} }, []]);
  });
});

describe('an events file', () => {
  const fault = (row: string): string => {
    try {
      parseEvents(`date,kind,symbol,to,ratio,amount,cost_share\n${row}\n`, 'events.csv');
      return 'read';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    ['2014-02-30,RENAME,FB,META,,,', /row 1: date: .*must be a date that exists/],
    ['2014-06-10,TAKEOVER,FB,META,,,', /row 1: kind: /],
    ['2014-06-10,RENAME,fb,META,,,', /row 1: symbol: .*capital letters/],
    ['2014-06-10,RENAME,FB,,,,', /row 1: to: .*must be given with RENAME/],
    ['2014-06-10,RENAME,FB,META,2,,', /row 1: ratio: .*must be left empty with RENAME/],
    ['2014-06-10,CASH_MERGER,FB,,,-5,', /row 1: amount: .*must be a number above 0/],
    ['2014-06-10,SPIN_OFF,FB,META,2,,1.5', /row 1: cost_share: .*must be a fraction from 0 to 1/],
    ['2014-06-10,RENAME', /events\.csv: /],
  ])('refuses %s', (row, message) => expect(fault(row)).toMatch(message));
});

describe('rulings of a simulation', () => {
  const HEAD = 'symbol,ex_date,kind,dividend_type,ruling,value,ruled_on,reason';
  const refusalOf = (...rows: string[]) => {
    try {
      return parseRulings([HEAD, ...rows].join('\n'), 'rulings.csv').length;
    } catch (error) {
      const { code, message } = error as OpsError;
      return [code, ...message.split('\n')];
    }
  };

  test('say which of several dividends of one ex-date they are about; the column may be left out', () => {
    const read = parseRulings(
      [
        HEAD,
        'KO,2014-03-12,DIVIDEND,special,cash_dividend,1.00,2014-03-13,on top of the regular one',
        'KO,2014-03-12,DIVIDEND,,ignore,,2014-03-13,never paid',
        'KO,2014-03-12,DIVIDEND,return_of_capital,ignore,,2014-03-13,never paid',
      ].join('\n'),
      'rulings.csv',
    );
    expect(read.map(({ dividendType, ruling, value }) => [dividendType, ruling, value])).toEqual([
      ['special', 'cash_dividend', '1.00'],
      [undefined, 'ignore', null],
      ['return_of_capital', 'ignore', null],
    ]);
    const old =
      'symbol,ex_date,kind,ruling,value,ruled_on,reason\nGOOGL,2014-04-03,DIVIDEND,split,2,2014-04-09,class C';
    expect(parseRulings(old, 'rulings.csv')).toEqual([
      {
        symbol: 'GOOGL',
        exDate: '2014-04-03',
        kind: 'DIVIDEND',
        ruling: 'split',
        value: '2',
        ruledOn: '2014-04-09',
        reason: 'class C',
      },
    ]);
  });

  test('are refused with row, field, value and rule', () => {
    expect(refusalOf('KO,2014-03-12,DIVIDEND,extra,ignore,,2014-03-13,x')).toEqual([
      'RULINGS_INVALID',
      expect.stringMatching(/^rulings\.csv: row 1: dividend_type: "extra": must be /),
    ]);
    expect(refusalOf('KO,2014-03-12,SPLIT,special,split,2,2014-03-13,x')).toEqual([
      'RULINGS_INVALID',
      'rulings.csv: row 1: dividend_type: "special": must be left empty with kind SPLIT: only a dividend has a type',
    ]);
    expect(refusalOf('KO,2014-03-12,DIVIDEND,special,ignore,,2014-03-13,x')).toBe(1);
  });
});
