import type { Account, Instant } from '../domain/types.js';
import type { Db } from './connect.js';

/** Facts of an account that bear an instant of its clock: in words, the column, and the rows of the account. */
const FACTS = [
  ['a snapshot', 'taken_at', 'snapshots where account = :account'],
  ['a reconciliation', 'at', 'reconciliations where account = :account'],
  ['a journal entry', 'booked_at', 'journal_entries where account = :account'],
  ['a ticket', 'issued_at', 'tickets where account = :account'],
  [
    'a confirmation',
    'confirmed_at',
    'confirmations where ticket_id in (select ticket_id from tickets where account = :account)',
  ],
  ['a turn of the kill switch', 'at', 'kill_switch_events where account = :account'],
  ['an opening or closing of a day', 'at', 'day_events where account = :account'],
] as const;

/**
 * On a real account a time of recording that is still to come tells of a clock set back, too: that of Postgres, which is the same
 * machine's as a rule. A simulated account's facts are recorded at another time altogether.
 */
const newestOf = (real: boolean): string =>
  FACTS.map(
    ([what, column, rows]) =>
      `select '${what}' as what, ${real ? `greatest(max(${column}), max(recorded_at) filter (where recorded_at > now()))` : `max(${column})`} as at from ${rows}`,
  ).join(' union all ');

/** The newest instant that any fact of the account bears, and what that fact is; null when it has none. */
export async function newestInstant(
  db: Db,
  { account, clock }: Pick<Account, 'account' | 'clock'>,
): Promise<{ what: string; at: Instant } | null> {
  const { rows } = await db.raw<{ rows: { what: string; at: Instant }[] }>(
    `select what, at from (${newestOf(clock === 'real')}) as newest where at is not null order by at desc, what limit 1`,
    { account },
  );
  return rows[0] ?? null;
}
