import { signerOf } from './signing.js';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { Knex } from 'knex';
import { setTimeout as pause } from 'node:timers/promises';
import { accountsOf, readConfiguration } from '../../src/operations/runs/configuration.js';
import { ensureSchedules, scheduleId } from '../../src/operations/schedules/ensure.js';
import { handsOf, type Seat } from '../../src/simulation/hands.js';
import { connect } from '../../src/db/connect.js';
import { londonInstant, sessionsBetween, slotAt } from '../../src/domain/calendar/calendar.js';
import type { Account, Instant, IsoDate } from '../../src/domain/types.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { QUICK_RECONNECT } from '../../src/runtime/temporal/connection.js';
import { loadMarket } from '../../src/simulation/market.js';
import type { Hands } from '../../src/simulation/operator.js';
import { simulateDays, type DayPlan, type SimulatedDay, type World } from '../../src/simulation/run.js';
import { standingIn } from '../../src/simulation/standing.js';
import type { RunReply, WatchInput } from '../../src/contract/runs.js';
import { WORKFLOWS } from '../../src/contract/workflows.js';
import { fatesOf, Outages, type Fate, type Step } from './outages.js';
import { RULING_OF_2014, useMarketOf2014 } from './market-2014.js';
import { PATIENCE_MS, persist, RETRY_MS } from './persist.js';
import type { PrivateStack } from './stack.js';

type WorldOfWeek = World & { db: Knex };

const FIRST = '2013-12-16';
const LAST = '2014-06-13';
const ACCOUNT = 'main';

export interface Week {
  days: SimulatedDay[];
  fates: ReadonlyMap<IsoDate, Fate>;
  /** The caller closes it. */
  db: Knex;
}

/**
 * An operator's days with scheduled slots and random outages: the last `count` sessions of the fixture's prices. Every
 * invariant is checked after each day that ends with everything up; the first that is broken throws, with the day's
 * fate.
 */
