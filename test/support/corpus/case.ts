import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryRoot } from '../../../src/runtime/paths.js';

/*
 * What a case of test/corpus may say (test/corpus/README.md). Read strictly: a word that nobody plays would be a test
 * that cannot fail.
 */
const date = z.iso.date();
/** Decimals stay text, or YAML would make floats of them. */
const figure = z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a decimal in quotes');
const figures = z.record(z.string(), figure);

const inventedSchema = z.strictObject({
  /** Closes by date, at least two; sessions between are on the straight line, a little off it. */
  closes: figures,
  /** The file has no column of volumes. */
  volumes: z.boolean().default(true),
  /** What the close is divided by before a date, as a provider does that adjusts its history. */
  adjusted: z.strictObject({ by: figure, before: date }).optional(),
  /** Whose columns it has. */
  layout: z.enum(['stooq', 'yahoo', 'alphavantage', 'alphavantage-free']).default('stooq'),
  /** What the adjusted close of such a layout is divided by before a date; left out, it is the close. */
  adjClose: z.strictObject({ by: figure, before: date }).optional(),
});
export type Invented = z.infer<typeof inventedSchema>;

/** One change of the drop folder; exactly one of its verbs. */
const changeSchema = z
  .strictObject({
    file: z.string(),
    /** Whole text. */
    text: z.string().optional(),
    /** Lines added at the end. */
    append: z.string().optional(),
    /** The line that begins with this ... */
    line: z.string().optional(),
    /** ... becomes this; left out, the line goes. */
    becomes: z.string().optional(),
    /** A file of the case's folder, of ../shared or of test/fixtures. */
    copy: z.string().optional(),
    invent: inventedSchema.optional(),
    /** Prices of rows before a date divided by a factor, volumes multiplied: a history adjusted for a split. */
    adjust: z.strictObject({ by: figure, before: date }).optional(),
    remove: z.literal(true).optional(),
  })
  .refine(
    ({ text, append, line, copy, invent, adjust, remove }) =>
      [text, append, line, copy, invent, adjust, remove].filter((verb) => verb !== undefined).length === 1,
    'must have one of text, append, line, copy, invent, adjust, remove',
  );
export type Change = z.infer<typeof changeSchema>;

const says = z.array(z.string()).min(1);

const valuationSchema = z
  .strictObject({ equity: figure, index: figure, peak: figure, drawdown: figure, flows: figure })
  .partial();

/** What is looked at after a run; what is left out is not. */
const runExpected = z
  .strictObject({
    outcome: z.string(),
    /** Pieces of the summary. */
    says,
    /** Reasons by gate, each `CODE` or `CODE subject`, all of them and in this order. */
    gates: z.record(z.string(), z.array(z.string())),
    /** The account's valuation of the run; null: there is none. */
    valuation: valuationSchema.nullable(),
    /** Alerts that are open afterwards, all of them, `CODE subject`. */
    alerts: z.array(z.string()),
    /** Stocks left out of the day, each fault `CODE SYMBOL`, all of them and in this order. */
    exclusions: z.array(z.string()),
    /** What a gate says beside its reasons, by gate. */
    evidence: z.record(z.string(), z.record(z.string(), z.unknown())),
    /** Closes stored of the first source, by `SYMBOL date`. */
    closes: figures,
    /** Bars that must not be stored, `SYMBOL date`. */
    unstored: z.array(z.string()),
    /** Rates that count, by `PAIR date`, or `PAIR date source`. */
    rates: figures,
    /** Rates that must not be stored, `PAIR date`. */
    unrated: z.array(z.string()),
    /** Actions that count, by `SYMBOL date`: `SPLIT 2`, `DIVIDEND 0.305`, `DIVIDEND 1 special`, all of them. */
    actions: z.record(z.string(), z.array(z.string())),
    /** The basis of each series' newest bar, by symbol. */
    bases: z.record(z.string(), z.enum(['raw', 'split', 'split+dividend'])),
    /** How symbols and pairs fared with the first source: `OK`, `OK 12 restated`, or the code of the failure. */
    fetched: z.record(z.string(), z.string()),
    /** What the answer of a symbol or pair was odd in: each `CODE date`, all of them. */
    findings: z.record(z.string(), z.array(z.string())),
    /** The index of earlier days as it counts now, by as-of date; of a day that was restated with `restated` behind it. */
    indices: z.record(z.string(), z.string()),
  })
  .partial();
export type RunExpected = z.infer<typeof runExpected>;

const explained = z.looseObject({ kind: z.string() });
const sides = z.enum(['BUY', 'SELL']);
const line = z.looseObject({ symbol: z.string(), side: sides });

const dropStep = z.strictObject({ drop: z.array(changeSchema).min(1) });
/** What a provider of the network answers of a symbol or pair from now on. */
const servedSchema = z
  .strictObject({
    provider: z.enum(['tiingo', 'yahoo', 'alphavantage']),
    symbol: z.string(),
    invent: inventedSchema.optional(),
    copy: z.string().optional(),
    /** Rows after this date are not there yet. */
    until: date.optional(),
    /** What the answer says that it is of; left out, what was asked for. */
    named: z.string().optional(),
    currency: z.string().optional(),
    exchange: z.string().optional(),
    /** Ratios by ex-date. */
    splits: figures.optional(),
  })
  .refine(({ invent, copy }) => (invent === undefined) !== (copy === undefined), 'must have one of invent, copy');
