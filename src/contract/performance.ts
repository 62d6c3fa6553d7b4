import { z } from 'zod';
import { DEVIATION_KINDS } from '../domain/confirmation/deviations.js';
import { dateShape, symbolShape } from '../domain/shapes.js';
import { DEFAULTS } from './defaults.js';
import { withholding } from './figures.js';
import { orNothing } from './or-nothing.js';
import { VALUE_RANGES } from './valuation-looks.js';

/** Looks at how an account did: over a range up to the newest close, or between two dates. */
export const readPerformanceSchema = z
  .strictObject({
    range: z.enum(VALUE_RANGES, { error: `must be one of ${VALUE_RANGES.join(', ')}` }).optional(),
    /** Measured from the last valued close up to here; the first one where there is none before. */
    from: orNothing(dateShape()),
    to: orNothing(dateShape()),
    /** What it is held against; left out: the policy's, or the first benchmark of the universe. */
    benchmark: orNothing(symbolShape()),
    /** Tax on the benchmark's dividends; left out: the policy's, or that of US shares. */
    withholding: orNothing(withholding),
  })
  .refine(({ range, from, to }) => range === undefined || (from === null && to === null), {
    path: ['range'],
    error: 'must be left out where from or to is given',
  })
  .refine(({ from, to }) => from === null || to === null || from < to, {
    path: ['to'],
    error: 'must be after from',
  })
  .transform(({ range, ...asked }) => ({
    ...asked,
    range: range ?? (asked.from === null && asked.to === null ? DEFAULTS.performanceRange : null),
  }));
export type ReadPerformance = z.input<typeof readPerformanceSchema>;

/** The tables of a performance that can be had as CSV. */
export const PERFORMANCE_TABLES = [
  'closes',
  'contributions',
  'lines',
  'missed',
  'deviations',
  'months',
  'years',
] as const;
export type PerformanceTable = (typeof PERFORMANCE_TABLES)[number];
/** Which of them is meant. */
export const performanceTableSchema = z.object({
  csv: z.enum(PERFORMANCE_TABLES, { error: `must be one of ${PERFORMANCE_TABLES.join(', ')}` }),
});
/** How the whole report is written; each is a file that needs nothing else. */
export const PERFORMANCE_REPORTS = ['html', 'md'] as const;
export const performanceReportFormatSchema = z.object({
  report: z.enum(PERFORMANCE_REPORTS, { error: `must be one of ${PERFORMANCE_REPORTS.join(', ')}` }),
});

/*
 * What comes of it. Money is decimal text in base currency; returns are fractions (0.05 is 5 %), which floats carry to
 * 15 digits; null is "not known" or "means nothing here", never 0. `formula` is the name to print beside a figure.
 */
const money = z.string();
const date = z.string();
const fraction = z.number();

/** Rates of the sign scan: `rates` a year where the period is one or more (`isAnnual`), of the whole period else. */
const moneyWeighted = z.object({
  formula: z.string(),
  isAnnual: z.boolean(),
  roots: z.enum(['none', 'one', 'several']),
  rates: z.array(fraction),
});

const drawdown = z.object({
  /** 0 or negative. */
  depth: fraction,
  peak: date,
  trough: date,
  recovered: date.nullable(),
});

const risk = z.object({
  drawdown: z.object({
    formula: z.string(),
    /** 0 or negative: the deepest, and where it stands now. */
    depth: fraction,
    now: fraction,
    deepest: drawdown.nullable(),
  }),
  volatility: z.object({
    formula: z.string(),
    /** Standard deviation of the daily returns. */
    daily: fraction.nullable(),
    /** × √252; null under one year, for nothing is annualised there. */
    annual: fraction.nullable(),
    periodFormula: z.string(),
    period: fraction.nullable(),
    semiDeviation: fraction.nullable(),
    /** How many returns it is made of, and how many of them span closes without a value. */
    returns: z.int(),
    overGaps: z.int(),
  }),
});

const benchmark = z.object({
  symbol: z.string(),
  /** `price-index` where no dividend of it is known: its label says so, and stands wherever it appears. */
  kind: z.enum(['total-return', 'price-index']),
  label: z.string(),
  currency: z.string(),
  withholding: money,
  /** Null where its first or last date has no close or rate: `missing` has the dates. */
  total: fraction.nullable(),
  annual: fraction.nullable(),
  drawdown: fraction.nullable(),
  volatility: z.object({ daily: fraction.nullable(), annual: fraction.nullable() }),
  relative: z.object({ formula: z.string(), total: fraction.nullable() }),
  /** "The same deposits into the benchmark"; null where a close of the account has none of it. */
  sameDeposits: z
    .object({
      formula: z.string(),
      end: money,
      /** The account's end less that: above 0 the account did better. */
      difference: money,
      moneyWeighted,
    })
    .nullable(),
  missing: z.array(date),
});

const contribution = z.object({ gain: money, contribution: fraction.nullable() });
const contributions = z.object({
  formula: z.string(),
  /** What the account earned over average capital (Modified Dietz): what all parts add up to. */
  total: contribution,
  /** The most first. */
  symbols: z.array(
    contribution.extend({
      symbol: z.string(),
      start: money,
      end: money,
      bought: money,
      sold: money,
      dividends: money,
      fees: money,
      /** Of what was held at both ends: change of the close in its currency (splits taken out), and of the rate. */
      priceChange: fraction.nullable(),
      currencyChange: fraction.nullable(),
    }),
  ),
  interest: contribution,
  fees: contribution,
  residual: contribution,
});

/**
 * Above 0: worse than what it is measured against. `of` is that, in base currency: what basis points are weighed by.
 */
