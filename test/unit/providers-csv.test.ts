import { mkdtempSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bar } from '../../src/domain/types.js';
import { createCsvProvider, fileNamesOf } from '../../src/providers/csv.js';
import { CsvBarReader } from '../../src/providers/csv/reader.js';
import { createCsvFxProvider } from '../../src/providers/fx-csv.js';
import { decimalOf, withoutFloatNoise } from '../../src/providers/numbers.js';
import { FetchError, type ProviderAnswer } from '../../src/providers/provider.js';
import { createSampleProvider } from '../../src/providers/sample.js';

const now = () => new Date('2014-06-11T07:00:00Z');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'drop-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const drop = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
const fetchBars = (symbol = 'AAPL', from = '2014-06-05', to = '2014-06-10') =>
  createCsvProvider(folder, now).fetchBars({ symbol, from, to });

async function sound(
  symbol?: string,
  from?: string,
  to?: string,
): Promise<Omit<ProviderAnswer, 'bars'> & { bars: Bar[] }> {
  const outcome = await fetchBars(symbol, from, to);
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  const bars: Bar[] = [];
  for await (const bar of outcome.bars) bars.push(bar);
  return { ...outcome, bars };
}

// AAPL around its 7:1 split, raw, as Alpha Vantage published it in 2021 (eod-demo).
const STOOQ =
  'Date,Open,High,Low,Close,Volume\n2014-06-04,637.44,647.8886,636.11,644.82,11981500\n2014-06-05,646.2,649.37,642.61,647.35,10850200\n' +
  '2014-06-06,649.9,651.26,644.47,645.57,12497800\n2014-06-09,92.7,93.88,91.75,93.7,75414997\n2014-06-10,94.73,95.05,93.57,94.25,62777000\n2014-06-11,94.13,94.76,93.47,93.86,45681000\n';
// The same days as Yahoo downloads them, from the sample package: split-adjusted, with float noise in six decimals.
const YAHOO =
  'Date,Open,High,Low,Close,Adj Close,Volume\n2014-06-06,92.842857,93.037140,92.067146,92.224289,85.812477,87484600\n' +
  '2014-06-07,null,null,null,null,null,null\n2014-06-09,92.699997,93.879997,91.750000,93.699997,87.185577,75415000\n';
const ALPHA =
  'timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\n' +
  '2014-06-10,94.73,95.05,93.57,94.25,20.92,62777000,0.0000,1.0\n2014-06-09,92.7,93.88,91.75,93.7,20.8,75414997,0.0000,7.00000700001\n2014-05-08,588.25,594.41,586.4,587.99,18.6,57574400,3.2900,1.0\n';

