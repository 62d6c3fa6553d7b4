import type { Knex } from 'knex';

/** What a household of many years has: fills, days with their runs and tickets, values, alerts and records. */
export const YEARS = { fills: 20_000, days: 2_500, tickets: 1_000, alerts: 300, records: 60_000 };

/** What is stored by the trigger of each insert is not what is read here: filling goes past it. */
const FILLED = [
  'journal_entries',
  'postings',
  'runs',
  'run_results',
  'valuations',
  'tickets',
  'confirmations',
] as const;
const ALSO = ['alerts', 'alert_events', 'audit_log'] as const;

/**
 * Multiplies what a few simulated days have stored until it is that of many years: fills of the same lines, bought and
 * sold again, under the newest day; runs, values and tickets of the days before, each with a place before all others.
 * With the owner's login.
 */
export async function fillYears(owner: Knex, account: string): Promise<void> {
  const tables = [...FILLED, ...ALSO];
  for (const table of tables) await owner.raw('alter table ?? disable trigger user', [table]);
  await fillFills(owner, account);
  await fillDays(owner, account);
  await fillTickets(owner, account);
  await fillAlerts(owner, account);
  await owner.raw(
    `insert into audit_log (seq, at, account, actor, action, subject, detail, prev_hash, hash)
     select (select max(seq) from audit_log) + n, now(), ?, 'system',
            case when n % 20 = 0 then 'alert.raised' else 'facts.recorded' end, 'bench ' || n,
            jsonb_build_object('rows', jsonb_build_object('bars', n), 'note', repeat('x', 80)),
            encode(sha256(convert_to('before ' || n, 'UTF8')), 'hex'),
            encode(sha256(convert_to('of ' || n, 'UTF8')), 'hex')
       from generate_series(1, ?) n`,
    [account, YEARS.records],
  );
  for (const table of tables) await owner.raw('alter table ?? enable trigger user', [table]);
  await owner.raw('vacuum analyze');
}

/** Each purchase again and again, and after each the sale of the same units for the same money. */
async function fillFills(owner: Knex, account: string): Promise<void> {
  const { rows } = await owner.raw<{ rows: { n: number }[] }>(
    `select count(*)::int as n from journal_entries where account = ? and kind = 'FILL' and book = 'ledger'`,
    [account],
  );
  const missing = YEARS.fills - (rows[0]?.n ?? 0);
  await owner.raw(
    `create temporary table more on commit preserve rows as
     with bought as (
       select e.*, row_number() over (order by e.entry_id) as line, count(*) over () as lines
         from journal_entries e
        where e.account = :account and e.kind = 'FILL' and e.book = 'ledger' and exists (
          select from postings p
           where p.entry_id = e.entry_id and p.ledger_account = 'Assets:Units' and p.amount > 0))
     select b.*, n, case when n % 2 = 1 then 1 else -1 end as sign,
            (select max(entry_id) from journal_entries) + row_number() over (order by n, b.line) as new_id
       from generate_series(1, :missing) n cross join bought b where (n - 1) * b.lines + b.line <= :missing`,
    { account, missing },
  );
  await owner.raw(
    `insert into journal_entries (entry_id, account, book, kind, effective_date, booked_at, description, symbol,
            ticket_id, confirmation_id, idempotency_key, operator)
     overriding system value
     select new_id, account, book, kind, effective_date, booked_at, description, symbol,
            ticket_id, confirmation_id, idempotency_key || '/' || n, operator from more`,
  );
  await owner.raw(
    `insert into postings (entry_id, line_no, ledger_account, commodity, amount)
     select m.new_id, p.line_no, p.ledger_account, p.commodity, p.amount * m.sign from more m
       join postings p on p.entry_id = m.entry_id`,
  );
  await owner.raw('drop table more');
  // The closes that were valued have these fills in them: else each would be restated by twenty thousand late bookings.
  await owner.raw(
    `update valuations set last_entry_id = (select max(entry_id) from journal_entries)
      where account = ? and last_entry_id is not null`,
    [account],
  );
}

