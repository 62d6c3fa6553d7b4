import { listAccounts } from '../../db/accounts.js';
import { stampOf } from '../../domain/day/clock.js';
import type { Account } from '../../domain/types.js';
import type { Installation } from '../installation.js';
import { accountsOf } from '../runs/configuration.js';
import { configurationInForce } from '../runs/configuration-in-force.js';
import { turn } from './kill-switch-turn.js';
import { isStopping, removeLatch, standingLatches, type Latch } from './latch.js';

/**
 * Books what was engaged while Postgres could not take it: before any ticket is issued or switch reset, and whenever
 * the worker looks. A latch goes once it is stored; one of an account that is not open stays.
 * @returns the accounts whose switch was engaged by it.
 */
export async function bookLatches(
  place: Pick<Installation, 'db' | 'dataDir' | 'configDir' | 'now'>,
): Promise<string[]> {
  const latches = await standingLatches(place.dataDir);
  if (latches.length === 0) return [];
  const { policy } = await configurationInForce(place);
  const open = new Set((await listAccounts(place.db)).map(({ account }) => account));
  const engaged: string[] = [];
  for (const latch of latches) {
    const meant = accountsOf(policy).filter(({ account }) => open.has(account) && isStopping(latch, account));
    for (const account of meant) {
      const { turned } = await turn(
        place.db,
        booked(account, latch, policy.operators, place.now()),
        'ENGAGED',
        latch.reason,
      );
      if (turned) engaged.push(account.account);
    }
    if (meant.length > 0) await removeLatch(latch);
  }
  return engaged;
}

/** Whoever could write the file may stop trading: a name that the policy does not know is told, and signs nothing. */
function booked(account: Account, { operator, at, ...latch }: Latch, operators: readonly string[], now: string) {
  const known = operators.includes(operator);
  // What is engaged by a clock that runs ahead is engaged all the same.
  const claimedAt = account.clock === 'real' && Date.parse(at) > Date.parse(now) ? now : at;
  return {
    operator: known ? operator : 'system',
    account,
    ...stampOf(account, { claimedAt, now }),
    reason: latch.reason,
  };
}
