import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { ledgerState } from '../../../db/journal.js';
import { sessionsBetween } from '../../../domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../../../domain/dates.js';
import { refusal, usageError } from '../../../domain/errors.js';
import { dateShape, positiveAmountShape } from '../../../domain/shapes.js';
import type { IsoDate } from '../../../domain/types.js';
import type { BrokerMarket } from '../../../simulation/broker.js';
import { loadMarket } from '../../../simulation/market.js';
import { resultOf, type SimulationResult } from '../../../simulation/result.js';
import { parseRulings, type PlannedRuling } from '../../../simulation/rulings.js';
import { simulateDays } from '../../../simulation/run.js';
import { commandOf } from '../../../reports/commands.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { handsOf } from './hands.js';
import { showDays } from './progress.js';
import { requireWorker, withTemporal } from '../../kit/temporal.js';
import { bounded } from '../../../domain/text.js';

/** Days before the first session that the broker looks back for a rate and a close. */
const LOOK_BACK_DAYS = 14;

interface SimulateFlags {
  from: string;
  to: string;
  cash: string;
  rulings?: string;
}

/** Drives the days and says what came of them; the first broken invariant ends it with exit 1. */
export async function simulate(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const asked = await readFlags(command.opts<SimulateFlags>());
    await refuseUnlessSimulated(context);
    const market = await marketOf(context, asked);
    const days = await withTemporal(context.settings, async (client) => {
      await requireWorker(client, context);
      return showDays(context.account, sessionsBetween(asked.from, asked.to, context.policy.calendar).length, (onDay) =>
        simulateDays({
          ...asked,
          db: context.db,
          hands: handsOf(client, context),
          market,
          policy: context.policy,
          account: context.account.account,
          universe: context.universe.map(({ internalSymbol }) => internalSymbol),
          onDay,
        }),
      );
    });
    return answerOf(
      context,
      resultOf(days, {
        cash: asked.cash,
        benchmark: benchmarkOf(
          context,
          market,
          days.map(({ tradingDay }) => tradingDay),
        ),
      }),
    );
  });
}

async function readFlags({ from, to, cash, rulings }: SimulateFlags) {
  const check = (name: string, value: string, schema: ReturnType<typeof dateShape>) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success)
      throw usageError('SIMULATION_INVALID', `${name}: ${bounded(value)}: ${parsed.error.issues[0]?.message}`);
  };
  check('from', from, dateShape());
  check('to', to, dateShape());
  check('cash', cash, positiveAmountShape());
  if (to < from)
    throw usageError('SIMULATION_INVALID', `to: ${bounded(to)}: must not be before --from, ${bounded(from)}`);
  return { from, to, cash, rulings: rulings === undefined ? [] : await readRulings(rulings) };
}

async function readRulings(file: string): Promise<PlannedRuling[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw usageError(
      'RULINGS_UNREADABLE',
      `rulings: ${bounded(file)}: cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      { cause },
    );
  }
  return parseRulings(text, file);
}

/** Never a real ledger, and never one that holds something already: the broker begins with nothing but cash. */
async function refuseUnlessSimulated({ account, db }: Context): Promise<void> {
  if (account.clock === 'real') {
    throw usageError(
      'CLOCK_IS_REAL',
      `account: ${bounded(account.account)}: runs on the real clock, and a simulation writes into the ledger`,
      {
        remedy: 'use an account whose policy says clock: simulated, in a data directory of its own',
      },
    );
  }
  if ((await ledgerState(db, account.account)).lastEntryId === null) return;
  throw refusal(
    'LEDGER_NOT_EMPTY',
    `account ${account.account} has a ledger already: a simulation begins with an empty one`,
    {
      remedy: 'another account of the policy, or TRADING_OPS_DATA of its own: make up migrate, then simulate',
    },
  );
}

function marketOf(
  { policy, settings, universe, account }: Context,
  { from, to, rulings }: { from: IsoDate; to: IsoDate; rulings: PlannedRuling[] },
): Promise<BrokerMarket> {
  const wanted = universe.filter(({ kind }) => kind === 'stock' || kind === 'benchmark');
  const listingCurrency = universe.find(({ kind }) => kind === 'stock')?.listingCurrency ?? account.baseCurrency;
  return loadMarket({
    policy,
    dataDir: settings.dataDir,
    env: process.env,
    symbols: wanted.map(({ internalSymbol }) => internalSymbol),
    baseCurrency: account.baseCurrency,
    listingCurrency,
    from: dateOf(dayNumber(from) - LOOK_BACK_DAYS),
    to,
    truth: rulings,
  });
}

function benchmarkOf(
  { universe }: Context,
  market: BrokerMarket,
  days: readonly IsoDate[],
): SimulationResult['benchmark'] {
  const symbol = universe.find(({ kind }) => kind === 'benchmark')?.internalSymbol;
  const [first, last] = [days[0], days.at(-1)];
  if (symbol === undefined || first === undefined || last === undefined) return null;
  const [from, to] = [market.closeOf(symbol, first), market.closeOf(symbol, last)];
  return from === null || to === null
    ? null
    : { symbol, change: Math.round((Number(to) / Number(from) - 1) * 1e4) / 1e4 };
}

/** Each problem once, with the first day and on how many. */
function problemLines(problems: SimulationResult['problems']): string[] {
  const days = new Map<string, IsoDate[]>();
  for (const { tradingDay, problem } of problems) days.set(problem, [...(days.get(problem) ?? []), tradingDay]);
  return [...days].map(([problem, on]) => `${on[0]}${on.length > 1 ? ` and ${on.length - 1} more` : ''}: ${problem}`);
}

const percent = (fraction: number): string => `${fraction >= 0 ? '+' : ''}${(fraction * 100).toFixed(2)} %`;

function answerOf({ account }: Context, result: SimulationResult): Answer {
  const { fills, benchmark } = result;
  const reasons = Object.entries(result.noTradesByReason)
    .map(([code, days]) => `${code} ${days}`)
    .join(', ');
  const needed = result.needed.map((ruling) => commandOf(ruling, account, null));
  return {
    data: { ...result, needed },
    lines: [
      `SIMULATION_PASS: ${result.days} sessions from ${result.from} to ${result.to}, ${result.secondsPerDay} s a day`,
      `TRADE ${result.trades}, NO_TRADE ${result.noTrades}${reasons ? ` (${reasons})` : ''}`,
      `Fills: ${fills.done} done, ${fills.skipped} skipped, ${fills.failed} failed; dividends booked ${result.dividendsBooked}, splits ${result.splitsBooked}, rulings ${result.rulings}`,
      `Equity: ${result.equityStart} to ${result.equityEnd} ${account.baseCurrency} (${percent(result.change)})${benchmark ? `; ${benchmark.symbol} ${percent(benchmark.change)}` : ''}`,
      'Ledger and broker agree to the penny and the sixth decimal; the audit log is intact; every invariant held after every day.',
      ...problemLines(result.problems),
      ...(needed.length > 0
        ? [
            'Held for review until they left the lookback; a human would have typed:',
            ...needed.map((command) => `  ${command}`),
          ]
        : []),
    ],
    next: 'trading-ops ledger-report',
  };
}
