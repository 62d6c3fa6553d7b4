import { describe, expect, it, vi } from 'vitest';
import { printError } from '../../src/cli/kit/output.js';
import { OpsError, outcomeOf, refusal, resultOrThrow } from '../../src/domain/errors.js';
import { compareStatement } from '../../src/domain/statement/compare/compare.js';
import { readStatement } from '../../src/domain/statement/read.js';
import { orRefused } from '../../src/domain/statement/refusals.js';
import { openFirst } from '../../src/domain/statement/unopened.js';
import { D } from '../../src/domain/money.js';
import { readWorkbook } from '../../src/providers/statement/workbook.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { statementDocument } from '../../src/reports/statement/page.js';
import { JANUARY, januaryBooked, statementOf, UNIVERSE } from '../support/statement.js';
import { workbookOf } from '../support/workbook.js';
import { booked } from './ledger.fixture.js';

/** What people are told of a statement: report and refusals. */
const AT = '2026-02-02T08:00:00.000Z';

async function comparedWith(drafts: ReturnType<typeof januaryBooked>) {
  const statement = readStatement(await readWorkbook(workbookOf(statementOf(JANUARY))), UNIVERSE);
  const entries = booked(drafts.flatMap((draft) => draft ?? []));
  const facts = {
    account: 'main',
    baseCurrency: 'USD',
    entries,
    rateOn: () => null,
    actions: [],
    tickets: [],
    unitsTolerance: '0.0001',
    others: [],
    toldBeside: [],
    tradesBeside: [],
  };
  return { statement, comparison: openFirst(compareStatement(statement, facts)) };
}

async function reportOf(drafts: ReturnType<typeof januaryBooked>): Promise<string> {
  const { statement, comparison } = await comparedWith(drafts);
  const of = { statementId: '8b20c1f0-1111-4222-8333-8f4512345678', operator: 'ann', at: AT };
  const file = { account: 'main', fileName: 'jan.xlsx', sha256: 'f'.repeat(64), bytes: 1, path: 'data/x.xlsx' };
  const compared = { ...of, comparisonId: of.statementId, comparison, clock: 'real' as const, withdrawn: null };
  return renderMarkdown(statementDocument({ ...compared, stored: { ...of, ...file, statement } }));
}

describe('the report', () => {
  it('says times as people read them, and of a split its ratio', async () => {
    const text = await reportOf(januaryBooked('USD'));
    expect(text).toContain('2026-01-01 to 2026-01-31, whole days of UTC; made at 2026-02-01 08:00 UK time (GMT)');
    expect(text).not.toMatch(/\dT\d\d:/);
    expect(text).toMatch(/\| SPLIT \| AAA \| *2:1 \| *booked \|/);
    expect(text).not.toMatch(/\| *there *\|/);
  });

  it('on a ledger that was never opened proposes nothing, and says to open it', async () => {
    const { comparison } = await comparedWith([]);
    expect(comparison.status).toBe('DIFFERS');
    expect(comparison.lines.flatMap(({ proposal }) => proposal ?? [])).toEqual([]);
    expect(comparison.notes[0]).toContain('open it with the first snapshot (make reconcile-daily)');
    const text = await reportOf([]);
    expect(text).toContain('Nothing can be booked before the ledger is opened');
    expect(text).not.toContain('cash deposit');
    const opened = await comparedWith(januaryBooked('USD').slice(0, 1));
    expect(opened.comparison.lines.flatMap(({ proposal }) => proposal ?? [])).not.toEqual([]);
    expect(opened.comparison.notes.join()).not.toContain('open it');
  });
});

describe('what nobody foresaw', () => {
  it('is refused by a name, and what was foreseen by its own', async () => {
    await expect(orRefused(() => D('1e400'))).rejects.toMatchObject({
      kind: 'usage',
      code: 'STATEMENT_UNFORESEEN',
      message: expect.stringContaining('not a decimal number: "1e400"') as string,
    });
    const known = refusal('STATEMENT_BEFORE_LEDGER', 'the statement ends before');
    await expect(
      orRefused(async () => {
        throw known;
      }),
    ).rejects.toBe(known);
    expect(await orRefused(() => 1)).toBe(1);
  });

  it('has where it arose for a log, through outcome and door, and nothing of what was read', async () => {
    const outcome = await outcomeOf(() =>
      orRefused(() => {
        const cause = new TypeError('Secret');
        throw new RangeError('1e400 of Account 77\n    at Secret (Account Summary!B5)', { cause });
      }),
    );
    const again = await outcomeOf(async () => resultOrThrow(outcome));
    const trace = again.ok ? '' : (again.refusal.trace ?? '');
    expect(trace).toMatch(/^RangeError\n\s+at .*statement-told\.test\.ts[^]*\ncaused by TypeError\n\s+at /);
    expect(trace).not.toMatch(/1e400|Secret/);
    const known = await outcomeOf(() => orRefused(() => Promise.reject(refusal('STATEMENT_OF_ANOTHER', 'x'))));
    expect(known).not.toHaveProperty('refusal.trace');
    expect(saidOf(new OpsError('usage', 'X', 'x', { trace }), 'debug')).toContain(`It arose of a ${trace}`);
    expect(saidOf(new OpsError('usage', 'X', 'x', { trace }), 'info')).toBe('X: x\n');
  });
});

/** What the terminal says of an error. */
function saidOf(error: OpsError, level: string): string {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { exitCode } = process;
  vi.stubEnv('LOG_LEVEL', level);
  try {
    printError(error, false);
    return said.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    vi.unstubAllEnvs();
    said.mockRestore();
    process.exitCode = exitCode;
  }
}
