import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sessionsBetween } from '../../src/domain/calendar/calendar.js';
import type { IsoDate } from '../../src/domain/types.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { wander } from './random.js';

const REAL = join(repositoryRoot, '..', 'shared', 'data', 'eod-demo');
const [FIRST, LAST] = ['2013-01-02', '2015-12-31'];
export const STOCKS = 'AAPL AMZN CSCO DIS FB GOOGL HD INTC JNJ JPM KO MA MSFT NVDA PEP PG UNH V WMT XOM'.split(' ');
export const BENCHMARKS = ['SPY', 'QQQ'];
const RATES = 'GBPUSD_ecb.csv';

/** 22 symbols × 3 years of daily bars as an operator would download them, and how a folder of them grows day by day. */
export interface DropFolder {
  /** What the figures are, for people. */
  kind: string;
  /** The whole folder: what the simulated broker trades at. */
  whole: string;
  stocks: readonly string[];
  benchmarks: readonly string[];
  /** Writes the folder as it was on the evening of a session; from then on each call adds what came since. */
  growTo(folder: string, date: IsoDate): void;
}

/** The real files of ../shared where they are, else series of the same shape written below the root. */
export function openDropFolder(root: string): DropFolder {
  const real = existsSync(join(REAL, 'AAPL.csv'));
  const whole = real ? REAL : generate(join(root, 'generated'));
  return {
    kind: real
      ? 'real prices of eod-demo, 2013-2015'
      : 'generated series in the shape of eod-demo (../shared is not there)',
    whole,
    stocks: STOCKS,
    benchmarks: BENCHMARKS,
    growTo: growing(whole),
  };
}

/** Lets a folder grow to what a whole one had on the evening of a session; see `DropFolder.growTo`. */
export function growing(whole: string): DropFolder['growTo'] {
  let reached: IsoDate | null = null;
  return (folder, date) => {
    for (const name of [...STOCKS, ...BENCHMARKS].map((symbol) => `${symbol}.csv`).concat(RATES))
      grow(whole, folder, name, { after: reached, to: date });
    if (reached === null)
      for (const name of ['splits.csv', 'dividends.csv']) copyFileSync(join(whole, name), join(folder, name));
    reached = date;
  };
}

function grow(
  whole: string,
  folder: string,
  name: string,
  { after, to }: { after: IsoDate | null; to: IsoDate },
): void {
  const [header, ...rows] = readFileSync(join(whole, name), 'utf8').trimEnd().split('\n');
  const due = rows.filter((row) => row.slice(0, 10) <= to && (after === null || row.slice(0, 10) > after));
  const text = due.map((row) => `${row}\n`).join('');
  if (after === null) writeFileSync(join(folder, name), `${header}\n${text}`);
  else appendFileSync(join(folder, name), text);
}

/** Writes series without splits and dividends, of every session between the two dates. @returns the folder */
export function generate(folder: string, from: IsoDate = FIRST, to: IsoDate = LAST): string {
  mkdirSync(folder, { recursive: true });
  const sessions = sessionsBetween(from, to);
  for (const [seed, symbol] of [...STOCKS, ...BENCHMARKS].entries()) {
    const days = wander(seed + 1);
    const rows = sessions.map((session) => {
      const { open, high, low, close, volume } = days.next().value;
      return `${session},${open},${high},${low},${close},${volume}\n`;
    });
    writeFileSync(join(folder, `${symbol}.csv`), `Date,Open,High,Low,Close,Volume\n${rows.join('')}`);
  }
  writeFileSync(
    join(folder, RATES),
    `Date,EURUSD,EURGBP,GBPUSD_cross\n${sessions.map((session) => `${session},1.2,0.8,1.500000\n`).join('')}`,
  );
  writeFileSync(join(folder, 'splits.csv'), 'Symbol,ExDate,SplitCoefficient,Source\n');
  writeFileSync(join(folder, 'dividends.csv'), 'Symbol,ExDate,Amount,Currency,Source\n');
  return folder;
}
