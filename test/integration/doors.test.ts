import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfirmCommand, ConfirmReply, ReconcileReply, TradingDayInput } from '../../src/contract/day-messages.js';
import { insertRun } from '../../src/db/runs.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { tradingDayId, WORKFLOWS } from '../../src/contract/workflows.js';
import type { DayView } from '../../src/domain/day/state.js';
import { OpsError } from '../../src/domain/errors.js';
import { previousSession, tradingDayOf } from '../../src/domain/calendar/calendar.js';
import { isPlainText } from '../../src/domain/text.js';
import type { TicketLine } from '../../src/domain/types.js';
import { dayOfSnapshot } from '../../src/domain/day/opening.js';
import { signedAnswer, signedSnapshot } from '../support/signing.js';
import { askTradingDay, leaveForTradingDay, tradingDayInput } from '../../src/operations/day/ask.js';
import { confirm } from '../../src/operations/day/confirm.js';
import { issueTicket } from '../../src/operations/day/issue-ticket.js';
import { reconcile } from '../../src/operations/day/reconcile.js';
import { readConfiguration } from '../../src/operations/runs/configuration.js';
import { CASH, startSeat, useDemoPolicy, writeFills, type TestSeat } from '../support/day.js';
import { installationPaths } from '../../src/runtime/paths.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';
import { issue, type Issuer } from './ledger.fixture.js';

const GROUP_MAX_MS = 240_000;
const ACCOUNT = { account: 'main', baseCurrency: 'USD', clock: 'real' } as const;
const UNKNOWN_ID = '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00';
const LONG_AGO = '2014-05-06';

let installation: Installation;
let seat: TestSeat;
let stop: () => Promise<void>;

/** A real account on an installation where nothing has happened yet. */
beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { clock: 'real' });
  ({ seat, stop } = await startSeat(installation));
}, GROUP_MAX_MS);

afterAll(() => stop());

const now = () => new Date().toISOString();
const where = () => ({ db: seat.db, dataDir: installation.dataDir, configDir: installation.configDir, now });
const today = () => dayOfSnapshot(now(), seat.policy.calendar);
const yesterday = () => previousSession(today(), seat.policy.calendar);
const dayOf = (tradingDay: string, account = 'main') =>
  tradingDayInput({ ...ACCOUNT, account }, tradingDay, seat.policy, now());

/** One thing that is refused: what is said, and how it is typed where it can be typed. */
interface Refused {
  code: string;
  /** What its text begins with or holds: field, value and rule. */
  text?: string;
  kind: 'reconcile' | 'confirm' | 'issue';
  /** Default: today's. */
  tradingDay?: string;
  account?: string;
  said: Record<string, unknown>;
  /** The command and its words. */
  typed?: string[];
  /** The day cannot take it in, so that its refusal as a signal is one of the day, not of the message. */
  malformed?: true;
}

const snapshot = () => ({ snapshotDate: tradingDayOf(now()), cash: CASH, positions: {}, notes: null });
const answer = { ticketId: UNKNOWN_ID, kind: 'ACK', fills: [], amend: false };
const reconciling = ['reconcile-daily', '--snapshot-date', 'today'];

/** So many positions, each of one unit. */
const positions = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, '1']));
const typedPositions = (count: number) =>
  Object.keys(positions(count)).flatMap((symbol) => ['--position', `${symbol}=1`]);
const FILLS_RULE = 'must be a list of fills, or an object with a list "fills"';

