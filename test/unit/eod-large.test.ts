import { describe, expect, it } from 'vitest';
import { parseRulings } from '../../src/simulation/rulings.js';
import { bySymbol, dropFile, rowsOf, type Row } from '../../tools/eod-large/rows.js';
import { rulingsFile, rulingsOn } from '../../tools/eod-large/rulings.js';

const HEADER = 'symbol,date,open,high,low,close,adj_close,volume,dividend_amount,split_coefficient';
const DAYS = ['2014-04-01', '2014-04-02', '2014-04-03', '2014-04-04', '2014-04-07', '2014-04-08'];

/** Closes of six sessions from the third of which on something was published. */
const series = (closes: number[], third: { dividend?: string; split?: string } = {}): Row[] =>
  closes.map((close, index) => ({
    symbol: 'KO',
    date: DAYS[index] as string,
    open: String(close),
    high: String(close),
    low: String(close),
    close: String(close),
    adjClose: String(close),
    volume: '1000',
    dividend: (index === 2 && third.dividend) || '0',
    split: (index === 2 && third.split) || '1',
  }));
const said = (rows: readonly Row[]) =>
  rulingsOn(rows).map(({ kind, ruling, value }) => `${kind} ${ruling} ${value}`.trim());

describe('the archive as a drop folder', () => {
  it('has a file a symbol, oldest first, with the actions in its rows', () => {
    const lines = [
      'KO,2014-04-03,38,39,37,38.5,30.1,100,0.305,1',
      'AAPL,2014-06-09,92,94,91,93.7,21,200,0,7.00000700001',
      'KO,2014-04-02,38,39,37,38.4,30,90,0,1',
    ];
    const files = bySymbol(rowsOf([HEADER, ...lines, ''].join('\n'), '2014.csv'));
    expect([...files.keys()]).toEqual(['KO', 'AAPL']);
    expect(dropFile(files.get('KO') ?? []).split('\n')).toEqual([
      'timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient',
      '2014-04-02,38,39,37,38.4,30,90,0,1',
      '2014-04-03,38,39,37,38.5,30.1,100,0.305,1',
      '',
    ]);
  });

  it('refuses a file of other columns by its name', () => {
    expect(() => rowsOf('symbol,date,close\n', '2014.csv')).toThrow(/^2014\.csv: header: must be symbol,date,open/);
  });
});

describe('what an operator would rule', () => {
  it.each([
    ['an ordinary dividend', series([40, 40, 39, 39, 39, 39], { dividend: '1' }), []],
    ['a split of a usual ratio', series([70, 70, 10, 10, 10, 10], { split: '7.00000700001' }), []],
    ['a special dividend', series([100, 100, 82, 82, 82, 82], { dividend: '16.5' }), ['DIVIDEND cash_dividend 16.5']],
    ['a share in kind', series([1135, 1135, 571, 571, 571, 571], { dividend: '567.97' }), ['DIVIDEND split 2']],
    ['one that the price does not show', series([100, 100, 99, 99, 99, 99], { dividend: '12' }), ['DIVIDEND ignore']],
    [
      'one event told twice',
      series([55, 55, 49, 49, 49, 49], { dividend: '5.87', split: '1.122' }),
      ['DIVIDEND ignore', 'SPLIT split 1.122'],
    ],
    ['a ratio that is none', series([45, 45, 48, 48, 48, 48], { split: '0.955' }), ['SPLIT split 0.955']],
    ['a move of its own', series([50, 50, 80, 80, 80, 80]), ['JUMP genuine']],
    ['a fall of its own', series([50, 50, 30, 30, 30, 30]), ['JUMP genuine']],
  ])('%s', (_what, rows, expected) => {
    expect(said(rows)).toEqual(expected);
  });

  it('is ruled two sessions after the ex-date, in the file that simulate reads', () => {
    const file = rulingsFile(rulingsOn(series([100, 100, 82, 82, 82, 82], { dividend: '16.5' })));
    expect(parseRulings(file, 'rulings.csv')).toEqual([
      expect.objectContaining({ symbol: 'KO', exDate: '2014-04-03', ruledOn: '2014-04-07', ruling: 'cash_dividend' }),
    ]);
    expect(rulingsOn(series([50, 50, 80]))).toEqual([]);
  });
});
