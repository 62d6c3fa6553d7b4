import { once } from 'node:events';
import type { Knex } from 'knex';
import { from as copyFrom } from 'pg-copy-streams';
import type pg from 'pg';
import type { FetchOutcome } from '../domain/decision/facts.js';
import { barCollector } from '../domain/market/collect.js';
import type { Bar, DecimalString, Instant, IsoDate, PriceBasis, Sha256 } from '../domain/types.js';
import { rows } from './questions.js';
import type { Row } from './tables.js';

/** One symbol's answer, ready to be stored. */
export interface SymbolBars {
  symbol: string;
  bars: Iterable<Bar> | AsyncIterable<Bar>;
  basis: PriceBasis;
  currency: string;
  payloadSha256: Sha256;
  retrievedAt: Instant;
}

export interface IngestOptions {
  source: string;
  /** The as-of date: a bar after it is a fault of the caller and is left out. */
  to: IsoDate;
  isSession: (date: IsoDate) => boolean;
}

/** What became of one symbol's bars. */
export interface IngestResult {
  symbol: string;
  rowsRead: number;
  rowsNew: number;
  rowsRevised: number;
  lastSession: IsoDate | null;
  findings: FetchOutcome['findings'];
  /** What its iterator threw; then nothing of the symbol was stored. */
  error: unknown;
}

/** Rows that go to Postgres at once: enough to keep it busy while the next ones are read, and a bound on memory. */
const CHUNK_ROWS = 20_000;
/** So few rows go in one statement; a morning's overlap is about ten bars a symbol. */
const SMALL_ROWS = 1_000;

/**
 * Stores bars inside the caller's transaction: COPY into a temporary stage, then one upsert a chunk. A bar that is
 * known and equal is left alone; one that differs is replaced, and the schema's trigger records the revision.
 *
 * Prices count as equal within 2e-7 of their size, the spacing of 32-bit floats: a provider that stores floats delivers
 * 152.35 today and 152.35001 tomorrow (docs/RULES.md 6.6). Volume is compared exactly.
 *
 * A symbol whose iterator throws is left out whole; the others are stored. Memory holds one symbol and two chunks.
 */
export async function ingestBars(
  trx: Knex.Transaction,
  symbols: Iterable<SymbolBars> | AsyncIterable<SymbolBars>,
  options: IngestOptions,
): Promise<IngestResult[]> {
  const results = new Map<string, IngestResult>();
  const loader = createLoader(trx, options.source, results);
  const remembering = { ...options, isSession: remembered(options.isSession) };
  for await (const answer of symbols) {
    const { rows, result } = await collect(answer, loader.place(), remembering);
    results.set(answer.symbol, result);
    if (result.error === null) await loader.add(answer, rows);
  }
  await loader.finish();
  return [...results.values()];
}

/** All symbols have the same dates: each is looked up once. */
function remembered(isSession: IngestOptions['isSession']): IngestOptions['isSession'] {
  const known = new Map<IsoDate, boolean>();
  return (date) => {
    const answer = known.get(date) ?? isSession(date);
    known.set(date, answer);
    return answer;
  };
}

/** COPY text of so many rows. */
interface Rows {
  text: Buffer;
  count: number;
}
const NO_ROWS: Rows = { text: Buffer.alloc(0), count: 0 };

/**
 * Reads one symbol whole and decides what may be stored: sessions only, one bar a session, nothing after the as-of
 * date.
 */
async function collect(
  answer: SymbolBars,
  place: number,
  { to, isSession }: IngestOptions,
): Promise<{ rows: Rows; result: IngestResult }> {
  const result: IngestResult = {
    symbol: answer.symbol,
    rowsRead: 0,
    rowsNew: 0,
    rowsRevised: 0,
    lastSession: null,
    findings: [],
    error: null,
  };
  const collector = barCollector<string>({ to, isSession, isSame: sameFigures });
  try {
    const take = (bar: Bar) => collector.take(bar.session, () => copyLine(bar, place));
    // An array is walked without a turn of the event loop a bar.
    if (Array.isArray(answer.bars)) for (const bar of answer.bars as Bar[]) take(bar);
    else for await (const bar of answer.bars) take(bar);
  } catch (error) {
    const { rowsRead, findings } = collector.collected();
    return { rows: NO_ROWS, result: { ...result, rowsRead, findings, error } };
  }
  const { bars: lines, ...read } = collector.collected();
  // Out of the collector's sight until Postgres takes it: held as strings, the rows of a chunk cost more time than
  // reading them.
  const rows = { text: Buffer.from(inOrder(lines).join('')), count: lines.size };
  return { rows, result: { ...result, ...read } };
}

