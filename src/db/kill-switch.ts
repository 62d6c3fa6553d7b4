import { randomUUID } from 'node:crypto';
import { faultError } from '../domain/errors.js';
import type { Instant } from '../domain/types.js';
import type { Db } from './connect.js';
import { ask, question, type Question } from './questions.js';
import type { Row } from './tables.js';
import { lockUntilCommit } from './transaction.js';

export interface KillSwitchEvent {
  account: string;
  event: 'ENGAGED' | 'RESET';
  reason: string;
  /** Who, or `system`. */
  operator: string;
  at: Instant;
}

type KillSwitchRow = Pick<Row<'kill_switch_events'>, 'event' | 'reason' | 'operator' | 'at'>;

interface KillSwitchState {
  engaged: boolean;
  reason: string | null;
}

/** The latch as it stands, with the reason of its newest event; never touched, it is not engaged. */
export const killSwitchState = (db: Db, account: string): Promise<KillSwitchState> =>
  ask(db, killSwitchQuestion(db, account));

/** The same as a question. */
export const killSwitchQuestion = (db: Db, account: string): Question<KillSwitchState> =>
  question<KillSwitchState>(
    db('kill_switch_events').where({ account }).orderBy('event_id', 'desc').limit(1).select('event', 'reason'),
    ([row]: Pick<KillSwitchRow, 'event' | 'reason'>[]) => ({
      engaged: row?.event === 'ENGAGED',
      reason: row?.reason ?? null,
    }),
  );

/** Accounts whose latch stands engaged. */
export async function engagedAccounts(db: Db): Promise<ReadonlySet<string>> {
  const newest = db('kill_switch_events')
    .distinctOn('account')
    .orderBy(['account', { column: 'event_id', order: 'desc' }]);
  const rows = await newest.select('account', 'event');
  return new Set(rows.filter(({ event }) => event === 'ENGAGED').map(({ account }) => account));
}

/** Everything that ever happened to the latch, oldest first. */
export const killSwitchEvents = (db: Db, account: string): Promise<KillSwitchRow[]> =>
  db('kill_switch_events').where({ account }).orderBy('event_id').select('event', 'reason', 'operator', 'at');

/**
 * Engages or resets the latch: how it stands decides, under its lock, never whether a key is free. Call it in a
 * transaction.
 * @returns the key of what was stored now; null when it already stood like that: then nothing is recorded.
 * @throws OpsError KILL_SWITCH_NOT_STORED where it does not stand like that afterwards
 */
export async function turnKillSwitch(db: Db, event: KillSwitchEvent): Promise<string | null> {
  const { account } = event;
  const isWanted = async () => (await killSwitchState(db, account)).engaged === (event.event === 'ENGAGED');
  await lockUntilCommit(db, `kill-switch:${account}`);
  if (await isWanted()) return null;
  const key = await storeTurn(db, event);
  if (key !== null && (await isWanted())) return key;
  throw faultError('KILL_SWITCH_NOT_STORED', `the kill switch of ${account}: ${event.event} was not stored`, {
    remedy: 'trade by no ticket; see who else writes the database: trading-ops audit verify',
  });
}

/** Keys end with how many events came before, which a reset is held against. Somebody may have taken the plain one. */
async function storeTurn(db: Db, { account, event, ...rest }: KillSwitchEvent): Promise<string | null> {
  const { length } = await killSwitchEvents(db, account);
  for (const key of [`${account}/${event}/${length}`, `${account}/${event}/${randomUUID()}/${length}`]) {
    const stored = await db('kill_switch_events')
      .insert({ account, event, ...rest, idempotency_key: key })
      .onConflict(['account', 'idempotency_key'])
      .ignore()
      .returning('event_id');
    if (stored.length > 0) return key;
  }
  return null;
}
