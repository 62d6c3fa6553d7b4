import type { CopyRecord } from '../domain/backup/copy-record.js';
import type { BackupReason, Manifest } from '../domain/backup/manifest.js';
import type { RestoreProof } from '../domain/backup/proof.js';
import type { Instant } from '../domain/types.js';

/** Starts `databaseBackup`. */
export interface BackupInput {
  reason: BackupReason;
  operator: string | null;
}

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

/** Starts `restoreTest`. */
export interface RestoreTestInput {
  /** Name of the dump; null for the newest whole one. */
  file: string | null;
  operator: string | null;
}

export interface RestoreTestReply {
  proof: RestoreProof;
  /** The report, below the data directory. */
  files: string[];
}
