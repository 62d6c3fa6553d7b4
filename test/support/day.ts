import { Client, Connection } from '@temporalio/client';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { tradingDayInput } from '../../src/operations/day/ask.js';
import { askTradingDayUntil } from '../../src/operations/day/ask-day.js';
import { connect } from '../../src/db/connect.js';
import { findTicket, type StoredTicket } from '../../src/db/tickets.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import type { DayView } from '../../src/domain/day/state.js';
import { contentHash } from '../../src/domain/hash.js';
import { D, floorUnits, pennies, toText } from '../../src/domain/money.js';
import { parsePolicy, type Policy } from '../../src/domain/policy/policy.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import type { Instant, IsoDate, TicketMaterial } from '../../src/domain/types.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { brokenInvariants } from '../../src/operations/guard/invariants.js';
import {
  DAY_MESSAGES,
  type ConfirmCommand,
  type ConfirmReply,
  type IssueReply,
  type ReconcileReply,
} from '../../src/contract/day-messages.js';
import type { RunInput, RunReply } from '../../src/contract/runs.js';
import { tradingDayId, WORKFLOWS } from '../../src/contract/workflows.js';
import type { Signer } from '../../src/contract/asker.js';
import { signedAnswer, signedMessage, signedRun, signedSnapshot, signerOf } from './signing.js';
import { cliHere } from './cli-here.js';
import { createInstallation, runCli, type Installation } from './stack.js';
import { startWorkerHere } from './worker-here.js';

/**
 * Sessions of the demo's prices (package vega-datasets and @observablehq/sample-datasets): a Monday, so a rebalance
 * day, and the Tuesday after.
 */
export const MONDAY = '2018-05-07';
export const TUESDAY = '2018-05-08';
export const CASH = '10000.00';
/** Longer than any worker of a test is away. */
const ANSWER_MS = 300_000;
/** Symbols that may be held in config/demo. */
const UNIVERSE = ['AAPL', 'SP500'];

export interface PolicyChoices {
  mode?: Policy['trading']['mode'];
  cadence?: Policy['trading']['cadence'];
  operators?: string[];
  clock?: 'real' | 'simulated';
  /** Back up when a day closes; left out, for most tests are not about that. */
  backUpAtClose?: boolean;
  /** Lines of YAML beside these. */
  more?: string;
  /** Whether the universe is the demo's too; kept where it is false. */
  universe?: boolean;
}

/**
 * Gives an installation the demo's policy (one USD account on the `sample` prices, which need no network), with these
 * choices.
 */
export function useDemoPolicy(
  { configDir }: Installation,
  {
    mode = 'live',
    cadence = 'weekly',
    operators = ['demo'],
    clock = 'simulated',
    backUpAtClose = false,
    more = '',
    universe = true,
  }: PolicyChoices = {},
): void {
  const demo = join(repositoryRoot, 'config', 'demo');
  writeFileSync(
    join(configDir, 'policy.yml'),
    [
      'version: 1',
      `accounts:\n  main: { base_currency: USD, clock: ${clock} }`,
      `operators: [${operators.join(', ')}]`,
      'market_data:\n  provider: sample',
      `trading: { mode: '${mode}', cadence: ${cadence} }`,
      `backup: { at_close: ${backUpAtClose} }`,
      more,
    ].join('\n'),
  );
  if (universe) writeFileSync(join(configDir, 'universe.csv'), readFileSync(join(demo, 'universe.csv'), 'utf8'));
}

/** Accounts that have nothing, beside those of the policy; @returns their names. */
export function addAccounts({ configDir }: Pick<Installation, 'configDir'>, count: number): string[] {
  const names = Array.from({ length: count }, (_, place) => `other-${place}`);
  const file = join(configDir, 'policy.yml');
  const rows = names.map((name) => `  ${name}: { base_currency: USD, clock: simulated }\n`).join('');
  writeFileSync(file, readFileSync(file, 'utf8').replace('operators:', `${rows}operators:`));
  return names;
}

export interface SnapshotChoices {
  /** When it is signed, where the worker's clock is not the machine's. */
  signedAt?: Instant;
  cash?: string;
  positions?: Record<string, string>;
  /** UK time of the trading day. */
  time?: string;
  notes?: string | null;
  operator?: string;
  /** The command's id; the same id is the same command. */
  id?: string;
}

