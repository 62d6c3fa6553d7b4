import { keptHeads } from '../../backup/heads.js';
import type { VerifiedBackup } from '../../backup/verify.js';
import { hasDigests } from '../../db/audit.js';
import { hasSignatures } from '../../db/signatures.js';
import { connect } from '../../db/connect.js';
import type { KeptHead } from '../../domain/audit/heads.js';
import { violationText } from '../guard/tell-books.js';
import { brokenBooks } from '../guard/verify-books.js';
import { headsLost } from '../guard/verify-audit.js';
import { knownAgainst } from './check-record.js';
import { restoreAndCompare } from '../../backup/prove.js';
import { withScratchDatabase } from '../../backup/scratch.js';
import { readRestoreTestInput, type RestoreTestInput } from '../../contract/backup.js';
import { wellFormed } from '../../contract/reading.js';
import type { RestoreProof } from '../../domain/backup/proof.js';
import type { Installation } from '../installation.js';
import { backupOf, backupToProve } from './choose.js';
import { refuseStranger } from './place.js';

/** Time, cancellation and progress of whoever restores. */
export interface RestoreHost {
  now(): Date;
  signal: AbortSignal;
  progress(state: { doing: string }): void;
}

export interface RestorePlace extends Pick<Installation, 'db' | 'configDir' | 'dataDir'> {
  /** Login that may create databases on the server of the live one, which is only read. */
  ownerUrl: string;
  /** Directory of the dumps. */
  directory: string;
  host: RestoreHost;
}

export interface ProveBackup extends RestoreTestInput {
  proofId: string;
}

/**
 * What is broken in a restored database beside what its manifest says: invariants, facts (but the bars, whose rows
 * were counted), heads of the audit log that were kept before the backup was taken, and signatures by the keys of this
 * installation. Nothing where the backup is of a version that had no digests.
 */
async function brokenIn(
  databaseUrl: string,
  { manifest }: VerifiedBackup,
  kept: readonly KeptHead[],
  files: Pick<Installation, 'configDir' | 'dataDir'>,
): Promise<string[]> {
  const db = connect(databaseUrl, 1);
  try {
    if (!(await hasDigests(db))) return [];
    const lost = await headsLost(
      db,
      kept.filter(({ at }) => at <= manifest.takenAt),
    );
    const keys = (await hasSignatures(db)) ? files : null;
    const scope = { kept: null, keys, slots: null, facts: 'all but bars', isOfThisVersion: false } as const;
    const broken = await brokenBooks({ db, ...scope });
    return [
      ...lost.map(({ seq, problem }) => `audit record ${seq} ${problem}`),
      ...broken.slice(0, BROKEN_MAX).map(violationText),
    ];
  } finally {
    await db.destroy();
  }
}

const BROKEN_MAX = 20;

/**
 * Verifies the backup, restores it into a scratch database, compares, and drops that again. Repeating it begins anew.
 */
export async function proveBackup(
  { ownerUrl, directory, host, ...installation }: RestorePlace,
  { proofId, ...given }: ProveBackup,
): Promise<RestoreProof> {
  const { file, operator } = wellFormed(readRestoreTestInput(given));
  await refuseStranger(installation, operator);
  const { now, signal, progress } = host;
  const startedAt = now().toISOString();
  const begun = performance.now();
  progress({ doing: 'Verifying the backup' });
  const backup = await backupToProve(directory, file);
  const verification = performance.now() - begun;
  const name = proofId.replaceAll('-', '').slice(0, 12);
  const kept = await keptHeads(installation.dataDir, directory);
  const { took, ...restored } = await withScratchDatabase(
    { ownerUrl, name, signal },
    async (databaseUrl, serverMajor) => {
      const compared = await restoreAndCompare({
        backup,
        databaseUrl,
        serverMajor,
        signal,
        progress: (doing) => progress({ doing }),
      });
      const broken = compared.found ? await brokenIn(databaseUrl, backup, kept.heads, installation) : [];
      return { ...compared, problems: [...compared.problems, ...broken] };
    },
  );
  const against = await knownAgainst(installation.db, backup);
  if (against !== null) restored.problems.unshift(against);
  return {
    proofId,
    kind: 'SCRATCH',
    passed: restored.problems.length === 0,
    backup: backupOf(backup),
    startedAt,
    finishedAt: now().toISOString(),
    operator,
    expected: backup.manifest.figures,
    ...restored,
    tickets: null,
    took: { verification, ...took },
    priorData: null,
    lost: null,
  };
}