describe('layouts and names', () => {
  it("a plain file is Stooq's, rows outside the window are left out, nothing after the as-of date", async () => {
    drop('AAPL.csv', STOOQ);
    const { bars, basis, currency } = await sound();
    expect(bars.map(({ session }) => session)).toEqual(['2014-06-05', '2014-06-06', '2014-06-09', '2014-06-10']);
    expect(bars[2]).toEqual({
      symbol: 'AAPL',
      session: '2014-06-09',
      open: '92.7',
      high: '93.88',
      low: '91.75',
      close: '93.7',
      volume: '75414997',
      adjClose: null,
    });
    expect([basis, currency]).toEqual(['split+dividend', 'USD']);
  });

  it('beside a splits.csv a plain file is raw, and the actions of both files come along, none after the as-of date', async () => {
    drop('AAPL.csv', STOOQ);
    drop(
      'splits.csv',
      'Symbol,ExDate,SplitCoefficient,Source\nAAPL,2014-06-09,7.00000700001,alphavantage\nMA,2014-01-22,10.0,alphavantage\n',
    );
    drop(
      'dividends.csv',
      'Symbol,ExDate,Amount,Currency,Source\nAAPL,2014-05-08,3.29,USD,x\nAAPL,2014-08-07,0.47,USD,x\n',
    );
    const { basis, actions, payloads } = await sound();
    expect(basis).toBe('raw');
    expect(actions.map(({ kind, exDate, value, published }) => [kind, exDate, value, published])).toEqual([
      ['SPLIT', '2014-06-09', '7', '7.00000700001'],
      ['DIVIDEND', '2014-05-08', '3.29', '3.29'],
    ]);
    expect(actions.map(({ payload }) => payloads[payload]?.name)).toEqual(['splits', 'dividends']);
  });

  it('Yahoo: split-adjusted, float noise rounded away, rows of null are missing bars', async () => {
    drop('AAPL.csv', YAHOO);
    const { bars, basis } = await sound();
    expect(basis).toBe('split');
    expect(bars.map(({ session, close, adjClose }) => [session, close, adjClose])).toEqual([
      ['2014-06-06', '92.22429', '85.81248'],
      ['2014-06-09', '93.7', '87.18558'],
    ]);
  });

  it('Alpha Vantage: newest first, raw, actions in the rows', async () => {
    drop('AAPL.csv', ALPHA);
    const { bars, basis, actions } = await sound('AAPL', '2014-05-01');
    expect([basis, bars.length]).toEqual(['raw', 3]);
    expect(actions.map(({ kind, value }) => [kind, value])).toEqual([
      ['SPLIT', '7'],
      ['DIVIDEND', '3.2900'],
    ]);
  });

  it.each(['AAPL.csv', 'aapl.us.csv', 'aapl_us_d.csv', 'Aapl.CSV'])('%s is found', async (name) => {
    drop(name, STOOQ);
    expect((await sound()).bars).toHaveLength(4);
  });

  it("class shares are found as people's downloads name them", () => {
    expect(fileNamesOf('BRK.B')).toEqual(
      expect.arrayContaining(['BRK.B.csv', 'BRK-B.csv', 'BRK-B.us.csv', 'BRK-B_us_d.csv']),
    );
    expect(fileNamesOf('SP500')).toContain('^SPX_d.csv');
  });

  it('line ends of Windows, a byte-order mark, a repeated header and no last line end change nothing', async () => {
    drop(
      'AAPL.csv',
      `\uFEFF${STOOQ.replace('2014-06-09', 'Date,Open,High,Low,Close,Volume\n2014-06-09').replaceAll('\n', '\r\n').trimEnd()}`,
    );
    expect((await sound()).bars.map(({ close }) => close)).toEqual(['647.35', '645.57', '93.7', '94.25']);
  });

  it('a file without a row of the window is no failure: the gate says what is stale', async () => {
    drop('AAPL.csv', STOOQ);
    expect((await sound('AAPL', '2015-01-02', '2015-01-05')).bars).toEqual([]);
  });
});

