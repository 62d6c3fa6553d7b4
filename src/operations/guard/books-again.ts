import { backupsDirectory } from '../../backup/directory.js';
import { wereBooksEndedLately } from '../../db/alerts.js';
import type { Instant } from '../../domain/types.js';
import type { Installation } from '../installation.js';
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
