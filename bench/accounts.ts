import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import PQueue from 'p-queue';
import { withTemporal } from '../src/cli/kit/temporal.js';
import { startRun } from '../src/operations/runs/start.js';
import {
  DAY_MESSAGES,
  type ConfirmCommand,
  type ConfirmReply,
  type IssueReply,
  type ReconcileCommand,
  type ReconcileReply,
} from '../src/contract/day-messages.js';
import type { Signer } from '../src/contract/asker.js';
import { signedAnswer, signedSnapshot, signerOf } from '../test/support/signing.js';
import { undelivered } from '../src/db/alert-deliveries.js';
import { connect } from '../src/db/connect.js';
import { findTicket } from '../src/db/tickets.js';
import { asOfDate, sessionsBetween, slotAt } from '../src/domain/calendar/calendar.js';
import { contentHash } from '../src/domain/hash.js';
import type { Policy } from '../src/domain/policy/policy.js';
import type { Fill } from '../src/domain/confirmation/shape.js';
import type { Account, Instant, IsoDate } from '../src/domain/types.js';
import { askTradingDay, tradingDayInput } from '../src/operations/day/ask.js';
import { tradingDayId } from '../src/contract/workflows.js';
import { runWorkflowId } from '../src/operations/runs/ask.js';
import { accountsOf, readConfiguration } from '../src/operations/runs/configuration.js';
import { dailyReportPath } from '../src/reports/paths.js';
import { down } from '../src/runtime/stack.js';
import { startBareWorker, type BareWorker } from './support/bare/start.js';
import { OPERATOR, policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { openDropFolder } from './support/drop-folder.js';
import { atMost, told, type Figure } from './support/figures.js';
import { residentMb } from './support/memory.js';
import { activityGroups } from './support/shape.js';
import { median, medianRatio, type Pair } from './support/statistics.js';
import type { BenchStack } from './support/stack.js';

const RUN_MAX = 1.5;
const MEMORY_MAX_MB = 500;
const HISTORY_SESSIONS = 300;
/** The first day imports the history and shows the shape of a run; the larger the size, the fewer others count. */
const [FROM, TO] = ['2015-11-16', '2015-11-30'];
const SIZES = [1, 100, 1_000];
const daysOf = (size: number): number => (size >= 1_000 ? 2 : size >= 100 ? 4 : 8);
/** Operators who reconcile or confirm at the same moment. */
const HANDS = 32;
const CASH = '100000';

type Slot = '0800' | '1400';

/** What was measured of one slot. */
interface Measured {
  /** From the moment a run is asked for to its answer. */
  runs: Pair[];
  /** From the same moment until every account's day has done what the run prompted it to. */
  untilDone: Pair[];
}

/** Activities side by side, group after group: of the run before and after it prompts the days, and of a day. */
interface Shape {
  before: number[];
  day: number[];
  after: number[];
}

/**
 * The daily runs of many accounts: one workflow a run, one a day and account, every gate of every account. Beside each
 * run a bare one of the same shape, with no-op activities in place of ours: as many of its own, then a workflow an
 * account, asked by as many activities at once.
 */
export async function run(context: BenchContext): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of context.sizes ?? SIZES) figures.push(...(await ofSize(size, context)));
  return figures;
}

