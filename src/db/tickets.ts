import type { Knex } from 'knex';
import type { Db } from './connect.js';
import type { CamelRow, Row } from './tables.js';
import { answeredAs, rows, rowsQuestion, type Question } from './questions.js';
import { together } from './transaction.js';
import { pinFacts, unpinFacts, wholeFacts, type Pinned } from './pinned-facts.js';
import type { DecisionFacts } from '../domain/decision/facts.js';
import { storedMaterial, storedReasons } from '../domain/decision/stored-decision.js';
import type { Instant, IsoDate, Reason, Sha256, TicketMaterial } from '../domain/types.js';

export interface StoredTicket {
  ticketId: string;
  account: string;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  kind: 'TRADE' | 'NO_TRADE';
  dryRun: boolean;
  material: TicketMaterial;
  materialHash: Sha256;
  reasons: Reason[];
  runId: string;
  issuedAt: Instant;
  windowOpensAt: Instant | null;
  windowClosesAt: Instant | null;
  supersedes: string | null;
  confirmed: boolean;
}

type TicketRow = Row<'live_tickets'> & { confirmed: boolean };

const toTicket = (row: TicketRow): StoredTicket => ({
  ticketId: row.ticket_id,
  account: row.account,
  tradingDay: row.trading_day,
  asOfDate: row.as_of_date,
  kind: row.kind,
  dryRun: row.dry_run,
  material: storedMaterial(row.material, `ticket ${row.ticket_id}`),
  materialHash: row.material_hash,
  reasons: storedReasons(row.reasons, `ticket ${row.ticket_id}`),
  runId: row.run_id,
  issuedAt: row.issued_at,
  windowOpensAt: row.window_opens_at,
  windowClosesAt: row.window_closes_at,
  supersedes: row.supersedes_ticket_id,
  confirmed: row.confirmed,
});

const select = (db: Db, table: string) =>
  db(`${table} as t`).select<TicketRow[]>(
    't.*',
    db.raw('exists (select from confirmations c where c.ticket_id = t.ticket_id) as confirmed'),
  );

/** The ticket with this id, superseded or not. */
export async function findTicket(db: Db, ticketId: string): Promise<StoredTicket | undefined> {
  const [row] = await select(db, 'tickets').where('t.ticket_id', ticketId);
  return row && toTicket(row);
}

/** Ids of the tickets whose ids begin like that, in lower case; a few are enough to say which may be meant. */
export const ticketsBeginning = async (db: Db, begins: string): Promise<string[]> =>
  db('tickets').whereRaw('starts_with(ticket_id::text, ?)', [begins]).orderBy('ticket_id').limit(20).pluck('ticket_id');

/** Ids of all tickets there ever were, by trading day and in the order of issue. */
export const allTicketIds = (db: Db): Promise<string[]> =>
  db('tickets').orderBy(['trading_day', 'seq']).pluck('ticket_id');

/** The day's live ticket: the one no other supersedes. */
export async function liveTicket(db: Db, account: string, tradingDay: IsoDate): Promise<StoredTicket | undefined> {
  const [row] = await select(db, 'live_tickets').where({ 't.account': account, 't.trading_day': tradingDay });
  return row && toTicket(row);
}

/** Newest tickets first, superseded ones included. */
export async function lastTickets(db: Db, account: string, limit: number): Promise<StoredTicket[]> {
  const rows = await select(db, 'tickets')
    .where('t.account', account)
    .orderBy([
      { column: 't.trading_day', order: 'desc' },
      { column: 't.seq', order: 'desc' },
    ])
    .limit(limit);
  return rows.map(toTicket);
}

/** What a list says of a ticket: all but what it orders. */
export interface ListedTicket extends Pick<
  StoredTicket,
  'ticketId' | 'tradingDay' | 'kind' | 'dryRun' | 'reasons' | 'issuedAt' | 'supersedes' | 'confirmed'
> {
  /** Orders on it. */
  lines: number;
}

