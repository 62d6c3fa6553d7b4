import { z } from 'zod';

/*
 * What a rules.yml of test/corpus may say (test/corpus/README.md). Read strictly: a word that nobody plays would be a
 * test that cannot fail.
 */
const date = z.iso.date();
const instant = z.iso.datetime({ offset: true });
/** Decimals stay text, or YAML would make floats of them. */
const figure = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal in quotes');
const figures = z.record(z.string(), figure);
const says = z.array(z.string()).min(1);

const action = z.strictObject({
  symbol: z.string(),
  exDate: date,
  kind: z.enum(['SPLIT', 'DIVIDEND']),
  value: figure,
  currency: z.string().optional(),
  dividendType: z.enum(['special', 'return_of_capital']).optional(),
});
const ruling = z.strictObject({
  symbol: z.string(),
  exDate: date,
  kind: z.enum(['SPLIT', 'DIVIDEND']),
  ruling: z.enum(['cash_dividend', 'split', 'ignore']),
  value: figure.optional(),
});

/** A line of a ticket; a BUY has a value, a SELL units. */
const line = z.strictObject({
  symbol: z.string(),
  side: z.enum(['BUY', 'SELL']),
  value: figure.optional(),
  units: figure.optional(),
  reference: figure,
  /** In US dollars unless said. */
  currency: z.string().default('USD'),
  skip: figure,
});
const ticket = z.strictObject({
  base: z.string().default('GBP'),
  day: date,
  issuedAt: instant,
  opensAt: instant,
  closesAt: instant,
  fx: figure,
  maxPriceDeviation: z.number().default(0.1),
  lines: z.array(line).min(1),
});
export type Ticket = z.infer<typeof ticket>;

/** What changes in the books, all of the date `on`. */
const booking = z.strictObject({
  book: z.enum([
    'deposit',
    'withdrawal',
    'fee',
    'interest',
    'dividend',
    'split',
    'cash-merger',
    'cash-in-lieu',
    'delisting',
    'fill',
    'reversal',
  ]),
  on: date,
  amount: figure.optional(),
  net: figure.optional(),
  another: z.boolean().optional(),
  symbol: z.string().optional(),
  exDate: date.optional(),
  units: figure.optional(),
  ratio: figure.optional(),
  side: z.enum(['BUY', 'SELL']).optional(),
  /** Number of an entry; the opening is 1. */
  entry: z.number().int().optional(),
  expect: z.strictObject({ refused: z.string(), says }).partial().optional(),
});
export type Booking = z.infer<typeof booking>;

const look = z.strictObject({
  look: z.strictObject({
    on: date,
    /** The date of the prices; the session before `on` unless said. */
    asOf: date.optional(),
    cash: figure,
    /** The ledger's own unless said. */
    positions: figures.optional(),
    /** When the cash agreed last. */
    agreed: date.optional(),
    /** Lines of a ticket that nobody confirmed. */
    open: z.array(line).optional(),
  }),
  expect: z.strictObject({
    /** Codes of the drift, `CODE` or `CODE symbol`, all of them. */
    drift: z.array(z.string()).optional(),
    /** What is the only way to explain its drift, all of it. */
    certain: z.array(z.string()).default([]),
    /** Where several ways fit: all of them, the likeliest first. */
    ways: z.array(z.array(z.string())).default([]),
    /** The next step, of the proposal what is written here; null: there is none. */
    next: z.looseObject({ kind: z.string() }).nullable().optional(),
    /** Pieces of the texts. */
    says: says.optional(),
  }),
});
export type Look = z.infer<typeof look>;

/** The proposals of the look before are booked: those that are certain, and those of one way. */
const follow = z.strictObject({
  follow: z.strictObject({ on: date, way: z.number().int().min(1).optional() }),
  expect: z.strictObject({
    /** Drift that is left, `cash` and symbols, all of it. */
    left: figures,
    /** Of the books what is written here. */
    books: figures.optional(),
  }),
});
export type Follow = z.infer<typeof follow>;

const told = z.strictObject({
  report: z.strictObject({ books: figures, positions: z.record(z.string(), figures) }).partial(),
});
export type Told = z.infer<typeof told>;

const value = z.strictObject({
  value: z.strictObject({ on: date, closes: figures.default({}), fx: figure.default('1') }),
  expect: z.strictObject({ equity: figure, flows: figure, index: figure, peak: figure, drawdown: figure }).partial(),
});
export type Value = z.infer<typeof value>;

const step = z.union([look, follow, told, value, booking]);
export type BooksStep = z.infer<typeof step>;

