import type { Knex } from 'knex';
import type { Performance, ReadPerformance } from '../../contract/performance.js';
import { auditHead, stateWord } from '../../db/audit.js';
import { keptWhile } from '../../db/kept-while.js';
import type { Outcome } from '../../domain/errors.js';
import { contentHash } from '../../domain/hash.js';
import type { Subject } from '../../reports/performance/facts.js';
import { readPerformance } from './read-performance.js';

/**
 * How an account did, as `readPerformance` tells it, reckoned anew only when a fact was stored or the configuration is
 * another: every value, entry, answer, price, rate and ruling that it is made of is a record of the audit log too. Only
 * the answer that was asked for last is kept: of years of fills each is megabytes, and there are as many as dates.
 */
export async function performanceAtHand(
  db: Knex,
  subject: Subject,
  input: ReadPerformance,
): Promise<Outcome<Performance>> {
  const word = `${stateWord(await auditHead(db))} ${contentHash({ subject, input })}`;
  return keptWhile(db, { key: 'performance', word }, () => readPerformance(db, subject, input));
}
