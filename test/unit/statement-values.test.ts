import { describe, expect, it } from 'vitest';
import { OpsError } from '../../src/domain/errors.js';
import type { Cell } from '../../src/domain/statement/sheet.js';
import { numberOf } from '../../src/domain/statement/values.js';

const read = (kind: Cell['kind'], text: string): string => {
  try {
    return String(numberOf({ cell: { kind, text }, where: 'S!A1', from1904: false })?.toFixed());
  } catch (error) {
    if (error instanceof OpsError && error.kind === 'usage') return `${error.code} ${error.message}`;
    throw error;
  }
};

describe('a number of a statement', () => {
  it.each([
    ['4.123', '4.123'],
    ['1,234,567', '1234567'],
    ['4,581.91', '4581.91'],
    ['-12,345.5', '-12345.5'],
    ['(2,500.00)', '-2500'],
    ['0.123457', '0.123457'],
  ])('typed %s is %s', (text, number) => {
    expect(read('text', text)).toBe(number);
  });

  it.each(['4,123', '0,123', '00,123', '-4,123', '(4,123)', '10,000', '999,999'])(
    'typed %s may be thousands or thousandths, and is refused by that',
    (text) => {
      expect(read('text', text)).toContain(`STATEMENT_VALUE S!A1: ${text}: may be thousands or thousandths`);
    },
  );

  it.each(['0,123.4', '0,123,456', '1234,567', '4,12', '1 234', '1.234,56', '4,123457', '(-5)'])(
    'typed %s is none',
    (text) => {
      expect(read('text', text)).toContain(`STATEMENT_VALUE S!A1: ${text}: must be a number`);
    },
  );

  it.each<[string, Cell['kind'], string]>([
    ['too large', 'number', '1e400'],
    ['too large below zero', 'number', '-1e999'],
    ['too small', 'number', '1e-400'],
    ['too large by its digits', 'number', `${'9'.repeat(40)}e99`],
    ['too small by its digits', 'number', `0.${'0'.repeat(39)}1e-99`],
    ['larger than any amount', 'number', '1e12'],
    ['no number', 'number', 'Infinity'],
    ['no number either', 'number', 'NaN'],
    ['of another base', 'number', '0x10'],
    ['typed with thirty thousand digits', 'text', '9'.repeat(30_000)],
    ['typed with thirty thousand decimals', 'text', `0.${'0'.repeat(30_000)}1`],
    ['typed with an exponent', 'text', '1e400'],
  ])('that is %s is refused', (_, kind, text) => {
    expect(read(kind, text)).toMatch(/^STATEMENT_VALUE S!A1: .*: must be a number/);
  });

  it('of a program’s arithmetic is read to the digits that it keeps', () => {
    expect(read('number', '4.1234570000000001')).toBe('4.123457');
    expect(read('number', '1.5E3')).toBe('1500');
    expect(read('number', '0e400')).toBe('0');
  });
});