/** The tickets of so many trading days, newest first: of the newest days, or of those before one. */
export async function ticketsOfDays(
  db: Db,
  { account, before, days }: { account: string; before: IsoDate | null; days: number },
): Promise<ListedTicket[]> {
  const found = await rows<ListedTicket>(
    db,
    `
    select ticket_id as "ticketId", trading_day as "tradingDay", kind, dry_run as "dryRun", reasons,
           issued_at as "issuedAt", supersedes_ticket_id as supersedes,
           coalesce(jsonb_array_length(material -> 'lines'), 0) as lines,
           exists (select from confirmations c where c.ticket_id = t.ticket_id) as confirmed
      from tickets t
     where account = ? and trading_day in (
       select distinct trading_day from tickets where account = ? and trading_day < coalesce(?::date, 'infinity')
        order by trading_day desc limit ?)
     order by trading_day desc, seq desc`,
    [account, account, before, days],
  );
  return found.map((ticket) => ({ ...ticket, reasons: storedReasons(ticket.reasons, `ticket ${ticket.ticketId}`) }));
}

/** Live tickets that nobody has confirmed, oldest first. */
export async function unconfirmedTickets(db: Db, account: string): Promise<StoredTicket[]> {
  const rows = await select(db, 'live_tickets')
    .where('t.account', account)
    .whereNotExists(db('confirmations').whereRaw('confirmations.ticket_id = t.ticket_id'))
    .orderBy('t.trading_day');
  return rows.map(toTicket);
}

export type TicketOfRun = Pick<StoredTicket, 'account' | 'ticketId' | 'kind' | 'dryRun' | 'reasons'>;

type TicketOfRunColumn = 'account' | 'ticket_id' | 'kind' | 'dry_run' | 'reasons';

/** What a 14:00 run gave each of its accounts: the ticket it issued, or found standing when it asked. */
export async function ticketsOfRun(
  db: Db,
  { runId, tradingDay }: { runId: string; tradingDay: IsoDate },
): Promise<TicketOfRun[]> {
  const { rows } = await db.raw<{ rows: CamelRow<'tickets', TicketOfRunColumn>[] }>(
    `
    select distinct on (account) account, ticket_id as "ticketId", kind, dry_run as "dryRun", reasons from tickets
     where trading_day = :tradingDay and account in (select account from gate_results where run_id = :runId and account is not null)
     order by account, seq desc`,
    { runId, tradingDay },
  );
  return rows.map((row) => ({ ...row, reasons: storedReasons(row.reasons, `ticket ${row.ticketId}`) }));
}

/** The facts a ticket was decided on, as they were pinned. */
export async function ticketFacts(db: Db, ticketId: string): Promise<DecisionFacts | undefined> {
  const [row] = await rows<{ facts: unknown; market: unknown }>(
    db,
    'select facts, market from ticket_facts left join pinned_markets using (market_hash) where ticket_id = ?',
    [ticketId],
  );
  return row && unpinFacts(wholeFacts(row.facts, row.market), ticketId);
}

/** What a ticket's rows are known by: another word once anybody wrote one of them again. */
export const ticketMark = (db: Db, ticketId: string): Question<string> =>
  answeredAs(
    rowsQuestion<{ mark: string }>(
      db,
      `select concat_ws(' ', t.xmin, t.ctid, f.xmin, f.ctid,
                        (select string_agg(concat(l.xmin, l.ctid), ' ' order by l.ctid) from ticket_lines l
                          where l.ticket_id = t.ticket_id)) as mark
         from tickets t left join ticket_facts f using (ticket_id) where t.ticket_id = ?`,
      [ticketId],
    ),
    ([row]) => row?.mark ?? '',
  );

let newest: { ticketId: string; facts: DecisionFacts } | null = null;

/** Keeps the facts of a ticket that was just stored at hand: its run's summary asks for them within the second. */
export function keepAtHand(ticketId: string, facts: DecisionFacts): void {
  newest = { ticketId, facts };
}

/** The facts of a ticket, those at hand without reading half a megabyte; `ticketFacts` tells what is stored. */
export const factsAtHand = async (db: Db, ticketId: string): Promise<DecisionFacts | undefined> =>
  newest?.ticketId === ticketId ? newest.facts : ticketFacts(db, ticketId);

/** What tells whether the facts of an account have moved on, and the day's live ticket. */
export interface Standing {
  lastEntryId: number | null;
  snapshotId: string | null;
  live: StoredTicket | undefined;
  /** Whether a ticket was decided on this very market before, so that it is stored. */
  isMarketPinned: boolean;
}

