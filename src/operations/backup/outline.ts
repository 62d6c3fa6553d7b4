import { copyRecordOf } from '../../backup/copy.js';
import { dumpNames, verifyBackup } from '../../backup/verify.js';
import type { BackupWithCopy } from './list.js';

/**
 * Every backup of a directory, newest first, by its manifest and its length alone: quick, whatever they weigh. Whether
 * every byte is as it was written, `listBackups` says.
 */
export async function outlineBackups(directory: string): Promise<BackupWithCopy[]> {
  const names = await dumpNames(directory);
  return Promise.all(
    names.map(async (name) => ({
      ...(await verifyBackup(directory, name, 'outline')),
      copy: await copyRecordOf(directory, name),
    })),
  );
}
