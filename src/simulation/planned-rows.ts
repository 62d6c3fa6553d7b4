import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { usageError } from '../domain/errors.js';
import { problemsOf, problemText } from '../domain/problems.js';
import { bounded } from '../domain/text.js';
import { IN_OUR_WORDS } from '../domain/shape-words.js';

/** Characters of what the reader of CSV says of a file that is none. */
const FAULT_MAX = 300;

/** What a file of a simulation's plan is called when it is refused, and how its rows are read. */
export interface PlanFile<Row> {
  code: string;
  columns: string;
  row: z.ZodType<Row>;
}

/** A field that may be left empty. */
export const blank = <T extends z.ZodType<string, string>>(schema: T) =>
  z
    .string()
    .transform((text) => (text === '' ? null : text))
    .pipe(schema.nullable());

/**
 * Reads a CSV file of what is planned for a simulation.
 * Refuses with exit 64 and every fault at once: file, row, field, value and rule.
 */
export function plannedRows<Row>(text: string, file: string, { code, columns, row: schema }: PlanFile<Row>): Row[] {
  let rows: unknown[];
  try {
    rows = parse(text, { columns: true, skip_empty_lines: true, trim: true, bom: true });
  } catch (cause) {
    throw usageError(code, `${bounded(file)}: ${bounded((cause as Error).message, FAULT_MAX)}`, { cause });
  }
  const parsed = rows.map((row, index) => ({ row, index, result: schema.safeParse(row, IN_OUR_WORDS) }));
  const faults = parsed.flatMap(({ row, index, result }) =>
    result.success
      ? []
      : problemsOf(result.error, row, 'row').map((problem) => ({
          ...problem,
          field: `${bounded(file)}: row ${index + 1}: ${problem.field}`,
        })),
  );
  if (faults.length > 0) throw usageError(code, problemText(faults), { remedy: `columns: ${columns}` });
  return parsed.flatMap(({ result }) => (result.success ? [result.data] : []));
}
