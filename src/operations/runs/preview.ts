import type { Knex } from 'knex';
import { heldSymbols } from '../../db/holdings.js';
import { newestRunOfSlot } from '../../db/slots.js';
import { liveTicket } from '../../db/tickets.js';
import { asOfDate, executionWindow, isSession, tradingDayOf } from '../../domain/calendar/calendar.js';
import { stampOfToday } from '../../domain/day/clock.js';
import { isPastWindow } from '../../domain/day/slots.js';
import { symbolsWanted } from '../../domain/market/wanted.js';
import { accountOf } from '../../domain/policy/policy.js';
import type { Instant, IsoDate, RunSlot } from '../../domain/types.js';
import type { Installation } from '../installation.js';
import { readConfiguration } from './configuration.js';

/** What a run would do, as far as it can be told before. */
export interface RunPreview {
  slot: RunSlot;
  at: Instant;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  isSession: boolean;
  /** Whether it comes too late to be of use: the next slot has taken over, or the execution window is over. */
  isPast: boolean;
  window: { opensAt: Instant; closesAt: Instant } | null;
  /** How many symbols it would fetch; none of a run that fetches nothing. */
  symbols: number;
  accounts: RunPreviewOf[];
}

/** What stands of an account's slot already. */
export interface RunPreviewOf {
  account: string;
  /** The slot's newest run, with what it came to: null while it has no result; undefined where none began. */
  run: { at: Instant; outcome: string | null } | undefined;
  ticket: { ticketId: string; kind: 'TRADE' | 'NO_TRADE'; confirmed: boolean } | null;
}

/**
 * Tells what a run of now would do; nothing is started.
 * @param at what the sender says of the time: on a real account it must be of today.
 * @throws OpsError ACCOUNT_UNKNOWN, CLAIM_NOT_TODAY, CLAIM_IN_FUTURE
 */
export async function previewRun(
  { db, configDir, now }: Pick<Installation, 'db' | 'configDir' | 'now'>,
  { slot, accounts, at: said }: { slot: RunSlot; accounts: readonly string[]; at: Instant },
): Promise<RunPreview> {
  const { policy, universe } = await readConfiguration(configDir);
  const owners = accounts.map((name) => accountOf(policy, name));
  for (const account of owners) stampOfToday(account, { claimedAt: said, now: now() });
  const at = owners.some(({ clock }) => clock === 'real') ? now() : said;
  const tradingDay = tradingDayOf(at);
  return {
    slot,
    at,
    tradingDay,
    asOfDate: asOfDate(tradingDay, policy.calendar),
    isSession: isSession(tradingDay, policy.calendar),
    isPast: slot !== 'ops' && isPastWindow({ tradingDay, slot }, at, policy),
    window: executionWindow(tradingDay, policy.calendar),
    symbols: slot === '1400' ? 0 : symbolsWanted(universe, await heldSymbols(db)).length,
    accounts: await Promise.all(accounts.map((account) => standingOf(db, account, tradingDay, slot))),
  };
}

async function standingOf(db: Knex, account: string, tradingDay: IsoDate, slot: RunSlot): Promise<RunPreviewOf> {
  const run = slot === 'ops' ? undefined : await newestRunOfSlot(db, account, { tradingDay, slot });
  const ticket = slot === '1400' ? await liveTicket(db, account, tradingDay) : undefined;
  return {
    account,
    run,
    ticket: ticket ? { ticketId: ticket.ticketId, kind: ticket.material.kind, confirmed: ticket.confirmed } : null,
  };
}