describe('what is refused, one symbol at a time', () => {
  it.each<[string, string, string]>([
    ['nothing at all', '', 'EMPTY'],
    ['a header alone', 'Date,Open,High,Low,Close,Volume\n', 'EMPTY'],
    ['a web page', '<!DOCTYPE html>\n<html>…', 'HTML_INSTEAD_OF_DATA'],
    ['a web page of one line', '<html><head>,</head>', 'HTML_INSTEAD_OF_DATA'],
    ['a header in angle brackets without a date', '<TICKER>,<PER>,<DATE>\nA,D,20140610\n', 'BAD_LAYOUT'],
    ['the limit text', 'Exceeded the daily hits limit!\n', 'RATE_LIMITED'],
    ['no data', 'No data', 'EMPTY'],
    [
      'the error object that an archive once kept as prices',
      '{\n    "Error Message": "Invalid API call"\n}',
      'BAD_LAYOUT',
    ],
    ['another header', 'Day;Open;Close\n2014-06-09;1;2\n', 'BAD_LAYOUT'],
    ['a figure that is none', STOOQ.replace('93.7,', 'N/D,'), 'BAD_NUMBER'],
    ['infinity', STOOQ.replace('93.7,', 'Infinity,'), 'BAD_NUMBER'],
    ['an empty volume', STOOQ.replace(',75414997', ','), 'BAD_NUMBER'],
    ['a date that is none', STOOQ.replace('2014-06-09', '2014-06-31'.replace('31', '0x')), 'BAD_DATE'],
    ['a row with a field too few in the middle', STOOQ.replace('2014-06-09,92.7,', '2014-06-09,'), 'BAD_LAYOUT'],
    [
      'a row with a field too many in the middle',
      STOOQ.replace('2014-06-09,92.7,', '2014-06-09,92.7,92.7,'),
      'BAD_LAYOUT',
    ],
    ['a row with an empty field too many at its end', STOOQ.replace('75414997', '75414997,'), 'BAD_LAYOUT'],
    ['a figure with a comma, which makes it two', STOOQ.replace(',75414997', ',75,414,997'), 'BAD_LAYOUT'],
    ['a last row that breaks off', STOOQ.slice(0, STOOQ.indexOf('95.05')), 'TRUNCATED'],
    ['a last row that breaks off after a point', STOOQ.slice(0, STOOQ.indexOf('94.73') + 3), 'TRUNCATED'],
    ['a line without an end', `Date,Open,High,Low,Close,Volume\n${'1'.repeat(20_000)}`, 'BAD_LAYOUT'],
  ])('%s', async (_what, text, code) => {
    drop('AAPL.csv', text);
    drop('MSFT.csv', STOOQ);
    const provider = createCsvProvider(folder, now);
    expect(await provider.fetchBars({ symbol: 'AAPL', from: '2014-06-05', to: '2014-06-30' })).toMatchObject({
      ok: false,
      code,
    });
    expect(await provider.fetchBars({ symbol: 'MSFT', from: '2014-06-05', to: '2014-06-30' })).toMatchObject({
      ok: true,
    });
  });

  it('a missing file and a missing folder', async () => {
    expect(await fetchBars()).toMatchObject({ ok: false, code: 'FILE_MISSING' });
    rmSync(folder, { recursive: true });
    expect(await fetchBars()).toMatchObject({ ok: false, code: 'FILE_MISSING' });
  });

  it.each([
    ['0', 'splits.csv'],
    ['seven', 'splits.csv'],
    ['-1', 'dividends.csv'],
  ])('a value of %s in %s fails the symbol it is about alone', async (value, name) => {
    drop('AAPL.csv', STOOQ);
    drop('MSFT.csv', STOOQ);
    drop(
      name,
      `Symbol,ExDate,${name === 'splits.csv' ? 'SplitCoefficient' : 'Amount'}\nAAPL,2014-06-09,${value}\nMSFT,2014-06-09,2\n`,
    );
    expect(await fetchBars('AAPL')).toMatchObject({ ok: false, code: 'BAD_NUMBER' });
    expect(await fetchBars('MSFT')).toMatchObject({ ok: true });
  });

  it.each(['BRK-B', 'brk.b', 'BRK/B', 'brk-b.us'])('a split of %s is one of BRK.B', async (spelled) => {
    drop('BRK-B.csv', STOOQ);
    drop('splits.csv', `Symbol,ExDate,Ratio\n${spelled},2014-06-09,50\n`);
    expect(await fetchBars('BRK.B')).toMatchObject({ ok: true, actions: [{ symbol: 'BRK.B', value: '50' }] });
  });

  it.each(['GBX', 'GBp', '$', 'usd'])(
    'a dividend in %s fails its symbol, naming field, value and rule',
    async (word) => {
      drop('AAPL.csv', STOOQ);
      drop('dividends.csv', `Symbol,ExDate,Amount,Currency\nAAPL,2014-06-09,0.47,${word}\n`);
      const message = `dividends.csv: line 2: currency: ${word} must be three capital letters: USD`;
      expect(await fetchBars('AAPL')).toMatchObject({ ok: false, code: 'BAD_CURRENCY', message });
    },
  );

  it('an action file without its columns fails every symbol: nobody knows what is missing', async () => {
    drop('AAPL.csv', STOOQ);
    drop('splits.csv', 'Ticker,Date,Ratio\n');
    expect(await fetchBars()).toMatchObject({ ok: false, code: 'BAD_LAYOUT' });
  });
});