const REFUSED: Record<string, Refused> = {
  'a snapshot of 2014, said on its day': {
    code: 'SNAPSHOT_INVALID',
    text: `: must not be after the trading day, ${LONG_AGO}`,
    kind: 'reconcile',
    tradingDay: LONG_AGO,
    said: { snapshotDate: LONG_AGO, at: `${LONG_AGO}T09:00:00Z` },
  },
  'a snapshot of 2014, said today': {
    code: 'SNAPSHOT_INVALID',
    text: `snapshot-date: "${LONG_AGO}": must not be before `,
    kind: 'reconcile',
    said: { snapshotDate: LONG_AGO },
    typed: ['reconcile-daily', '--snapshot-date', LONG_AGO, '--cash', CASH],
  },
  'a claim from before the day': {
    code: 'CLAIM_BEFORE_DAY',
    text: 'at: 2014-05-06T09:00:00Z: must not be before the trading day ',
    kind: 'reconcile',
    said: { at: `${LONG_AGO}T09:00:00Z` },
  },
  'a claim about the future': {
    code: 'CLAIM_IN_FUTURE',
    text: 'at: 2099-05-06T09:00:00Z: must not be in the future',
    kind: 'reconcile',
    said: { at: '2099-05-06T09:00:00Z' },
  },
  'a stranger': {
    code: 'OPERATOR_UNKNOWN',
    text: 'operator: mallory: must be one of demo',
    kind: 'reconcile',
    said: { operator: 'mallory' },
    typed: [...reconciling, '--cash', CASH, '--operator', 'mallory'],
  },
  'a stranger whose name is NUL': { code: 'OPERATOR_UNKNOWN', kind: 'reconcile', said: { operator: 'de\u0000mo' } },
  'negative cash': {
    code: 'SNAPSHOT_INVALID',
    text: 'cash: "-1": must be an amount of 0 or more',
    kind: 'reconcile',
    said: { cash: '-1' },
    typed: [...reconciling, '--cash=-1'],
  },
  'a position __proto__': {
    code: 'SNAPSHOT_INVALID',
    text: 'positions.__proto__: "__proto__": must be a symbol',
    kind: 'reconcile',
    said: { positions: JSON.parse('{"__proto__":"1"}') as object },
    typed: [...reconciling, '--cash', CASH, '--position', '__proto__=1'],
  },
  'a note with half a character': {
    code: 'SNAPSHOT_INVALID',
    text: 'notes: "a\\ud800b": must be plain text',
    kind: 'reconcile',
    said: { notes: 'a\ud800b' },
  },
  'a note that turns the direction': {
    code: 'SNAPSHOT_INVALID',
    text: 'notes: "a\\u202eb": must be plain text',
    kind: 'reconcile',
    said: { notes: 'a\u202eb' },
    typed: [...reconciling, '--cash', CASH, '--notes', 'a\u202eb'],
  },
  ...Object.fromEntries(
    [501, 10_000, 20_000].map((length): [string, Refused] => [
      `a note of ${length} characters`,
      {
        code: 'SNAPSHOT_INVALID',
        text: `notes: "${'x'.repeat(76)}...: must be at most 500 characters`,
        kind: 'reconcile',
        said: { notes: 'x'.repeat(length) },
        typed: [...reconciling, '--cash', CASH, '--notes', 'x'.repeat(length)],
        ...(length > 10_000 && { malformed: true }),
      },
    ]),
  ),
  ...Object.fromEntries(
    [501, 1_001].map((count): [string, Refused] => [
      `${count} positions`,
      {
        code: 'SNAPSHOT_INVALID',
        text: 'must be at most 500 symbols',
        kind: 'reconcile',
        said: { positions: positions(count) },
        typed: [...reconciling, '--cash', CASH, ...typedPositions(count)],
        ...(count > 1_000 && { malformed: true }),
      },
    ]),
  ),
  'positions that are a list': {
    code: 'SNAPSHOT_INVALID',
    text: 'positions: ["KO=1"]: must be figures by symbol',
    kind: 'reconcile',
    said: { positions: ['KO=1'] },
    malformed: true,
  },
  'fills that are a text': {
    code: 'FILLS_INVALID',
    text: `fills: "all done": ${FILLS_RULE}`,
    kind: 'confirm',
    said: { kind: 'FILLS', fills: 'all done' },
    malformed: true,
  },
  'fills that are an object': {
    code: 'FILLS_INVALID',
    text: `fills: {"sequence":1}: ${FILLS_RULE}`,
    kind: 'confirm',
    said: { kind: 'FILLS', fills: { sequence: 1 } },
    malformed: true,
  },
  'more fills than any ticket has lines': {
    code: 'FILLS_INVALID',
    text: 'fills: 1001: must have at most 1000 items',
    kind: 'confirm',
    said: { kind: 'FILLS', fills: Array.from({ length: 1_001 }, (_, index) => ({ sequence: index + 1 })) },
    malformed: true,
  },
  'fills that stand in each other a thousand deep': {
    code: 'FILLS_INVALID',
    text: 'must be nested at most 64 deep',
    kind: 'confirm',
    said: { kind: 'FILLS', fills: [JSON.parse('['.repeat(1_000) + ']'.repeat(1_000)) as unknown] },
    malformed: true,
  },
  'a deviation owned in one word': {
    code: 'DEVIATION_INVALID',
    text: 'accept-deviation: "yes": must be a list of lines with a reason',
    kind: 'confirm',
    said: { kind: 'FILLS', acceptDeviation: 'yes' },
    malformed: true,
  },
  'a ticket nobody issued': {
    code: 'TICKET_UNKNOWN',
    kind: 'confirm',
    said: {},
    typed: ['confirm', '--ticket', UNKNOWN_ID],
  },
  'no ticket id': {
    code: 'TICKET_INVALID',
    text: 'ticket-id: "new\\u0000est": must be the id of a ticket, a UUID',
    kind: 'confirm',
    said: { ticketId: 'new\u0000est' },
  },
  'an answer by a stranger': {
    code: 'OPERATOR_UNKNOWN',
    text: 'operator: mallory: must be one of demo',
    kind: 'confirm',
    said: { operator: 'mallory' },
    typed: ['confirm', '--ticket', UNKNOWN_ID, '--operator', 'mallory'],
  },
  'an answer from the future': {
    code: 'CLAIM_IN_FUTURE',
    text: 'at: 2099-05-06T09:00:00Z: must not be in the future',
    kind: 'confirm',
    said: { at: '2099-05-06T09:00:00Z' },
  },
};

