import { z } from 'zod';
import { proposalSchema } from '../../reconciliation/proposal.js';
import { EVENT_KINDS } from '../statement.js';

/*
 * What came of holding a statement against the ledger, line by line. It is stored with the statement and may never
 * become unreadable: kinds are added, fields become optional, and none is ever taken away.
 */

const figure = z.string();

/** One side of a line; amounts in base currency, above zero whichever way they went. */
const sideSchema = z.strictObject({
  date: z.string(),
  units: figure.nullable(),
  amount: figure.nullable(),
  /** Withheld, of a dividend. */
  tax: figure.nullable(),
});

export const DIFFERENCES = [
  'MISSING_IN_LEDGER',
  'MISSING_IN_STATEMENT',
  'UNITS_DIFFER',
  'AMOUNT_DIFFERS',
  'TAX_DIFFERS',
  'DATE_DIFFERS',
  'RATIO_DIFFERS',
  'POSITION_DIFFERS',
  'CASH_DIFFERS',
] as const;
export type Difference = (typeof DIFFERENCES)[number];

export const lineSchema = z.strictObject({
  kind: z.enum([...EVENT_KINDS, 'POSITION', 'CASH']),
  /** Null where both sides say the same. */
  difference: z.enum(DIFFERENCES).nullable(),
  symbol: z.string().nullable(),
  positionIds: z.array(z.string()),
  /** Rows of the statement's activity. */
  rows: z.array(z.number()),
  entryIds: z.array(z.number()),
  statement: sideSchema.nullable(),
  ledger: sideSchema.nullable(),
  /** The statement does not say the amount in base currency: it was worked out at a rate, and compared with leeway. */
  isEstimated: z.boolean(),
  /** What was found, in a sentence, and what may be done about it where no proposal says so. */
  text: z.string(),
  proposal: proposalSchema.nullable(),
});
export type StatementLine = z.infer<typeof lineSchema>;
export type Side = z.infer<typeof sideSchema>;

export const comparisonSchema = z.strictObject({
  status: z.enum(['AGREES', 'DIFFERS']),
  baseCurrency: z.string(),
  /** Dates that were compared, both included. */
  from: z.string(),
  to: z.string(),
  /** Rows of the statement from before the ledger was opened, which were left out. */
  before: z.number(),
  /** The newest entry of the ledger that was looked at; null while it is empty. */
  lastEntryId: z.number().nullable(),
  lines: z.array(lineSchema),
  /** What could not be compared, a sentence each. */
  notes: z.array(z.string()),
});
export type StatementComparison = z.infer<typeof comparisonSchema>;

/** The same where nothing is to be booked by it. */
export const proposingNothing = (comparison: StatementComparison): StatementComparison => ({
  ...comparison,
  lines: comparison.lines.map((line) => ({ ...line, proposal: null })),
});

/** A line with what most lines have. */
export const lineOf = (line: Pick<StatementLine, 'kind' | 'text'> & Partial<StatementLine>): StatementLine => ({
  difference: null,
  symbol: null,
  positionIds: [],
  rows: [],
  entryIds: [],
  statement: null,
  ledger: null,
  isEstimated: false,
  proposal: null,
  ...line,
});
