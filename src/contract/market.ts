import { z } from 'zod';
import { dateShape, nameShape, symbolShape, uuidShape } from '../domain/shapes.js';

/** Fetches prices, actions and rates into a run of its own. */
export const fetchMarketSchema = z.strictObject({
  /** The account under whose clock it is fetched. */
  account: nameShape(),
  /** The run that it becomes: the same id again is the same run. */
  runId: uuidShape(),
  /** Only these; empty means all, with their rates. */
  symbols: z.array(symbolShape()).default([]),
  /** The whole history again, not only what is new. */
  full: z.boolean().default(false),
});
export type FetchMarket = z.input<typeof fetchMarketSchema>;

/** Judges what is stored in a run of its own; fetches nothing. */
export const judgeMarketSchema = z.strictObject({ account: nameShape(), runId: uuidShape() });
export type JudgeMarket = z.input<typeof judgeMarketSchema>;

/** Looks at published splits and dividends. */
export const listActionsSchema = z.strictObject({
  /** Only these (default: all). */
  symbols: z.array(symbolShape()).optional(),
  /** Ex-dates from here on (default: a year back). */
  since: dateShape().optional(),
});
export type ListActions = z.input<typeof listActionsSchema>;

/** Looks at one symbol's prices, actions and checks. */
export const readSymbolSchema = z.strictObject({ symbol: symbolShape() });
export type ReadSymbol = z.input<typeof readSymbolSchema>;