/** Code and text of a refusal, be it an answer or an error; null when there is none. */
async function toldOf(asked: Promise<unknown>): Promise<{ code: string; text: string } | null> {
  try {
    const reply = (await asked) as ReconcileReply | ConfirmReply;
    const refusal = 'reason' in reply ? reply.reason : reply.refusal;
    return refusal ? { code: refusal.code, text: timeless(refusal.message) } : null;
  } catch (error) {
    if (error instanceof OpsError) return { code: error.code, text: timeless(error.message) };
    const { cause } = error as { cause?: { type?: string; message: string } };
    if (cause?.type === undefined) throw error;
    return { code: cause.type, text: timeless(cause.message) };
  }
}

const A_WHILE_MS = 600_000;
/** The same text, whenever it is said: instants of a moment ago are `<now>`. */
const timeless = (text: string): string =>
  text.replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, (instant) =>
    Math.abs(Date.parse(instant) - Date.now()) < A_WHILE_MS ? '<now>' : instant,
  );

async function direct({ kind, account = 'main', tradingDay = today(), said }: Refused): Promise<unknown> {
  const { operator = 'demo', at = now(), ...rest } = said as { operator?: string; at?: string };
  const asker = { operator, door: 'direct' as const, claimedAt: at, sign: seat.sign };
  const day = { account, tradingDay };
  const common = { ...day, commandId: randomUUID() };
  switch (kind) {
    case 'reconcile':
      return reconcile(where(), asker, { ...common, ...snapshot(), ...rest });
    case 'confirm':
      return confirm(where(), asker, { ...common, ...answer, kind: 'ACK', ...rest });
    case 'issue':
      return issueTicket(where(), { ...day, runId: UNKNOWN_ID, dryRun: false, at, ...rest });
  }
}

async function messageOf({ kind, said, account = 'main', tradingDay = today() }: Refused) {
  if (kind === 'issue') return { runId: UNKNOWN_ID, dryRun: false, at: now(), ...said };
  const sender = { commandId: randomUUID(), operator: 'demo', at: now() };
  const place = { account, tradingDay };
  return kind === 'reconcile'
    ? signedSnapshot(seat.sign, place, { ...sender, ...snapshot(), ...said })
    : signedAnswer(seat.sign, seat.db, place, { ...sender, ...answer, ...said } as Partial<ConfirmCommand>);
}

/**
 * Says it through every door: each refuses it with the same code and text, and nothing is stored but the alert that
 * tells of a signal.
 */
