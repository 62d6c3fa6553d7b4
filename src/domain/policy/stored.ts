import { z } from 'zod';
import { faultError } from '../errors.js';
import type { Sha256, UniverseRow } from '../types.js';
import { policySchema, type Policy } from './policy.js';
import { IN_OUR_WORDS } from '../shape-words.js';

/**
 * A policy as some version of the program stored it. Sections that came later get their defaults, as they do in a file;
 * its hash stays that of what is stored. A fault when it breaks a rule: nothing may be decided by half a policy.
 */
export const storedPolicy = (content: unknown, hash: Sha256): Policy => parsed(policySchema, content, 'policy', hash);

/** A universe as it was stored, its rows in their order. */
export const storedUniverse = (content: unknown, hash: Sha256): UniverseRow[] =>
  parsed(storedUniverseSchema, content, 'universe', hash);

/** Cells were checked when the file was read; here their types are. */
const storedUniverseSchema: z.ZodType<UniverseRow[]> = z.array(
  z.strictObject({
    internalSymbol: z.string(),
    etoroSearchName: z.string(),
    name: z.string(),
    kind: z.enum(['stock', 'etf', 'cfd', 'benchmark']),
    listingCurrency: z.string(),
    tradable: z.boolean(),
    enabled: z.boolean().default(true),
    verifiedOn: z.string().nullable(),
    verifiedBy: z.string().nullable(),
  }),
);

function parsed<T>(schema: z.ZodType<T>, content: unknown, what: string, hash: Sha256): T {
  const result = schema.safeParse(content, IN_OUR_WORDS);
  if (result.success) return result.data;
  const broken = result.error.issues.map(({ path, message }) => `${path.join('.') || what}: ${message}`).join('; ');
  throw faultError(
    'CONFIGURATION_UNREADABLE',
    `the ${what} stored under ${hash} is not one this version can read: ${broken}`,
    {
      remedy: 'run the version of the program that stored it, or a later one',
    },
  );
}