async function ofSize(size: number, context: BenchContext): Promise<Figure[]> {
  const drop = openDropFolder(context.root);
  context.say(`${size} account${size === 1 ? '' : 's'} on ${drop.kind}, ${daysOf(size)} days from ${FROM}`);
  const stack = await context.createStack({
    policy: policyOf(size),
    universe: universeText(drop.stocks, drop.benchmarks),
  });
  const folder = join(stack.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  const worker = await stack.startWorker();
  const bare = await startBareWorker(stack);
  const db = connect(stack.addresses.databaseUrl, HANDS);
  try {
    const measured = await withTemporal(stack.settings, (client) =>
      days({ client, stack, bare, db, context, grow: (date) => drop.growTo(folder, date) }),
    );
    const highest = residentMb(worker, 'VmHWM');
    return [
      ...(['0800', '1400'] as const).flatMap((slot) => figuresOf(size, slot, measured[slot])),
      atMost(`accounts: worker's memory at its highest, ${size}`, highest, 'MB', MEMORY_MAX_MB),
    ];
  } finally {
    await db.destroy();
    await bare.stop();
    await down(stack.settings, () => undefined);
  }
}

function policyOf(size: number): string {
  const lines = Array.from(
    { length: size },
    (_, index) => `  ${nameOf(index)}: { base_currency: GBP, clock: simulated }`,
  );
  return policyText(HISTORY_SESSIONS).replace(/^ {2}main: .*$/m, lines.join('\n'));
}

const nameOf = (index: number): string => `a${String(index).padStart(4, '0')}`;

interface Bench {
  client: Client;
  stack: BenchStack;
  bare: BareWorker;
  db: Knex;
  context: BenchContext;
  grow(date: IsoDate): void;
}

async function days(bench: Bench): Promise<Record<Slot, Measured>> {
  const { policy } = await readConfiguration(bench.stack.settings.configDir);
  const accounts = accountsOf(policy);
  const measured = { '0800': { runs: [], untilDone: [] }, '1400': { runs: [], untilDone: [] } } as Record<
    Slot,
    Measured
  >;
  const shapes: Partial<Record<Slot, Shape>> = {};
  const sessions = sessionsBetween(FROM, TO).slice(0, daysOf(accounts.length) + 1);
  for (const [number, tradingDay] of sessions.entries()) {
    bench.grow(asOfDate(tradingDay));
    for (const slot of ['0800', '1400'] as const) {
      const session: Session = { slot, tradingDay, accounts };
      const shape = shapes[slot];
      const bareFirst = shape && number % 2 === 0 ? await bareRun(bench, shape, session) : null;
      const ours = await ourRun(bench, session);
      shapes[slot] ??= await shapeOf(bench, session, ours.within);
      const other = bareFirst ?? (await bareRun(bench, shapes[slot], session));
      if (number > 0) {
        measured[slot].runs.push({ ours: ours.run, other: other.run });
        measured[slot].untilDone.push({ ours: ours.untilDone, other: other.untilDone });
      }
      bench.context.say(
        `${tradingDay} ${slot}: ${ours.run.toFixed(0)} ms beside ${other.run.toFixed(0)}, ` +
          `until all days have done their part ${ours.untilDone.toFixed(0)} beside ${other.untilDone.toFixed(0)}`,
      );
      await answer(bench, session, policy);
    }
  }
  return measured;
}

/** A slot of a trading day, of these accounts. */
interface Session {
  slot: Slot;
  tradingDay: IsoDate;
  accounts: readonly Account[];
}

/** Milliseconds. */
interface Times {
  run: number;
  untilDone: number;
}

const instantOf = ({ slot, tradingDay }: Session): Instant =>
  new Date(Date.parse(slotAt(tradingDay, slot)) + 1_000).toISOString();

async function ourRun(bench: Bench, session: Session): Promise<Times & { within: { from: number; to: number } }> {
  const { client, stack } = bench;
  const input = {
    at: instantOf(session),
    operator: OPERATOR,
    accounts: session.accounts.map(({ account }) => account),
    full: false,
    dryRun: false,
  };
  const from = Date.now();
  const began = performance.now();
  const place = { client, taskQueue: stack.settings.taskQueue, calendar: undefined };
  await startRun(place, signerOf(stack.dataDir), { slot: session.slot, account: null, input });
  const run = performance.now() - began;
  await daysOpen(bench, session);
  const untilDone = performance.now() - began;
  // Nothing of ours may be under way while the bare one is measured.
  while ((await undelivered(bench.db)).length > 0) await setTimeout(50);
  return { run, untilDone, within: { from, to: Date.now() } };
}

/** The last thing that the opening of a day does is to write its report. */
async function daysOpen({ stack }: Bench, { slot, tradingDay, accounts }: Session): Promise<void> {
  if (slot === '1400') return;
  const reports = accounts.map(({ account }) => join(stack.dataDir, dailyReportPath(account, tradingDay, 'html')));
  for (const report of reports) while (!existsSync(report)) await setTimeout(5);
}

/**
 * What the first account's day did stands for that of every other: they all have the same prices and the same cash.
 */
async function shapeOf({ client }: Bench, session: Session, within: { from: number; to: number }): Promise<Shape> {
  const groups = (all: { at: number; width: number; name: string }[]) => all.toSorted((a, b) => a.at - b.at);
  const own = groups(await activityGroups(client, runWorkflowId(session.slot, null, instantOf(session))));
  const prompts = own.findIndex(({ name }) => name === 'openTradingDay' || name === 'promptTicket');
  const first = (session.accounts[0] as Account).account;
  const day = groups(await activityGroups(client, tradingDayId(first, session.tradingDay), within));
  const widths = (some: { width: number }[]) => some.map(({ width }) => width);
  return { before: widths(own.slice(0, prompts)), day: widths(day), after: widths(own.slice(prompts + 1)) };
}

/** As our runs do, the bare one waits for its days in the afternoon alone. */
async function bareRun(
  { client, bare }: Bench,
  { before, day, after }: Shape,
  { slot, accounts }: Session,
): Promise<Times> {
  const days = { count: accounts.length, shape: day, isAwaited: slot === '1400' };
  const began = performance.now();
  const prefix = await bare.runOfDays(client, { before, days, after });
  const run = performance.now() - began;
  if (slot === '0800')
    for (const index of accounts.keys()) await client.workflow.getHandle(`${prefix}/${index}`).result();
  return { run, untilDone: performance.now() - began };
}

/**
 * What the operators do after a run, not measured: each account is reconciled in the morning and confirmed in the
 * afternoon.
 */
async function answer(
  { client, stack, db }: Bench,
  { slot, tradingDay, accounts }: Session,
  policy: Policy,
): Promise<void> {
  const queue = new PQueue({ concurrency: HANDS });
  const { taskQueue } = stack.settings;
  const sign = signerOf(stack.dataDir);
  await queue.addAll(
    accounts.map((account) => async () => {
      const at = new Date(Date.parse(slotAt(tradingDay, slot)) + 3_600_000).toISOString();
      const day = tradingDayInput(account, tradingDay, policy, at);
      if (slot === '0800') await reconcile(client, taskQueue, sign, day, at);
      else await confirm({ client, taskQueue, day, db, at, sign });
    }),
  );
}

type Day = ReturnType<typeof tradingDayInput>;

async function reconcile(client: Client, taskQueue: string, sign: Signer, day: Day, at: Instant): Promise<void> {
  const { account, tradingDay } = day;
  const commandId = `${account}-${tradingDay}`;
  const figures = { snapshotDate: tradingDay, cash: CASH, positions: {}, notes: null };
  const command: ReconcileCommand = { commandId, ...figures, operator: OPERATOR, at };
  const reply = await askTradingDay<ReconcileReply>(
    client,
    taskQueue,
    day,
    DAY_MESSAGES.reconcileUpdate,
    commandId,
    await signedSnapshot(sign, day, command),
  );
  if (reply.status === 'PASS') return;
  throw new Error(
    `${account} ${tradingDay}: ${reply.status}: ${reply.reasons.map(({ message }) => message).join('; ')}`,
  );
}

interface Confirming {
  client: Client;
  taskQueue: string;
  day: Day;
  db: Knex;
  at: Instant;
  sign: Signer;
}

/** Every line is skipped, so that each day is as the one before: cash, no position, a ticket full of lines. */
async function confirm({ client, taskQueue, day, db, at, sign }: Confirming): Promise<void> {
  const handle = client.workflow.getHandle(tradingDayId(day.account, day.tradingDay));
  const { ticketId } = (await handle.query<{ ticket: IssueReply }>(DAY_MESSAGES.day)).ticket;
  const ticket = await findTicket(db, ticketId);
  if (ticket?.kind !== 'TRADE')
    throw new Error(
      `${day.account} ${day.tradingDay}: ticket ${ticketId} is ${ticket?.kind}, and a TRADE is what is measured`,
    );
  const fills = ticket.material.lines.map(({ sequence, symbol, side }): Fill => ({
    sequence,
    internalSymbol: symbol,
    side,
    executedStatus: 'SKIPPED',
    notes: 'bench',
    units: null,
    fillPrice: null,
    executedValueBase: null,
    filledAt: null,
  }));
  const content = { ticketId, kind: 'FILLS' as const, fills, amend: false };
  const command: ConfirmCommand = { ...content, commandId: contentHash(content), operator: OPERATOR, at };
  const update = `confirm-${command.commandId}`;
  const signed = await signedAnswer(sign, db, day, command);
  const reply = await askTradingDay<ConfirmReply>(client, taskQueue, day, DAY_MESSAGES.confirmUpdate, update, signed);
  if (reply.status === 'REFUSED') throw new Error(`${day.account} ${day.tradingDay}: ${reply.reason?.message}`);
}

function figuresOf(size: number, slot: Slot, { runs, untilDone }: Measured): Figure[] {
  return [
    atMost(`accounts: ${slot} run of ${size} / bare workflows`, medianRatio(runs), 'x', RUN_MAX),
    told(`accounts: ${slot} run of ${size}`, median(runs.map(({ ours }) => ours)), 'ms'),
    ...(slot === '0800'
      ? [told(`accounts: 08:00 of ${size} until every day is open / bare`, medianRatio(untilDone), 'x')]
      : []),
  ];
}