async function expectRefused(refused: Refused): Promise<void> {
  const { code, kind, typed, account, tradingDay = today(), text = '', malformed } = refused;
  const facts = async () => ({ ...(await fingerprint(seat.db)), alerts: '', audit_log: '', fact_digests: '' });
  const before = await facts();
  const { taskQueue } = installation.settings;
  const told = await toldOf(direct(refused));
  expect(told).toEqual({ code, text: expect.stringContaining(text) });
  const day = dayOf(tradingDay, account);
  const asked = async () =>
    toldOf(askTradingDay(seat.client, taskQueue, day, `${kind}Update`, randomUUID(), await messageOf(refused)));
  expect(await asked()).toEqual(told);
  const left = await messageOf(refused);
  await leaveForTradingDay(seat.client, taskQueue, day, kind, left);
  const said = `${code}: ${told?.text}`;
  if (malformed) await expectRejected(day, { message: `signal ${kind}`, why: told?.text });
  else if ('commandId' in left) await expectAlert(`${kind} ${left.commandId}`, said);
  // That of a machine raises no alert; messages are handled in their order, so the next answer comes after it.
  else expect(await asked()).toEqual(told);
  if (typed) {
    const words = typed.map((word) => (word === 'today' ? tradingDayOf(now()) : word));
    const { stdout, stderr, code: exitCode } = await seat.cli(words);
    // The answer to a confirmation has the code in its first line, and the text below it.
    const answered = timeless(`${stdout}\n${stderr}`).replace(`${code}\n`, `${code}: `);
    expect(answered).toContain(said);
    expect([2, 64]).toContain(exitCode);
  }
  expect(await facts()).toEqual(before);
}

/** Nobody waits for a signal's answer: its refusal is told by an alert. */
async function expectAlert(subject: string, said: string): Promise<void> {
  const messages = () => seat.db('alerts').where({ code: 'MESSAGE_REFUSED', subject }).pluck('message');
  await expect
    .poll(async () => ((await messages()) as string[]).map(timeless), { timeout: 30_000 })
    .toEqual([expect.stringContaining(said)]);
}

/** What the day cannot take in is shown by the day; the alert is one for all of its kind. */
async function expectRejected(day: TradingDayInput, said: { message: string; why: string | undefined }): Promise<void> {
  const handle = seat.client.workflow.getHandle(tradingDayId(day.account, day.tradingDay));
  const rejected = async () =>
    (await handle.query<DayView>('day')).rejected.map(({ message, why }) => ({ message, why: timeless(why) }));
  await expect.poll(rejected, { timeout: 30_000 }).toContainEqual(said);
}

describe('every door', { timeout: GROUP_MAX_MS }, () => {
  it("a fresh installation takes the runbook's reconciliation before any run, and opens its ledger", async () => {
    const answered = await seat.cliApart([
      'reconcile-daily',
      '--snapshot-date',
      tradingDayOf(now()),
      '--cash',
      CASH,
      '--notes',
      'manual_etoro_snapshot',
    ]);
    expect(answered, answered.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('THE LEDGER WAS EMPTY'),
    });
    const tradingDay = today();
    expect(await seat.db('day_events').select('trading_day', 'event')).toEqual([
      { trading_day: tradingDay, event: 'OPENED' },
    ]);
    expect(await seat.db('config_versions').orderBy('kind').pluck('kind')).toEqual(['policy', 'universe']);
    expect(await seat.db('runs')).toEqual([]);
  });

  it.each(Object.entries(REFUSED))(
    'refuses %s with the same code and text, and stores nothing',
    async (_name, refused) => expectRefused(refused),
  );
});

/** A run of a day, so that tickets can be issued at this very moment: they are as real as the machine's clock. */
async function runOf(tradingDay: string): Promise<Issuer> {
  const { policyHash, universeHash } = await readConfiguration(installation.configDir);
  const runId = randomUUID();
  await insertRun(seat.db, {
    runId,
    slot: '1400',
    tradingDay,
    asOfDate: previousSession(tradingDay, seat.policy.calendar),
    at: now(),
    workflowId: `test-${runId}`,
    operator: 'demo',
    policyHash,
    universeHash,
  });
  return { db: seat.db, runId, policyHash, universeHash };
}

