import { v5 as uuidV5 } from 'uuid';
import type { Sha256 } from '../types.js';

/** Names statements and their comparisons; never to be changed, for files and audit records name them. */
const NAMESPACE = '6f0c2d8e-7a41-4c1c-9b5e-3f2a90d4c7b6';

/** A statement is the file that it came as: the same one again is the same statement. */
export const statementIdentity = (account: string, sha256: Sha256): string =>
  uuidV5(`statement/${account}/${sha256}`, NAMESPACE);

/**
 * A comparison is of a statement with all that is known: it is named by what came of it and by the one before it, for
 * the same may come of it once more.
 */
export const comparisonIdentity = (
  statementId: string,
  { hash, before }: { hash: Sha256; before: string | null },
): string => uuidV5(`comparison/${statementId}/${hash}/${before ?? ''}`, NAMESPACE);
