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

export interface RestorePlace extends Pick<Installation, 'db' | 'configDir'> {
  /** Login that may create databases on the server of the live one, which is only read. */
  ownerUrl: string;
  /** Directory of the dumps. */
  directory: string;
  host: RestoreHost;
}

export interface ProveBackup extends RestoreTestInput {
  proofId: string;
}

/** Verifies the backup, restores it into a scratch database, compares, and drops that again. Repeating it begins anew. */
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
  const { took, ...restored } = await withScratchDatabase({ ownerUrl, name, signal }, (databaseUrl, serverMajor) =>
    restoreAndCompare({ backup, databaseUrl, serverMajor, signal, progress: (doing) => progress({ doing }) }),
  );
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