// Figures were checked to be decimals, so none holds a tab, a line end or a backslash. The place stands for the symbol.
const NONE = '\\N';
const copyLine = ({ session, open, high, low, close, volume, adjClose }: Bar, place: number): string =>
  `${place}\t${session}\t${open}\t${high}\t${low}\t${close}\t${volume ?? NONE}\t${adjClose ?? NONE}\n`;

/** Oldest first, as most files are; see the order of locks in `createLoader`. */
function inOrder(lines: Map<IsoDate, string>): string[] {
  const sessions = [...lines.keys()];
  const ascending = sessions.every((session, index) => index === 0 || session > (sessions[index - 1] as string));
  return ascending ? [...lines.values()] : [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}

// 10.0 and 10 are the same figure: only a row that differs in value contradicts another.
const sameFigures = (a: string, b: string): boolean => {
  if (a === b) return true;
  const [left, right] = [a.split('\t'), b.split('\t')];
  return left.every((text, index) => text === right[index] || Number(text) === Number(right[index]));
};

function createLoader(trx: Knex.Transaction, source: string, results: Map<string, IngestResult>) {
  let chunk: { rows: Rows; answer: SymbolBars }[] = [];
  let count = 0;
  let stored: Promise<void> = Promise.resolve();
  let staged = false;

  const store = async (full: typeof chunk, rowCount: number) => {
    // Rows are locked as they come: one order for everybody, or two loads could wait for each other for ever.
    const texts = full.toSorted((a, b) => (a.answer.symbol < b.answer.symbol ? -1 : 1)).map(({ rows }) => rows.text);
    const answers = full.map(({ answer }) => answer);
    for (const row of await (rowCount <= SMALL_ROWS
      ? upsertLines(trx, source, answers, texts)
      : stageAndUpsert(answers, texts))) {
      const result = results.get(row.symbol);
      if (result)
        Object.assign(result, {
          rowsNew: result.rowsNew + row.rowsNew,
          rowsRevised: result.rowsRevised + row.rowsRevised,
        });
    }
  };
  const stageAndUpsert = async (answers: SymbolBars[], texts: Buffer[]) => {
    // The stage outlives the transaction but not its rows, so that a small batch pays for no new table.
    await trx.raw(staged ? 'truncate bars_stage' : STAGE);
    staged = true;
    await copyInto(await connectionOf(trx), texts);
    return upsert(trx, UPSERT_STAGED, source, answers);
  };
  /** Postgres stores one chunk while the next is read; never more than one is waiting. */
  const flush = async () => {
    await stored;
    stored = store(chunk, count);
    [chunk, count] = [[], 0];
    // A failure surfaces at the next await; without a handler in between Node would call it unhandled.
    stored.catch(() => undefined);
  };
  return {
    /** Where the next symbol will stand in its chunk, from 1. */
    place: () => chunk.length + 1,
    async add(answer: SymbolBars, rows: Rows) {
      if (rows.count === 0) return;
      chunk.push({ rows, answer });
      count += rows.count;
      if (count >= CHUNK_ROWS) await flush();
    },
    async finish() {
      if (count > 0) await flush();
      await stored;
    },
  };
}

/** A temporary table of this session, made by the owner's function: the application's role makes none of its own. */
const STAGE = 'select prepare_bars_stage()';

const same = (column: string) => `abs(b.${column} - excluded.${column}) <= 2e-7 * abs(b.${column})`;

const upsertFrom = (rows: string) => `
  with kept as (
    insert into bars as b (source, symbol, session, basis, currency, open, high, low, close, volume, adj_close, payload_sha256, retrieved_at)
    select :source, (cast(:symbols as text[]))[place], session, (cast(:bases as text[]))[place], (cast(:currencies as text[]))[place],
           open, high, low, close, volume, adj_close, (cast(:shas as text[]))[place], (cast(:retrieved as timestamptz[]))[place]
      from ${rows}
    on conflict (source, symbol, session) do update
       set basis = excluded.basis, currency = excluded.currency, open = excluded.open, high = excluded.high, low = excluded.low,
           close = excluded.close, volume = excluded.volume, adj_close = excluded.adj_close,
           payload_sha256 = excluded.payload_sha256, retrieved_at = excluded.retrieved_at
     where not (${['open', 'high', 'low', 'close'].map(same).join(' and ')}
                and b.volume is not distinct from excluded.volume and b.basis = excluded.basis and b.currency =
                  excluded.currency
                and coalesce(${same('adj_close')}, b.adj_close is null and excluded.adj_close is null))
    returning symbol, (xmax = 0) as fresh)
  select symbol, (count(*) filter (where fresh))::int as "rowsNew", (count(*) filter (where not fresh))::int as "rowsRevised"
    from kept group by symbol`;

const UPSERT_STAGED = upsertFrom('bars_stage');

/** The same of lines of COPY text that come as one argument: what a day brings needs neither stage nor COPY. */
const UPSERT_LINES = upsertFrom(`(
  select cast(f[1] as smallint) as place, cast(f[2] as date) as session, cast(f[3] as numeric) as open, cast(f[4] as numeric) as high,
         cast(f[5] as numeric) as low, cast(f[6] as numeric) as close,
         cast(nullif(f[7], chr(92) || 'N') as numeric) as volume,
         cast(nullif(f[8], chr(92) || 'N') as numeric) as adj_close
    from unnest(string_to_array(rtrim(:lines, chr(10)), chr(10))) as line cross join lateral string_to_array(line, chr(9)) as f) as lines`);

interface Stored {
  symbol: string;
  rowsNew: number;
  rowsRevised: number;
}

const upsertLines = (
  trx: Knex.Transaction,
  source: string,
  answers: SymbolBars[],
  texts: Buffer[],
): Promise<Stored[]> => upsert(trx, UPSERT_LINES, source, answers, { lines: Buffer.concat(texts).toString() });

async function upsert(
  trx: Knex.Transaction,
  statement: string,
  source: string,
  answers: SymbolBars[],
  more: { lines?: string } = {},
): Promise<Stored[]> {
  const { rows } = await trx.raw<{ rows: Stored[] }>(statement, {
    ...more,
    source,
    symbols: answers.map(({ symbol }) => symbol),
    bases: answers.map(({ basis }) => basis),
    currencies: answers.map(({ currency }) => currency),
    shas: answers.map(({ payloadSha256 }) => payloadSha256),
    retrieved: answers.map(({ retrievedAt }) => retrievedAt),
  } as never);
  return rows;
}

// knex hands out the connection a transaction runs on by this call; COPY needs it, for knex itself speaks no COPY.
const connectionOf = (trx: Knex.Transaction): Promise<pg.ClientBase> =>
  trx.client.acquireConnection() as Promise<pg.ClientBase>;

async function copyInto(connection: pg.ClientBase, texts: Buffer[]): Promise<void> {
  const sink = connection.query(copyFrom('copy bars_stage from stdin'));
  const done = once(sink, 'finish');
  for (const text of texts) {
    if (!sink.write(text)) await Promise.race([once(sink, 'drain'), done]);
  }
  sink.end();
  await done;
}

/** The end of what is stored of a symbol, and where it begins. */
export interface StoredTail {
  oldest: IsoDate;
  newest: IsoDate;
  /** The last sessions, oldest first. */
  bars: { session: IsoDate; basis: PriceBasis; close: DecimalString; adjClose: DecimalString | null }[];
}

/**
 * What is stored of each symbol up to `to`, as far as a new answer overlaps with it; symbols without any are left out.
 */
export async function storedTails(
  db: Knex,
  { source, symbols, to, sessions }: { source: string; symbols: string[]; to: IsoDate; sessions: number },
): Promise<Map<string, StoredTail>> {
  const found = await rows<Pick<Row<'bars'>, 'symbol'> & { oldest: IsoDate; bars: string }>(
    db,
    `
    select s.symbol, first.session as oldest, tail.bars from unnest(?::text[]) as s(symbol)
     cross join lateral (
       select session from bars b where b.source = ? and b.symbol = s.symbol order by session limit 1) first
     cross join lateral (
       select string_agg(concat_ws(',', session, basis, close, adj_close), ';' order by session) as bars from (
         select * from bars b where b.source = ? and b.symbol = s.symbol and b.session <= ?
          order by session desc limit ?) last) tail
     where tail.bars is not null`,
    [symbols, source, source, to, sessions],
  );
  return new Map(
    found.map(({ symbol, oldest, bars: text }) => {
      const bars = text.split(';').map((bar) => {
        const [session, basis, close, adjClose = null] = bar.split(',') as [IsoDate, PriceBasis, string, string?];
        return { session, basis, close, adjClose };
      });
      return [symbol, { oldest, newest: (bars.at(-1) as StoredTail['bars'][number]).session, bars }];
    }),
  );
}
