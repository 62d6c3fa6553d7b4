import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DecimalString, IsoDate } from '../../src/domain/types.js';

/** Real dividends of many symbols over some years, with the rates and the closes of their days. */
export interface RealDividends {
  /** Where they are from, for whoever reads the figures. */
  what: string;
  /** Ascending. */
  sessions: IsoDate[];
  /** Ascending by ex-date; those that are out of proportion, which a human would have to rule on, are left out. */
  dividends: Map<string, { exDate: IsoDate; value: DecimalString }[]>;
  /** Closes by symbol and session. */
  closeOf(symbol: string, session: IsoDate): DecimalString | null;
  /** Sessions with a split, by symbol. */
  splits: Map<string, IsoDate[]>;
  /** USD for one pound: the newest rate up to a date; null before the first. */
  rateOn(date: IsoDate): DecimalString | null;
}

/** As the policy holds them for review by default. */
const FRACTION_MAX = 0.06;

/** Reads `eod-large` of the shared data; null where it is not at hand. */
export function readRealDividends(shared: string): RealDividends | null {
  const folder = join(shared, 'eod-large');
  if (!existsSync(folder)) return null;
  const files = readdirSync(folder)
    .filter((name) => name.startsWith('us_eod_alphavantage_'))
    .toSorted();
  const dividends: RealDividends['dividends'] = new Map();
  const splits: RealDividends['splits'] = new Map();
  const closes = new Map<string, DecimalString>();
  const sessions = new Set<IsoDate>();
  const before = new Map<string, number>();
  for (const name of files) {
    const [, ...lines] = gunzipSync(readFileSync(join(folder, name)))
      .toString('utf8')
      .split('\n');
    for (const line of lines) {
      const [symbol = '', date = '', , , , close = '', , , dividend = '0', split = '1'] = line.split(',');
      if (close === '') continue;
      sessions.add(date);
      closes.set(`${symbol} ${date}`, close);
      if (Number(split) !== 1) splits.set(symbol, [...(splits.get(symbol) ?? []), date]);
      if (Number(dividend) > 0 && Number(dividend) <= FRACTION_MAX * (before.get(symbol) ?? 0))
        dividends.set(symbol, [...(dividends.get(symbol) ?? []), { exDate: date, value: dividend }]);
      before.set(symbol, Number(close));
    }
  }
  return {
    what: `${files.length} years of eod-large, ${dividends.size} symbols that paid`,
    sessions: [...sessions].toSorted(),
    dividends,
    splits,
    closeOf: (symbol, session) => closes.get(`${symbol} ${session}`) ?? null,
    rateOn: ratesOf(join(folder, 'GBPUSD_ecb_2013-2018.csv')),
  };
}

function ratesOf(file: string): (date: IsoDate) => DecimalString | null {
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const rates = lines.map((line) => line.split(',')).map(([date = '', , , rate = '']) => ({ date, rate }));
  const known = new Map<IsoDate, DecimalString | null>();
  return (date) => {
    if (!known.has(date)) known.set(date, rates.findLast((each) => each.date <= date)?.rate ?? null);
    return known.get(date) ?? null;
  };
}
