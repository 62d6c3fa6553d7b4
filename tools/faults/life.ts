import { join } from 'node:path';
import { asOfDate, londonInstant, slotAt } from '../../src/domain/calendar/calendar.js';
import { OpsError } from '../../src/domain/errors.js';
import type { IsoDate } from '../../src/domain/types.js';
import { loadMarket } from '../../src/simulation/market.js';
import { simulateDays, type DayPlan, type SimulatedDay, type World } from '../../src/simulation/run.js';
import { standingIn } from '../../src/simulation/standing.js';
import { minutesAfter } from '../../src/simulation/operator.js';
import { RULING_OF_2014 } from '../../test/support/market-2014.js';
import { persist } from '../../test/support/persist.js';
import { brokenAfterDay, brokenAfterLife, nothingAcknowledged, type Acknowledged } from './checks.js';
import { causeOf } from './cause.js';
import { mend, spoil } from './data-faults.js';
import { FaultyHands, type Store } from './hands.js';
import { House } from './house.js';
import type { Fault, PlannedFault, Step } from './kinds.js';
import type { Life } from './plan.js';
import type { Stage } from './stage.js';
import { comeBack, kill } from './strikes.js';

/** A day on which something did not hold. */
export interface Failure {
  /** Number in the whole run. */
  day: number;
  tradingDay: IsoDate;
  /** What did not hold, without figures: the same cause has the same. */
  cause: string;
  message: string;
  /** The end of the workers' logs. */
  log: string;
}

export interface LifeResult {
  life: number;
  days: SimulatedDay[];
  failure: Failure | null;
  /** The ends of workers that nobody had killed. */
  endings: string[];
  milliseconds: number;
}

export interface LifeChoices {
  /** Faults that strike; all planned ones when left out. */
  only?: ReadonlySet<string>;
  /** The last day to be played, in the whole run; all when left out. */
  until?: number;
}

const RULED = '2014-04-03';
/** Longer than any day may take, however much befalls it. */
const DAY_MAX_MS = 600_000;
const LOG_CHARACTERS = 6_000;

/** Plays a life on a stage: every day with its faults, everything checked after each. Never throws for what fails. */
export async function playLife(stage: Stage, life: Life, { only, until }: LifeChoices = {}): Promise<LifeResult> {
  const began = performance.now();
  const house = await House.open(stage, `life_${life.number}_${process.pid}_${Math.round(began)}`, life.provider);
  const sessions = life.sessions.slice(0, until === undefined ? undefined : until - life.firstDay + 1);
  const faults = life.faults.filter(({ id }) => only === undefined || only.has(id));
  const play = new Play(house, life, faults);
  const days: SimulatedDay[] = [];
  try {
    await comeBack(house);
    await play.drive(sessions, (day) => days.push(day));
    return {
      life: life.number,
      days,
      failure: null,
      endings: house.endings,
      milliseconds: Math.round(performance.now() - began),
    };
  } catch (error) {
    const failure = play.failureOf(error as Error);
    return {
      life: life.number,
      days,
      failure,
      endings: house.endings,
      milliseconds: Math.round(performance.now() - began),
    };
  } finally {
    await house.close();
  }
}

/** A life under way. */
class Play {
  private today: { day: number; tradingDay: IsoDate; isTicketed: boolean; faults: Set<PlannedFault> } | null = null;
  private spoiled: string[] = [];
  private isAway = false;
  /** When the day that is under way began. */
  private beganAt = performance.now();
  private readonly acknowledged: Acknowledged = nothingAcknowledged();
  private readonly hands: FaultyHands;

  constructor(
    private readonly house: House,
    private readonly life: Life,
    private readonly faults: readonly PlannedFault[],
  ) {
    this.hands = new FaultyHands(house, this.store, this.acknowledged);
  }

  async drive(sessions: readonly IsoDate[], onDay: (day: SimulatedDay) => void): Promise<void> {
    const [from, to] = [sessions[0], sessions.at(-1)];
    if (from === undefined || to === undefined) return;
    const { house } = this;
    const world: World = {
      standing: standingIn(house.db, {
        account: house.account.account,
        policy: house.policy,
        universe: house.universe,
      }),
      hands: this.hands,
      market: await loadMarket({
        // The broker knows the true prices, whatever the provider says.
        policy: { ...house.policy, market_data: { ...house.policy.market_data, provider: 'csv' } },
        dataDir: house.installation.dataDir,
        env: {},
        symbols: house.universe,
        baseCurrency: 'GBP',
        listingCurrency: 'USD',
        from: '2013-12-16',
        to,
        truth: [RULING_OF_2014],
      }),
      policy: house.policy,
      account: house.account.account,
      universe: house.universe,
      cash: '100000.00',
      rulings: from > RULED ? [] : [RULING_OF_2014],
      from,
      to,
      onDay,
      plan: (tradingDay) => this.begin(tradingDay),
    };
    await this.within(simulateDays(world));
    if (this.isAway) await comeBack(house);
    this.isAway = false;
    await this.check('all');
    const broken = await persist(() => brokenAfterLife(house));
    if (broken.length > 0) throw new Error(broken.join('\n'));
  }

