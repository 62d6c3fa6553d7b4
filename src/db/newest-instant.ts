import type { Clock, Instant } from '../domain/types.js';
import { auditHead, stateWord } from './audit.js';
import type { Db } from './connect.js';
import { keptWhile } from './kept-while.js';
import { ask, instantOf, question, type Question } from './questions.js';

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
  // Whoever stops a rehearsal stops it at once, by the clock on the wall: that is no instant of its days.
  ['a turn of the kill switch', 'at', 'kill_switch_events where account = :account and :isReal'],
  ['an opening or closing of a day', 'at', 'day_events where account = :account'],
] as const;

/**
 * On a real account a time of recording that is still to come tells of a clock set back, too: that of Postgres, which
 * is the same machine's as a rule. A simulated account's facts are recorded at another time altogether.
 */
const NEWEST = FACTS.map(
  ([what, column, rows]) =>
    `select '${what}' as what, greatest(max(${column}),
            max(recorded_at) filter (where recorded_at > now() and :isReal)) as at from ${rows}`,
).join(' union all ');

interface NewestInstant {
  what: string;
  at: Instant;
}

/**
 * The newest instant that any fact of the account bears, and what that fact is; null when it has none.
 * @param clock the account's own, as it is stored, when left out.
 */
export function newestInstantQuestion(db: Db, account: string, clock?: Clock): Question<NewestInstant | null> {
  const stored = db.raw(`(select clock = 'real' from accounts where account = ?)`, [account]);
  return question<NewestInstant | null>(
    db.raw(`select what, at from (${NEWEST}) as newest where at is not null order by at desc, what limit 1`, {
      account,
      isReal: clock === undefined ? stored : db.raw(clock === 'real' ? 'true' : 'false'),
    }),
    ([row]: NewestInstant[]) => (row ? { what: row.what, at: instantOf(row.at) } : null),
  );
}

/**
 * The same of an account on a simulated clock, asked anew only when a fact was stored meanwhile: its years are read
 * for it.
 */
export const newestSimulatedInstant = async (db: Db, account: string): Promise<NewestInstant | null> =>
  keptWhile(db, { key: `newest instant of ${account}`, word: stateWord(await auditHead(db)) }, () =>
    ask(db, newestInstantQuestion(db, account, 'simulated')),
  );