/** A ledger from its opening on, what is known of the market, and what the operator sees and types. */
const books = z.strictObject({
  base: z.string().default('GBP'),
  opened: date,
  cash: figure,
  positions: figures.default({}),
  market: z
    .strictObject({
      /** By pair and date, `GBPUSD`: dollars for a pound. */
      rates: z.record(z.string(), figures).default({}),
      actions: z.array(action).default([]),
      rulings: z.array(ruling).default([]),
      /** What one unit is worth, base currency. */
      worth: figures.default({}),
      /** Symbols of the universe besides those of the opening. */
      universe: z.array(z.string()).default([]),
      /** Listing currency where it is not USD. */
      listed: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  steps: z.array(step).min(1),
});
export type Books = z.infer<typeof books>;

const fill = z.strictObject({
  /** As it is ordered, at the reference price and the ticket's rate, unless said. */
  status: z.enum(['DONE', 'PARTIAL', 'SKIPPED', 'FAILED']).default('DONE'),
  units: figure.optional(),
  price: figure.optional(),
  value: figure.optional(),
  at: instant.optional(),
  notes: z.string().optional(),
});
export type ToldFill = z.infer<typeof fill>;

const fills = z.strictObject({
  ticket,
  /** What there is to trade with. */
  cash: figure.default('100000.00'),
  units: figures.default({}),
  tries: z
    .array(
      z.strictObject({
        /** By line; a line left out is filled as ordered. */
        fills: z.record(z.string(), fill).default({}),
        /** When it is told: an hour after the window unless said. */
        at: instant.optional(),
        /** `LINE=why`, as it is typed. */
        accept: z.array(z.string()).default([]),
        expect: z.strictObject({
          /** The code of the refusal; null: it is booked. */
          refused: z.string().nullable(),
          says: says.optional(),
          /** `LINE kind`, all of them; not where it can never be. */
          deviations: z.array(z.string()).optional(),
          /** What lies beyond the limits, base currency. */
          sum: figure.optional(),
        }),
      }),
    )
    .min(1),
});
export type FillTries = z.infer<typeof fills>;

const comparison = z.strictObject({
  base: z.string(),
  /** Index of the account by as-of date. */
  account: figures,
  benchmark: z.strictObject({ symbol: z.string(), currency: z.string(), closes: figures }),
  rates: z.record(z.string(), figures).default({}),
  /** The rows of the table: the account's, then the benchmark's; over 5, 21 and 63 sessions. */
  expect: z.record(z.string(), z.array(z.string()).length(3)),
});
export type Comparison = z.infer<typeof comparison>;

const falls = z
  .array(
    z.strictObject({
      index: figure,
      peak: figure,
      limit: z.number().default(0.2),
      /** The one answer of valuation, gate and report: a fraction, the codes of the gate, and the report's words. */
      expect: z.strictObject({ drawdown: figure, gate: z.array(z.string()), report: z.string() }),
    }),
  )
  .min(1);
export type Falls = z.infer<typeof falls>;

const screen = z.strictObject({
  ticket,
  /** Names by symbol. */
  names: z.record(z.string(), z.string()).default({}),
  tries: z
    .array(
      z.strictObject({
        issuedAt: instant,
        /** Of the figures that it rests on. */
        snapshotDate: date,
        kind: z.enum(['TRADE', 'NO_TRADE']).default('TRADE'),
        expect: z.strictObject({
          says: z.array(z.string()).default([]),
          never: z.array(z.string()).default([]),
          /** No line is longer. */
          columns: z.number().int().optional(),
        }),
      }),
    )
    .min(1),
});
export type Screens = z.infer<typeof screen>;

/** A drop folder, the oldest file first; each is a minute newer than the one before. */
const drop = z.strictObject({
  files: z.array(z.strictObject({ name: z.string(), text: z.string() })).min(1),
  reads: z
    .array(
      z.strictObject({
        symbol: z.string(),
        from: date,
        to: date,
        expect: z.strictObject({
          /** By session, all of them. */
          closes: figures.optional(),
          /** The file that was read where there are several, and the others. */
          read: z.string().optional(),
          passedOver: z.array(z.string()).optional(),
          failed: z.string().optional(),
        }),
      }),
    )
    .min(1),
});
export type Drop = z.infer<typeof drop>;

/** Readers of a mail: what their server answers each time, and what becomes of their delivery. */
const mail = z.strictObject({
  readers: z.record(z.string(), z.array(z.number().int()).min(1)),
  /** By reader, an attempt a word: taken, later, given up; nothing is sent once it is taken or given up. */
  expect: z.record(z.string(), z.array(z.enum(['taken', 'later', 'given up']))),
});
export type Mail = z.infer<typeof mail>;

const clock = z
  .array(
    z.strictObject({
      account: z.enum(['real', 'simulated']),
      now: instant,
      said: instant,
      expect: z.strictObject({ refused: z.string().nullable(), at: instant.optional() }),
    }),
  )
  .min(1);
export type Clock = z.infer<typeof clock>;

/** Reasons of a gate on one day, `CODE` or `CODE subject`, and the cause that an alert of them is of. */
const causes = z.array(z.strictObject({ reasons: z.array(z.string()).min(1), expect: z.string() })).min(1);
export type Causes = z.infer<typeof causes>;

const head = { case: z.string(), title: z.string(), from: z.string() };
const kinds = { books, fills, comparison, falls, screen, drop, mail, clock, causes };

/** One subject a case: the rules that it tries. */
export const rulesSchema = z
  .strictObject({ ...head, ...z.object(kinds).partial().shape })
  .refine(
    (read) => Object.keys(kinds).filter((kind) => read[kind as keyof typeof kinds] !== undefined).length === 1,
    `must have one of ${Object.keys(kinds).join(', ')}`,
  );
export type RulesCase = z.infer<typeof rulesSchema> & { folder: string };
