import { z } from 'zod';
import { dateShape, symbolShape } from '../shapes.js';

/*
 * A proposal is what somebody may do about a drift, as data: a kind and its figures, decimals as text. It is stored
 * with the reconciliation that made it, and each door renders it: the command line as a command, a page as a form.
 * What was stored may never become unreadable, so kinds are added and fields become optional, and none is ever taken
 * away.
 */

/** Wide enough for whatever the ledger and the providers may hold: a third is written to 34 digits. */
const figure = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,40})?$/, 'must be a number of 0 or more in plain notation, such as 0.305');
const symbolSchema = symbolShape();
const dateSchema = dateShape();
const money = z.string().regex(/^\d{1,15}\.\d{2}$/, 'must be an amount with its pennies, such as 500.00');

const bookSplit = z.strictObject({
  kind: z.literal('BOOK_SPLIT'),
  symbol: symbolSchema,
  exDate: dateSchema,
  /** New shares for one old share, `7`, or `1/4` where the shares became fewer. */
  ratio: z
    .string()
    .regex(/^\d{1,15}(\.\d{1,40})?(\/\d{1,9})?$/, 'must be new shares for one old share, such as 7 or 1/4'),
  /** Whether a source has told of it; else the ratio is what the units look like. */
  published: z.boolean(),
});

const bookDividend = z.strictObject({
  kind: z.literal('BOOK_DIVIDEND'),
  symbol: symbolSchema,
  exDate: dateSchema,
  /** Which of several of one ex-date; the regular one when left out. */
  dividendType: z.enum(['regular', 'special', 'return_of_capital']).optional(),
  units: figure,
  /** Cash a share, in `currency`. */
  amount: figure,
  currency: z.string(),
  /** `currency` for one unit of base. */
  fx: figure,
  /** Fraction of the gross that was withheld. */
  withholding: figure,
  /** What arrived, base currency, where it is not what these figures come to. */
  net: money.optional(),
  /** When it was paid, where somebody knows. */
  paidOn: dateSchema.optional(),
});

/** A dividend of which it is known that it was paid, and not everything else: what is left out is to be typed. */
const bookPaidDividend = z.strictObject({
  kind: z.literal('BOOK_PAID_DIVIDEND'),
  symbol: symbolSchema,
  exDate: dateSchema.optional(),
  /** Which of several of one ex-date; the regular one when left out. */
  dividendType: z.enum(['regular', 'special', 'return_of_capital']).optional(),
  /** Fraction of the gross that was withheld. */
  withholding: figure.optional(),
  /** What arrived, base currency. */
  net: money.optional(),
  paidOn: dateSchema,
});

/** A movement of cash; its amount is left out where nobody knows it but to the rate of a day, and is to be typed. */
const movement = {
  amount: money.optional(),
  date: dateSchema,
  /** That a second one of the same date and amount is meant: the ledger has the first. */
  another: z.literal(true).optional(),
  /** What the broker called it, where it is booked as something else; kept with the entry. */
  notes: z.string().optional(),
};
const bookDeposit = z.strictObject({ kind: z.literal('BOOK_DEPOSIT'), ...movement });
const bookWithdrawal = z.strictObject({ kind: z.literal('BOOK_WITHDRAWAL'), ...movement });

const bookInterest = z.strictObject({ kind: z.literal('BOOK_INTEREST'), ...movement });
const bookFee = z.strictObject({ kind: z.literal('BOOK_FEE'), ...movement });

/** New shares for one old share. */
const newForOld = z.string().regex(/^\d{1,15}(\.\d{1,40})?(\/\d{1,9})?$/, 'must be new shares for one old share');
/** What a company did to a holding: of which symbol, and from which date on. */
const event = { symbol: symbolSchema, date: dateSchema };

