import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvText } from '../../src/reports/render/csv.js';

/** Debian's Gnumeric without its windows. */
const SPREADSHEET = '/usr/bin/ssconvert';
const needs = existsSync(SPREADSHEET) ? '' : ' (needs ssconvert, of the package gnumeric)';

const begins = fc.constantFrom('=1+1', '+1+1', '-1+1', '@SUM(1)', '=', '"=', "'=", '\t=1', '\n=1', ' =1', '＝1', '');
const inner = fc.constantFrom('', ';=1', '\t-1', '\n@x', '","=1');
const text = fc.tuple(begins, fc.string({ maxLength: 8 }), inner).map((parts) => parts.join(''));
const ROWS = fc.sample(fc.array(text, { minLength: 1, maxLength: 4 }), { numRuns: 500, seed: 1 });

/** How many formulas a spreadsheet that opened the file has, and how many cells. */
function opened(csv: string): { formulas: number; cells: number } {
  const folder = mkdtempSync(join(tmpdir(), 'trading-ops-sheet-'));
  try {
    writeFileSync(join(folder, 'told.csv'), csv);
    execFileSync(SPREADSHEET, ['told.csv', 'told.gnumeric'], { cwd: folder, stdio: 'ignore' });
    const book = gunzipSync(readFileSync(join(folder, 'told.gnumeric'))).toString();
    // A cell that has a value says of which kind; a formula has none of its own.
    const cells = book.match(/<gnm:Cell [^>]*>/g) ?? [];
    return { cells: cells.length, formulas: cells.filter((cell) => !cell.includes('ValueType=')).length };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a CSV file in a spreadsheet', () => {
  it.skipIf(needs !== '')(`opens without a formula, where the same texts as they are run${needs}`, () => {
    const asTheyAre = ROWS.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');
    const { formulas, cells } = opened(asTheyAre);
    expect(formulas).toBeGreaterThan(0);
    expect(opened(csvText(ROWS))).toEqual({ formulas: 0, cells });
  });
});
