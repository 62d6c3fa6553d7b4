import type { Instant, IsoDate } from '../../domain/types.js';
import { appendManifest, keepPayload, type KeptPayload } from '../archive.js';

/** Whose statements they are: the folder beside those of prices. */
const BROKER = 'etoro';

/**
 * Keeps a statement's file as it came, as raw answers are kept: below `data/market/etoro/<date>/`, named by account and
 * hash, never written to again, with a line in the folder's manifest.
 */
export async function keepStatement(
  dataDir: string,
  file: { account: string; statementId: string; name: string; body: Buffer; date: IsoDate; at: Instant },
): Promise<KeptPayload<'statement'>> {
  const kept = await keepPayload({
    dataDir,
    provider: BROKER,
    date: file.date,
    symbol: file.account,
    payload: { kind: 'statement' as const, extension: 'xlsx', request: file.name, body: file.body },
    retrievedAt: file.at,
  });
  await appendManifest(dataDir, file.statementId, [kept]);
  return kept;
}
