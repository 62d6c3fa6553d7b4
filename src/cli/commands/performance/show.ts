import type { Command } from 'commander';
import {
  performanceTableSchema,
  type Performance,
  type PerformanceReport,
  type ReadPerformance,
} from '../../../contract/performance.js';
import { parseInput } from '../../../contract/reading.js';
import { resultOrThrow, usageError } from '../../../domain/errors.js';
import { readPerformance } from '../../../operations/performance/read-performance.js';
import { performanceCsv } from '../../../reports/performance/csv.js';
import { performanceLines } from '../../../reports/performance/figures.js';
import { counted } from '../../../reports/render/format.js';
import { withContext } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { tableLines, wrapped } from '../../kit/table.js';
import { writeOutputFile } from '../../kit/write-output.js';

type Flags = ReadPerformance & { csv?: string | true; out?: string; force?: boolean };

/** Prints how an account did, or one table of it as CSV. */
export async function showPerformance(command: Command): Promise<void> {
  await withContext(command, async ({ db, account, policy, universe }) => {
    const { csv, out, force = false, ...asked } = command.opts<Flags>();
    const { range, from, to, benchmark, withholding } = asked;
    if (out !== undefined && csv === undefined)
      throw usageError('ARGUMENT_INVALID', `out: ${out}: must go with --csv, which it is the file of`);
    const table = csv === undefined ? null : parseInput(performanceTableSchema, { csv: csv === true ? 'closes' : csv });
    const input = { range, from, to, benchmark, withholding };
    const told = resultOrThrow(await readPerformance(db, { account, policy, universe }, input));
    if (table === null) return shown(told);
    const text = performanceCsv(told.report, table.csv);
    // To standard output nothing but the file: it is led into one.
    if (out === undefined) return { data: told, lines: text.trimEnd().split('\r\n') };
    await writeOutputFile(out, text, { force });
    return { data: { ...told, file: out }, lines: [`Wrote ${table.csv} of ${account.account} to ${out}`] };
  });
}

function shown(told: Performance): Answer {
  const { account, baseCurrency, report, reason } = told;
  const next = 'trading-ops ledger-report';
  if (report === null) return { data: told, lines: [`${account}: ${reason}.`], next };
  return { data: told, lines: linesOf(account, baseCurrency, report), next };
}

function linesOf(account: string, baseCurrency: string, report: PerformanceReport): string[] {
  const { period } = report;
  return [
    `Performance of ${account} in ${baseCurrency}, from the close of ${period.from} to that of ${period.to}, ` +
      counted(period.closes, 'close'),
    ...report.remarks.flatMap((remark) => wrapped(remark)),
    ...performanceLines(report, baseCurrency).flatMap(({ title, columns, rows, names }) => [
      '',
      title,
      ...(rows.length === 0
        ? ['none']
        : tableLines(columns, rows, { right: columns.map((_, place) => place).slice(1) })),
      ...names.flatMap((name) => wrapped(name)),
    ]),
  ];
}