const LINE: TicketLine = {
  sequence: 1,
  symbol: 'AAPL',
  etoroSearchName: 'Apple',
  side: 'BUY',
  orderType: 'MARKET',
  valueBase: '500.00',
  units: null,
  referencePrice: '100',
  referenceCurrency: 'USD',
  skipPrice: '100.50',
};
const SKIPPED: Fill = {
  sequence: 1,
  internalSymbol: 'AAPL',
  side: 'BUY',
  executedStatus: 'SKIPPED',
  units: null,
  fillPrice: null,
  executedValueBase: null,
  filledAt: null,
  notes: 'beyond the skip price',
};
const filledAt = (at: string): Fill[] => [
  {
    ...SKIPPED,
    executedStatus: 'DONE',
    units: '5',
    fillPrice: '100',
    executedValueBase: '500',
    filledAt: at,
    notes: null,
  },
];

describe('every door, of a ticket issued a moment ago', { timeout: GROUP_MAX_MS }, () => {
  let issuer: Issuer;
  let ofYesterday: Issuer;
  let [noTrade, trade] = ['', ''];
  const typedFills = (fills: Fill[], ...words: string[]) => [
    'confirm-fills',
    '--fills',
    writeFills(join(installation.dataDir, 'fills.json'), fills),
    '--ticket',
    trade,
    ...words,
  ];
  const material = () =>
    ({
      tradingDay: today(),
      asOfDate: previousSession(today(), seat.policy.calendar),
      baseCurrency: 'USD',
      fx: null,
      window: { opensAt: `${LONG_AGO}T13:35:00.000Z`, closesAt: '2099-05-06T14:30:00.000Z' },
    }) as const;

  beforeAll(async () => {
    issuer = await runOf(today());
    ofYesterday = await runOf(yesterday());
    noTrade = await issue(issuer, { ...material(), kind: 'NO_TRADE' }, now());
  });

  it('refuses fills of a NO_TRADE', () =>
    expectRefused({
      code: 'TICKET_IS_NO_TRADE',
      kind: 'confirm',
      said: { ticketId: noTrade, kind: 'FILLS', fills: [SKIPPED] },
      typed: [
        'confirm-fills',
        '--fills',
        writeFills(join(installation.dataDir, 'fills.json'), [SKIPPED]),
        '--ticket',
        noTrade,
      ],
    }));

  it('refuses an answer in the name of another day', () =>
    expectRefused({
      code: 'TICKET_OF_ANOTHER_DAY',
      kind: 'confirm',
      tradingDay: yesterday(),
      said: { ticketId: noTrade },
    }));

  it('refuses the acknowledgement of a ticket that was superseded, and of a TRADE', async () => {
    trade = await issue(issuer, { ...material(), lines: [LINE], window: null, supersedes: noTrade }, now());
    await expectRefused({
      code: 'TICKET_SUPERSEDED',
      kind: 'confirm',
      said: { ticketId: noTrade },
      typed: ['confirm', '--ticket', noTrade],
    });
    await expectRefused({
      code: 'TICKET_IS_TRADE',
      kind: 'confirm',
      said: { ticketId: trade },
      typed: ['confirm', '--ticket', trade],
    });
  });

  it.each([`${LONG_AGO}T13:40:00.000Z`, '2099-07-01T13:40:00.000Z'])('refuses fills of %s', async (at) => {
    const fills = filledAt(at);
    await expectRefused({
      code: 'FILLS_INVALID',
      kind: 'confirm',
      said: { ticketId: trade, kind: 'FILLS', fills },
      typed: typedFills(fills),
    });
  });

  it('refuses other fills once it is answered, and to amend that with fills of 2099 or of 2014', async () => {
    const first = await confirm(
      where(),
      { operator: 'demo', door: 'direct', claimedAt: null, sign: seat.sign },
      {
        account: 'main',
        tradingDay: today(),
        commandId: randomUUID(),
        ticketId: trade,
        kind: 'FILLS',
        fills: [SKIPPED],
        amend: false,
      },
    );
    expect(first).toMatchObject({ status: 'BOOKED', reason: null });
    const otherwise = [{ ...SKIPPED, notes: 'too late' }];
    await expectRefused({
      code: 'ALREADY_CONFIRMED_DIFFERENTLY',
      kind: 'confirm',
      said: { ticketId: trade, kind: 'FILLS', fills: otherwise },
      typed: typedFills(otherwise),
    });
    for (const at of ['2099-07-01T13:40:00.000Z', `${LONG_AGO}T13:40:00.000Z`]) {
      const fills = filledAt(at);
      await expectRefused({
        code: 'FILLS_INVALID',
        kind: 'confirm',
        said: { ticketId: trade, kind: 'FILLS', fills, amend: true },
        typed: typedFills(fills, '--amend'),
      });
    }
    expect(await seat.db('confirmations').pluck('confirmation_id')).toEqual([first.confirmationId]);
  });

  it('refuses fills beyond the skip price that nobody owns', async () => {
    // Of yesterday: today may be a Saturday, when nothing of the next session has been filled yet.
    const [tradingDay, asOfDate] = [yesterday(), previousSession(yesterday(), seat.policy.calendar)];
    const ticketId = await issue(ofYesterday, { ...material(), tradingDay, asOfDate, lines: [LINE] }, now());
    const dear = { units: '4.95', fillPrice: '101', executedValueBase: '499.95' };
    const fills = filledAt(now()).map((fill) => ({ ...fill, ...dear }));
    await expectRefused({
      code: 'FILLS_DEVIATE',
      text: 'line 1 (BUY AAPL), fill_price: 101: is above the skip price, 100.5, by 0.5',
      kind: 'confirm',
      tradingDay,
      said: { ticketId, kind: 'FILLS', fills },
      typed: typedFills(fills).map((word) => (word === trade ? ticketId : word)),
    });
  });

  it('issues no ticket on a run that is not stored or of another day, for an account that nobody has, by a clock of 2099, or as somebody likes', async () => {
    await expectRefused({
      code: 'RUN_UNKNOWN',
      text: `run ${UNKNOWN_ID} is not stored`,
      kind: 'issue',
      said: { runId: UNKNOWN_ID },
    });
    await expectRefused({ code: 'RUN_OF_ANOTHER_DAY', kind: 'issue', said: { runId: ofYesterday.runId } });
    await expectRefused({ code: 'ACCOUNT_UNKNOWN', kind: 'issue', account: 'nobody', said: { runId: issuer.runId } });
    await expectRefused({
      code: 'CLAIM_IN_FUTURE',
      kind: 'issue',
      said: { runId: issuer.runId, at: '2099-05-06T13:00:00Z' },
    });
    await expectRefused({ code: 'MESSAGE_INVALID', kind: 'issue', said: { runId: issuer.runId, dryRun: 'perhaps' } });
  });
});

