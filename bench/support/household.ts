import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { openAccount } from '../../src/db/accounts.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { insertSnapshot } from '../../src/db/snapshots.js';
import { addSessions, nextSession, sessionsBetween } from '../../src/domain/calendar/calendar.js';
import type { IsoDate } from '../../src/domain/types.js';

/** Ten years of a household: what is valued, filled, paid in and paid out. */
export const DECADE = { sessions: 2_520, stocks: 20, tickets: 500, linesOfTicket: 10 };
const TO: IsoDate = '2018-02-08';
export const STOCKS = Array.from({ length: DECADE.stocks }, (_, index) => `S${String(index).padStart(2, '0')}`);
export const BENCHMARK = 'SPY';
const [ACCOUNT, HASH, SNAPSHOT] = ['main', 'f'.repeat(64), randomUUID()];
const [FIRST_CASH, DEPOSIT] = [1_000_000, 500];
/** Rows of one insert: Postgres takes 65,535 parameters. */
const ROWS_AT_ONCE = 2_000;
/** What is stored by the trigger of each insert is not what is read here: filling goes past it. */
const TABLES = [
  'bars',
  'fx_rates',
  'corporate_actions',
  'runs',
  'tickets',
  'ticket_lines',
  'confirmations',
  'fills',
  'journal_entries',
  'postings',
  'valuations',
] as const;

type Rows = Record<(typeof TABLES)[number], Record<string, unknown>[]>;

/** Fills a migrated database with ten years of an account, of generated prices. With the owner's login. */
export async function fillDecade(owner: Knex): Promise<void> {
  for (const table of TABLES) await owner.raw('alter table ?? disable trigger user', [table]);
  await openAccount(owner, { account: ACCOUNT, baseCurrency: 'GBP', clock: 'simulated' }, 'bench', `${TO}T08:00:00Z`);
  for (const kind of ['policy', 'universe'] as const) await storeConfiguration(owner, kind, HASH, {});
  const snapshot = { snapshotId: SNAPSHOT, account: ACCOUNT, snapshotDate: TO, takenAt: `${TO}T09:00:00Z` };
  await insertSnapshot(owner, { ...snapshot, cash: '0', positions: {}, notes: null, operator: 'bench' }, HASH);
  const rows = decadeRows(sessionsBetween(addSessions(TO, 1 - DECADE.sessions), TO));
  for (const table of TABLES)
    for (let at = 0; at < rows[table].length; at += ROWS_AT_ONCE)
      await owner(table).insert(rows[table].slice(at, at + ROWS_AT_ONCE) as never);
  for (const table of TABLES) await owner.raw('alter table ?? enable trigger user', [table]);
  await owner.raw('vacuum analyze');
}

/** A price that goes up and down, another for each symbol. */
const priceOf = (symbol: number, day: number): number =>
  Math.round((40 + symbol) * (1 + day / 4_000) * (1 + 0.2 * Math.sin(day / 60 + symbol)) * 100) / 100;
const rateOn = (day: number): string => (1.5 + 0.1 * Math.sin(day / 200)).toFixed(4);

function decadeRows(sessions: IsoDate[]): Rows {
  const rows = Object.fromEntries(TABLES.map((table) => [table, []])) as unknown as Rows;
  const provenance = { source: 'csv', payload_sha256: HASH, retrieved_at: `${sessions[0]}T08:00:00Z` };
  const units = STOCKS.map(() => 0);
  const books = { cash: 0, entry: 0 };
  const book = (kind: string, date: IsoDate, amount: number, more: Record<string, unknown> = {}, moved = 0) => {
    books.entry += 1;
    books.cash += amount;
    const symbol = (more['symbol'] as string | undefined) ?? null;
    // Of a database that is new the entries get these numbers, in this order.
    rows.journal_entries.push({
      account: ACCOUNT,
      book: 'ledger',
      kind,
      effective_date: date,
      booked_at: `${date}T19:00:00Z`,
      description: `${kind} ${books.entry}`,
      operator: 'bench',
      idempotency_key: String(books.entry),
      symbol,
      ticket_id: null,
      confirmation_id: null,
      ...more,
    });
    const postings: [string, string, number][] = [['Assets:Cash', 'GBP', amount]];
    if (kind === 'DIVIDEND')
      postings.push(
        ['Income:Dividends', 'GBP', -amount / 0.85],
        ['Expenses:WithholdingTax', 'GBP', (amount / 0.85) * 0.15],
      );
    else postings.push([kind === 'FILL' ? 'Equity:Trading' : 'Equity:Transfers', 'GBP', -amount]);
    if (moved !== 0) postings.push(['Assets:Units', symbol!, moved], ['Equity:Trading', symbol!, -moved]);
    for (const [index, [account, commodity, value]] of postings.entries())
      rows.postings.push({
        entry_id: books.entry,
        line_no: index + 1,
        ledger_account: account,
        commodity,
        amount: value.toFixed(6),
      });
  };
  book('OPENING', sessions[0]!, FIRST_CASH);
  for (const [day, session] of sessions.entries()) {
    const rate = rateOn(day);
    rows.fx_rates.push({ ...provenance, pair: 'GBPUSD', date: session, rate });
    for (const [index, symbol] of [...STOCKS, BENCHMARK].entries()) {
      const close = priceOf(index, day);
      rows.bars.push({
        ...provenance,
        symbol,
        session,
        basis: 'raw',
        currency: 'USD',
        open: close,
        high: close,
        low: close,
        close,
        volume: 1000,
      });
      if (day === 0 || (day + index) % 63 !== 0) continue;
      const dividend = { value: '0.25', published: '0.25', currency: 'USD' };
      rows.corporate_actions.push({ ...provenance, ...dividend, symbol, ex_date: session, kind: 'DIVIDEND' });
      if ((units[index] ?? 0) > 0)
        book('DIVIDEND', session, Math.round(((units[index]! * 0.25 * 0.85) / Number(rate)) * 100) / 100, { symbol });
    }
    if (day % 21 === 10) book('DEPOSIT', session, DEPOSIT);
    if (day > 0 && day % 5 === 0 && rows.tickets.length < DECADE.tickets)
      addTicket(rows, { session, before: sessions[day - 1]!, day, units, book });
    addValue(rows, { session, day, units, cash: books.cash, entry: books.entry, first: day === 0 });
  }
  return rows;
}