export interface ConfirmChoices {
  fills?: Fill[];
  time?: string;
  operator?: string;
  amend?: boolean;
}

/**
 * Drives the days of one account: through Temporal as the command line does (quick), or by the compiled command line
 * itself.
 */
export interface TestSeat {
  /** Signs with the installation's key. */
  sign: Signer;
  db: Knex;
  client: Client;
  policy: Policy;
  /** Starts a run at a UK time of the day and waits for it. */
  run(
    slot: '0800' | '1400' | 'ops',
    day: IsoDate,
    choices?: { time?: string; dryRun?: boolean; id?: string },
  ): Promise<RunReply>;
  reconcile(day: IsoDate, choices?: SnapshotChoices): Promise<ReconcileReply>;
  /** The ticket of an afternoon run. */
  issue(day: IsoDate, choices?: { time?: string; dryRun?: boolean; id?: string }): Promise<IssueReply>;
  /** Confirms a ticket: fills for a TRADE (as ordered, unless given), an acknowledgement for a NO_TRADE. */
  confirm(ticketId: string, choices?: ConfirmChoices): Promise<ConfirmReply>;
  /**
   * Leaves a message; a snapshot or an answer is signed by whom it names, unless it says that it is not: `signature:
   * null`.
   */
  signal(day: IsoDate, name: string, payload: unknown): Promise<void>;
  view(day: IsoDate): Promise<DayView>;
  /** The view once it is as wanted; fails with the last one after ten seconds. */
  viewWhen(day: IsoDate, wanted: (view: DayView) => boolean): Promise<DayView>;
  closed(day: IsoDate): Promise<DayView>;
  ticket(ticketId: string): Promise<StoredTicket>;
  /** The command line in this process, one command at a time. */
  cli(args: string[], options?: Parameters<typeof cliHere>[2]): ReturnType<typeof cliHere>;
  /** The command line as a process of its own: where its end, its signals or several at once are what is tested. */
  cliApart(args: string[], options?: Parameters<typeof runCli>[2]): ReturnType<typeof runCli>;
  close(): Promise<void>;
}

/**
 * Runs a test on an installation of its own with the demo's policy, with a worker in this process unless it starts
 * its own, and cleans up after it.
 */
export async function withSeat(
  choices: PolicyChoices & { worker?: boolean },
  action: (seat: TestSeat, installation: Installation) => Promise<void>,
): Promise<void> {
  const installation = await createInstallation();
  useDemoPolicy(installation, choices);
  const { seat, stop } = await startSeat(installation, choices.worker);
  try {
    await action(seat, installation);
  } finally {
    await stop();
  }
}

/** Opens a seat with a worker in this process; `stop` ends both and removes the installation. */
export async function startSeat(
  installation: Installation,
  withWorker = true,
): Promise<{ seat: TestSeat; stop: () => Promise<void> }> {
  const worker = withWorker ? await startWorkerHere(installation) : null;
  const seat = await openSeat(installation);
  return {
    seat,
    stop: async () => {
      await worker?.stop();
      await seat.close();
      await installation.cleanup();
    },
  };
}

