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
import { costShare, dividendType, ratio, unitsOrZero, withholding } from './figures.js';

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
    kind: z.enum(['DEPOSIT', 'WITHDRAWAL', 'FEE', 'INTEREST']),
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
    /** Which of several dividends of one ex-date. */
    type: dividendType.default('regular'),
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
    /** Tax withheld, a fraction (default: the usual 15 % of the US; nothing of a return of capital). */
    withholding: optional(withholding),
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
  ratio: optional(ratio.refine((text) => text !== '1', 'must not be 1: such a split changes nothing')),
});
export type BookSplit = z.input<typeof bookSplitSchema>;

/** What a company did to a holding: of which symbol, and from which date on. */
const event = { account: name, symbol, date };
/** What arrived, or what was paid a share; the figures of a whole holding. */
const proceeds = {
  /** What arrived; replaces amount and fx. */
  net: optional(positiveAmount),
  /** Cash a share in listing currency. */
  amount: optional(rate),
  /** Listing currency for one of base (default: the stored rate of the date). */
  fx: optional(rate),
};
interface Proceeds {
  net: string | null;
  amount: string | null;
  fx: string | null;
}
const saidOnce = ({ net, amount: told, fx }: Proceeds) => net === null || (told === null && fx === null);
const ONCE = { path: ['net'], message: 'replaces --amount and --fx: give one or the others' };
const rateHasAmount = ({ amount: told, fx }: Proceeds) => fx === null || told !== null;
const RATE = { path: ['fx'], message: 'must be left out: it converts --amount, which is not given' };

/** A holding is called otherwise from a date on. */
export const bookRenameSchema = z.strictObject({ ...event, to: symbol });
export type BookRename = z.input<typeof bookRenameSchema>;

/** A holding was bought out for cash. */
export const bookCashMergerSchema = z
  .strictObject({ ...event, ...proceeds })
  .refine(saidOnce, ONCE)
  .refine(rateHasAmount, RATE)
  .refine(({ net, amount: told }) => net !== null || told !== null, {
    path: ['net'],
    message: 'must be given, or --amount, the cash a share',
  });
export type BookCashMerger = z.input<typeof bookCashMergerSchema>;

/** A holding is gone, for what was paid out in the end or for nothing. */
export const bookDelistingSchema = z
  .strictObject({ ...event, ...proceeds })
  .refine(saidOnce, ONCE)
  .refine(rateHasAmount, RATE);
export type BookDelisting = z.input<typeof bookDelistingSchema>;

/** A holding was exchanged for shares of another company, with cash or without. */
export const bookStockMergerSchema = z
  .strictObject({
    ...event,
    to: symbol,
    /** New shares for one old share. */
    ratio,
    ...proceeds,
    /** Fraction of the cost that the cash is set against (default: by the stored close of the new shares). */
    costShare: optional(costShare),
  })
  .refine(saidOnce, ONCE)
  .refine(rateHasAmount, RATE)
  .refine(({ costShare: share, net, amount: told }) => share === null || net !== null || told !== null, {
    path: ['costShare'],
    message: 'must be left out: without cash the whole cost goes along',
  });
export type BookStockMerger = z.input<typeof bookStockMergerSchema>;

/** Shares of a new company came beside those held. */
export const bookSpinOffSchema = z.strictObject({
  account: name,
  symbol,
  exDate: date,
  to: symbol,
  /** New shares for one held. */
  ratio,
  /** Fraction of the cost that goes to the new shares (default: by the stored closes). */
  costShare: optional(costShare),
});
export type BookSpinOff = z.input<typeof bookSpinOffSchema>;

/** A fraction of a share was paid out in cash. */
export const bookCashInLieuSchema = z.strictObject({
  ...event,
  /** What arrived. */
  net: positiveAmount,
  /** The fraction (default: what the holding has beyond whole shares). */
  units: optional(units),
});
export type BookCashInLieu = z.input<typeof bookCashInLieuSchema>;

const ENTRY_RULE = 'must be the number of an entry';

export const reverseEntrySchema = z.strictObject({
  account: name,
  entry: z.number(ENTRY_RULE).int(ENTRY_RULE).min(1, ENTRY_RULE).max(Number.MAX_SAFE_INTEGER, ENTRY_RULE),
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