  /** Ends what hangs: no day takes longer than a day may. */
  private async within<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setInterval(() => {
        if (performance.now() - this.beganAt > DAY_MAX_MS) fail(new Error('HANGS: the day does not end'));
      }, 1_000);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearInterval(timer);
    }
  }

  failureOf(error: Error): Failure {
    const { day = this.life.firstDay, tradingDay = this.life.sessions[0] ?? '' } = this.today ?? {};
    const message = error instanceof OpsError ? `${error.code}: ${error.message}` : `${error.name}: ${error.message}`;
    const causes: string[] = [];
    for (let one = error.cause; one instanceof Error; one = one.cause) causes.push(one.message);
    return {
      day,
      tradingDay,
      cause: causeOf(message),
      message: [message, ...causes].join('\n  of '),
      log: this.house.log().slice(-LOG_CHARACTERS),
    };
  }

  private readonly store: Store = {
    take: <K extends Fault['kind']>(kind: K, step: string) => {
      const taken: Extract<Fault, { kind: K }>[] = [];
      for (const planned of this.today?.faults ?? []) {
        const { fault } = planned;
        if (fault.kind !== kind || stepOf(fault) !== step) continue;
        this.today?.faults.delete(planned);
        taken.push(fault as Extract<Fault, { kind: K }>);
      }
      return taken;
    },
  };

  /** Checks the day before, and sets the scene for the next. */
  private async begin(tradingDay: IsoDate): Promise<DayPlan> {
    await this.check('all but bars');
    const day = this.life.firstDay + this.life.sessions.indexOf(tradingDay);
    const faults = new Set(this.faults.filter((fault) => fault.day === day));
    const plan = planOf([...faults], tradingDay);
    this.today = { day, tradingDay, isTicketed: plan.up && plan.afternoon !== null, faults };
    this.house.today = tradingDay;
    this.beganAt = performance.now();
    if (!plan.up) {
      await kill(this.house, ['worker', 'temporal', 'postgres']);
      this.isAway = true;
      return plan;
    }
    if (this.isAway) {
      // What comes back watches first, and accounts for what was slept through.
      await comeBack(this.house);
      this.isAway = false;
      await this.hands.watch(londonInstant(tradingDay, '07:20'));
    }
    if ([...faults].some(({ fault }) => fault.kind === 'second version')) await this.house.startOther();
    this.setData([...faults], tradingDay);
    return plan;
  }

  private async check(facts: 'all' | 'all but bars'): Promise<void> {
    if (this.today === null || this.isAway) return;
    const { tradingDay: day, isTicketed } = this.today;
    const { house, acknowledged } = this;
    const broken = await persist(() => brokenAfterDay(house, { day, isTicketed, acknowledged, facts }));
    if (broken.length > 0) throw new Error(broken.join('\n'));
  }

  private setData(faults: readonly PlannedFault[], tradingDay: IsoDate): void {
    const folder = join(this.house.installation.dataDir, 'data', 'drop');
    for (const symbol of this.spoiled) mend(folder, symbol);
    this.spoiled = [];
    for (const { fault } of faults) {
      if (fault.kind !== 'data') continue;
      spoil(folder, fault.symbol, fault.what, asOfDate(tradingDay));
      this.spoiled.push(fault.symbol);
    }
  }
}

const STEP_OF_SLOT = { '0800': 'morning', '1400': 'afternoon' } as const;

function stepOf(fault: Fault): Step | null {
  if ('step' in fault) return fault.step;
  return 'slot' in fault ? STEP_OF_SLOT[fault.slot] : null;
}

/** What of a day happens. */
function planOf(faults: readonly PlannedFault[], tradingDay: IsoDate): DayPlan {
  let plan: DayPlan = { morning: slotAt(tradingDay, '0800'), afternoon: slotAt(tradingDay, '1400'), up: true };
  for (const { fault } of faults) {
    if (fault.kind === 'away') return { morning: null, afternoon: null, up: false };
    if (fault.kind !== 'late' && fault.kind !== 'missed') continue;
    const at = fault.kind === 'missed' ? null : minutesAfter(slotAt(tradingDay, fault.slot), fault.minutes);
    plan = fault.slot === '0800' ? { ...plan, morning: at } : { ...plan, afternoon: at };
  }
  return plan;
}
