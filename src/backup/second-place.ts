import type { Readable } from 'node:stream';
import { faultError, OpsError } from '../domain/errors.js';
import type { BackupPolicy } from '../domain/policy/backup.js';

/** Where copies go: a directory of another disk or machine, or a bucket. Names are those of the files, without folders. */
export interface SecondPlace {
  /** As the policy names it. */
  name: string;
  /** Stores what is read under the name, whole or not at all. @param bytes its length */
  put(name: string, content: Readable, bytes: number, signal: AbortSignal): Promise<void>;
  /** Reads back what is stored. */
  get(name: string, signal: AbortSignal): Promise<Readable>;
  list(): Promise<string[]>;
  remove(name: string): Promise<void>;
  close(): void;
}

export interface PlaceOptions {
  policy: Pick<BackupPolicy, 's3_endpoint' | 's3_region'>;
  /** Directory of the dumps: no copy belongs there. */
  directory: string;
  /** Where S3 finds its keys. */
  env: NodeJS.ProcessEnv;
}

/** A failure of the second place, in the operator's words. The local backup is never touched by it. */
export function copyFailed(place: string, why: string, cause?: unknown): OpsError {
  return faultError('BACKUP_COPY_FAILED', `The copy to ${place} failed: ${why}. The backup on this machine is whole.`, {
    cause,
    remedy: 'mend the second place (docs/INCIDENTS.md, BACKUP_COPY_FAILED), then: make backup',
  });
}
