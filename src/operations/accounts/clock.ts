import type { Knex } from 'knex';
import { newestInstantQuestion } from '../../db/newest-instant.js';
import { ask } from '../../db/questions.js';
import type { Account, Instant } from '../../domain/types.js';

/**
 * What time it is for an account that is only looked at: this machine's clock, or on a simulated account the newest
 * instant of its facts, for nobody says it.
 */
export async function instantSeen(db: Knex, account: Account, now: Instant): Promise<Instant> {
  if (account.clock === 'real') return now;
  return (await ask(db, newestInstantQuestion(db, account.account, account.clock)))?.at ?? now;
}
