import path from 'node:path';
import { z } from 'zod';
import { verifyBackup } from '../../backup/verify.js';
import type { Db } from '../../db/connect.js';
import { passedProofs, type PassedProof } from '../../db/restore-proofs.js';
import { readRegular } from '../../files/regular.js';
import { restoreReportPath, verdictWord } from '../../reports/restore-proof/page.js';

/** A proof that passed, with what it rests on beside its row. */
export interface KnownProof extends PassedProof {
  /** The report of it that lies beside the data; null where there is none that says the same. */
  report: string | null;
}

/** Of more rows nobody looks for a report. */
const LOOKED_AT_MAX = 100;

/**
 * The newest proof that passed and whose report says the same: rows can be written by whoever has the application's
 * password, files by the program alone. Where no row has one, the newest row; null when no backup was ever restored.
 * @param directory of the dumps: of one that is there the manifest must name the dump that was restored.
 */
export async function newestKnownProof(
  { db, dataDir }: { db: Db; dataDir: string },
  directory: string,
): Promise<KnownProof | null> {
  const proofs = await passedProofs(db, LOOKED_AT_MAX);
  for (const proof of proofs) {
    const report = restoreReportPath(proof, 'json');
    if (!(await saysTheSame(path.join(dataDir, report), proof))) continue;
    const { manifest } = await verifyBackup(directory, proof.file, 'outline');
    if (manifest === null || manifest.sha256 === proof.sha256) return { ...proof, report };
  }
  return proofs[0] ? { ...proofs[0], report: null } : null;
}

const reportShape = z.object({
  verdict: z.string(),
  proofId: z.string(),
  finishedAt: z.string(),
  backup: z.object({ file: z.string(), sha256: z.string() }),
});

/** Whether a report is of this proof; one that is not there or cannot be read is of none. */
async function saysTheSame(file: string, { proofId, kind, finishedAt, ...backup }: PassedProof): Promise<boolean> {
  const text = await readRegular(file).catch(() => 'null');
  const { data } = reportShape.safeParse(parsed(text));
  return (
    data?.proofId === proofId &&
    data.verdict === verdictWord({ kind, passed: true }) &&
    Date.parse(data.finishedAt) === Date.parse(finishedAt) &&
    data.backup.file === backup.file &&
    data.backup.sha256 === backup.sha256
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