describe('a workflow that somebody starts by hand with something else than it takes', { timeout: GROUP_MAX_MS }, () => {
  const ONE_LINE = 'must be plain text on one line';
  const day = () => dayOf(today());
  const id = () => tradingDayId('main', today());
  it.each<[keyof typeof WORKFLOWS, () => unknown, string, (() => string)?]>([
    ['deliverAlert', () => null, 'message: null: '],
    ['deliverAlert', () => ({ alertId: 'the last one', notice: 'ALERT' }), 'alert-id: "the last one": must be a UUID'],
    ['deliverAlert', () => ({ alertId: UNKNOWN_ID, notice: 'MAYBE' }), 'notice: "MAYBE": '],
    ['pingSlot', () => null, 'message: null: '],
    ['pingSlot', () => ({ runId: '0800' }), 'run-id: "0800": must be a UUID'],
    ['databaseBackup', () => null, 'message: null: '],
    ['databaseBackup', () => ({ reason: 'whim', operator: null }), 'reason: "whim": '],
    ['databaseBackup', () => ({ reason: 'schedule', operator: 'demo' }), 'operator: "demo": must be '],
    ['databaseBackup', () => ({ reason: 'manual', operator: null }), 'operator: null: must be '],
    ['databaseBackup', () => ({ reason: 'manual', operator: 'a\u0000b' }), `operator: "a\\u0000b": ${ONE_LINE}`],
    ['databaseBackup', () => ({ reason: 'manual', operator: 'a\u202eb' }), `operator: "a\\u202eb": ${ONE_LINE}`],
    ['databaseBackup', () => ({ reason: 'manual', operator: 'x'.repeat(201) }), 'must be at most 200 characters'],
    ['databaseBackup', () => ({ reason: 'manual', operator: { toString: 1 } }), 'operator: {"toString":1}: '],
    ['restoreTest', () => ({ file: 'a\u0000b', operator: null }), `file: "a\\u0000b": ${ONE_LINE}`],
    ['restoreTest', () => null, 'message: null: '],
    ['restoreTest', () => ({ file: 7, operator: null }), 'file: 7: '],
    ['tradingDay', () => null, 'message: null: '],
    ['tradingDay', () => ({}), 'account: '],
    ['tradingDay', () => 'today', 'message: "today": '],
    ['tradingDay', () => ({ ...day(), remindAt: 'soon' }), 'remind-at: "soon": ', id],
    ['tradingDay', () => ({ ...day(), tradingDay: LONG_AGO }), `trading-day: "${LONG_AGO}": must be the day that`, id],
    ['tradingDay', () => ({ ...day(), account: 'other' }), 'must be the day that the workflow', id],
    ['tradingDay', day, 'must be the day that the workflow'],
    [
      'tradingDay',
      () => ({ ...day(), escalateAt: '2099-01-01T19:00:00Z' }),
      'escalate-at: "2099-01-01T19:00:00Z": ',
      id,
    ],
  ])('%s: it is told which field, value and rule, and nothing is stored (%#)', async (name, given, why, idOf) => {
    const before = await fingerprint(seat.db);
    const workflowId = idOf?.() ?? `by-hand/${randomUUID()}`;
    // A day that is under way keeps its id: a forger has to end it first.
    if (idOf)
      await seat.client.workflow
        .getHandle(workflowId)
        .terminate('by hand')
        .catch(() => undefined);
    const started = seat.client.workflow.execute(WORKFLOWS[name], {
      workflowId,
      taskQueue: installation.settings.taskQueue,
      args: [given()],
    });
    await expect(started).rejects.toMatchObject({
      cause: { type: 'MESSAGE_INVALID', nonRetryable: true, message: expect.stringContaining(why) },
    });
    expect(await fingerprint(seat.db)).toEqual(before);
    // Nothing is made before it is known that what was asked for has its shape.
    const { backups } = installationPaths(installation.dataDir);
    expect(existsSync(backups) ? readdirSync(backups) : []).toEqual([]);
  });

  it.each<['databaseBackup' | 'restoreTest', object]>([
    ['databaseBackup', { reason: 'manual', operator: 'mallory' }],
    ['restoreTest', { file: null, operator: 'mallory' }],
  ])('%s in the name of a stranger is refused; no dump is made, and nobody is alarmed', async (name, input) => {
    const before = await fingerprint(seat.db);
    const started = seat.client.workflow.execute(WORKFLOWS[name], {
      workflowId: `by-hand/${randomUUID()}`,
      taskQueue: installation.settings.taskQueue,
      args: [input],
    });
    await expect(started).rejects.toMatchObject({
      cause: {
        cause: { type: 'OPERATOR_UNKNOWN', message: expect.stringContaining('operator: mallory: must be one of demo') },
      },
    });
    expect(await fingerprint(seat.db)).toEqual(before);
    const { backups } = installationPaths(installation.dataDir);
    expect(existsSync(backups) ? readdirSync(backups) : []).toEqual([]);
  });

  it("a real account's day in a simulated clock is refused by what is stored", async () => {
    await seat.client.workflow
      .getHandle(id())
      .terminate('by hand')
      .catch(() => undefined);
    const started = seat.client.workflow.execute(WORKFLOWS.tradingDay, {
      workflowId: id(),
      taskQueue: installation.settings.taskQueue,
      args: [{ ...day(), clock: 'simulated' }],
    });
    await expect(started).rejects.toMatchObject({ cause: { cause: { type: 'ACCOUNT_DIFFERS' } } });
  });
});

