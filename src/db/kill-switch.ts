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
  idempotencyKey: string;
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
 * Engages or resets the latch. Call it in a transaction.
 * @returns false when it already stood like that, or the key was used: then nothing is recorded.
 */
export async function turnKillSwitch(db: Db, event: KillSwitchEvent): Promise<boolean> {
  await lockUntilCommit(db, `kill-switch:${event.account}`);
  const { engaged } = await killSwitchState(db, event.account);
  if (engaged === (event.event === 'ENGAGED')) return false;
  const inserted = await db('kill_switch_events')
    .insert({
      account: event.account,
      event: event.event,
      reason: event.reason,
      operator: event.operator,
      at: event.at,
      idempotency_key: event.idempotencyKey,
    })
    .onConflict('idempotency_key')
    .ignore()
    .returning('event_id');
  return inserted.length > 0;
}
