import type { Command } from 'commander';
import {
  performanceReportFormatSchema,
  performanceTableSchema,
  type Performance,
  type PerformanceReport,
  type PerformanceTable,
  type ReadPerformance,
} from '../../../contract/performance.js';
import { parseInput } from '../../../contract/reading.js';
import { resultOrThrow, usageError } from '../../../domain/errors.js';
import { bounded } from '../../../domain/text.js';
import { readPerformance } from '../../../operations/performance/read-performance.js';
import { ofAccount, performanceCommand } from '../../../reports/commands.js';
import { performanceCsv } from '../../../reports/performance/csv.js';
import { performanceLines } from '../../../reports/performance/figures.js';
import { performanceDocument, REPORT_SIZE } from '../../../reports/performance/page.js';
import { counted } from '../../../reports/render/format.js';
import { renderHtml } from '../../../reports/render/html.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { withContext } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { tableLines, wrapped } from '../../kit/table.js';
import { writeOutputFile } from '../../kit/write-output.js';

type Flags = ReadPerformance & { csv?: string | true; report?: string; out?: string; force?: boolean };

/** Prints how an account did, or writes one table of it as CSV, or the whole as a report. */
export async function showPerformance(command: Command): Promise<void> {
  await withContext(command, async ({ db, account, policy, universe }) => {
    const { csv, report, out, force = false, ...asked } = command.opts<Flags>();
    const { range, from, to, benchmark, withholding } = asked;
    const input = { range, from, to, benchmark, withholding };
    const file = fileAsked({ csv, report, out });
    const told = resultOrThrow(await readPerformance(db, { account, policy, universe }, input));
    if (file === null) return shown(told);
    const text = textOf(told, file, performanceCommand(account.account, input));
    // To standard output nothing but the file: it is led into one.
    if (out === undefined) return { data: told, lines: text.trimEnd().split(/\r?\n/) };
    await writeOutputFile(out, text, { force });
    return { data: { ...told, file: out }, lines: [`Wrote ${file.name} of ${account.account} to ${out}`] };
  });
}

type FileAsked = { kind: 'csv'; name: PerformanceTable } | { kind: 'report'; name: string; format: 'html' | 'md' };

/** The file that is asked for; null for what is printed. @throws OpsError ARGUMENT_INVALID */
function fileAsked({ csv, report, out }: Pick<Flags, 'csv' | 'report' | 'out'>): FileAsked | null {
  if (csv !== undefined && report !== undefined)
    throw usageError('ARGUMENT_INVALID', `report: ${bounded(report)}: must be left out where --csv is given`);
  if (csv !== undefined)
    return { kind: 'csv', name: parseInput(performanceTableSchema, { csv: csv === true ? 'closes' : csv }).csv };
  if (report !== undefined) {
    const { report: format } = parseInput(performanceReportFormatSchema, { report });
    return { kind: 'report', name: 'the report', format };
  }
  if (out === undefined) return null;
  throw usageError('ARGUMENT_INVALID', `out: ${bounded(out)}: must go with --csv or --report, which it is the file of`);
}

function textOf(told: Performance, file: FileAsked, command: string): string {
  if (file.kind === 'csv') return performanceCsv(told.report, file.name);
  const document = performanceDocument(told, { command, size: REPORT_SIZE });
  return file.format === 'html' ? renderHtml(document) : renderMarkdown(document);
}

function shown(told: Performance): Answer {
  const { account, baseCurrency, report, reason } = told;
  const next = ofAccount('trading-ops ledger-report', account);
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
