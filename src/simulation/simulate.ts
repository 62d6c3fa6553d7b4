import { wellFormed } from '../contract/reading.js';
import { readSimulate, type Simulate, type SimulatedTime } from '../contract/simulation.js';
import { ledgerState } from '../db/journal.js';
import { asOfDate, sessionsBetween } from '../domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../domain/dates.js';
import { refusal, usageError } from '../domain/errors.js';
import { bounded } from '../domain/text.js';
import type { Account, UniverseRow } from '../domain/types.js';
import { compareWith, type ComparedWith } from '../domain/walk/benchmark.js';
import { benchmarkIn } from './benchmark.js';
import type { BrokerMarket } from './broker.js';
import type { PlannedEvent } from './events.js';
import type { Seat } from './hands.js';
import { loadMarket, sessionsAsked, walkedTo } from './market.js';
import type { Hands } from './operator.js';
import { changeOf, resultOf, type SimulationResult } from './result.js';
import { readEventsFile, readRulingsFile } from './planned-files.js';
import type { PlannedRuling } from './rulings.js';
import { simulateDays, type SimulatedDay } from './run.js';
import { standingIn } from './standing.js';

/** Days before the first session that the broker looks back for a rate and a close. */
const LOOK_BACK_DAYS = 14;

/** Where a simulation takes place. */
export interface Theatre extends Pick<Seat, 'installation' | 'policy' | 'account'> {
  universe: readonly UniverseRow[];
  /** Where providers find their keys. */
  env: NodeJS.ProcessEnv;
}

export interface Simulation {
  sessions: number;
  /** Drives the days. @throws OpsError at the first invariant that is broken, a fault that names the day */
  drive(hands: Hands, onDay: (day: SimulatedDay) => void): Promise<SimulationResult>;
}

/**
 * Makes a simulation ready: what is asked is held against its rules, the account is one that may be simulated, and the
 * market is read.
 * @param rulingsFile CSV of what the operator will rule on held actions
 * @param eventsFile CSV of what companies and the broker do
 * @throws OpsError SIMULATION_INVALID, RULINGS_UNREADABLE, RULINGS_INVALID, EVENTS_UNREADABLE, EVENTS_INVALID,
 * CLOCK_IS_REAL, LEDGER_NOT_EMPTY
 */
export async function prepareSimulation(
  theatre: Theatre,
  input: Simulate,
  rulingsFile: string | undefined,
  eventsFile?: string,
): Promise<Simulation> {
  const time = wellFormed(readSimulate(input));
  sessionsAsked(time, theatre.policy.calendar);
  const rulings = rulingsFile === undefined ? [] : await readRulingsFile(rulingsFile);
  const events = eventsFile === undefined ? [] : await readEventsFile(eventsFile);
  await refuseUnlessSimulated(theatre);
  const market = await marketOf(theatre, time, rulings, events);
  const { installation, policy, account, universe } = theatre;
  const { to, endsEarly } = walkedTo(time, market, policy.calendar);
  return {
    sessions: sessionsBetween(time.from, to, policy.calendar).length,
    async drive(hands, onDay) {
      const of = {
        account: account.account,
        policy,
        universe: universe.map(({ internalSymbol }) => internalSymbol),
      };
      const standing = standingIn(installation.db, of);
      const days = await simulateDays({ ...time, to, ...of, rulings, standing, hands, market, onDay });
      const compared = comparedOf(theatre, market, days, time.cash);
      return resultOf(days, { cash: time.cash, ...compared, endsEarly });
    },
  };
}

/** Never a real ledger, and never one that holds something already: the broker begins with nothing but cash. */
async function refuseUnlessSimulated({ account, installation: { db } }: Theatre): Promise<void> {
  refuseRealClock(account);
  if ((await ledgerState(db, account.account)).lastEntryId === null) return;
  throw refusal(
    'LEDGER_NOT_EMPTY',
    `account ${account.account} has a ledger already: a simulation begins with an empty one`,
    { remedy: 'another account of the policy, or TRADING_OPS_DATA of its own: make up migrate, then simulate' },
  );
}

function refuseRealClock({ account, clock }: Account): void {
  if (clock !== 'real') return;
  throw usageError(
    'CLOCK_IS_REAL',
    `account: ${bounded(account)}: runs on the real clock, and a simulation writes into the ledger`,
    { remedy: 'use an account whose policy says clock: simulated, in a data directory of its own' },
  );
}

function marketOf(
  { policy, installation: { dataDir }, env, universe, account }: Theatre,
  { from, to }: SimulatedTime,
  truth: PlannedRuling[],
  events: readonly PlannedEvent[],
): Promise<BrokerMarket> {
  const wanted = universe.filter(({ kind }) => kind === 'stock' || kind === 'benchmark');
  const listingCurrency = universe.find(({ kind }) => kind === 'stock')?.listingCurrency ?? account.baseCurrency;
  return loadMarket({
    policy,
    dataDir,
    env,
    symbols: wanted.map(({ internalSymbol }) => internalSymbol),
    baseCurrency: account.baseCurrency,
    listingCurrency,
    from: dateOf(dayNumber(from) - LOOK_BACK_DAYS),
    to,
    truth,
    events,
  });
}

/** The benchmark over the closes that the account has a value of; it begins at the close before the first session. */
function comparedOf(
  { universe, policy, account }: Theatre,
  market: BrokerMarket,
  days: readonly SimulatedDay[],
  cash: string,
): ComparedWith {
  const [first] = days;
  if (first === undefined) return { benchmark: null, noBenchmark: 'no session was walked' };
  const startsOn = asOfDate(first.tradingDay, policy.calendar);
  const dates = [startsOn, ...days.map(({ tradingDay }) => tradingDay)];
  const closes = [
    { date: startsOn },
    ...days.filter(({ equity }) => equity !== null).map(({ tradingDay: date }) => ({ date })),
  ];
  const { benchmark, noBenchmark } = compareWith(benchmarkIn(market, universe, dates), {
    change: changeOf(days, cash),
    closes,
    baseCurrency: account.baseCurrency,
    reference: market,
  });
  return { benchmark, noBenchmark };
}
