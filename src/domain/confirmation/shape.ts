import { z } from 'zod';
import { D, toText } from '../money.js';
import { instantShape, notesShape } from '../shapes.js';

/** Above anything a household trades, below what the database can hold: a figure beyond it is a slip of the keyboard. */
const MAX_AMOUNT = D(1_000_000_000);

/** Decimals at most of each figure of a fill. */
const DECIMALS = { units: 6, fill_price: 6, executed_value_base: 2 } as const;
/** A figure of a fill, by the name of the file. */
export type FillFigure = keyof typeof DECIMALS;

/** What a figure of a fill must be, whoever wrote it where. */
export const figureRule = (field: FillFigure): string =>
  `must be a plain number above 0 with at most ${DECIMALS[field]} decimals, such as 12.5: ` +
  'no sign, comma, space or exponent';

const plain = (field: FillFigure) => {
  const [rule, decimals] = [figureRule(field), DECIMALS[field]];
  const pattern = new RegExp(`^\\d{1,41}(\\.\\d{1,${decimals}})?$`);
  return z
    .union([z.string(), z.number()], { error: rule })
    .transform(String)
    .refine((text) => pattern.test(text) && D(text).gt(0), { error: rule, abort: true })
    .refine((text) => D(text).lte(MAX_AMOUNT), { error: `must be at most ${toText(MAX_AMOUNT)}`, abort: true })
    .transform((text) => toText(D(text)))
    .nullish()
    .transform((text) => text ?? null);
};

const filledAt = instantShape()
  .transform((text) => new Date(text).toISOString())
  .nullish()
  .transform((at) => at ?? null);

const notes = z
  .string({ error: 'must be text' })
  .trim()
  .pipe(notesShape({ lines: false }))
  .nullish()
  .transform((text) => text || null);

const ourShape = z.strictObject(
  {
    sequence: z
      .number({ error: 'must be a line number' })
      .int({ error: 'must be a whole number' })
      .min(1, { error: 'must be 1 or more' }),
    internalSymbol: z.string({ error: 'must be the symbol of the line' }),
    side: z.enum(['BUY', 'SELL'], { error: 'must be BUY or SELL' }),
    executedStatus: z.enum(['DONE', 'PARTIAL', 'SKIPPED', 'FAILED'], {
      error: 'must be DONE, PARTIAL, SKIPPED or FAILED',
    }),
    units: plain('units'),
    fillPrice: plain('fill_price'),
    executedValueBase: plain('executed_value_base'),
    filledAt,
    notes,
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? 'must be a field of a fill; see the ticket for their names'
        : 'must be an object, one a ticket line',
  },
);

/** What the operator reports for one ticket line. Values in base currency, price in listing currency, all as decimal text. */
export type Fill = z.output<typeof ourShape>;

export type ExecutedStatus = Fill['executedStatus'];

/** How the operator writes each field (docs/RULES.md 1.4): the names of the file, and of every message about it. */
export const WRITTEN = {
  sequence: 'sequence',
  internalSymbol: 'internal_symbol',
  side: 'side',
  executedStatus: 'executed_status',
  units: 'units',
  fillPrice: 'fill_price',
  executedValueBase: 'executed_value_base',
  filledAt: 'filled_at',
  notes: 'notes',
} as const satisfies Record<keyof Fill, string>;

/** A fill as the file writes it. */
export const writtenFill = (fill: Fill): Record<(typeof WRITTEN)[keyof Fill], string | number | null> => ({
  sequence: fill.sequence,
  internal_symbol: fill.internalSymbol,
  side: fill.side,
  executed_status: fill.executedStatus,
  units: fill.units,
  fill_price: fill.fillPrice,
  executed_value_base: fill.executedValueBase,
  filled_at: fill.filledAt,
  notes: fill.notes,
});

const OURS = new Map<string, string>(Object.entries(WRITTEN).map(([ours, written]) => [written, ours]));

/** An item under our names; a field that stands under both names stays there twice, and the second is refused. */
function underOurNames(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  const renamed = Object.entries(item).map(([key, value]): [string, unknown] => {
    const ours = OURS.get(key) ?? key;
    return [ours !== key && Object.hasOwn(item, ours) ? key : ours, value];
  });
  return Object.fromEntries(renamed);
}

/** Reads a fill as the operator's file writes it, or as it is sent on and stored; the one schema of a fill. */
export const fillSchema = z.preprocess(underOurNames, ourShape);
