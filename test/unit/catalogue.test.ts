import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { codes, explain, remedyOf, SUBJECTS } from '../../src/reports/catalogue/catalogue.js';
import { blocksOf, incidentsPage } from '../../src/reports/catalogue/incidents.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { codesSaid, PROGRAM } from './codes.fixture.js';

const page = readFileSync(path.join(repositoryRoot, 'docs/INCIDENTS.md'), 'utf8');
const catalogued = codes().map(({ code }) => code);

describe('the catalogue of codes', () => {
  it('is of what the source says: the reader of the source sees every way of saying a code', () => {
    const seen = (text: string) => [...codesSaid(new Map([['x.ts', text]])).keys()];
    expect(
      seen(
        `throw refusal(\n  'A_NO', x); throw new OpsError('fault', 'A_FAULT', x); code: 'A_CODE' | 'B_CODE'; reason('A_GATE', null)`,
      ),
    ).toEqual(expect.arrayContaining(['A_NO', 'A_FAULT', 'A_CODE', 'B_CODE', 'A_GATE']));
    expect(codesSaid().size).toBeGreaterThan(190);
  });

  it('has every code that the program can say (a new code is one entry in src/reports/catalogue)', () => {
    expect(
      [...codesSaid()].filter(([code]) => !catalogued.includes(code)).map(([code, file]) => `${code} of src/${file}`),
    ).toEqual([]);
  });

  it('has no code that nothing says any more', () => {
    const program = [...PROGRAM.values()].join('\n');
    // A state of a day is written small, in quotes.
    const says = (code: string) => new RegExp(`\\b${code}\\b|'${code.toLowerCase()}'`).test(program);
    expect(catalogued.filter((code) => !says(code))).toEqual([]);
  });

  it('has each code once, with sentences that end', () => {
    const all = SUBJECTS.flatMap((subject) => Object.keys(subject.codes));
    expect(all.filter((code, index) => all.indexOf(code) !== index)).toEqual([]);
    const open = codes().filter(({ happened, remedy }) => !/[.:?]$|`$/.test(happened) || !/[.…]$|`$|"$/.test(remedy));
    expect(open.map(({ code }) => code)).toEqual([]);
  });

  it('fits into the cells of a table', () => {
    expect(
      codes()
        .filter(({ happened, check = '', remedy, more = '' }) => /[|\n]/.test(happened + check + remedy + more))
        .map(({ code }) => code),
    ).toEqual([]);
  });
});

describe('docs/INCIDENTS.md', () => {
  it('is what `make incidents` writes', () => {
    expect(incidentsPage(page) === page, 'type `make incidents`').toBe(true);
  });

  it('has a block for each subject, and the index', () => {
    expect(blocksOf(page)).toEqual(['index', ...SUBJECTS.map(({ id }) => id)]);
  });

  it('a page whose block names no subject is refused', () => {
    expect(() => incidentsPage('<!-- codes: nothing -->\n<!-- end of codes -->')).toThrow(
      'there is no subject "nothing"',
    );
  });
});

describe('explain', () => {
  it('takes a code as somebody types it', () => {
    expect(explain(' cash_drift ')).toMatchObject({ code: 'CASH_DRIFT', subject: { id: 'gates' } });
  });

  it('refuses one that nothing says, and names the nearest', () => {
    expect(() => explain('CASH_DRFT')).toThrow(
      'code: CASH_DRFT: is not said by this program; did you mean "CASH_DRIFT"?',
    );
    expect(() => explain('toString')).toThrow('code: toString: is not said by this program');
  });

  const seen =
    'open reconciled ticketed confirmed closed TRADE NO_TRADE MISSED PASS FAIL DONE FAULT UNDER_WAY LATE STOPPED ' +
    'BOOKED ACKNOWLEDGED REFUSED REJECTED RECOVERED SKIPPED PARTIAL FAILED';
  it.each(seen.split(' '))('knows %s, a state that a person sees', (state) => {
    expect(explain(state).happened).not.toBe('');
  });

  it('a reason of a version that knew other codes is sent to the page', () => {
    expect([remedyOf({ code: 'GONE' }), remedyOf({ code: 'CASH_DRIFT' })]).toEqual([
      'See GONE in docs/INCIDENTS.md.',
      'Book what explains the difference (see the reconciliation report), or correct the snapshot; then reconcile again.',
    ]);
  });
});
