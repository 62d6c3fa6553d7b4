import type { Client } from '@temporalio/client';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { withTemporal } from '../src/cli/kit/temporal.js';
import { executeRun } from '../src/cli/commands/runs/start.js';
import {
  DAY_MESSAGES,
  type ConfirmCommand,
  type ConfirmReply,
  type IssueReply,
  type ReconcileCommand,
  type ReconcileReply,
} from '../src/contract/day-messages.js';
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
import { startBareWorker, type BareWorker } from './support/bare/start.js';
import { OPERATOR, policyText, universeText } from './support/configuration.js';
import type { BenchContext } from './support/context.js';
import { openDropFolder } from './support/drop-folder.js';
import { atMost, told, type Figure } from './support/figures.js';
import { residentMb } from './support/memory.js';
import { activityGroups } from './support/shape.js';
import { median, medianRatio, timed, type Pair } from './support/statistics.js';
import type { BenchStack } from './support/stack.js';

const RUN_MAX = 1.5;
const MEMORY_MAX_MB = 500;
const HISTORY_SESSIONS = 300;
/** The first day imports the history and shows the shape of a run; the others are measured. */
const [FROM, TO] = ['2015-11-16', '2015-11-20'];
const SIZES = [1, 100, 1_000];
/** Operators who reconcile or confirm at the same moment. */
const HANDS = 16;
const CASH = '100000';

type Slot = '0800' | '1400';
type Measured = Record<Slot, Pair[]>;

/** How many activities ran side by side, group after group: of the run, and of each account's day while the run waited. */
interface Shape {
  run: number[];
  day: number[];
}

/**
 * The daily runs of many accounts: one workflow a run, one a day and account, every gate of every account. Beside each run bare
 * workflows with as many no-op activities: one for the run, and one an account for what its day does while the run waits.
 */
export async function run(context: BenchContext): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of SIZES) figures.push(...(await ofSize(size, context)));
  return figures;
}

async function ofSize(size: number, context: BenchContext): Promise<Figure[]> {
  const drop = openDropFolder(context.root);
  context.say(`${size} account${size === 1 ? '' : 's'} on ${drop.kind}, ${FROM} to ${TO}`);
  const stack = await context.createStack({
    policy: policyOf(size),
    universe: universeText(drop.stocks, drop.benchmarks),
  });
  const folder = join(stack.dataDir, 'data', 'drop');
  mkdirSync(folder, { recursive: true });
  const worker = await stack.startWorker();
  const bare = await startBareWorker(stack);
  try {
    const measured = await withTemporal(stack.settings, (client) =>
      days({ client, stack, bare, grow: (date) => drop.growTo(folder, date) }),
    );
    const highest = residentMb(worker, 'VmHWM');
    return [
      ...(['0800', '1400'] as const).flatMap((slot) => figuresOf(size, slot, measured[slot])),
      atMost(`accounts: worker's memory at its highest, ${size}`, highest, 'MB', MEMORY_MAX_MB),
    ];
  } finally {
    await bare.stop();
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
  grow(date: IsoDate): void;
}

async function days({ client, stack, bare, grow }: Bench): Promise<Measured> {
  const { policy } = await readConfiguration(stack.settings.configDir);
  const accounts = accountsOf(policy);
  const measured: Measured = { '0800': [], '1400': [] };
  const shapes: Record<Slot, Shape> = { '0800': { run: [], day: [] }, '1400': { run: [], day: [] } };
  for (const [number, tradingDay] of sessionsBetween(FROM, TO).entries()) {
    grow(asOfDate(tradingDay));
    for (const slot of ['0800', '1400'] as const) {
      const at = new Date(Date.parse(slotAt(tradingDay, slot)) + 1_000).toISOString();
      const input = {
        at,
        operator: OPERATOR,
        accounts: accounts.map(({ account }) => account),
        full: false,
        dryRun: false,
      };
      const began = Date.now();
      const ours = await timed(() =>
        executeRun(client, slot, { taskQueue: stack.settings.taskQueue, account: null, input }),
      );
      const within = { from: began, to: Date.now() };
      if (number === 0)
        shapes[slot] = await shapeOf(client, slot, { at, tradingDay, account: accounts[0] as Account, within });
      const other = await timed(() => bareRun(client, bare, shapes[slot], accounts.length));
      if (number > 0) measured[slot].push({ ours, other });
      await answer(slot, { client, stack, policy, accounts, tradingDay });
    }
  }
  return measured;
}

interface FirstRun {
  at: Instant;
  tradingDay: IsoDate;
  account: Account;
  /** When it began and ended, milliseconds. */
  within: { from: number; to: number };
}

/** What the first account's day did stands for that of every other: they all have the same prices and the same cash. */
async function shapeOf(client: Client, slot: Slot, { at, tradingDay, account, within }: FirstRun): Promise<Shape> {
  const widths = (groups: { at: number; width: number }[]) =>
    groups.toSorted((a, b) => a.at - b.at).map(({ width }) => width);
  return {
    run: widths(await activityGroups(client, runWorkflowId(slot, null, at))),
    day: slot === '1400' ? widths(await activityGroups(client, tradingDayId(account.account, tradingDay), within)) : [],
  };
}

/** The bare workflows beside a run: its own, and one an account, all started at once as the prompts of a run are. */
async function bareRun(client: Client, bare: BareWorker, { run: own, day }: Shape, accounts: number): Promise<void> {
  const ofDays = day.length === 0 ? [] : Array.from({ length: accounts }, () => bare.run(client, day));
  await Promise.all([bare.run(client, own), ...ofDays]);
}

interface Answering {
  client: Client;
  stack: BenchStack;
  policy: Policy;
  accounts: readonly Account[];
  tradingDay: IsoDate;
}

/** What the operators do after a run, not measured: each account is reconciled in the morning and confirmed in the afternoon. */
async function answer(slot: Slot, { client, stack, policy, accounts, tradingDay }: Answering): Promise<void> {
  const queue = new PQueue({ concurrency: HANDS });
  const { taskQueue } = stack.settings;
  const db = connect(stack.addresses.databaseUrl, HANDS);
  try {
    await queue.addAll(
      accounts.map((account) => async () => {
        const at = new Date(Date.parse(slotAt(tradingDay, slot)) + 3_600_000).toISOString();
        const day = tradingDayInput(account, tradingDay, policy, at);
        if (slot === '0800') await reconcile(client, taskQueue, day, at);
        else await confirm({ client, taskQueue, day, db, at });
      }),
    );
  } finally {
    await db.destroy();
  }
}

type Day = ReturnType<typeof tradingDayInput>;

async function reconcile(client: Client, taskQueue: string, day: Day, at: Instant): Promise<void> {
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
    command,
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
  db: ReturnType<typeof connect>;
  at: Instant;
}

/** Every line is skipped, so that each day is as the one before: cash, no position, a ticket full of lines. */
async function confirm({ client, taskQueue, day, db, at }: Confirming): Promise<void> {
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
  const reply = await askTradingDay<ConfirmReply>(client, taskQueue, day, DAY_MESSAGES.confirmUpdate, update, command);
  if (reply.status === 'REFUSED') throw new Error(`${day.account} ${day.tradingDay}: ${reply.reason?.message}`);
}

function figuresOf(size: number, slot: Slot, pairs: readonly Pair[]): Figure[] {
  return [
    atMost(`accounts: ${slot} run of ${size} / bare workflows`, medianRatio(pairs), 'x', RUN_MAX),
    told(`accounts: ${slot} run of ${size}`, median(pairs.map(({ ours }) => ours)), 'ms'),
  ];
}
