import { z } from 'zod';
import { nameShape, reasonShape, uuidShape } from '../domain/shapes.js';
import { bounded, isPlainText } from '../domain/text.js';
import { DEFAULTS } from './defaults.js';
import { countShape } from './lists.js';

/** The name that a file came with, without the folders before it: it is kept to be recognised by, and opens nothing. */
const fileName = z
  .string()
  .transform((name) => bounded(name.split(/[\\/]/).at(-1) ?? '', 200))
  .refine((name) => name.trim() !== '' && isPlainText(name, { lines: false }), 'must be the name of a file');

/** Imports the broker's account statement as evidence. */
export const importStatementSchema = z.strictObject({
  account: nameShape(),
  fileName,
  body: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be the bytes of a file'),
});
export type ImportStatement = z.input<typeof importStatementSchema>;

/** Lists the newest statements of an account. */
export const listStatementsSchema = z.strictObject({ account: nameShape(), limit: countShape(DEFAULTS.statements) });
export type ListStatements = z.input<typeof listStatementsSchema>;

/** Statements on a page. */
export const STATEMENTS_OF_PAGE = 20;

/** Looks at a page of an account's statements: the newest, or those that were imported before one. */
export const pageStatementsSchema = z.strictObject({
  account: nameShape(),
  before: uuidShape('must be the id of a statement').nullable().default(null),
});
export type PageStatements = z.input<typeof pageStatementsSchema>;

/** Looks at one, by its id or the first eight characters of it; the newest where it is left out. */
export const readStatementSchema = z.strictObject({
  account: nameShape(),
  statement: z.string().nullable().default(null),
});
export type ReadStatement = z.input<typeof readStatementSchema>;

/** Takes a statement back that should not have been imported: it stays on record and counts no more. */
export const withdrawStatementSchema = z.strictObject({
  account: nameShape(),
  /** Its id, or the first eight characters of it. */
  statement: z.string(),
  reason: reasonShape(),
});
export type WithdrawStatement = z.input<typeof withdrawStatementSchema>;
