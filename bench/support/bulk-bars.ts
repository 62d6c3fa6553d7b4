import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { SymbolBars } from '../../src/db/bars.js';
import { addSessions, sessionsBetween } from '../../src/domain/calendar/calendar.js';
import type { Bar } from '../../src/domain/types.js';
import { CsvBarReader } from '../../src/providers/csv/reader.js';

export const BULK_TO = '2018-02-07';

/**
 * Writes a CSV of `symbols` × `sessions` bars, the symbols one after another; prices walk by a fixed rule, so every
 * run has the same file.
 */
export async function writeBulkFile(file: string, symbols: number, sessions: number): Promise<number> {
  const dates = sessionsBetween(addSessions(BULK_TO, -(sessions - 1)), BULK_TO);
  const out = createWriteStream(file);
  out.write('Symbol,Date,Open,High,Low,Close,Volume\n');
  for (let s = 0; s < symbols; s++) {
    let price = 20 + s;
    const lines = dates.map((date, day) => {
      price *= 1 + Math.sin(day * 7 + s) / 60;
      return `S${String(s).padStart(3, '0')},${date},${price.toFixed(2)},${(price * 1.01).toFixed(2)},${(price * 0.99).toFixed(2)},${(price * 1.002).toFixed(2)},${1_000_000 + ((day * 7919 + s) % 900_000)}\n`;
    });
    if (!out.write(lines.join(''))) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  return symbols * dates.length;
}

/** The file's bars as the product reads them, piece by piece, one symbol after another. */
export async function* readBulkFile(file: string): AsyncGenerator<SymbolBars> {
  const reader = new CsvBarReader({
    symbol: null,
    file,
    from: '1900-01-01',
    to: BULK_TO,
    source: 'bench',
    currency: 'USD',
  });
  let pending: Bar[] = [];
  const answerOf = (bars: Bar[]): SymbolBars => ({
    symbol: bars[0]?.symbol ?? '',
    bars,
    basis: 'raw',
    currency: 'USD',
    payloadSha256: 'f'.repeat(64),
    retrievedAt: '2018-02-08T08:00:00Z',
  });
  for await (const piece of createReadStream(file, { encoding: 'utf8', highWaterMark: 64 * 1024 })) {
    for (const bar of reader.push(piece as string)) {
      if (pending.length > 0 && pending[0]?.symbol !== bar.symbol) {
        yield answerOf(pending);
        pending = [];
      }
      pending.push(bar);
    }
  }
  pending.push(...reader.end());
  if (pending.length > 0) yield answerOf(pending);
}