const bookRename = z.strictObject({ kind: z.literal('BOOK_RENAME'), ...event, to: symbolSchema });
/** `net`: what arrived, base currency. */
const bookCashMerger = z.strictObject({ kind: z.literal('BOOK_CASH_MERGER'), ...event, net: money });
const bookStockMerger = z.strictObject({
  kind: z.literal('BOOK_STOCK_MERGER'),
  ...event,
  to: symbolSchema,
  ratio: newForOld,
  /** Cash that came with the shares, base currency; null when there was none. */
  net: money.nullable(),
});
/** `date`: the ex-date. */
const bookSpinOff = z.strictObject({ kind: z.literal('BOOK_SPIN_OFF'), ...event, to: symbolSchema, ratio: newForOld });
/** `units`: the fraction of a share that was paid out. */
const bookCashInLieu = z.strictObject({ kind: z.literal('BOOK_CASH_IN_LIEU'), ...event, units: figure, net: money });
/** `net`: what was paid out in the end; null when nothing was. */
const bookDelisting = z.strictObject({ kind: z.literal('BOOK_DELISTING'), ...event, net: money.nullable() });

const confirmFills = z.strictObject({
  kind: z.literal('CONFIRM_FILLS'),
  ticketId: z.string(),
  /** Lines of the ticket that look executed. */
  sequences: z.array(z.number().int().positive()),
  /** The ticket is confirmed already: its confirmation is to be amended. Left out where it is not. */
  amends: z.boolean().optional(),
});

/** An entry that says what did not happen so: it is taken back, and what did happen is booked anew. */
const reverseEntry = z.strictObject({ kind: z.literal('REVERSE_ENTRY'), entryId: z.number().int().positive() });

const setBaseline = z.strictObject({
  kind: z.literal('SET_BASELINE'),
  symbol: symbolSchema,
  /** Units that the broker shows; zero takes the position out. */
  units: figure,
  /** When it took effect, where somebody knows; else as of today. */
  date: dateSchema.optional(),
  /** Cash that there will be of it, base currency, and what the whole holding cost; where somebody says so. */
  cash: money.optional(),
  cost: money.optional(),
});

/**
 * A figure that looks misread or mistyped, or that nothing explains: what to look at again at the broker before
 * anything is booked.
 */
const readAgain = z.strictObject({
  kind: z.literal('READ_AGAIN'),
  /** Symbols whose units are to be read again; none: the cash. */
  symbols: z.array(symbolSchema),
  /** What it looks like instead: a symbol's units, or cash; null where nobody can tell. */
  likely: z.strictObject({ symbol: symbolSchema.nullable(), figure }).nullable(),
  snapshotDate: dateSchema,
});

/** A symbol that nobody can price: it is mistyped, or its row is missing. */
const checkUniverse = z.strictObject({ kind: z.literal('CHECK_UNIVERSE'), symbol: symbolSchema });

const ruleOnAction = z.strictObject({
  kind: z.literal('RULE_ON_ACTION'),
  symbol: symbolSchema,
  exDate: dateSchema,
  action: z.enum(['SPLIT', 'DIVIDEND', 'JUMP']),
  /** Which of several dividends of one ex-date; the regular one when left out. */
  dividendType: z.enum(['regular', 'special', 'return_of_capital']).optional(),
  /** Null where only a human can say what it was. */
  ruling: z.enum(['cash_dividend', 'split', 'ignore', 'genuine']).nullable(),
  /** What the ruling measures; null with `ignore` and `genuine`, and where no ruling is proposed. */
  value: figure.nullable(),
  reason: z.string().nullable(),
});

export const proposalSchema = z.discriminatedUnion('kind', [
  bookSplit,
  bookDividend,
  bookPaidDividend,
  bookDeposit,
  bookWithdrawal,
  bookInterest,
  bookFee,
  bookRename,
  bookCashMerger,
  bookStockMerger,
  bookSpinOff,
  bookCashInLieu,
  bookDelisting,
  confirmFills,
  setBaseline,
  readAgain,
  checkUniverse,
  ruleOnAction,
  reverseEntry,
]);