const handCost = z.object({ money, bps: fraction, of: money });
const handLine = z.object({
  tradingDay: date,
  ticketId: z.string(),
  sequence: z.int(),
  symbol: z.string(),
  side: z.enum(['BUY', 'SELL']),
  units: money,
  /** Listing currency. */
  currency: z.string(),
  referencePrice: money,
  fillPrice: money,
  executedValueBase: money,
  slippage: handCost,
  /** Listing currency for one of base: had, and of the day of the fill; null where that day has none. */
  impliedRate: money.nullable(),
  dayRate: money.nullable(),
  currencyCost: handCost.nullable(),
});
const handSum = z.object({
  /** `2014-06`, or `2014`. */
  period: z.string(),
  lines: z.int(),
  slippage: handCost,
  /** Of the lines whose day has a rate. */
  currencyCost: handCost,
  withoutRate: z.int(),
});
const hands = z.object({
  slippageFormula: z.string(),
  currencyFormula: z.string(),
  missedFormula: z.string(),
  lines: z.array(handLine),
  months: z.array(handSum),
  years: z.array(handSum),
  total: handSum,
  /** Lines of which nothing was executed, and what they would have brought up to the last close. */
  missed: z.array(
    z.object({
      tradingDay: date,
      ticketId: z.string(),
      sequence: z.int(),
      symbol: z.string(),
      side: z.enum(['BUY', 'SELL']),
      status: z.enum(['SKIPPED', 'FAILED']),
      /** Of the line at the reference. */
      value: money,
      /** Above 0: leaving it out cost so much. Null without a close or rate. */
      missed: money.nullable(),
      notes: z.string().nullable(),
    }),
  ),
  deviations: z.array(
    z.object({
      tradingDay: date,
      ticketId: z.string(),
      sequence: z.int(),
      symbol: z.string(),
      kind: z.enum(DEVIATION_KINDS),
      text: z.string(),
      amountBase: money.nullable(),
      reason: z.string(),
    }),
  ),
});

/** Dividends before tax; `net` is dividends + interest − tax. */
const income = {
  dividends: money,
  withholdingTax: money,
  interest: money,
  fees: money,
  net: money,
};

const close = z.object({
  date,
  equity: money,
  cash: money,
  positions: money,
  /** Since the close before; those up to the first close are in its value. */
  inflow: money,
  outflow: money,
  /** Null at the first close, and where there was nothing to earn on. */
  return: fraction.nullable(),
  /** 1 at the first close. */
  growth: fraction,
  /** 0 or negative. */
  fall: fraction,
  /** Of the benchmark, 1 at the first close; null where it has no close or rate of the date. */
  benchmark: fraction.nullable(),
  /** What the same deposits into the benchmark are worth. */
  sameDeposits: money.nullable(),
  /** Sessions before it that nobody valued, since the close before: a gap, never filled in. */
  missing: z.array(date),
  /** What was said of this close before something that was booked or corrected later changed it. */
  restated: z.object({ published: money, because: z.string() }).nullable(),
});

/** How an account did over a period. */
export const performanceReportSchema = z.object({
  period: z.object({
    /** Dates of the first and the last close; everything is measured between the two. */
    from: date,
    to: date,
    days: z.int(),
    closes: z.int(),
    isYear: z.boolean(),
  }),
  /** Whether a figure was said otherwise before: then `closes` say which, and why. */
  isRestated: z.boolean(),
  /** What a reader must know, in sentences. */
  remarks: z.array(z.string()),
  equity: z.object({
    start: money,
    end: money,
    deposits: money,
    withdrawals: money,
    /** Set right by hand: neither gain nor deposit. */
    setRight: money,
    gain: money,
  }),
  timeWeighted: z.object({
    formula: z.string(),
    total: fraction,
    annualFormula: z.string(),
    annual: fraction.nullable(),
    /** The same by the other conventions, each with its name: how much of the figure is convention. */
    others: z.array(z.object({ formula: z.string(), total: fraction })),
  }),
  moneyWeighted,
  modifiedDietz: z.object({ formula: z.string(), total: fraction.nullable() }),
  risk,
  currency: z.object({ formula: z.string(), local: fraction.nullable(), currency: fraction.nullable() }),
  benchmark: benchmark.nullable(),
  contributions,
  hands,
  /** By calendar year: realised and income of what falls into the period; unrealised at the year's last close. */
  years: z.array(
    z.object({
      year: z.string(),
      realisedFormula: z.string(),
      unrealisedFormula: z.string(),
      realised: money.nullable(),
      unrealised: money.nullable(),
      ...income,
    }),
  ),
  /** By calendar month with income or fees, `2014-06`. */
  months: z.array(z.object({ month: z.string(), ...income })),
  /** Stretches without a value, with the flows of days that have none. */
  gaps: z.array(
    z.object({
      after: date,
      before: date,
      sessions: z.array(date),
      flows: z.array(z.object({ date, amount: money })),
    }),
  ),
  /** Oldest first; the first is where everything is measured from. */
  closes: z.array(close),
});

export const performanceSchema = z.object({
  account: z.string(),
  baseCurrency: z.string(),
  range: z.enum(VALUE_RANGES).nullable(),
  /** The policy's limit of a fall from the peak, a fraction above 0: the line of a chart. */
  maxDrawdown: fraction,
  /** Null where fewer than two closes of the period were valued: `reason` says so. */
  report: performanceReportSchema.nullable(),
  reason: z.string().nullable(),
});
export type Performance = z.infer<typeof performanceSchema>;
export type PerformanceReport = z.infer<typeof performanceReportSchema>;
export type PerformanceClose = PerformanceReport['closes'][number];
