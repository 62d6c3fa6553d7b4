import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { removePastFilesSchema, type RemovePastFiles } from '../../contract/retention.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { admitToInstallation } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { findPastFiles, removePastFiles, retentionDay, type PastFile, type StrangeFile } from './retention.js';

export interface PastFilesRemoved {
  removed: PastFile[];
  /** What was never touched, because it is none of ours. */
  strange: StrangeFile[];
  /** What could not be removed. */
  refused: StrangeFile[];
}

/** Removes the rendered files that are past their time by the policy, after the audit log says so. */
export function removePast(
  installation: Installation,
  asker: Asker,
  input: RemovePastFiles,
): Promise<Outcome<PastFilesRemoved>> {
  return outcomeOf(async () => {
    const { account } = parseInput(removePastFilesSchema, input);
    const by = await admitToInstallation(installation, asker, account);
    const { db, dataDir } = installation;
    const keep = by.configuration.policy.artifacts.keep_days;
    const { past, strange } = await findPastFiles(db, dataDir, keep, await retentionDay(db, by.at));
    return { strange, ...(await removePastFiles(db, dataDir, past, { ...by, keep })) };
  });
}
