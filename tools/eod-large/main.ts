import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { bySymbol, dropFile, rawFile, rowsOf, type Row } from './rows.js';
import { rulingsFile, rulingsOn } from './rulings.js';

/**
 * Makes an installation's drop folder, policy, universe and rulings of the archive `eod-large`, with splits and dividends
 * from its rows, for `trading-ops simulate`:
 *
 *   npx tsx tools/eod-large/main.ts --from <eod-large> --to <directory> [--symbols 120]
 *
 * The directory then has `config`, `data/data/drop` and `rulings.csv`: TRADING_OPS_CONFIG, TRADING_OPS_DATA and --rulings.
 */
const BENCHMARKS = ['SPY', 'QQQ'];
const FIRST_SESSION = '2013-01-02';

const { values } = parseArgs({
  options: { from: { type: 'string' }, to: { type: 'string' }, symbols: { type: 'string', default: '120' } },
});
const { from, to } = values;
const count = Number(values.symbols);
if (from === undefined || to === undefined || !Number.isInteger(count) || count < 1) {
  process.stderr.write('usage: tsx tools/eod-large/main.ts --from <eod-large> --to <directory> [--symbols 120]\n');
  process.exit(64);
}

const unzipped = (name: string): string => gunzipSync(readFileSync(path.join(from, name))).toString('utf8');
const years = readdirSync(from).filter((name) => name.startsWith('us_eod_alphavantage_'));
const series = bySymbol(years.flatMap((name) => rowsOf(unzipped(name), name)));
const symbols = chosen(series, count);

const [config, drop] = [path.join(to, 'config'), path.join(to, 'data/data/drop')];
for (const folder of [config, drop]) mkdirSync(folder, { recursive: true });
for (const symbol of symbols) writeFileSync(path.join(drop, `${symbol}.csv`), dropFile(series.get(symbol) ?? []));
for (const [symbol, rows] of benchmarkRows()) writeFileSync(path.join(drop, `${symbol}.csv`), rawFile(rows));
copyFileSync(path.join(from, 'GBPUSD_ecb_2013-2018.csv'), path.join(drop, 'GBPUSD_ecb.csv'));
writeFileSync(path.join(config, 'policy.yml'), policyText());
writeFileSync(path.join(config, 'universe.csv'), universeText());
const rulings = symbols.flatMap((symbol) => rulingsOn(series.get(symbol) ?? []));
writeFileSync(path.join(to, 'rulings.csv'), rulingsFile(rulings));
process.stdout.write(`${symbols.length} stocks, ${BENCHMARKS.length} benchmarks, ${rulings.length} rulings in ${to}\n`);

/**
 * All that split or that an operator would have had to rule on, and of the others every so-manyth by name: what is hard
 * is never left out, and the choice depends on nothing else.
 */
function chosen(all: ReadonlyMap<string, readonly Row[]>, wanted: number): string[] {
  const whole = [...all]
    .filter(([, [first]]) => first?.date === FIRST_SESSION)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hard = whole.filter(([, rows]) => isHard(rows)).map(([symbol]) => symbol);
  const others = whole.map(([symbol]) => symbol).filter((symbol) => !hard.includes(symbol));
  const more = Math.max(0, wanted - hard.length);
  const spread = Array.from(
    { length: Math.min(more, others.length) },
    (_, index) => others[Math.floor((index * others.length) / more)],
  );
  return [...hard, ...spread].filter((symbol) => symbol !== undefined).toSorted();
}

function isHard(rows: readonly Row[]): boolean {
  return rows.some(({ split }) => Number(split) !== 1) || rulingsOn(rows).length > 0;
}

/** Benchmarks as traded, from the archive's other source. */
function benchmarkRows(): Map<string, string[][]> {
  const rows = new Map<string, string[][]>(BENCHMARKS.map((symbol) => [symbol, []]));
  for (const line of unzipped('us_eod_lean_raw_2013-2018.csv.gz').split('\n')) {
    const [symbol = '', ...row] = line.split(',');
    rows.get(symbol)?.push(row);
  }
  return rows;
}

function policyText(): string {
  return [
    'version: 1',
    'accounts:',
    '  main: { base_currency: GBP, clock: simulated }',
    'operators: [ann]',
    'market_data: { provider: csv, fx_provider: csv, history_sessions: 70 }',
    'trading: { mode: live, cadence: daily }',
    'ticket: { slippage_bps: 1000 }',
    'backup: { at_close: false }',
    '',
  ].join('\n');
}

function universeText(): string {
  return [
    'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by',
    ...symbols.map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,${FIRST_SESSION},ann`),
    ...BENCHMARKS.map((symbol) => `${symbol},${symbol},${symbol},benchmark,USD,false,,`),
    '',
  ].join('\n');
}
