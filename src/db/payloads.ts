import type { Knex } from 'knex';
import type { KeptPayload } from '../providers/archive.js';
import type { Db } from './connect.js';

/** Records what was kept; a repeat of the run changes nothing. */
export const insertPayloads = (db: Db, runId: string, kept: KeptPayload[]): Knex.QueryBuilder | null =>
  kept.length === 0
    ? null
    : db('payloads')
        .insert(
          kept.map((one) => ({
            run_id: runId,
            provider: one.provider,
            kind: one.kind,
            symbol: one.symbol,
            request: one.request,
            retrieved_at: one.retrievedAt,
            sha256: one.sha256,
            bytes: one.bytes,
            path: one.path,
          })),
        )
        .onConflict(['run_id', 'provider', 'kind', 'symbol', 'sha256'])
        .ignore();
