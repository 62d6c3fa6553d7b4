import { standingClaims } from '../../db/claims.js';
import type { Db } from '../../db/connect.js';

/** Who executes which ticket that waits for its answer, of all accounts. */
export const listClaims = (db: Db): ReturnType<typeof standingClaims> => standingClaims(db);
