import { z } from 'zod';
import { D, toText } from '../domain/money.js';
import {
  amountShape,
  bySymbolShape,
  dateShape,
  nameShape,
  notesShape,
  positiveAmountShape,
  rateShape,
  reasonShape,
  symbolShape,
  unitsShape,
} from '../domain/shapes.js';
import { DEFAULTS } from './defaults.js';
import { ratio, unitsOrZero, withholding } from './figures.js';

/*
 * What may be booked by hand, one shape a booking. What is left out (or null) has the default that its field says; amounts are
 * in the account's base currency. A proposal of a reconciliation has the same fields, without the account.
 */
const [name, symbol, date, reason] = [nameShape(), symbolShape(), dateShape(), reasonShape()];
const [amount, positiveAmount, units, rate] = [amountShape(), positiveAmountShape(), unitsShape(), rateShape()];
const optional = <T extends z.ZodType>(schema: T) => schema.nullable().default(null);
const note = optional(notesShape({ lines: true })).transform((text) => (text === '' ? null : text));

export const bookCashSchema = z
  .strictObject({
    account: name,
    kind: z.enum(['DEPOSIT', 'WITHDRAWAL', 'FEE']),
    amount: positiveAmount,
    /** Date it happened (default: today). */
    date: optional(date),
    notes: note,
    /** A second movement of the same date, amount and note is meant. */
    another: z.boolean().default(false),
    /** The symbol a fee is about. */
    symbol: optional(symbol),
  })
  .refine(({ kind, symbol: of }) => of === null || kind === 'FEE', {
    path: ['symbol'],
    message: 'must be left out: only a fee is about a symbol',
  });
export type BookCash = z.input<typeof bookCashSchema>;

export const bookDividendSchema = z
  .strictObject({
    account: name,
    symbol,
    exDate: date,
    /** Date it was paid (default: today). */
    paidOn: optional(date),
    /** What arrived; replaces amount, units and fx. */
    net: optional(positiveAmount),
    /** Cash a share in listing currency (default: the stored dividend). */
    amount: optional(rate),
    /** Shares it was paid on (default: held in the ledger before the ex-date). */
    units: optional(units),
    /** Listing currency for one of base (default: the stored rate of the ex-date). */
    fx: optional(rate),
    /** Tax withheld, a fraction (default: the usual 15 % of the US). */
    withholding: withholding.nullish().transform((fraction) => fraction ?? DEFAULTS.withholding),
  })
  .refine(({ net, amount: told, units: on, fx }) => net === null || [told, on, fx].every((figure) => figure === null), {
    path: ['net'],
    message: 'replaces --amount, --units and --fx: give one or the others',
  });
export type BookDividend = z.input<typeof bookDividendSchema>;

export const bookSplitSchema = z.strictObject({
  account: name,
  symbol,
  exDate: date,
  /** New shares for one old share (default: the stored split). */
  ratio: optional(ratio),
});
export type BookSplit = z.input<typeof bookSplitSchema>;

const ENTRY_RULE = 'must be the number of an entry';

export const reverseEntrySchema = z.strictObject({
  account: name,
  entryId: z.number().int(ENTRY_RULE).min(1, ENTRY_RULE).max(Number.MAX_SAFE_INTEGER, ENTRY_RULE),
  reason,
});
export type ReverseEntry = z.input<typeof reverseEntrySchema>;

/** Figures by symbol, in canonical text; none when they are left out. */
const bySymbol = (figure: z.ZodType<string>) =>
  bySymbolShape(figure)
    .transform((figures) => Object.fromEntries(Object.entries(figures).map(([of, text]) => [of, toText(D(text))])))
    .optional()
    .transform((figures) => figures ?? {});

export const setBaselineSchema = z.strictObject({
  account: name,
  /** Date it takes effect (default: today). */
  date: optional(date),
  /** Cash the ledger is to have from now on. */
  cash: optional(amount),
  /** Units by symbol from now on, 0 to take one out. */
  positions: bySymbol(unitsOrZero),
  /** Cost of the whole holding, by symbol. */
  costs: bySymbol(positiveAmount),
  reason,
});
export type SetBaseline = z.input<typeof setBaselineSchema>;
