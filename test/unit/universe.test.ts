import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OpsError } from '../../src/domain/errors.js';
import { parseUniverse } from '../../src/domain/policy/universe.js';

const shipped = readFileSync(new URL('../../config/universe.csv', import.meta.url), 'utf8');
const header =
  'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by,enabled\n';
const apple = 'AAPL,AAPL,Apple,stock,USD,true,2026-11-20,Ada,true\n';

function refusalOf(text: string): string[] {
  try {
    parseUniverse(text, 'universe.csv');
  } catch (error) {
    if (error instanceof OpsError && error.kind === 'usage') return error.message.split('\n');
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the shipped universe', () => {
  const rows = parseUniverse(shipped, 'config/universe.csv');

  it('holds 20 stocks and two benchmarks that are never traded', () => {
    expect(rows.filter((row) => row.kind === 'stock' && row.tradable && row.enabled)).toHaveLength(20);
    expect(rows.filter((row) => row.kind === 'benchmark').map((row) => [row.internalSymbol, row.tradable])).toEqual([
      ['SPY', false],
      ['QQQ', false],
    ]);
  });

  it('claims no verification that no human made', () => {
    expect(rows.filter((row) => row.verifiedOn !== null || row.verifiedBy !== null)).toEqual([]);
  });
});

describe('parseUniverse', () => {
  it('reads a row', () => {
    expect(parseUniverse(header + apple, 'universe.csv')).toEqual([
      {
        internalSymbol: 'AAPL',
        etoroSearchName: 'AAPL',
        name: 'Apple',
        kind: 'stock',
        listingCurrency: 'USD',
        tradable: true,
        enabled: true,
        verifiedOn: '2026-11-20',
        verifiedBy: 'Ada',
      },
    ]);
  });

  it('takes a row as enabled when the cell or the column is missing', () => {
    expect(parseUniverse(header + apple.replace(',true\n', ',\n'), 'u.csv')[0]?.enabled).toBe(true);
    expect(
      parseUniverse((header + apple).replace(',enabled', '').replace('Ada,true', 'Ada'), 'u.csv')[0]?.enabled,
    ).toBe(true);
    expect(parseUniverse(header + apple.replace('Ada,true', 'Ada,false'), 'u.csv')[0]?.enabled).toBe(false);
  });

  it('reads what spreadsheets write: byte order mark, CRLF, quotes, empty lines', () => {
    const text = `\uFEFF${header}\n# a remark\n"AAPL","AAPL","Apple, Inc.",stock,USD,true,,,\n`.replaceAll(
      '\n',
      '\r\n',
    );
    expect(parseUniverse(text, 'u.csv')[0]).toMatchObject({
      internalSymbol: 'AAPL',
      name: 'Apple, Inc.',
      verifiedOn: null,
      verifiedBy: null,
    });
  });

  it('names the line also below remarks, empty lines and CRLF', () => {
    expect(refusalOf(`${header}# a remark\n\nMA,MA,Mastercard,stock,USD,maybe,,,\n`.replaceAll('\n', '\r\n'))).toEqual([
      'universe.csv:4: tradable: "maybe": must be true or false',
    ]);
  });

  it('refuses everything wrong at once', () => {
    expect(
      refusalOf(
        `${header}${apple}AAPL,aapl,Apple,stonk,usd,yes,2024-02-30,Bob,\naapl,,x,etf,USD,true,2024-01-01,,false\n`,
      ),
    ).toEqual([
      'universe.csv:3: kind: "stonk": must be stock, etf, cfd or benchmark',
      'universe.csv:3: listing_currency: "usd": must be three capital letters: USD',
      'universe.csv:3: tradable: "yes": must be true or false',
      'universe.csv:3: verified_on: "2024-02-30": must be a date that exists, YYYY-MM-DD',
      'universe.csv:3: internal_symbol: "AAPL": stands already on line 2',
      'universe.csv:3: etoro_search_name: "aapl": stands already on line 2',
      'universe.csv:4: internal_symbol: "aapl": must be a symbol in capital letters, such as AAPL or BRK.B',
      'universe.csv:4: etoro_search_name: "": must be the exact text that finds the instrument on eToro',
      'universe.csv:4: tradable: "true": must be false: kind etf is never tradable here, only stock is',
      'universe.csv:4: verified_by: "": must be given, for the other half of the verification is',
      'universe.csv:4: internal_symbol: "aapl": stands already on line 2',
    ]);
  });

  it.each([
    [
      'an unknown column',
      header.replace('kind', 'knd') + apple,
      [
        'universe.csv:1: knd: is not a column of the universe; did you mean "kind"?',
        'universe.csv:1: kind: (missing): is required as a column',
      ],
    ],
    ['a column twice', header.replace('enabled', 'kind') + apple, ['universe.csv:1: kind: stands twice in the header']],
    [
      'a short row',
      `${header}AAPL,AAPL\n`,
      ['universe.csv:2: CSV: Invalid Record Length: columns length is 9, got 2 on line 2'],
    ],
    [
      'an open quote',
      `${header}"AAPL,AAPL\n`,
      ['universe.csv:2: CSV: Quote Not Closed: the parsing is finished with an opening quote at line 2'],
    ],
    ['no row', header, ['universe.csv:1: must name at least one symbol below its header']],
    ['an empty file', '', ['universe.csv:1: must name at least one symbol below its header']],
    [
      'a path for a symbol',
      header + apple.replace('AAPL', '../AAPL'),
      ['universe.csv:2: internal_symbol: "../AAPL": must be a symbol in capital letters, such as AAPL or BRK.B'],
    ],
  ])('refuses %s', (_, text, lines) => {
    expect(refusalOf(text)).toEqual(lines);
  });
});