/** Opens a seat on an installation whose policy has an account `main`. */
export async function openSeat(installation: Installation): Promise<TestSeat> {
  const { settings } = installation;
  const { databaseUrl, temporalAddress } = resolveAddresses(settings);
  const policy = parsePolicy(readFileSync(join(installation.configDir, 'policy.yml'), 'utf8'), 'policy.yml');
  const operator = policy.operators[0] ?? 'demo';
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection, namespace: settings.temporalNamespace });
  const db = connect(databaseUrl, 2);
  const { base_currency: baseCurrency = 'USD', clock = 'simulated' } = policy.accounts['main'] ?? {};
  const account = { account: 'main', baseCurrency, clock };
  const dayInput = (day: IsoDate, at: Instant) => tradingDayInput(account, day, policy, at);
  const sign = signerOf(installation.dataDir);
  const signerAt = (at: Instant) => signerOf(installation.dataDir, () => at);
  const handle = (day: IsoDate) => client.workflow.getHandle(tradingDayId('main', day));

  const seat: TestSeat = {
    sign,
    db,
    client,
    policy,
    async run(slot, day, { time = slot === '1400' ? '14:00' : '08:00', dryRun = false, id } = {}) {
      const at = londonInstant(day, time);
      const asked = { at, operator, accounts: ['main'], full: false, dryRun };
      const input: RunInput = await signedRun(sign, slot, asked);
      const { type, name } = RUNS[slot];
      return (await client.workflow.execute(type, {
        workflowId: id ?? `${name}-${at.replace(/\.\d+Z$/, 'Z')}`,
        taskQueue: settings.taskQueue,
        args: [input],
        staticSummary: `${slot} run asked for by ${operator}`,
        workflowIdConflictPolicy: 'USE_EXISTING',
      })) as RunReply;
    },
    async reconcile(
      day,
      {
        cash = CASH,
        positions = {},
        time = '09:00',
        notes = null,
        operator: by = operator,
        id = randomUUID(),
        signedAt,
      } = {},
    ) {
      const at = londonInstant(day, time);
      const place = { account: 'main', tradingDay: day };
      const command = { commandId: id, snapshotDate: day, cash, positions, notes, operator: by, at };
      return askTradingDayUntil<ReconcileReply>(
        Date.now() + ANSWER_MS,
        client,
        settings.taskQueue,
        dayInput(day, at),
        DAY_MESSAGES.reconcileUpdate,
        id,
        await signedSnapshot(signedAt === undefined ? sign : signerAt(signedAt), place, command),
      );
    },
    async issue(day, choices = {}) {
      const [ticket] = (await seat.run('1400', day, choices)).tickets;
      if (!ticket) throw new Error(`the afternoon run of ${day} issued no ticket`);
      return ticket;
    },
    async confirm(ticketId, choices = {}) {
      const { material } = await seat.ticket(ticketId);
      const command = confirmCommand(ticketId, material, { operator, ...choices });
      const signed = await signedAnswer(sign, db, { account: 'main', tradingDay: material.tradingDay }, command);
      const id = `confirm-${command.commandId}-${randomUUID()}`;
      return askTradingDayUntil<ConfirmReply>(
        Date.now() + ANSWER_MS,
        client,
        settings.taskQueue,
        dayInput(material.tradingDay, command.at),
        DAY_MESSAGES.confirmUpdate,
        id,
        signed,
      );
    },
    signal: async (day, name, payload) =>
      handle(day).signal(name, await signedMessage(sign, db, { account: 'main', tradingDay: day }, name, payload)),
    view: (day) => handle(day).query<DayView>(DAY_MESSAGES.day),
    async viewWhen(day, wanted) {
      let view = await seat.view(day);
      for (let tries = 0; tries < 100 && !wanted(view); tries++) {
        await new Promise((resolve) => void setTimeout(resolve, 100));
        view = await seat.view(day);
      }
      if (!wanted(view)) throw new Error(`the day never came to be as wanted: ${JSON.stringify(view)}`);
      return view;
    },
    closed: (day) => handle(day).result() as Promise<DayView>,
    async ticket(ticketId) {
      const ticket = await findTicket(db, ticketId);
      if (!ticket) throw new Error(`ticket ${ticketId} is not stored`);
      return ticket;
    },
    cli: (args, options) => cliHere(installation, args, options),
    cliApart: (args, options) => runCli(installation, args, options),
    async close() {
      await connection.close();
      await db.destroy();
    },
  };
  return seat;
}

const RUNS = {
  '0800': { type: WORKFLOWS.morningRun, name: 'morning-run' },
  '1400': { type: WORKFLOWS.afternoonRun, name: 'afternoon-run' },
  ops: { type: WORKFLOWS.opsRun, name: 'ops-run' },
} as const;

/** The message that a confirmation of this ticket is, with the id that its content gives it. */
export function confirmCommand(
  ticketId: string,
  material: TicketMaterial,
  { fills, time = '15:20', operator = 'demo', amend = false }: ConfirmChoices,
): ConfirmCommand {
  const kind = material.kind === 'TRADE' ? ('FILLS' as const) : ('ACK' as const);
  const content = { ticketId, kind, fills: fills ?? (kind === 'FILLS' ? fillsOf(material) : []) };
  return {
    ...content,
    commandId: contentHash({ ...content, amend }),
    amend,
    operator,
    at: londonInstant(material.tradingDay, time),
  };
}