interface Trading {
  session: IsoDate;
  before: IsoDate;
  day: number;
  units: number[];
  book(kind: string, date: IsoDate, amount: number, more: Record<string, unknown>, moved: number): void;
}

function addTicket(rows: Rows, { session, before, day, units, book }: Trading): void {
  const [ticket, confirmation] = [randomUUID(), randomUUID()];
  const rate = rateOn(day - 1);
  rows.tickets.push({
    ticket_id: ticket,
    account: ACCOUNT,
    trading_day: session,
    as_of_date: before,
    kind: 'TRADE',
    dry_run: false,
    material_hash: HASH,
    material: JSON.stringify({ fx: { rate } }),
    reasons: '[]',
    run_id: rows.runs.at(-1)?.['run_id'],
    issued_at: `${session}T14:00:00Z`,
    window_opens_at: `${session}T14:35:00Z`,
    window_closes_at: `${session}T15:30:00Z`,
    policy_hash: HASH,
    universe_hash: HASH,
    snapshot_id: SNAPSHOT,
  });
  rows.confirmations.push({
    confirmation_id: confirmation,
    ticket_id: ticket,
    kind: 'FILLS',
    content: '{}',
    content_hash: HASH,
    operator: 'bench',
    confirmed_at: `${session}T16:00:00Z`,
  });
  for (let line = 1; line <= DECADE.linesOfTicket; line++) {
    const stock = (day + line * 2) % DECADE.stocks;
    const symbol = STOCKS[stock]!;
    const isSold = line % 2 === 0 && units[stock]! > 6;
    const [reference, count] = [priceOf(stock, day - 1), isSold ? -5 : 6];
    const price = Math.round(reference * (isSold ? 0.999 : 1.001) * 100) / 100;
    const value = Math.round(((Math.abs(count) * price) / Number(rate)) * 100) / 100;
    const of = { symbol, side: isSold ? 'SELL' : 'BUY' };
    rows.ticket_lines.push({
      ...of,
      ticket_id: ticket,
      sequence: line,
      etoro_search_name: symbol,
      order_type: 'MARKET',
      value_base: isSold ? null : value,
      units: isSold ? Math.abs(count) : null,
      reference_price: reference,
      reference_currency: 'USD',
      skip_price: reference,
    });
    rows.fills.push({
      ...of,
      confirmation_id: confirmation,
      sequence: line,
      executed_status: 'DONE',
      units: Math.abs(count),
      fill_price: price,
      executed_value_base: value,
      filled_at: `${session}T15:00:00Z`,
    });
    units[stock]! += count;
    const entry = { symbol, ticket_id: ticket, confirmation_id: confirmation };
    book('FILL', session, isSold ? value : -value, entry, count);
  }
}

function addValue(
  rows: Rows,
  {
    session,
    day,
    units,
    cash,
    entry,
    first,
  }: {
    session: IsoDate;
    day: number;
    units: number[];
    cash: number;
    entry: number;
    first: boolean;
  },
): void {
  const rate = rateOn(day);
  const positions = units.reduce(
    (sum, count, stock) => sum + Math.round(((count * priceOf(stock, day)) / Number(rate)) * 100) / 100,
    0,
  );
  const run = randomUUID();
  const tradingDay = nextSession(session);
  rows.runs.push({
    run_id: run,
    slot: '0800',
    trading_day: tradingDay,
    as_of_date: session,
    at: `${tradingDay}T08:00:00Z`,
    workflow_id: run,
    operator: 'bench',
    policy_hash: HASH,
    universe_hash: HASH,
    accounts: [ACCOUNT],
  });
  rows.valuations.push({
    account: ACCOUNT,
    as_of_date: session,
    run_id: run,
    cash: cash.toFixed(2),
    positions_value: positions.toFixed(2),
    equity: (cash + positions).toFixed(2),
    net_flows: first ? cash.toFixed(2) : day % 21 === 10 ? DEPOSIT : 0,
    equity_index: 1,
    peak_index: 1,
    fx_rate: rate,
    last_entry_id: entry,
  });
}
