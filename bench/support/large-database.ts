import type { Knex } from 'knex';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type pg from 'pg';
import { addSessions, sessionsBetween } from '../../src/domain/calendar/calendar.js';
import { BULK_TO } from './bulk-bars.js';

const SYMBOLS = 500;
const SESSIONS = 2_200;
const HASH = 'f'.repeat(64);
const RECEIVED = '2018-02-08T08:00:00Z';

/**
 * Fills a migrated database with 1,100,000 bars (about 190 MB with indexes) by COPY, in some seconds. @returns
 * megabytes of the database
 */
export async function fillLargeDatabase(owner: Knex): Promise<number> {
  const dates = sessionsBetween(addSessions(BULK_TO, -(SESSIONS - 1)), BULK_TO);
  const connection = (await owner.client.acquireConnection()) as pg.ClientBase;
  try {
    const sink = connection.query(
      copyFrom(
        'copy bars (source, symbol, session, basis, currency, open, high, low, close, volume, payload_sha256, retrieved_at) from stdin',
      ),
    );
    for (let symbol = 0; symbol < SYMBOLS; symbol++) if (!sink.write(rowsOf(symbol, dates))) await once(sink, 'drain');
    sink.end();
    await finished(sink);
  } finally {
    await owner.client.releaseConnection(connection);
  }
  await owner.raw('vacuum analyze');
  const { rows } = await owner.raw<{ rows: { bytes: number }[] }>(
    'select pg_database_size(current_database())::float8 as bytes',
  );
  return (rows[0]?.bytes ?? 0) / 1e6;
}

function rowsOf(symbol: number, dates: readonly string[]): string {
  let price = 20 + symbol;
  return dates
    .map((date, day) => {
      price *= 1 + Math.sin(day * 7 + symbol) / 60;
      const [high, low, close] = [price * 1.01, price * 0.99, price * 1.002].map((value) => value.toFixed(4));
      return `csv\tS${String(symbol).padStart(3, '0')}\t${date}\traw\tUSD\t${price.toFixed(4)}\t${high}\t${low}\t${close}\t${1_000_000 + ((day * 7919 + symbol) % 900_000)}\t${HASH}\t${RECEIVED}\n`;
    })
    .join('');
}