interface StandingRow {
  newestEntryId: number | null;
  newestSnapshotId: string | null;
  isMarketPinned: boolean;
}

/**
 * Where an account stands on a day, whoever may have written meanwhile. Ask it with the lock of the day's ticket.
 * @param market that the ticket is to be decided on, by its hash.
 */
export async function standingOf(
  db: Db,
  account: string,
  tradingDay: IsoDate,
  market: Sha256 | null = null,
): Promise<Standing> {
  const { rows: found } = await db.raw<{ rows: ((TicketRow | { ticket_id: null }) & StandingRow)[] }>(
    `
    select (select max(entry_id) from journal_entries where account = :account and book = 'ledger') as "newestEntryId",
           (select snapshot_id from reconciliations where account = :account
             order by seq desc limit 1) as "newestSnapshotId",
           exists (select from pinned_markets where market_hash = :market) as "isMarketPinned",
           t.*, exists (select from confirmations c where c.ticket_id = t.ticket_id) as confirmed
      from (select) as one left join live_tickets t on t.account = :account and t.trading_day = :tradingDay`,
    { account, tradingDay, market } as Record<string, string>,
  );
  const { newestEntryId, newestSnapshotId, isMarketPinned, ...row } = found[0] as (typeof found)[number];
  return {
    lastEntryId: newestEntryId,
    snapshotId: newestSnapshotId,
    isMarketPinned,
    live: row.ticket_id === null ? undefined : toTicket(row as TicketRow),
  };
}

export interface NewTicket {
  ticketId: string;
  material: TicketMaterial;
  materialHash: Sha256;
  reasons: Reason[];
  runId: string;
  issuedAt: Instant;
  facts: DecisionFacts;
  /** Whether the market among the facts is stored, so that it need not be sent; left out, it is sent. */
  isMarketPinned?: boolean;
}

/**
 * Stores a ticket with its lines and the facts it was decided on, together with other inserts.
 * @returns it as it is stored.
 */
export async function insertTicket(trx: Db, ticket: NewTicket, ...others: Knex.QueryBuilder[]): Promise<StoredTicket> {
  const { material } = ticket;
  const row = trx('tickets')
    .insert({
      ticket_id: ticket.ticketId,
      account: material.account,
      trading_day: material.tradingDay,
      as_of_date: material.asOfDate,
      kind: material.kind,
      dry_run: material.dryRun,
      material_hash: ticket.materialHash,
      material: JSON.stringify(material),
      reasons: JSON.stringify(ticket.reasons),
      run_id: ticket.runId,
      issued_at: ticket.issuedAt,
      window_opens_at: material.window?.opensAt ?? null,
      window_closes_at: material.window?.closesAt ?? null,
      policy_hash: material.policyHash,
      universe_hash: material.universeHash,
      snapshot_id: material.snapshotId,
      supersedes_ticket_id: material.supersedes,
      supersedes_kind: material.supersedes === null ? null : 'NO_TRADE',
    })
    .returning('*');
  const lines =
    material.lines.length === 0
      ? null
      : trx('ticket_lines').insert(
          material.lines.map((line) => ({
            ticket_id: ticket.ticketId,
            sequence: line.sequence,
            symbol: line.symbol,
            etoro_search_name: line.etoroSearchName,
            side: line.side,
            order_type: line.orderType,
            value_base: line.valueBase,
            units: line.units,
            reference_price: line.referencePrice,
            reference_currency: line.referenceCurrency,
            skip_price: line.skipPrice,
          })),
        );
  const { facts, market, hash } = pinFacts(ticket.facts);
  const pinned = { ticket_id: ticket.ticketId, facts, facts_hash: hash, market_hash: market.hash };
  const [stored] = await together<Row<'tickets'>>(
    trx,
    row,
    lines,
    ticket.isMarketPinned ? null : pinMarket(trx, market),
    trx('ticket_facts').insert(pinned),
    ...others,
  );
  return toTicket({ ...(stored as Row<'tickets'>), confirmed: false });
}

/** Stores a market under its hash, unless another ticket of the same moment does. */
const pinMarket = (db: Db, { hash, json }: Pinned['market']): Knex.QueryBuilder =>
  db('pinned_markets').insert({ market_hash: hash, market: json }).onConflict('market_hash').ignore();
