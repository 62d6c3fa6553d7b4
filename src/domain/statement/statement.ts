import { z } from 'zod';

/*
 * What the broker's account statement says, once it is read. Amounts are in its own currency (`currency`), signed as
 * the account sees them; what it says in the currency that it is displayed in stands beside them (`display`). It is
 * stored and may never become unreadable: kinds are added, fields become optional, and none is ever taken away.
 */

const decimal = z.string();
const instant = z.string();

/** What a row of a statement's activity can be. */
export const EVENT_KINDS = [
  'OPEN',
  'CLOSE',
  'DIVIDEND',
  'DEPOSIT',
  'WITHDRAWAL',
  'FEE',
  'INTEREST',
  'SPLIT',
  'ADJUSTMENT',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** A figure in the statement's currency, and in the one it is displayed in where it says so. */
const figureSchema = z.strictObject({ amount: decimal, display: decimal.nullable() });
export type Figure = z.infer<typeof figureSchema>;

/** Where a position was closed, or a part of one: a part has a position id of its own, and no open of its own. */
const closingSchema = z.strictObject({
  openedAt: instant,
  /** What of the position's cost goes with it. */
  invested: decimal,
  profit: figureSchema,
  openRate: decimal,
  closeRate: decimal,
});
export type Closing = z.infer<typeof closingSchema>;

/** What arrived of a dividend of one position, and what was withheld. */
const paidSchema = z.strictObject({
  net: figureSchema,
  tax: figureSchema,
  /** Fraction of the gross. */
  rate: decimal,
});
export type Paid = z.infer<typeof paidSchema>;

/** A row of the account's activity. */
export const statementEventSchema = z.strictObject({
  kind: z.enum(EVENT_KINDS),
  /** As the statement calls it. */
  type: z.string(),
  /** Row of the sheet. */
  row: z.number(),
  at: instant,
  /** The London date of `at`, which the ledger and the tax know it by. */
  date: z.string(),
  positionId: z.string().nullable(),
  /** Internal symbol of what it is about. */
  symbol: z.string().nullable(),
  /** Of an open, what was bought, also where parts were sold since; of a close, what was sold. */
  units: decimal.nullable(),
  /** What the balance changed by, which counts: an open's `amount` falls to what remains when a part is closed. */
  cash: decimal,
  amount: decimal,
  closing: closingSchema.optional(),
  paid: paidSchema.optional(),
  /** What was sent, of a deposit in whichever currency. */
  sent: z.strictObject({ amount: decimal, currency: z.string() }).optional(),
  /** Of a split, new to old as it is written; which of a reverse split stands first is nowhere said. */
  ratio: z.strictObject({ first: decimal, second: decimal }).optional(),
});
export type StatementEvent = z.infer<typeof statementEventSchema>;

/** A statement, read whole and consistent in itself. */
export const statementSchema = z.strictObject({
  /** Which of the broker's layouts it has, by the columns that tell them apart. */
  layout: z.string(),
  currency: z.string(),
  display: z.string().nullable(),
  /** Tells accounts apart; the name itself is kept nowhere but in the file. */
  userHash: z.string(),
  createdAt: instant,
  from: instant,
  to: instant,
  /** Labels of the summary to their figures; null where it says N/A. */
  summary: z.record(z.string(), z.strictObject({ amount: decimal.nullable(), display: decimal.nullable() })),
  /** Cash before the first and after the last event; null where the first is an open whose cost cannot be told. */
  cash: z.strictObject({ before: decimal.nullable(), after: decimal.nullable() }),
  /** By time, as they stand. */
  events: z.array(statementEventSchema),
  /** Sheets that prove nothing of the period: sums of others, and snapshots of whichever day. */
  unused: z.array(z.string()),
});
export type Statement = z.infer<typeof statementSchema>;