export type Proposal = z.infer<typeof proposalSchema>;
export type ProposalOf<Kind extends Proposal['kind']> = Extract<Proposal, { kind: Kind }>;

const explained = {
  kind: z.enum([
    'DIVIDEND',
    'SPLIT',
    'FILLS',
    'DEPOSIT',
    'WITHDRAWAL',
    'INTEREST',
    'FEE',
    'RENAME',
    'CASH_MERGER',
    'STOCK_MERGER',
    'SPIN_OFF',
    'CASH_IN_LIEU',
    'DELISTING',
    'SLIP',
    'UNEXPLAINED',
  ]),
  /** Symbol or ticket that it is about. */
  subject: z.string().nullable(),
  text: z.string(),
  /** Change of ledger cash, base currency; an estimate for fills. */
  cash: z.string(),
  /**
   * Where several ways fit one drift, or one that may be a coincidence: of which drift (a symbol, or null for cash),
   * and which way it belongs to. Those of one way hold together. Left out where it is the only way there is.
   */
  way: z
    .strictObject({
      drift: z.string().nullable(),
      number: z.number().int().positive(),
      of: z.number().int().min(1),
    })
    .optional(),
};

/**
 * One thing that would explain drift, what booking it does to the ledger, and the proposal that books it: null when it
 * has to wait.
 */
export const explanationSchema = z.strictObject({ ...explained, proposal: proposalSchema.nullable() });

/**
 * As explanations were stored until proposals were data: with the command line itself, and the `make` line where there
 * is a target.
 */
const writtenOutSchema = z.strictObject({ ...explained, command: z.string().nullable(), make: z.string().nullable() });

export const storedExplanationSchema = z.union([explanationSchema, writtenOutSchema]);

export type Explanation = z.infer<typeof explanationSchema>;
export type StoredExplanation = z.infer<typeof storedExplanationSchema>;

/** The proposals of explanations, in their order; those of earlier versions hold none. */
export const proposalsOf = (explanations: readonly StoredExplanation[]): Proposal[] =>
  explanations.flatMap((explanation) =>
    'proposal' in explanation && explanation.proposal !== null ? [explanation.proposal] : [],
  );

/**
 * Explanations that hold together, told apart by the drift that they are about where it is not certain which it was.
 */
export interface Ways {
  /** The only way there is, of whatever drift. */
  certain: StoredExplanation[];
  /** Of each drift of which it is not certain: the ways that fit, the likeliest first; it may be one alone. */
  open: { drift: string | null; ways: StoredExplanation[][] }[];
}

/** Sorts explanations by the ways that they belong to. */
export function waysOf(explanations: readonly StoredExplanation[]): Ways {
  const several = explanations.filter(({ way }) => way !== undefined);
  const drifts = [...new Set(several.map(({ way }) => way?.drift ?? null))];
  return {
    certain: explanations.filter(({ way }) => way === undefined),
    open: drifts.map((drift) => {
      const ofDrift = several.filter(({ way }) => way?.drift === drift);
      const numbers = [...new Set(ofDrift.map(({ way }) => way?.number ?? 0))].toSorted((a, b) => a - b);
      return { drift, ways: numbers.map((number) => ofDrift.filter(({ way }) => way?.number === number)) };
    }),
  };
}

/**
 * What is done next: reading a figure again where one looks misread, else the first thing that is the only way to
 * explain its drift. Null where several ways fit, for none of them is the next step, and where there is nothing to do:
 * a baseline never is.
 */
export function nextProposal(explanations: readonly StoredExplanation[]): Proposal | null {
  const proposals = proposalsOf(explanations);
  const again = proposals.find(({ kind }) => kind === 'READ_AGAIN');
  if (again) return again;
  return proposalsOf(waysOf(explanations).certain).find(({ kind }) => kind !== 'SET_BASELINE') ?? null;
}