describe('what commands a terminal or turns its writing', { timeout: GROUP_MAX_MS }, () => {
  const X = '\u001b[2J\u202ex\u009b31m';
  const reason = ['--reason', 'seen'];
  it.each<[string, string[]]>([
    ['a command', [X]],
    ['an option', ['day', `--${X}`]],
    ['a word too many', ['day', X]],
    ['an account', ['day', '--account', X]],
    ['an operator', ['run-1400', '--operator', X]],
    ['an instant', ['run-1400', '--at', X]],
    ['a trading day', ['day', '--trading-day', X]],
    ['a code', ['explain', X]],
    ['a count', ['runs-last', '--limit', X]],
    ['a count of tickets', ['tickets-last', '--limit', X]],
    ['a count of alerts', ['alerts', 'list', '--limit', X]],
    ['a count of lines', ['logs', '--lines', X]],
    ['a part', ['up', '--only', X]],
    ['a ticket to show', ['ticket', 'show', X]],
    ['a ticket to verify', ['ticket', 'verify', X]],
    ['a ticket to confirm', ['confirm', '--ticket', X]],
    ['a file of fills', ['confirm-fills', '--fills', X]],
    ['the date of a snapshot', ['reconcile-daily', '--snapshot-date', X, '--cash', CASH]],
    ['cash', ['reconcile-daily', '--snapshot-date', '2026-11-23', '--cash', X]],
    ['a position', ['reconcile-daily', '--snapshot-date', '2026-11-23', '--cash', CASH, '--position', X]],
    ['a symbol', ['reconcile-daily', '--snapshot-date', '2026-11-23', '--cash', CASH, '--position', `${X}=1`]],
    ['a note', ['reconcile-daily', '--snapshot-date', '2026-11-23', '--cash', CASH, '--notes', X]],
    ['an amount', ['cash', 'deposit', '--amount', X]],
    ['a date', ['cash', 'deposit', '--amount', '1', '--date', X]],
    ['an ex-date', ['ledger', 'dividend', '--symbol', 'AAPL', '--ex-date', X]],
    ['the symbol of a dividend', ['ledger', 'dividend', '--symbol', X, '--ex-date', '2026-01-02']],
    ['a ratio', ['ledger', 'split', '--symbol', 'AAPL', '--ex-date', '2026-01-02', '--ratio', X]],
    ['an entry', ['ledger', 'reverse', '--entry', X, ...reason]],
    ['a book', ['ledger', 'journal', '--book', X]],
    ['a baseline', ['ledger-baseline', '--position', X, ...reason]],
    ['the reason of the kill switch', ['kill-switch', 'engage', '--reason', X]],
    ['an alert', ['alerts', 'ack', X, ...reason]],
    ['a backup', ['backups', 'verify', X]],
    ['a dump', ['restore-test', '--file', X]],
    ['a schedule', ['schedules', 'trigger', X]],
    ['the first day', ['schedules', 'backfill', '--from', X]],
    ['the last day', ['schedules', 'backfill', '--from', '2026-01-02', '--to', X]],
    ['a slot', ['schedules', 'backfill', '--from', '2026-01-02', '--slot', X]],
    ['the first day of a simulation', ['simulate', '--from', X, '--to', '2014-01-03']],
    ['the rulings of a simulation', ['simulate', '--from', '2014-01-02', '--to', '2014-01-03', '--rulings', X]],
    ['a name', ['account', 'add', X, '--base-currency', 'GBP']],
    ['a currency', ['account', 'add', 'other', '--base-currency', X]],
    ['a symbol to fetch', ['market-fetch', '--symbol', X]],
    ['a symbol to rule on', ['actions', 'rule', '--symbol', X, '--ex-date', '2026-01-02', ...reason]],
    ['a date of actions', ['actions', 'list', '--since', X]],
    ['a policy', ['policy', 'check', X]],
    ['a universe', ['universe', 'check', X]],
    ['a ticket to write', ['render', 'ticket', X]],
  ])('%s that does is refused in plain text', async (_what, words) => {
    const before = await fingerprint(seat.db);
    const { stdout, stderr, code } = await seat.cli(words);
    expect([2, 64], stderr).toContain(code);
    expect([stdout, stderr].filter((text) => !isPlainText(text, { lines: true }))).toEqual([]);
    expect(`${stdout}${stderr}`).not.toBe('');
    expect(await fingerprint(seat.db)).toEqual(before);
  });
});