describe('large files', () => {
  const big = () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `19${String(i % 100).padStart(2, '0')}-01-02,1,1,1,1,1000`);
    drop('AAPL.csv', `Date,Open,High,Low,Close,Volume\n${rows.join('\n')}\n${STOOQ.split('\n').slice(1).join('\n')}`);
  };

  it('are read piece by piece with the same result', async () => {
    big();
    const { bars, payloads } = await sound();
    expect(bars.map(({ close }) => close)).toEqual(['647.35', '645.57', '93.7', '94.25']);
    expect(Buffer.isBuffer(payloads[0]?.body)).toBe(false);
  });

  it('that change while they are read are refused', async () => {
    big();
    const outcome = await fetchBars();
    if (!outcome.ok) throw new Error(outcome.code);
    appendFileSync(path.join(folder, 'AAPL.csv'), '2014-06-12,1,1,1,1,1\n');
    await expect(
      (async () => {
        for await (const bar of outcome.bars) expect(bar.symbol).toBe('AAPL');
      })(),
    ).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  });

  it('property: where the pieces are cut does not matter', () => {
    const read = (pieces: string[]) => {
      const reader = new CsvBarReader({
        symbol: 'AAPL',
        file: 'f',
        from: '2014-06-05',
        to: '2014-06-10',
        source: 'csv',
        currency: 'USD',
      });
      return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
    };
    fc.assert(
      fc.property(
        fc.constantFrom(STOOQ, YAHOO, ALPHA, STOOQ.trimEnd()),
        fc.array(fc.nat(400), { maxLength: 6 }),
        (text, cuts) => {
          const ends = [...new Set(cuts.filter((cut) => cut < text.length))].toSorted((a, b) => a - b);
          const pieces = [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
          expect(read(pieces)).toEqual(read([text]));
        },
      ),
    );
  });
});

describe('figures', () => {
  it.each([
    ['129.0399932861328', '129.04'],
    ['152.35001', '152.35'],
    ['188.589996', '188.59'],
    ['2874.560059', '2874.56'],
    ['13.237', '13.237'],
    ['0.0625', '0.0625'],
  ])('float noise: %s is %s', (noisy, clean) => expect(withoutFloatNoise(noisy)).toBe(clean));

  it('property: a price in cents survives a 32-bit float', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), (cents) => {
        const price = cents / 100;
        expect(Number(withoutFloatNoise(String(Math.fround(price))))).toBe(price);
      }),
    );
  });

  it.each([
    'N/D',
    '',
    'null',
    'NaN',
    'Infinity',
    '1,000',
    '0x10',
    '--1',
    '1.2.3',
    '1.',
    null,
    undefined,
    Number.NaN,
    1e300,
    {},
  ])('%s is no number', (value) => {
    expect(() => decimalOf(value, 'here')).toThrow(FetchError);
  });

  it.each([
    ['123456789012345', '123456789012345'],
    ['1234567890123456', null],
    ['0.12345678901234567890', '0.12345678901234567890'],
    ['0.123456789012345678901', null],
    ['-0.5', '-0.5'],
    ['+1.5', '1.5'],
    [' 1.5', '1.5'],
    ['1e99', `1${'0'.repeat(99)}`],
    ['1e100', null],
    ['1.5E-3', '0.0015'],
    ['.5', null],
    ['-', null],
    ['1 000', null],
    [999_999_999_999_999, '999999999999999'],
    [1e15, null],
    [-1e15, null],
    [0, '0'],
    [-1.25, '-1.25'],
  ])('the figure %j is %j', (value, expected) => {
    const read = () => decimalOf(value, 'a.csv: line 2: close');
    if (expected === null) expect(read).toThrow(`a.csv: line 2: close: ${JSON.stringify(value)} is not a number`);
    else expect(read()).toBe(expected);
  });

  it('numbers keep their text, exponents are written out', () => {
    expect([decimalOf('007.50', ''), decimalOf(1e-7, ''), decimalOf('1.5e3', ''), decimalOf('000', '')]).toEqual([
      '007.50',
      '0.0000001',
      '1500',
      '000',
    ]);
  });
});

