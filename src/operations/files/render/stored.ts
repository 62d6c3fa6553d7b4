import type { Installation } from '../../installation.js';
import type { WriteAgain } from '../../../contract/renderings.js';
import { usageError } from '../../../domain/errors.js';
import { isUuid } from '../../../domain/shapes.js';
import { bounded } from '../../../domain/text.js';

/**
 * Whoever writes what people read takes it from the database and nowhere else, and puts it below the data directory.
 */
export type Press = Pick<Installation, 'db' | 'dataDir'>;

/** Where the ids of each kind are read. */
export const LISTS = {
  run: 'trading-ops runs-last',
  quality: 'trading-ops runs-last',
  ticket: 'trading-ops tickets-last',
  reconciliation: 'trading-ops runs-last',
  day: 'trading-ops runs-last',
  alert: 'trading-ops alerts-last',
  statement: 'trading-ops statement list',
} as const satisfies Record<WriteAgain['kind'], string>;

/**
 * The id, when it has the form of one: Postgres answers anything else with an error of its own. @throws OpsError
 * UNKNOWN_ID
 */
export const checkedId = (what: keyof typeof LISTS, id: string): string => (isUuid(id) ? id : unknown(what, id));

/** Refuses what is not stored. @throws OpsError UNKNOWN_ID */
export function unknown(what: keyof typeof LISTS, id: string): never {
  throw usageError('UNKNOWN_ID', `${what}: ${bounded(id)}: is not stored in the database`, { remedy: LISTS[what] });
}
