import type { Instant, Sha256 } from '../types.js';
import type { FigureDifference } from './compare.js';
import type { DatabaseFigures } from './manifest.js';

/** `SCRATCH`: into a scratch database beside the live one. `FRESH`: into an empty cluster that then takes its place. */
export type ProofKind = 'SCRATCH' | 'FRESH';

/** What became of restoring a backup and comparing it with what it was made of. */
export interface RestoreProof {
  proofId: string;
  kind: ProofKind;
  passed: boolean;
  backup: { file: string; sha256: Sha256; bytes: number; takenAt: Instant };
  startedAt: Instant;
  finishedAt: Instant;
  /** Who asked for it; null when nobody did. */
  operator: string | null;
  /** What the manifest says. */
  expected: DatabaseFigures;
  /** What the restored database holds; null when it could not be restored. */
  found: DatabaseFigures | null;
  /** Each thing that is not as it was, in words; empty for a proof that passed. */
  problems: string[];
  /** Tickets recomputed from stored facts; null where that was not asked. */
  tickets: { verified: number; differing: string[] } | null;
  /** Milliseconds of each step. */
  took: { verification: number; restore: number; comparison: number };
  /** Fresh cluster only: where the prior data directory is. */
  priorData: string | null;
  /** Fresh cluster only: facts that the prior database had beyond the backup. */
  lost: LostFacts | null;
}

/** Facts of the live database that a backup does not have. */
export interface LostFacts {
  /** Rows by table, only those that differ: more here than in the backup. */
  tables: { name: string; backup: number; live: number }[];
  /** What the audit log says of them, oldest first. */
  actions: { seq: number; at: Instant; account: string | null; actor: string; action: string; subject: string }[];
}

/** Tables and actions that tell of backups and their proofs: a restored database misses its own backup's, and nobody else does. */
const BOOKKEEPING_TABLES = ['public.backups', 'public.restore_proofs', 'public.audit_log', 'public.fact_digests'];
/** What the database says of its facts is said by the tables themselves. */
const BOOKKEEPING_ACTIONS = /^(backup|restore|facts)\./;

/**
 * What would be lost by going back to a backup: null when nothing but the bookkeeping of backups is newer.
 * @param actions the audit records after the backup's newest, oldest first.
 */
export function lostFacts(
  backup: DatabaseFigures,
  live: DatabaseFigures,
  actions: LostFacts['actions'],
): LostFacts | null {
  const before = new Map(backup.tables.map(({ name, rows }) => [name, rows]));
  const tables = live.tables
    .map(({ name, rows }) => ({ name, backup: before.get(name) ?? 0, live: rows }))
    .filter((table) => table.backup !== table.live);
  const facts = actions.filter(({ action }) => !BOOKKEEPING_ACTIONS.test(action));
  const nothing =
    facts.length === 0 &&
    tables.every(({ name }) => BOOKKEEPING_TABLES.includes(name)) &&
    backup.migrations.length === live.migrations.length;
  return nothing ? null : { tables, actions: facts };
}

/** A difference in words. */
export const differenceText = ({ what, expected, found }: FigureDifference): string =>
  `${what}: ${expected ?? 'none'} in the backup, ${found ?? 'none'} restored`;

/** "2 h 5 min" since an instant: how old a backup is. */
export function ageText(then: Instant, now: Instant): string {
  const minutes = Math.max(0, Math.floor((Date.parse(now) - Date.parse(then)) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
