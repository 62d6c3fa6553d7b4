import type { Knex } from 'knex';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type pg from 'pg';
import { insertFetchRecords } from '../../src/db/fetch-results.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { insertRun } from '../../src/db/runs.js';
import { nextSession, sessionsBetween, slotAt } from '../../src/domain/calendar/calendar.js';
import type { IsoDate } from '../../src/domain/types.js';
import { wander } from './random.js';

const SYMBOLS = 500;
const [FROM, TO] = ['2006-01-03', '2015-12-31'];
const QUARTER_SESSIONS = 63;
/** One fetch of every symbol was recorded on each of the last so many sessions. */
const FETCHES = 20;
const HASH = 'f'.repeat(64);
const RECEIVED = '2016-01-01T08:00:00Z';

/** A universe of ten years of daily bars with dividends, splits and a few of every defect, stored in a database. */
export interface Decade {
  symbols: string[];
  asOfDate: IsoDate;
  bars: number;
}

/** Fills an empty database by COPY, with the owner's login; the planner's statistics are brought up to date. */
export async function storeDecade(owner: Knex): Promise<Decade> {
  const sessions = sessionsBetween(FROM, TO);
  const symbols = Array.from({ length: SYMBOLS }, (_, index) => `S${String(index).padStart(3, '0')}`);
  let bars = 0;
  await copyInto(
    owner,
    `bars (source, symbol, session, basis, currency, open, high, low, close, volume, payload_sha256, retrieved_at)`,
    symbols.map((symbol, index) => {
      const rows = rowsOf(symbol, index, sessions);
      bars += rows.length;
      return rows.join('');
    }),
  );
  await copyInto(
    owner,
    'corporate_actions (source, symbol, ex_date, kind, value, published, currency, payload_sha256, retrieved_at)',
    symbols.map((symbol, index) => actionRows(symbol, index, sessions)),
  );
  await storeFetches(owner, symbols, sessions.slice(-FETCHES));
  await owner.raw('vacuum analyze');
  return { symbols, asOfDate: TO, bars };
}

/** In every fifty symbols: one whose newest bar is missing, one with a high below its low, one whose price trebles. */
const DEFECTS = { stale: 11, upsideDown: 7, trebles: 9 };
const splitsAt = (index: number, sessions: number) => (index % 10 === 0 ? sessions - 30 : Number.POSITIVE_INFINITY);
const dividendsAt = (index: number, sessions: number) => sessions - 1 - (index % QUARTER_SESSIONS);

function rowsOf(symbol: string, index: number, sessions: IsoDate[]): string[] {
  const days = wander(index + 1);
  const defect = index % 50;
  const due = defect === DEFECTS.stale ? sessions.slice(0, -1) : sessions;
  return due.map((session, day) => {
    const { open, high, low, close, volume } = days.next().value;
    const scale =
      (day >= splitsAt(index, sessions.length) ? 0.5 : 1) *
      (defect === DEFECTS.trebles && day >= sessions.length - 20 ? 3 : 1);
    const [o, h, l, c] = [open, high, low, close].map((price) => (Number(price) * scale).toFixed(4));
    const [top, bottom] = defect === DEFECTS.upsideDown && day === sessions.length - 10 ? [l, h] : [h, l];
    return `csv\t${symbol}\t${session}\traw\tUSD\t${o}\t${top}\t${bottom}\t${c}\t${volume}\t${HASH}\t${RECEIVED}\n`;
  });
}

/** A dividend of 2 cents a quarter for ten years, and a 2:1 split in every tenth symbol. */
function actionRows(symbol: string, index: number, sessions: IsoDate[]): string {
  const rows: string[] = [];
  for (let day = dividendsAt(index, sessions.length); day > 0; day -= QUARTER_SESSIONS) {
    rows.push(`csv\t${symbol}\t${sessions[day]}\tDIVIDEND\t0.02\t0.02\tUSD\t${HASH}\t${RECEIVED}\n`);
  }
  const split = sessions[splitsAt(index, sessions.length)];
  if (split !== undefined) rows.push(`csv\t${symbol}\t${split}\tSPLIT\t2\t2\t\\N\t${HASH}\t${RECEIVED}\n`);
  return rows.join('');
}

async function storeFetches(owner: Knex, symbols: string[], sessions: IsoDate[]): Promise<void> {
  await storeConfiguration(owner, 'policy', HASH, {});
  for (const [number, asOfDate] of sessions.entries()) {
    const runId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const tradingDay = nextSession(asOfDate);
    await insertRun(owner, {
      runId,
      slot: '0800',
      tradingDay,
      asOfDate,
      at: slotAt(tradingDay, '0800'),
      workflowId: 'bench',
      operator: 'bench',
      policyHash: HASH,
      universeHash: HASH,
    });
    await insertFetchRecords(
      owner,
      symbols.map((symbol) => ({
        runId,
        provider: 'csv',
        kind: 'eod',
        symbol,
        failure: null,
        rowsRead: 11,
        rowsNew: 1,
        rowsRevised: 0,
        lastSession: asOfDate,
        findings: [],
      })),
    );
  }
}

async function copyInto(owner: Knex, target: string, texts: string[]): Promise<void> {
  const connection = (await owner.client.acquireConnection()) as pg.ClientBase;
  try {
    const sink = connection.query(copyFrom(`copy ${target} from stdin`));
    for (const text of texts) if (!sink.write(text)) await once(sink, 'drain');
    sink.end();
    await finished(sink);
  } finally {
    await owner.client.releaseConnection(connection);
  }
}
