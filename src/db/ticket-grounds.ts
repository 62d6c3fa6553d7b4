import { D, toText } from '../domain/money.js';
import type { LedgerState, Snapshot } from '../domain/types.js';
import type { Db } from './connect.js';
import { CONFIRMATION_IN_FORCE } from './in-force.js';

/** What is stored of what a ticket says that it was decided on. */
export interface TicketGrounds {
  /** Cash and units by the entries up to the newest that the ticket knew. */
  ledger: Pick<LedgerState, 'cash' | 'units'>;
  /** The figures of the snapshot that it names; null where no reconciliation has one of that id and entry. */
  snapshot: Pick<Snapshot, 'account' | 'snapshotDate' | 'cash' | 'positions'> | null;
  /** Tickets of earlier days, issued before it, that nobody has answered to this day. */
  unanswered: string[];
  /** Whether the kill switch had been engaged for so long that the ticket must have known. */
  isEngaged: boolean;
}

/** A ticket is stored within this of reading its facts: whoever engages the switch in between comes too late for it. */
const KNOWN_AFTER = '5 minutes';

const GROUNDS = `
  select
    (select coalesce(jsonb_agg(s), '[]') from (
       select p.ledger_account as "of", p.commodity, sum(p.amount)::text as total
         from journal_entries e join postings p using (entry_id)
        where e.account = t.account and e.book = 'ledger' and e.entry_id <= :lastEntryId
          and p.ledger_account in ('Assets:Cash', 'Assets:Units')
        group by 1, 2 having sum(p.amount) <> 0) s) as sums,
    (select jsonb_build_object(
         'account', s.account, 'snapshotDate', s.snapshot_date, 'cash', s.cash::text, 'positions',
         coalesce((select jsonb_object_agg(symbol, units::text) from snapshot_positions p
                    where p.snapshot_id = s.snapshot_id), '{}'))
       from snapshots s where s.snapshot_id = :snapshotId and exists (
         select from reconciliations r where r.snapshot_id = s.snapshot_id and r.account = t.account
            and coalesce(r.last_entry_id, 0) = :snapshotEntryId)) as snapshot,
    array(select o.ticket_id::text from live_tickets o join tickets x using (ticket_id)
       where o.account = t.account and o.trading_day < t.trading_day and x.seq < t.seq and not exists (
         select from confirmations c where c.ticket_id = o.ticket_id
            and ${CONFIRMATION_IN_FORCE})) as unanswered,
    coalesce((select k.event = 'ENGAGED' and k.recorded_at < t.recorded_at - interval '${KNOWN_AFTER}'
       from kill_switch_events k where k.account = t.account and k.seq < t.seq
      order by k.seq desc limit 1), false) as engaged
  from tickets t where t.ticket_id = :ticketId`;

interface GroundsRow {
  sums: { of: string; commodity: string; total: string }[];
  snapshot: TicketGrounds['snapshot'];
  unanswered: string[];
  engaged: boolean;
}

/** What is stored of what a ticket was decided on, by the ids that its facts name; null for one that is not there. */
export async function ticketGrounds(
  db: Db,
  ticketId: string,
  { ledger, snapshot }: { ledger: LedgerState; snapshot: Snapshot | null },
): Promise<TicketGrounds | null> {
  const bindings = {
    ticketId,
    lastEntryId: ledger.lastEntryId,
    snapshotId: snapshot?.snapshotId ?? null,
    snapshotEntryId: snapshot?.lastEntryId ?? 0,
  };
  const { rows: found } = await db.raw<{ rows: GroundsRow[] }>(GROUNDS, bindings as never);
  const [row] = found;
  if (!row) return null;
  const totals = (account: string) => row.sums.filter(({ of }) => of === account);
  return {
    ledger: {
      cash: toText(totals('Assets:Cash').reduce((sum, { total }) => sum.plus(D(total)), D(0))),
      units: figures(Object.fromEntries(totals('Assets:Units').map(({ commodity, total }) => [commodity, total]))),
    },
    snapshot: row.snapshot && {
      ...row.snapshot,
      cash: toText(D(row.snapshot.cash)),
      positions: figures(row.snapshot.positions),
    },
    unanswered: row.unanswered,
    isEngaged: row.engaged,
  };
}

const figures = (of: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(of).map(([name, figure]) => [name, toText(D(figure))]));
