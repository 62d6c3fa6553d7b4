import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { withTemporal } from '../src/cli/kit/temporal.js';
import { sessionsBetween } from '../src/domain/calendar/calendar.js';
import { repositoryRoot } from '../src/runtime/paths.js';
import { accountsOf, readConfiguration } from '../src/operations/runs/configuration.js';
import { readMarket } from '../src/simulation/memory/prepare.js';
import { walk } from '../src/simulation/memory/walk.js';
import { simulateDays } from '../src/simulation/run.js';
import { OPERATOR, policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { BENCHMARKS, generate, STOCKS } from './support/drop-folder.js';
import { atLeast, atMost, told, type Figure } from './support/figures.js';
import { wander } from './support/random.js';
import { createWorld } from './support/world.js';

const execute = promisify(execFile);

/** Ten years of 100 stocks, a dividend a quarter each and a split in every tenth. */
const [DECADE_FROM, DECADE_TO] = ['2006-01-03', '2016-05-27'];
const WALKED_FROM = '2006-05-30';
const SYMBOLS = 100;
const QUARTER = 63;
const SECONDS_MAX = 20;
const MEGABYTES_MAX = 500;
/** The days that both walk: a year, with the same tickets. */
const [YEAR_FROM, YEAR_DAYS] = ['2014-08-01', 252];
const RATIO_MIN = 100;

/**
 * Ten years in memory, in a process of its own as the command is; then a year of days through the real workflows and in
 * memory, whose tickets must be the same.
 */
export async function run(context: BenchContext): Promise<Figure[]> {
  const decade = await walkDecade(context);
  const sessions = sessionsBetween(YEAR_FROM, '2015-12-31').slice(0, YEAR_DAYS);
  const to = sessions.at(-1) as string;
  const { simulated, walked, same } = await walkYear(context, to);
  return [
    atMost('walk: ten years of 100 symbols', decade.seconds, 's', SECONDS_MAX),
    atMost('walk: memory of ten years, largest', decade.megabytes, 'MB', MEGABYTES_MAX),
    told('walk: sessions of it', decade.sessions, ''),
    told('walk: a day through the workflows', simulated, 'ms'),
    told('walk: a day in memory', walked, 'ms'),
    atLeast('walk: quicker than simulate, the same days', simulated / walked, 'x', RATIO_MIN),
    atLeast(`walk: equal ticket hashes of ${sessions.length} days`, same, '', sessions.length),
  ];
}

async function walkDecade({ root, say }: BenchContext) {
  const configDir = join(root, 'decade');
  const folder = join(configDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  const stocks = Array.from({ length: SYMBOLS }, (_, index) => `S${String(index).padStart(3, '0')}`);
  writeDecade(folder, stocks);
  writeFileSync(join(configDir, 'policy.yml'), policyText(300).replace(', cadence: daily', ''));
  writeFileSync(join(configDir, 'universe.csv'), universeText(stocks, ['IDX']));
  const env = { ...process.env, TRADING_OPS_DATA: configDir, TRADING_OPS_CONFIG: configDir };
  const cli = join(repositoryRoot, 'dist', 'cli', 'main.js');
  const began = performance.now();
  const args = ['simulate', '--in-memory', '--from', WALKED_FROM, '--to', DECADE_TO, '--json'];
  const measured = ['-f', '%M', process.execPath, cli, ...args];
  const { stdout, stderr } = await execute('/usr/bin/time', measured, { env, maxBuffer: 1 << 28 });
  const seconds = (performance.now() - began) / 1_000;
  const { outcome } = JSON.parse(stdout) as { outcome: { sessions: number; trades: number; end: string } };
  say(`${outcome.sessions} sessions, ${outcome.trades} TRADE, ${outcome.end} at the end, ${seconds.toFixed(1)} s`);
  return { seconds, megabytes: Number(stderr.trim().split('\n').at(-1)) / 1_000, sessions: outcome.sessions };
}

function writeDecade(folder: string, stocks: readonly string[]): void {
  const sessions = sessionsBetween(DECADE_FROM, DECADE_TO);
  const [dividends, splits] = [['Symbol,ExDate,Amount,Currency'], ['Symbol,ExDate,SplitCoefficient']];
  for (const [index, symbol] of [...stocks, 'IDX'].entries()) {
    const days = wander(index + 1);
    const splitAt = index % 10 === 0 ? Math.floor(sessions.length / 2) + index : Number.POSITIVE_INFINITY;
    const rows = sessions.map((session, day) => {
      const { open, high, low, close, volume } = days.next().value;
      const scaled = [open, high, low, close].map((price) => (day >= splitAt ? (Number(price) / 2).toFixed(4) : price));
      return `${session},${scaled.join(',')},${volume}\n`;
    });
    writeFileSync(join(folder, `${symbol}.csv`), `Date,Open,High,Low,Close,Volume\n${rows.join('')}`);
    if (sessions[splitAt] !== undefined) splits.push(`${symbol},${sessions[splitAt]},2`);
    for (let day = QUARTER + (index % QUARTER); day < sessions.length; day += QUARTER)
      dividends.push(`${symbol},${sessions[day]},0.2,USD`);
  }
  const rates = sessions.map((session, day) => `${session},1.2,0.8,${(1.5 + 0.1 * Math.sin(day / 50)).toFixed(6)}`);
  writeFileSync(join(folder, 'dividends.csv'), `${dividends.join('\n')}\n`);
  writeFileSync(join(folder, 'splits.csv'), `${splits.join('\n')}\n`);
  writeFileSync(join(folder, 'GBPUSD_ecb.csv'), `Date,EURUSD,EURGBP,GBPUSD_cross\n${rates.join('\n')}\n`);
}

async function walkYear(context: BenchContext, to: string) {
  const whole = generate(join(context.root, 'generated'), '2013-01-02', to);
  const stack = await context.createStack({
    policy: policyText(300).replace('provider: csv,', `provider: csv, csv_folder: ${whole},`),
    universe: universeText(STOCKS, BENCHMARKS),
  });
  await stack.startWorker();
  return withTemporal(stack.settings, async (client) => {
    const world = await createWorld({ stack, client, marketFolder: whole, from: YEAR_FROM, to });
    try {
      const began = performance.now();
      const days = await simulateDays(world);
      const simulated = (performance.now() - began) / days.length;
      const stored = await world.db('tickets').orderBy('trading_day').pluck('material_hash');
      const { walked, hashes } = await inMemory(stack.settings.configDir, to);
      return { simulated, walked, same: hashes.filter((hash, index) => hash === stored[index]).length };
    } finally {
      await world.db.destroy();
    }
  });
}

async function inMemory(configDir: string, to: string) {
  const configuration = await readConfiguration(configDir);
  const [account] = accountsOf(configuration.policy);
  if (!account) throw new Error('the policy names no account');
  const rules = { ...configuration, account, mode: configuration.policy.trading.mode, operator: OPERATOR };
  const of = { rules, from: YEAR_FROM, to, rulings: [], cash: '100000.00' };
  const began = performance.now();
  const read = await readMarket({ ...of, dataDir: configDir, env: {}, events: [] });
  const { days, tickets } = await walk({ ...of, ...read });
  const walked = (performance.now() - began) / days.length;
  return { walked, hashes: tickets.map(({ materialHash }) => materialHash) };
}
