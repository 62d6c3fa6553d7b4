import { dumpNames, isVerified, newestVerified, verifyBackup } from '../../backup/verify.js';
import { writtenSecrets } from '../../backup/written-secrets.js';
import { countBackups } from '../../db/backups.js';
import type { Db } from '../../db/connect.js';
import { alertsOf, secretNames } from '../../domain/policy/alerts.js';
import { backupPolicyOf } from '../../domain/policy/backup.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import type { Violation } from './invariants.js';

/** The files of an installation, and what is asked of them. */
export interface FilesScope {
  dataDir: string;
  /** Directory of the dumps. */
  backups: string;
  env: NodeJS.ProcessEnv;
  policy: Partial<Pick<Policy, 'backup' | 'alerts'>>;
  now: Instant;
  /** When there was first something to back up; null where nothing is yet. */
  since: Instant | null;
  /** Secrets are looked for in the files of the last two days alone: for who looks every hour. */
  recent: boolean;
}

const HOUR_MS = 3_600_000;
const RECENT_MS = 48 * HOUR_MS;

/** I9 and I10 of docs/RULES.md 8: what must be of the files beside the database. Reads only. */
export async function brokenFiles(db: Db, scope: FilesScope): Promise<Violation[]> {
  return [...(await backupsLacking(db, scope)), ...(await secretsOnDisk(scope))];
}

/** I9: the newest whole backup is young enough, and so many whole ones are kept, or as many as were ever made. */
async function backupsLacking(db: Db, { backups, policy, now, since }: FilesScope): Promise<Violation[]> {
  const { max_age_hours: hoursMax, keep_verified_min: keptMin } = backupPolicyOf(policy);
  const hoursTo = (from: Instant): number => (Date.parse(now) - Date.parse(from)) / HOUR_MS;
  if (since === null || hoursTo(since) <= hoursMax) return [];
  const found = (subject: string, problem: string): Violation => ({ invariant: 'I9', subject, problem });
  const newest = await newestVerified(backups);
  if (newest === null) return [found('backups', 'there is no whole backup')];
  const old = hoursTo(newest.takenAt) > hoursMax;
  const wanted = Math.min(keptMin, await countBackups(db));
  const whole = await wholeAmong(backups, wanted);
  return [
    ...(old ? [found(newest.file, `is the newest whole backup, and more than ${hoursMax} hours old`)] : []),
    ...(whole < wanted ? [found('backups', `${whole} whole ones are kept, of ${wanted} at the least`)] : []),
  ];
}

/** Whole by manifest and length, which costs little; counted no further than wanted. */
async function wholeAmong(directory: string, wanted: number): Promise<number> {
  let whole = 0;
  for (const file of await dumpNames(directory)) {
    if (whole >= wanted) break;
    if (isVerified(await verifyBackup(directory, file, 'outline'))) whole += 1;
  }
  return whole;
}

/** I10: no secret in logs, tickets or the names of dumps. */
async function secretsOnDisk({ dataDir, backups, env, policy, now, recent }: FilesScope): Promise<Violation[]> {
  const variables = alertsOf(policy).sinks.flatMap(secretNames);
  const found = await writtenSecrets({ dataDir, backups, env, variables }, recent ? Date.parse(now) - RECENT_MS : null);
  return found.map(({ file, secret }) => ({ invariant: 'I10', subject: file, problem: `holds ${secret}` }));
}