/** What an operator would report of a ticket executed as ordered; `slip` moves every price by that fraction. */
export function fillsOf({ lines, tradingDay }: Pick<TicketMaterial, 'lines' | 'tradingDay'>, slip = '0'): Fill[] {
  return lines.map((line) => {
    const price = pennies(D(line.referencePrice).times(D(slip).plus(1)));
    const units = line.units === null ? floorUnits(D(line.valueBase ?? '0').div(price)) : D(line.units);
    return {
      sequence: line.sequence,
      internalSymbol: line.symbol,
      side: line.side,
      executedStatus: 'DONE',
      units: toText(units),
      fillPrice: toText(price),
      executedValueBase: line.valueBase ?? toText(pennies(units.times(price))),
      filledAt: londonInstant(tradingDay, '14:41'),
      notes: null,
    };
  });
}

/** Fills as the operator writes them into the file of confirm-fills (docs/RULES.md 1.4). */
export function writeFills(file: string, fills: Fill[]): string {
  const items = fills.map((fill) => ({
    sequence: fill.sequence,
    internal_symbol: fill.internalSymbol,
    side: fill.side,
    executed_status: fill.executedStatus,
    units: fill.units,
    fill_price: fill.fillPrice,
    executed_value_base: fill.executedValueBase,
    filled_at: fill.filledAt,
    notes: fill.notes,
  }));
  writeFileSync(file, JSON.stringify({ fills: items }, null, 2));
  return file;
}

/** A whole day as it should go: morning, reconciliation, ticket, confirmation, close. @returns the ticket. */
export async function driveDay(
  seat: TestSeat,
  day: IsoDate = MONDAY,
  beforeConfirmation?: () => Promise<void>,
): Promise<IssueReply> {
  await seat.run('0800', day);
  // A name for each message: whoever sends it again after a fault sends the same one.
  const { status } = await seat.reconcile(day, { id: `reconcile-${day}` });
  expect(status).toBe('PASS');
  const ticket = await seat.issue(day);
  await beforeConfirmation?.();
  const reply = await seat.confirm(ticket.ticketId);
  expect(reply).toMatchObject({ status: ticket.kind === 'TRADE' ? 'BOOKED' : 'ACKNOWLEDGED', reason: null });
  expect((await seat.closed(day)).state).toBe('closed');
  return ticket;
}

/** I1 to I5 and I7 of docs/RULES.md 8, each a query over everything that is stored. */
export async function assertInvariants(db: Knex): Promise<void> {
  const { violations } = await brokenInvariants(db, { universe: UNIVERSE, known: null, facts: 'all' });
  expect(violations).toEqual([]);
}

/**
 * What one finished day leaves behind: one ticket, one booking, one of each event, and nothing half done.
 * @param askedAgain runs were asked for more than once; each is recorded, and none repeats what another did.
 */
export async function assertOneOfEverything(
  db: Knex,
  day: IsoDate,
  ticketId: string,
  askedAgain = false,
): Promise<void> {
  await assertInvariants(db);
  const of = async (table: string, where: Record<string, unknown>) =>
    Number((await db(table).where(where).count({ rows: '*' }))[0]?.['rows']);
  expect(await db('tickets').where({ trading_day: day }).pluck('ticket_id')).toEqual([ticketId]);
  expect(await of('confirmations', { ticket_id: ticketId })).toBe(1);
  expect(await of('journal_entries', { ticket_id: ticketId, kind: 'FILL' })).toBe(
    (await db('fills').count({ rows: '*' }))[0]?.['rows'],
  );
  expect(await of('journal_entries', { kind: 'OPENING' })).toBe(1);
  expect(await of('reconciliations', { trading_day: day })).toBe(1);
  expect(await db('day_events').where({ trading_day: day }).orderBy('event').pluck('event')).toEqual([
    'CLOSED',
    'OPENED',
  ]);
  const slots = (await db('runs').where({ trading_day: day }).orderBy('slot').pluck('slot')) as string[];
  expect(askedAgain ? [...new Set(slots)] : slots).toEqual(['0800', '1400']);
  expect(await of('run_results', {})).toBe(slots.length);
  const actions: string[] = await db('audit_log')
    .whereNot({ action: 'facts.recorded' })
    .orderBy('action')
    .pluck('action');
  expect(new Set(actions).size, `audit records: ${actions.join(', ')}`).toBe(actions.length);
}
