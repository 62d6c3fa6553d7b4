import { z } from 'zod';
import type { CopyRecord } from '../domain/backup/copy-record.js';
import type { Manifest } from '../domain/backup/manifest.js';
import type { RestoreProof } from '../domain/backup/proof.js';
import { backupReasonShape } from '../domain/backup/reason.js';
import { plainNameShape } from '../domain/shapes.js';
import type { Instant } from '../domain/types.js';
import { read, type Reading } from './reading.js';

const backupInputSchema = z
  .object({ reason: backupReasonShape(), operator: plainNameShape().nullable() })
  .refine(({ reason, operator }) => (reason === 'manual') === (operator !== null), {
    path: ['operator'],
    message: 'must be whoever asks for a manual backup, and null for one that nobody asks for',
  });
/** Starts `databaseBackup`. */
export type BackupInput = z.infer<typeof backupInputSchema>;

/** Reads what a backup was started with; never throws. */
export const readBackupInput = (sent: unknown): Reading<BackupInput> => read(backupInputSchema, sent);

export interface BackupMade {
  file: string;
  bytes: number;
  sha256: string;
  takenAt: Instant;
  /** Another request's backup, taken after this one was asked for. */
  reused: boolean;
  tables: number;
  rows: number;
  ledger: Manifest['figures']['ledger'];
  /** The second place of the policy; null for none. */
  copyTo: string | null;
}

export interface BackupKept {
  deleted: string[];
  damaged: string[];
  /** Whole backups that are there now. */
  verified: number;
}

export interface BackupReply extends BackupMade, BackupKept {
  /** The copy at the second place; null when the policy names none, or when it failed. */
  copy: CopyRecord | null;
  /** Why there is no copy though the policy wants one. */
  copyProblem: string | null;
}

const restoreTestInputSchema = z.object({
  /** Name of the dump; null for the newest whole one. */
  file: plainNameShape().nullable(),
  operator: plainNameShape().nullable(),
});
/** Starts `restoreTest`. */
export type RestoreTestInput = z.infer<typeof restoreTestInputSchema>;

/** Reads what a restore test was started with; never throws. */
export const readRestoreTestInput = (sent: unknown): Reading<RestoreTestInput> => read(restoreTestInputSchema, sent);

export interface RestoreTestReply {
  proof: RestoreProof;
  /** The report, below the data directory. */
  files: string[];
}
