import type { Knex } from 'knex';
import { newestRunOfSlot } from '../../db/slots.js';
import { isPastWindow, type SlotPolicy } from '../../domain/day/slots.js';
import type { Instant, IsoDate, Slot } from '../../domain/types.js';

/**
 * The run that a reconciled day waits for: that of 08:00 as long as it is of use and none came to a result, for without
 * its prices there is nothing to decide on; else that of 14:00.
 * @param at the instant that counts, by the account's clock.
 */
export async function nextRun(
  db: Knex,
  { account, tradingDay, at }: { account: string; tradingDay: IsoDate; at: Instant },
  policy: SlotPolicy,
): Promise<Slot> {
  if (isPastWindow({ tradingDay, slot: '0800' }, at, policy)) return '1400';
  const run = await newestRunOfSlot(db, account, { tradingDay, slot: '0800' });
  return run === undefined || run.outcome === 'MISSED' ? '0800' : '1400';
}
