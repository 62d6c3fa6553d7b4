import { backupsDirectory } from '../../backup/directory.js';
import { wereBooksEndedLately } from '../../db/alerts.js';
import type { Instant, IsoDate } from '../../domain/types.js';
import type { Installation } from '../installation.js';
import { valuationsOff } from './invariants.js';
import { tellBooks, violationText } from './tell-books.js';
import { brokenBooks } from './verify-books.js';

/**
 * What is broken in the books although the alert `BOOKS_BROKEN` ended within a day: that it ended is a row which the
 * application's role may write, and the watch that would raise it again comes once an hour. Nothing is read where none
 * ended, as on nearly every day.
 * @returns a line each; people are told of them again
 */
export async function brokenAfterAll(installation: Installation, at: Instant): Promise<string[]> {
  const { db, dataDir } = installation;
  if (!(await wereBooksEndedLately(db))) return [];
  const kept = { dataDir, backups: backupsDirectory(dataDir) };
  const violations = await brokenBooks({ db, kept, keys: installation, slots: null, facts: 'all but bars' });
  if (violations.length > 0) await tellBooks(installation, violations, at);
  return violations.map(violationText);
}

/**
 * What is broken of the valuations by which an account's drawdown is judged now: those that came since its ticket of an
 * earlier day, which nobody has looked at since.
 * @returns a line each; people are told of them
 */
export async function brokenValuations(
  installation: Installation,
  { account, tradingDay, at }: { account: string; tradingDay: IsoDate; at: Instant },
): Promise<string[]> {
  const violations = await valuationsOff(installation.db, { scope: { account, tradingDay } });
  if (violations.length > 0) await tellBooks(installation, violations, at);
  return violations.map(violationText);
}
