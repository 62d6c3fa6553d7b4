import { stateWord, type AuditHead } from '../../db/audit.js';
import { standingClaims } from '../../db/claims.js';
import type { Db } from '../../db/connect.js';
import { keptWhile } from '../../db/kept-while.js';

/** Who executes which ticket that waits for its answer, of all accounts. */
export const listClaims = (db: Db): ReturnType<typeof standingClaims> => standingClaims(db);

/** The same, read anew only when a fact was stored meanwhile. @param head the newest audit record, read just before */
export const claimsAtHand = (db: Db, head: AuditHead | null): ReturnType<typeof standingClaims> =>
  keptWhile(db, { key: 'claims', word: stateWord(head) }, () => standingClaims(db));
