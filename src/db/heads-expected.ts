import type { Instant } from '../domain/types.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

/*
 * Heads of the audit log are kept in a file (src/backup/heads.ts) with what they were left with. The database knows of
 * what since the migration that began to count on it: what is older may have been stored without.
 */

/** With what the head of a confirmation is kept. */
export const ofConfirmation = (confirmationId: string): string => `confirmation ${confirmationId}`;
/** With what the head that an alert carried away is kept. */
export const ofAlert = (alertId: string, sink: string): string => `alert ${alertId} to ${sink}`;
/** What the receipt of an alert says whose head could not be kept. */
export const WITHOUT_HEAD = '(its head of the audit log was not kept)';

const SINCE_MIGRATION = '20261128230000_signed_rows.js';
/** Of each kind the newest are looked for: a file that is cut is cut at its end. */
const LOOKED_FOR = 200;

/**
 * From when on heads are expected: the migration, or when the database last went to a fresh place, whose file begins
 * anew.
 */
const SINCE = `
  select greatest(m.migration_time, (select max(finished_at) from restore_proofs where kind = 'FRESH' and passed)) as at
    from knex_migrations m where m.name = '${SINCE_MIGRATION}'`;

const EXPECTED = `
  with since as (${SINCE})
  (select concat('confirmation ', confirmation_id) as "of", recorded_at as at
     from confirmations, since where recorded_at > since.at order by recorded_at desc limit ${LOOKED_FOR})
  union all
  (select concat('alert ', e.alert_id, ' to ', e.sink), e.recorded_at
     from alert_events e, since
    where e.kind = 'SENT' and e.attempt is not null and e.recorded_at > since.at
      and right(e.note, ${WITHOUT_HEAD.length}) <> ?
    order by e.recorded_at desc limit ${LOOKED_FOR})`;

/** With what a worker keeps the newest head, whatever led to it. */
export const ofWorker = (seq: number): string => `record ${seq}, as the worker saw it`;

/** What is expected in the file. */
export interface HeadsExpected {
  /** What heads were kept with, as those know who kept them: the newest first. */
  with: string[];
  /** Whether a run came to a result: a worker was there, which keeps the newest head from its first moment on. */
  isAny: boolean;
}

/**
 * Which heads of the audit log are expected in their file.
 * @param backups the backups that are there, and the version of the schema of each.
 */
export async function headsExpected(
  db: Db,
  backups: readonly { of: string; at: Instant; migrations: readonly string[] }[],
): Promise<HeadsExpected> {
  const [since] = await rows<{ at: Instant; isAny: boolean }>(
    db,
    `select since.at, exists (select from run_results r where r.recorded_at > since.at) as "isAny"
       from (${SINCE}) as since`,
  );
  if (since === undefined) return { with: [], isAny: false };
  const own = backups.filter(({ at, migrations }) => at > since.at && migrations.includes(SINCE_MIGRATION));
  const known = await rows<{ of: string; at: Instant }>(db, EXPECTED, [WITHOUT_HEAD]);
  const newest = [...known, ...own].toSorted((a, b) => (a.at < b.at ? 1 : -1));
  return { with: newest.map(({ of }) => of), isAny: since.isAny };
}
