import type { Knex } from 'knex';
import { keptHeads, type KeptHeads } from '../../backup/heads.js';
import { auditBreaks, auditHashesOf, auditHead, provedFacts, timesWentBack } from '../../db/audit.js';
import type { Db } from '../../db/connect.js';
import type { FactBreak } from '../../db/fact-break.js';
import { headsExpected } from '../../db/heads-expected.js';
import { schemaProof } from '../../db/schema-proof.js';
import { lostHeads, missedHeads, type KeptHead } from '../../domain/audit/heads.js';
import { isBelieved, type SchemaProof } from '../../domain/audit/schema.js';
import { refusal } from '../../domain/errors.js';
import { inView } from '../../db/transaction.js';
import type { Sha256 } from '../../domain/types.js';
import { provedBreaks } from './prove-facts.js';

/** What came of checking the audit log and every fact against it. */
export interface AuditVerified {
  records: number;
  /** Hash of the newest record; null for an empty log. */
  head: Sha256 | null;
  /** Records that break the chain. */
  breaks: { seq: number; problem: string }[];
  /** Rows that stand and were compared with their digests, and how many of them are older than digests are. */
  facts: { rows: number; tables: number; before: number };
  /** Heads kept outside of the database that were compared. */
  heads: number;
  /** Facts that are not as they were recorded, and before them what of the schema is not as the migrations make it. */
  factBreaks: FactBreak[];
}

/**
 * Recomputes the chain and the digest of every fact, in one view of the database, and compares the chain with the
 * heads that are kept outside of it (`audit-heads.jsonl`, the manifests of the backups). Both are recomputed by
 * functions of the database, so that its schema is proved first: where that is not ours they are not asked. Reads only.
 * @throws OpsError SCHEMA_MISSING where the schema is another version's
 */
export async function verifyAuditLog(
  db: Knex,
  { dataDir, backups }: { dataDir: string; backups: string },
): Promise<AuditVerified> {
  // Before the view is taken: a head that is kept meanwhile would be of a record that the view does not have.
  const kept = await keptHeads(dataDir, backups);
  return inView(db, async (trx) => {
    const schema = await schemaProof(trx);
    refuseOtherVersion(schema);
    const head = await auditHead(trx);
    return {
      records: head?.seq ?? 0,
      head: head?.hash ?? null,
      breaks: [
        ...(isBelieved(schema) ? await auditBreaks(trx) : []),
        ...(await headsLost(trx, kept.heads)),
        ...[...kept.problems, ...(await headsMissed(trx, kept))].map((problem) => ({ seq: 0, problem })),
      ],
      heads: kept.heads.length,
      facts: await provedFacts(trx),
      factBreaks: await provedBreaks(trx, 'all', schema),
    };
  });
}

/** Nothing is proved by a schema that this program does not know, and nobody need have tampered with it. */
function refuseOtherVersion({ missing, unknown }: SchemaProof): void {
  if (unknown.length > 0)
    throw refusal('SCHEMA_MISSING', `the database is newer than this program: ${unknown.join(', ')}`, {
      remedy: 'update the checkout to the version that made the database',
    });
  if (missing.length > 0)
    throw refusal(
      'SCHEMA_MISSING',
      `the schema is an older version's: ${missing.length} migrations are not applied, first ${missing[0]}`,
      { remedy: 'make migrate' },
    );
}

/** Heads that the log of this database does not have. */
export const headsLost = async (db: Db, kept: readonly KeptHead[]): Promise<{ seq: number; problem: string }[]> =>
  kept.length === 0
    ? []
    : lostHeads(kept, await auditHashesOf(db, [...new Set(kept.map(({ seq }) => seq))]), await timesWentBack(db));

/**
 * Heads that were kept in `audit-heads.jsonl` and are not there, in words: whoever kept one with a confirmation or an
 * alert is known to the database, and with a backup to its manifest. Nobody trades the less for it: the file can be
 * put back, and proves only more.
 */
export const headsMissed = async (db: Db, { inFile, backups, problems }: Omit<KeptHeads, 'heads'>): Promise<string[]> =>
  // What stands in its place is told already.
  problems.length > 0 ? [] : missedHeads(inFile, await headsExpected(db, backups));