/** Two runs and a value of each weekday before the first that is stored. */
async function fillDays(owner: Knex, account: string): Promise<void> {
  await owner.raw(
    `create temporary table past as
     select row_number() over (order by day desc) as n, day,
            gen_random_uuid() as morning, gen_random_uuid() as afternoon
       from (select cast(generate_series(first - 4000, first - 1, '1 day') as date) as day
               from (select cast(min(trading_day) as date) as first from runs) as f) as days
      where extract(isodow from day) < 6 order by day desc limit ?`,
    [YEARS.days],
  );
  for (const [slot, id] of [
    ['0800', 'morning'],
    ['1400', 'afternoon'],
  ] as const) {
    await owner.raw(
      `insert into runs (run_id, slot, trading_day, as_of_date, at, workflow_id, operator, policy_hash, universe_hash,
              accounts, seq)
       select ??, ?, day, day - 1, day + time '08:00', 'bench', 'bench', r.policy_hash, r.universe_hash, array[?], -n
         from past cross join (select policy_hash, universe_hash from runs order by seq desc limit 1) r`,
      [id, slot, account],
    );
    await owner.raw(
      `insert into run_results (run_id, outcome, summary, seq)
       select ??, case when n % 40 = 0 then 'MISSED' when ? = '0800' then 'PASS' else 'NO_TRADE' end,
              'as ever', -n from past`,
      [id, slot],
    );
  }
  await owner.raw(
    `insert into valuations (account, as_of_date, run_id, cash, positions_value, equity, net_flows, equity_index,
            peak_index, last_entry_id, seq)
     select ?, day, morning, 1000, 99000, 100000 + 5000 * sin(n / 30.0), case when n % 250 = 0 then 500 else 0 end,
            1 + 0.05 * sin(n / 30.0), 1.05, null, -n from past`,
    [account],
  );
}

/** An answered ticket of each of the newest days before the first that is stored. */
async function fillTickets(owner: Knex, account: string): Promise<void> {
  await owner.raw(
    `create temporary table old as
     select p.n, p.day, p.afternoon, gen_random_uuid() as ticket, gen_random_uuid() as answer
       from past p order by p.day desc limit ?`,
    [YEARS.tickets],
  );
  const pattern = `(
    select t.* from tickets t where account = ?
     order by (kind = 'TRADE') desc, jsonb_array_length(material -> 'lines') desc limit 1)`;
  await owner.raw(
    `insert into tickets (ticket_id, account, trading_day, as_of_date, kind, dry_run, material_hash, material, reasons,
            run_id, issued_at, window_opens_at, window_closes_at, policy_hash, universe_hash, snapshot_id, seq)
     select o.ticket, t.account, o.day, o.day - 1, t.kind, t.dry_run, t.material_hash, t.material, t.reasons,
            o.afternoon, o.day + time '14:00', t.window_opens_at, t.window_closes_at, t.policy_hash,
            t.universe_hash, t.snapshot_id, -o.n
       from old o cross join ${pattern} t`,
    [account],
  );
  await owner.raw(
    `insert into confirmations (confirmation_id, ticket_id, kind, content, content_hash, operator, confirmed_at, seq)
     select o.answer, o.ticket, 'FILLS', '{}', repeat('0', 64), 'bench', o.day + time '15:00', -o.n from old o`,
  );
}

async function fillAlerts(owner: Knex, account: string): Promise<void> {
  await owner.raw(
    `insert into alerts (alert_id, account, code, subject, message, remedy, evidence, raised_at, dedupe_key)
     select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, ?, 'BACKUP_FAILED', 'bench ' || n,
            'what happened, at some length, so that the page has something to say', 'make backup', '{}', now(),
            'bench ' || n
       from generate_series(1, ?) n`,
    [account, YEARS.alerts],
  );
  await owner.raw(
    `insert into alert_events (event_key, alert_id, kind, note, at)
     select alert_id || '/RECOVERED', alert_id, 'RECOVERED', 'over', now() from alerts
      where subject like 'bench %' and right(subject, 1) <> '0'`,
  );
}
