import { z } from 'zod';
import { dividendType, ruledValue } from '../contract/figures.js';
import { dateShape, reasonShape, symbolShape } from '../domain/shapes.js';
import type { ActionRuling, IsoDate } from '../domain/types.js';
import { blank, plannedRows } from './planned-rows.js';

/** A ruling the simulated operator will give, and the session in whose morning it is given. */
export interface PlannedRuling extends ActionRuling {
  ruledOn: IsoDate;
  reason: string;
}

const TYPE_RULE = { error: `must be empty, or one of ${dividendType.options.join(', ')}` };

const rowSchema = z
  .strictObject({
    symbol: symbolShape(),
    ex_date: dateShape(),
    kind: z.enum(['SPLIT', 'DIVIDEND', 'JUMP']),
    ruling: z.enum(['cash_dividend', 'split', 'ignore', 'genuine']),
    /** Which of several dividends of one ex-date; the regular one when left empty, as when the column is left out. */
    dividend_type: z.enum(['', ...dividendType.options], TYPE_RULE).default(''),
    value: blank(ruledValue),
    ruled_on: dateShape(),
    reason: reasonShape(),
  })
  .superRefine((row, context) => {
    if ((row.kind === 'JUMP') !== (row.ruling === 'genuine'))
      context.addIssue({
        code: 'custom',
        path: ['ruling'],
        message: 'must be genuine with kind JUMP, and with no other',
      });
    const valueless = row.ruling === 'ignore' || row.ruling === 'genuine';
    if (valueless !== (row.value === null))
      context.addIssue({
        code: 'custom',
        path: ['value'],
        message: `must be ${valueless ? 'left empty with' : 'given with'} ruling ${row.ruling}`,
      });
    if (row.kind !== 'DIVIDEND' && row.dividend_type !== '' && row.dividend_type !== 'regular')
      context.addIssue({
        code: 'custom',
        path: ['dividend_type'],
        message: `must be left empty with kind ${row.kind}: only a dividend has a type`,
      });
    if (row.ruled_on <= row.ex_date)
      context.addIssue({
        code: 'custom',
        path: ['ruled_on'],
        message: 'must be after the ex-date: nobody knows of it before',
      });
  });

/**
 * Reads the rulings of a simulation: a CSV with the columns symbol, ex_date, kind, ruling, value, ruled_on, reason, and
 * dividend_type where one of several dividends of one ex-date is meant. The simulated broker treats the action as the
 * ruling says from its ex-date on; the operator rules on `ruled_on`.
 * Refuses with exit 64 and every fault at once: file, row, field, value and rule.
 */
export function parseRulings(text: string, file: string): PlannedRuling[] {
  const columns = 'symbol,ex_date,kind,ruling,value,ruled_on,reason, and dividend_type where it is needed';
  return plannedRows(text, file, { code: 'RULINGS_INVALID', columns, row: rowSchema }).map(plannedRuling);
}

const plannedRuling = (row: z.infer<typeof rowSchema>): PlannedRuling => ({
  symbol: row.symbol,
  exDate: row.ex_date,
  kind: row.kind,
  ...(row.dividend_type !== '' && row.dividend_type !== 'regular' && { dividendType: row.dividend_type }),
  ruling: row.ruling,
  value: row.value,
  ruledOn: row.ruled_on,
  reason: row.reason,
});
