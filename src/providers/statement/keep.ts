import type { Instant, IsoDate } from '../../domain/types.js';
import { appendManifest, keepPayload, willBeKept, type KeptPayload } from '../archive.js';

/** Whose statements they are: the folder beside those of prices. */
const BROKER = 'etoro';

/** A statement's file, as it came. */
export interface StatementFile {
  account: string;
  statementId: string;
  name: string;
  body: Buffer;
  date: IsoDate;
  at: Instant;
}

const requestOf = ({ account, name, body, date, at }: StatementFile) => ({
  provider: BROKER,
  date,
  symbol: account,
  payload: { kind: 'statement' as const, extension: 'xlsx', request: name, body },
  retrievedAt: at,
});

/** How a statement's file will lie on disk: its rows are written before it is. */
export const statementWillBeKept = (file: StatementFile): KeptPayload<'statement'> =>
  willBeKept(requestOf(file)) as KeptPayload<'statement'>;

/**
 * Keeps a statement's file as raw answers are kept: below `data/market/etoro/<date>/`, named by account and hash, never
 * written to again, with a line in the folder's manifest.
 */
export async function keepStatement(dataDir: string, file: StatementFile): Promise<KeptPayload<'statement'>> {
  const kept = await keepPayload({ dataDir, ...requestOf(file) });
  await appendManifest(dataDir, file.statementId, [kept]);
  return kept;
}