describe('the sample', () => {
  it('AAPL up to 2018-05-11 and the S&P 500, daily', async () => {
    const provider = createSampleProvider(now);
    for (const [symbol, close] of [
      ['AAPL', '188.59'],
      ['SP500', '2727.72'],
    ] as const) {
      const outcome = await provider.fetchBars({ symbol, from: '2018-05-07', to: '2018-05-11' });
      if (!outcome.ok) throw new Error(outcome.message);
      const bars = [...(outcome.bars as Bar[])];
      expect(bars.map(({ session }) => session)).toEqual([
        '2018-05-07',
        '2018-05-08',
        '2018-05-09',
        '2018-05-10',
        '2018-05-11',
      ]);
      expect([bars.at(-1)?.close, outcome.basis]).toEqual([close, 'split']);
    }
    expect(await provider.fetchBars({ symbol: 'MSFT', from: '2018-05-07', to: '2018-05-11' })).toMatchObject({
      ok: false,
      code: 'NOT_FOUND',
    });
  });
});

describe('rates from the drop folder', () => {
  const rates = () =>
    createCsvFxProvider(folder, now).fetchRates({ pair: 'GBPUSD', from: '2014-06-06', to: '2014-06-10' });

  it.each([
    [
      'eurofxref-hist.csv',
      'Date,USD,JPY,GBP,\n2014-06-11,1.3538,138,0.80595,\n2014-06-10,1.3547,138,0.8075,\n2014-06-09,N/A,1,0.811,\n',
      [['2014-06-10', '1.677647']],
    ],
    [
      'GBPUSD_ecb.csv',
      'Date,EURUSD,EURGBP,GBPUSD_cross\n2014-06-09,1.3627,0.811,1.680271\n2014-06-10,1.3547,0.8075,1.677647\n',
      [
        ['2014-06-09', '1.680271'],
        ['2014-06-10', '1.677647'],
      ],
    ],
    [
      'GBPUSD.csv',
      'Date,Open,High,Low,Close,Volume\n2014-06-08,1.68,1.68,1.68,1.68,0\n2014-06-09,1.6801,1.6836,1.6785,1.6799,0\n',
      [['2014-06-09', '1.6799']],
    ],
    ['gbpusd_d.csv', 'Date,Open,High,Low,Close\n2014-06-09,1.6801,1.6836,1.6785,1.6799\n', [['2014-06-09', '1.6799']]],
  ])('%s', async (name, text, expected) => {
    drop(name, text);
    expect(await rates()).toMatchObject({ ok: true, rates: expected.map(([date, rate]) => ({ date, rate })) });
  });

  it("the ECB's own table goes before a broker's prices; no file is said", async () => {
    expect(await rates()).toMatchObject({ ok: false, code: 'FILE_MISSING' });
    drop('GBPUSD.csv', 'Date,Close\n2014-06-10,9\n');
    drop('GBPUSD_ecb.csv', 'Date,EURUSD,EURGBP\n2014-06-10,1.3547,0.8075\n');
    expect(await rates()).toMatchObject({ rates: [{ date: '2014-06-10', rate: '1.677647' }] });
  });

  it('beside the ECB as a source of its own its table is not read a second time', async () => {
    drop('eurofxref-hist.csv', 'Date,USD,GBP\n2014-06-10,1.3547,0.8075\n');
    const beside = () =>
      createCsvFxProvider(folder, now, { besideEcb: true }).fetchRates({
        pair: 'GBPUSD',
        from: '2014-06-06',
        to: '2014-06-10',
      });
    expect(await beside()).toMatchObject({ ok: false, code: 'FILE_MISSING' });
    drop('gbpusd_d.csv', 'Date,Close\n2014-06-10,1.6790\n');
    expect(await beside()).toMatchObject({ rates: [{ date: '2014-06-10', rate: '1.6790' }] });
    expect(await rates()).toMatchObject({ rates: [{ date: '2014-06-10', rate: '1.677647' }] });
  });

  it('a rate of zero or less is refused', async () => {
    drop('GBPUSD.csv', 'Date,Close\n2014-06-10,0\n');
    expect(await rates()).toMatchObject({ ok: false, code: 'BAD_NUMBER' });
  });
});