export async function operatorsWeek(
  stack: PrivateStack,
  { seed, count }: { seed: number; count: number },
): Promise<Week> {
  useMarketOf2014(stack);
  const outages = new Outages(stack);
  await outages.start();
  const world = await createWorld(stack);
  const sessions = sessionsBetween(FIRST, LAST, world.policy.calendar).slice(-count);
  const fates = fatesOf(seed, sessions);
  const client = await connectClient(stack);
  await ensureSchedules(client, stack.settings.taskQueue, world.policy, ACCOUNT);
  // They are triggered for days of 2014 only; by the real clock they would run too.
  for (const id of ['run-0800', 'run-1400'])
    await client.schedule.getHandle(scheduleId({ id }, ACCOUNT)).pause('driven by the test');
  const hands = faultyHands(stack, client, world, { fates: new Map(fates), outages });
  const plan = (day: IsoDate) =>
    planOf(day, { fates, outages, comeBack: () => comeBack(outages, client), watch: (at) => hands.watch(at) });
  let today = '';
  try {
    const from = sessions[0] ?? LAST;
    const playing = simulateDays({ ...world, hands, from, to: LAST, plan: (day) => ((today = day), plan(day)) });
    const days = await Promise.race([playing, outages.lost]);
    return { days, fates, db: world.db };
  } catch (error) {
    await world.db.destroy();
    throw new Error(`seed ${seed}, ${today}, ${JSON.stringify(fates.get(today))}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await client.connection.close();
  }
}

async function connectClient({ settings }: PrivateStack): Promise<Client> {
  return new Client({
    connection: await Connection.connect({
      address: resolveAddresses(settings).temporalAddress,
      channelArgs: QUICK_RECONNECT,
    }),
    namespace: settings.temporalNamespace,
  });
}

async function createWorld(stack: PrivateStack): Promise<WorldOfWeek> {
  const { settings } = stack;
  const { policy, universe } = await readConfiguration(settings.configDir);
  const symbols = universe.map(({ internalSymbol }) => internalSymbol);
  const market = await loadMarket({
    policy,
    dataDir: settings.dataDir,
    env: {},
    symbols,
    baseCurrency: 'GBP',
    listingCurrency: 'USD',
    from: FIRST,
    to: LAST,
    truth: [RULING_OF_2014],
  });
  const db = connect(resolveAddresses(settings).databaseUrl, 4);
  return {
    db,
    standing: standingIn(db, { account: ACCOUNT, policy, universe: symbols }),
    hands: null as never,
    market,
    policy,
    account: ACCOUNT,
    universe: symbols,
    cash: '100000.00',
    rulings: [RULING_OF_2014],
    from: FIRST,
    to: LAST,
    onDay: () => undefined,
  };
}

interface PlanParts {
  fates: ReadonlyMap<IsoDate, Fate>;
  outages: Outages;
  comeBack(): Promise<void>;
  watch(at: Instant): Promise<unknown>;
}

async function planOf(day: IsoDate, { fates, outages, comeBack, watch }: PlanParts): Promise<DayPlan> {
  const fate = fates.get(day) ?? { kind: 'calm' };
  const plan: DayPlan = { morning: slotAt(day, '0800'), afternoon: slotAt(day, '1400'), up: true };
  if (fate.kind === 'down') {
    await outages.kill(['worker', 'temporal', 'postgres']);
    return { morning: null, afternoon: null, up: false };
  }
  if (outages.isDown) {
    // What comes back watches first, and accounts for what was slept through.
    await comeBack();
    await watch(londonInstant(day, '07:40'));
  }
  if (fate.kind === 'late')
    return fate.slot === '0800'
      ? { ...plan, morning: londonInstant(day, '08:40') }
      : { ...plan, afternoon: londonInstant(day, '14:20') };
  if (fate.kind === 'lost') return fate.slot === '0800' ? { ...plan, morning: null } : { ...plan, afternoon: null };
  return plan;
}

/** The simulated operator's hands, with parts that die under them. Whoever lost the line asks the same again. */
function faultyHands(
  stack: PrivateStack,
  client: Client,
  world: WorldOfWeek,
  { fates, outages }: { fates: Map<IsoDate, Fate>; outages: Outages },
): Hands & Required<Pick<Hands, 'watch'>> {
  const hands = handsOf(client, seatOf(stack, world));
  let watches = 0;
  return {
    run: (slot, at) =>
      step(slot === '0800' ? 'morning' : 'afternoon', at, () =>
        at === slotAt(dateOf(at), slot) ? scheduled(client, slot, at) : hands.run(slot, at),
      ),
    reconcile: (day, snapshot) => step('reconcile', snapshot.at, () => hands.reconcile(day, snapshot)),
    confirm: (day, answer) => step('confirm', answer.at, () => hands.confirm(day, answer)),
    closed: (day) => persist(() => hands.closed(day)),
    carryOut: (errand, at) => persist(() => hands.carryOut(errand, at)),
    // Every third time two at once, as when a worker starts on the hour.
    watch: (at) => {
      const numbers = ++watches % 3 === 0 ? [1, 2] : [1];
      return step('watch', at, () => Promise.all(numbers.map((number) => watchOnce(client, stack, number, at))));
    },
  };

  async function step<T>(name: Step, at: Instant, ask: () => Promise<T>): Promise<T> {
    const day = dateOf(at);
    const fate = fates.get(day) ?? { kind: 'calm' };
    if (strikesBefore(fate, name)) {
      fates.set(day, { kind: 'calm' });
      await outages.kill(fate.parts);
      await comeBack(outages, client);
    }
    if (fate.kind !== 'blip' || fate.step !== name) return persist(ask);
    fates.set(day, { kind: 'calm' });
    const asked = ask().catch(() => null);
    await pause(fate.afterMs);
    await outages.kill(fate.parts);
    await comeBack(outages, client);
    return (await asked) ?? persist(ask);
  }
}

type Struck = Extract<Fate, { kind: 'late' | 'lost' }>;

/** A slot that is late or lost: its parts are down until whatever comes next. */
function strikesBefore(fate: Fate, step: Step): fate is Struck {
  if (fate.kind !== 'late' && fate.kind !== 'lost') return false;
  if (fate.kind === 'late') return step === (fate.slot === '0800' ? 'morning' : 'afternoon');
  return step === (fate.slot === '0800' ? 'reconcile' : 'watch');
}

const dateOf = (at: Instant): IsoDate => at.slice(0, 10);

/**
 * Starts what is down and waits until the harness's own client has found Temporal again: its channel may still be
 * backing off.
 */
async function comeBack(outages: Outages, client: Client): Promise<void> {
  await outages.start();
  await persist(() => client.workflowService.getSystemInfo({}));
}

/** The run that the account's schedule starts for an instant, however often it is asked for. */
async function scheduled(client: Client, slot: '0800' | '1400', at: Instant): Promise<RunReply> {
  const workflowId = `${slot === '0800' ? 'morning-run' : 'afternoon-run'}/${ACCOUNT}-${at.replace('.000Z', 'Z')}`;
  if (!(await isThere(client, workflowId))) {
    const instant = new Date(at);
    await client.schedule
      .getHandle(scheduleId({ id: `run-${slot}` }, ACCOUNT))
      .backfill({ start: instant, end: instant, overlap: 'ALLOW_ALL' });
    for (const deadline = Date.now() + PATIENCE_MS; !(await isThere(client, workflowId));) {
      if (Date.now() > deadline) throw new Error(`the schedule did not start ${workflowId}`);
      await pause(RETRY_MS / 2);
    }
  }
  return (await client.workflow.getHandle(workflowId).result()) as RunReply;
}

async function isThere(client: Client, workflowId: string): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

function watchOnce(client: Client, { settings }: PrivateStack, number: number, at: Instant): Promise<unknown> {
  const input: WatchInput = { at, accounts: [ACCOUNT] };
  return client.workflow.execute(WORKFLOWS.watch, {
    workflowId: `watch/${ACCOUNT}-${at}-${number}`,
    taskQueue: settings.taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

function seatOf({ settings }: PrivateStack, { db, policy }: WorldOfWeek): Seat {
  const { dataDir, configDir, taskQueue, dryRunTrades: dryRun } = settings;
  const [account] = accountsOf(policy);
  const installation = { db, dataDir, configDir, now: () => new Date().toISOString() };
  return {
    installation,
    policy,
    account: account as Account,
    operator: 'ann',
    taskQueue,
    dryRun,
    sign: signerOf(dataDir),
  };
}