export type Served = z.infer<typeof servedSchema>;
const serveStep = z.strictObject({ serve: z.array(servedSchema).min(1) });
const runStep = z.strictObject({
  run: z.enum(['0800', 'ops']),
  day: date,
  /** Fetch the whole history again. */
  full: z.literal(true).optional(),
  expect: runExpected.optional(),
});
const reconcileStep = z.strictObject({
  reconcile: z.strictObject({ cash: figure, positions: figures.default({}), time: z.string().optional() }),
  day: date,
  expect: z
    .strictObject({
      status: z.string(),
      reasons: z.array(z.string()),
      /** All explanations, in their order; of each what is written here. */
      explanations: z.array(explained),
      /** What the first explanation is. */
      first: explained,
      /** Pieces of the explanations' texts. */
      says,
      /** What no explanation may propose. */
      never: z.array(explained),
    })
    .partial()
    .default({ status: 'PASS' }),
});
const ticketStep = z.strictObject({
  run: z.literal('1400'),
  day: date,
  time: z.string().optional(),
  expect: z
    .strictObject({
      kind: z.enum(['TRADE', 'NO_TRADE']),
      reasons: z.array(z.string()),
      /** All lines, in their order; of each what is written here. */
      lines: z.array(line),
      /** Lines among others, of each what is written here. */
      has: z.array(line),
      /** Lines that there must not be. */
      without: z.array(z.looseObject({ symbol: z.string(), side: sides.optional() })),
    })
    .partial(),
});
const confirmStep = z.strictObject({
  confirm: z.strictObject({
    /** Figures by line of the ticket in place of what was ordered. */
    changes: z.record(z.string(), z.record(z.string(), z.string())).default({}),
    time: z.string().optional(),
  }),
  day: date,
  expect: z.strictObject({ status: z.string(), code: z.string(), says }).partial().default({}),
});
const typeStep = z.strictObject({
  /** A line as it is typed, without `trading-ops`. */
  type: z.string(),
  expect: z.strictObject({
    exit: z.number().int().default(0),
    says: z.array(z.string()).default([]),
    never: z.array(z.string()).default([]),
    /** No row of any table is another afterwards. */
    unchanged: z.literal(true).optional(),
  }),
});
const stepSchema = z.union([dropStep, serveStep, runStep, ticketStep, reconcileStep, confirmStep, typeStep]);
export type Step = z.infer<typeof stepSchema>;
export type StepOf<Kind extends string> = Extract<Step, Record<Kind, unknown>>;

const daysSchema = z.strictObject({
  case: z.string(),
  title: z.string(),
  /** Where the kind comes from: a line of ../shared/cases, a thread, a report. */
  from: z.string(),
  /** Keys of policy.yml over those of every case. */
  policy: z.record(z.string(), z.unknown()).default({}),
  /** Rows of universe.csv: `SYMBOL`, `SYMBOL benchmark`, `SYMBOL off`. */
  universe: z.array(z.string()).min(1),
  /** Through Temporal and a worker, as people's messages go; left out, the operations are asked themselves. */
  servers: z.literal(true).optional(),
  steps: z.array(stepSchema).min(1),
});
export type CorpusCase = z.infer<typeof daysSchema> & {
  folder: string;
  /** What of ../shared it needs and is not there. */
  missing: string[];
};

export const CORPUS = join(repositoryRoot, 'test', 'corpus');
export const SHARED = join(repositoryRoot, '..', 'shared');
/** `../shared/…` of a case, where the shared data lie beside the repository. */
export const sourceOf = (folder: string, name: string): string =>
  name.startsWith('shared/')
    ? join(SHARED, name.slice('shared/'.length))
    : name.startsWith('fixtures/')
      ? join(repositoryRoot, 'test', name)
      : join(folder, name);

/** Reads one case file. Throws with the file's name for whatever has not the shape. */
export function readCase(folder: string): CorpusCase {
  const file = join(folder, 'case.yml');
  const read = daysSchema.safeParse(parse(readFileSync(file, 'utf8'), { schema: 'core' }));
  if (!read.success) throw new Error(`${file}: ${z.prettifyError(read.error)}`);
  const sources = read.data.steps
    .flatMap((step): { copy?: string | undefined }[] =>
      'drop' in step ? step.drop : 'serve' in step ? step.serve : [],
    )
    .flatMap(({ copy }) => copy ?? []);
  const missing = sources.filter((name) => name.startsWith('shared/') && !existsSync(sourceOf(folder, name)));
  return { ...read.data, folder, missing };
}

/** All cases, by the names of their folders. */
export const readCorpus = (): CorpusCase[] =>
  readdirSync(CORPUS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(CORPUS, entry.name, 'case.yml')))
    .map(({ name }) => readCase(join(CORPUS, name)))
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
