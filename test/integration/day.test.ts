import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { alertPath, dailyReportPath, historyPath, ticketPath } from '../../src/reports/paths.js';
import { ledgerState } from '../../src/db/journal.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { D, toText } from '../../src/domain/money.js';
import {
  assertInvariants,
  assertOneOfEverything,
  CASH,
  driveDay,
  fillsOf,
  MONDAY,
  TUESDAY,
  withSeat,
  writeFills,
  type TestSeat,
} from '../support/day.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { keepHistory } from '../support/histories.js';
import type { Installation } from '../support/stack.js';

const STORY_MAX_MS = 240_000;
const SOON = { timeout: 20_000, interval: 100 };
const SATURDAY = '2018-05-05';
const at = (day: string, time: string) => ['--at', `${day}T${time}:00+01:00`];

describe.concurrent('a trading day', { timeout: STORY_MAX_MS }, () => {
  it('TRADE, by the command line: run, reconcile, ticket, fills, close', () =>
    withSeat({}, async (seat, installation) => {
      const morning = await seat.cliApart(['run-0800', ...at(MONDAY, '08:00')]);
      expect(morning).toMatchObject({ code: 0, stdout: expect.stringContaining('prices of 2018-05-04: PASS') });
      const reconciled = await seat.cliApart([
        'reconcile-daily',
        '--snapshot-date',
        MONDAY,
        '--cash',
        CASH,
        ...at(MONDAY, '09:00'),
      ]);
      expect(reconciled).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^RECONCILIATION_PASS\nTHE LEDGER WAS EMPTY/),
      });
      const issued = await seat.cliApart(['run-1400', ...at(MONDAY, '14:00'), '--json']);
      const {
        tickets: [ticket],
      } = JSON.parse(issued.stdout) as { tickets: { ticketId: string; kind: string; issuedNow: boolean }[] };
      expect(ticket).toMatchObject({ kind: 'TRADE', issuedNow: true });
      const ticketId = String(ticket?.ticketId);
      expect(await seat.view(MONDAY)).toMatchObject({
        state: 'ticketed',
        outcome: 'TRADE',
        waitingFor: `confirmation of ticket ${ticketId}, since 14:00, window closes 15:30`,
      });

      const fills = fillsOf((await seat.ticket(ticketId)).material);
      const confirmed = await seat.cliApart([
        'confirm-fills',
        '--fills',
        writeFills(join(installation.dataDir, 'fills.json'), fills),
        ...at(MONDAY, '15:20'),
      ]);
      expect(confirmed).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(
          /^CONFIRMATION_BOOKED: .*, 1 journal entry\n(.*\n)*Audit record \d+, [0-9a-f]{64}\n/,
        ),
      });
      await seat.closed(MONDAY);
      await assertOneOfEverything(seat.db, MONDAY, ticketId);
      expect(await ledgerState(seat.db, 'main')).toMatchObject({
        cash: toText(D(CASH).minus(String(fills[0]?.executedValueBase))),
        units: { AAPL: fills[0]?.units },
      });
      assertArtifacts(installation, ticketId);
      await assertWebUi(seat, ticketId);

      const again = await seat.cliApart(['run-1400', ...at(MONDAY, '14:30')]);
      expect(again).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('main: TRADE (the ticket of the day stands)'),
      });
      const verified = await seat.cliApart(['ticket', 'verify', ticketId]);
      expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining(`TICKET_VERIFIED ${ticketId}`) });
      expect(await seat.cliApart(['audit', 'verify'])).toMatchObject({ code: 0 });
    }));

  it('starts at 14:00 when 08:00 never came; its NO_TRADE is acknowledged', () =>
    withSeat({}, async (seat, installation) => {
      const ops = await seat.cli(['run-ops', ...at(MONDAY, '07:00')]);
      expect(ops.code).toBe(0);
      expect(await seat.db('day_events')).toEqual([]);
      const issued = await seat.cli(['run-1400', ...at(MONDAY, '14:00')]);
      expect(issued).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/main: NO_TRADE: .*LEDGER_EMPTY.*SNAPSHOT_MISSING/),
      });
      const noFills = await seat.cli([
        'confirm-fills',
        '--fills',
        writeFills(join(installation.dataDir, 'fills.json'), []),
        ...at(MONDAY, '15:00'),
      ]);
      expect(noFills).toMatchObject({ code: 64, stderr: expect.stringContaining('acknowledge it with make confirm') });
      const confirmed = await seat.cli(['confirm', ...at(MONDAY, '15:00')]);
      expect(confirmed).toMatchObject({ code: 0, stdout: expect.stringContaining('CONFIRMATION_ACKNOWLEDGED') });
      const view = await seat.closed(MONDAY);
      expect(view).toMatchObject({
        state: 'closed',
        outcome: expect.stringContaining('NO_TRADE: '),
        confirmation: { operator: 'demo' },
      });
      expect(await seat.db('journal_entries')).toEqual([]);
      await assertInvariants(seat.db);
      expect(await seat.cli(['confirm', ...at(MONDAY, '15:30')])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(String(view.confirmation?.confirmationId)),
      });
      await seat.closed(MONDAY);
      expect(await seat.db('confirmations')).toHaveLength(1);
      await keepHistory(seat, 'ops-run', `ops-run-${MONDAY}T06:00:00Z`);
      await keepHistory(seat, 'confirmed-again-after-close', `trading-day/main/${MONDAY}`);
    }));

  it('NO_TRADE stands on the same facts, byte for byte, is superseded on others, and a TRADE never is', () =>
    withSeat({}, async (seat, installation) => {
      const files = (id: string) =>
        (['md', 'json', 'html'] as const).map((format) =>
          readFileSync(join(installation.dataDir, ticketPath(id, format)), 'utf8'),
        );
      await seat.run('0800', MONDAY);
      const first = await seat.issue(MONDAY);
      expect(first).toMatchObject({ kind: 'NO_TRADE', issuedNow: true });
      const written = files(first.ticketId);
      const same = await seat.issue(MONDAY, { time: '14:01' });
      expect(same).toMatchObject({ ticketId: first.ticketId, issuedNow: false });
      expect(files(first.ticketId)).toEqual(written);

      expect(await seat.reconcile(MONDAY, { time: '14:05' })).toMatchObject({ status: 'PASS', openedLedger: true });
      const second = await seat.issue(MONDAY, { time: '14:10' });
      expect(second).toMatchObject({ kind: 'TRADE', issuedNow: true, supersedes: first.ticketId });
      expect(await seat.db('tickets').orderBy('issued_at').pluck('ticket_id')).toEqual([
        first.ticketId,
        second.ticketId,
      ]);
      expect(files(first.ticketId)).toEqual(written);
      const superseded = await seat.cli(['confirm', '--ticket', first.ticketId, ...at(MONDAY, '14:11')]);
      expect(superseded).toMatchObject({ code: 2, stdout: expect.stringContaining('TICKET_SUPERSEDED') });

      const trade = files(second.ticketId);
      expect(await seat.reconcile(MONDAY, { time: '14:20', cash: '9000.00' })).toMatchObject({
        status: 'FAIL',
        reasons: [{ code: 'CASH_DRIFT' }],
      });
      expect(await seat.issue(MONDAY, { time: '14:25' })).toMatchObject({
        ticketId: second.ticketId,
        kind: 'TRADE',
        issuedNow: false,
      });
      expect(files(second.ticketId)).toEqual(trade);
      expect(await seat.confirm(second.ticketId)).toMatchObject({ status: 'BOOKED' });
      await seat.closed(MONDAY);
      await assertInvariants(seat.db);
      await keepHistory(seat, 'superseded-ticket', `trading-day/main/${MONDAY}`);
    }));

  it('a reconciliation fails with its reasons, passes when repeated, and the newest counts', () =>
    withSeat({}, async (seat) => {
      await driveDay(seat, MONDAY);
      const { cash, units } = await ledgerState(seat.db, 'main');
      await seat.run('0800', TUESDAY);
      const positions = Object.entries(units).flatMap(([symbol, held]) => ['--position', `${symbol}=${held}`]);
      const snapshot = (amount: string, time: string) =>
        seat.cli(['reconcile-daily', '--snapshot-date', TUESDAY, '--cash', amount, ...positions, ...at(TUESDAY, time)]);
      const failed = await snapshot(D(cash).minus('100').toFixed(2), '09:00');
      expect(failed).toMatchObject({ code: 2, stdout: expect.stringMatching(/^RECONCILIATION_FAIL\nCASH_DRIFT: /) });
      expect(await seat.view(TUESDAY)).toMatchObject({
        state: 'open',
        waitingFor: 'a reconciliation that passes; the last one failed',
      });
      expect(await snapshot(cash, '09:10')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^RECONCILIATION_PASS\n/),
      });
      expect(await seat.view(TUESDAY)).toMatchObject({ state: 'reconciled' });
      const ticket = await seat.issue(TUESDAY);
      expect([ticket.kind, ticket.reasons.map(({ code }) => code)]).toEqual([
        'NO_TRADE',
        ['NOT_REBALANCE_DAY', 'NOTHING_TO_DO'],
      ]);
      await seat.confirm(ticket.ticketId);
      await seat.closed(TUESDAY);
      await assertInvariants(seat.db);
      await keepHistory(seat, 'reconcile-failed-then-passed', `trading-day/main/${TUESDAY}`);
      await keepHistory(seat, 'trade-confirmed', `trading-day/main/${MONDAY}`);
      await keepHistory(seat, 'morning-run', `morning-run-${MONDAY}T07:00:00Z`);
      await keepHistory(seat, 'afternoon-run', `afternoon-run-${MONDAY}T13:00:00Z`);
    }));

  it('a signal that breaks a rule is told and changes nothing', () =>
    withSeat({}, async (seat) => {
      await seat.run('0800', MONDAY);
      await seat.signal(MONDAY, 'reconcile', { cash: 'lots' });
      await seat.signal(MONDAY, 'confirm', {
        commandId: 'x',
        ticketId: '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00',
        kind: 'ACK',
        fills: [],
        amend: false,
        operator: 'demo',
        at: londonInstant(MONDAY, '09:00'),
      });
      const { state, rejected } = await seat.viewWhen(MONDAY, (view) => view.rejected.length === 2);
      expect(state).toBe('open');
      expect(rejected.map(({ message, why }) => `${message}: ${why}`)).toEqual([
        expect.stringMatching(/^signal reconcile: command-id: \(missing\): .*; snapshot-date: /),
        expect.stringMatching(
          /^confirm 9f0e7b5e.* by demo: ticket 9f0e7b5e.* was never issued here, or a restore has lost it$/,
        ),
      ]);
      await vi.waitFor(
        async () =>
          expect(
            await seat.db('alerts').where({ code: 'MESSAGE_REFUSED' }).orderBy('subject').pluck('message'),
          ).toEqual([
            expect.stringContaining('TICKET_UNKNOWN: '),
            expect.stringMatching(
              /^A reconcile message .* has the wrong shape, and nothing was done: MESSAGE_INVALID: command-id: \(missing\): /,
            ),
          ]),
        SOON,
      );
      expect(await seat.db('confirmations')).toEqual([]);
      expect(await seat.db('reconciliations')).toEqual([]);
      const { ticketId } = await seat.issue(MONDAY);
      await seat.confirm(ticketId);
      await seat.closed(MONDAY);
      await keepHistory(seat, 'rejected-signal', `trading-day/main/${MONDAY}`);
    }));

  it('an unconfirmed ticket blocks the next day until it is confirmed', () =>
    withSeat({ cadence: 'daily', mode: 'dry-run' }, async (seat) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const monday = await seat.issue(MONDAY);
      expect(monday).toMatchObject({ kind: 'TRADE', dryRun: true });
      await seat.run('0800', TUESDAY);
      await seat.reconcile(TUESDAY);
      const blocked = await seat.issue(TUESDAY);
      expect(blocked).toMatchObject({
        kind: 'NO_TRADE',
        reasons: [{ code: 'TICKET_UNCONFIRMED', subject: monday.ticketId }],
      });
      expect(await seat.confirm(monday.ticketId)).toMatchObject({ status: 'BOOKED' });
      expect((await seat.closed(MONDAY)).state).toBe('closed');
      expect(await seat.issue(TUESDAY, { time: '14:30' })).toMatchObject({
        kind: 'TRADE',
        supersedes: blocked.ticketId,
      });
      // A dry run goes to the paper book, never to the ledger.
      expect(await ledgerState(seat.db, 'main')).toMatchObject({ cash: toText(D(CASH)), units: {} });
      expect(await seat.db('journal_entries').where({ kind: 'FILL' }).pluck('book')).toEqual(['paper']);
      await assertInvariants(seat.db);
    }));

  it("reminds at the policy's deadline, escalates, each once, and stops when confirmed", () =>
    withSeat({}, async (seat, installation) => {
      await seat.run('0800', MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      const codes = () => seat.db('alerts').orderBy('raised_at').pluck('code') as Promise<string[]>;
      const tick = (time: string) => seat.signal(MONDAY, 'tick', { at: londonInstant(MONDAY, time) });
      await tick('15:59');
      await tick('16:00');
      await vi.waitFor(async () => expect(await codes()).toEqual(['CONFIRMATION_DUE']), SOON);
      await tick('19:59');
      await tick('20:00');
      await tick('20:30');
      await vi.waitFor(async () => expect(await codes()).toEqual(['CONFIRMATION_DUE', 'CONFIRMATION_OVERDUE']), SOON);
      expect((await seat.view(MONDAY)).announced).toEqual([
        londonInstant(MONDAY, '16:00'),
        londonInstant(MONDAY, '20:00'),
      ]);
      const alerts = await seat
        .db('alerts')
        .orderBy('raised_at')
        .select<{ alert_id: string; message: string; raised_at: string }[]>();
      expect(alerts.map(({ raised_at }) => raised_at)).toEqual([
        londonInstant(MONDAY, '16:00'),
        londonInstant(MONDAY, '20:00'),
      ]);
      for (const { alert_id, message } of alerts) {
        expect(message).toContain(`confirmation of ticket ${ticketId}`);
        const file = join(installation.dataDir, alertPath(alert_id));
        await vi.waitFor(() => expect(existsSync(file)).toBe(true), SOON);
        expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ alert_id, trading_day: MONDAY });
      }
      expect(await seat.cli(['alerts-last'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('CONFIRMATION_OVERDUE'),
      });
      expect(await seat.confirm(ticketId, { time: '21:00' })).toMatchObject({ status: 'ACKNOWLEDGED' });
      await seat.closed(MONDAY);
      expect(await codes()).toHaveLength(2);
      await assertInvariants(seat.db);
      await keepHistory(seat, 'no-trade-escalated-acknowledged', `trading-day/main/${MONDAY}`);
    }));

  it('a confirmation is amended after the close: reversed and booked anew, once', () =>
    withSeat({}, async (seat) => {
      const { ticketId } = await driveDay(seat);
      const { material } = await seat.ticket(ticketId);
      const corrected = fillsOf(material, '0.002');
      expect(await seat.confirm(ticketId, { fills: corrected, time: '17:00' })).toMatchObject({
        status: 'REFUSED',
        reason: { code: 'ALREADY_CONFIRMED_DIFFERENTLY', message: expect.stringContaining('--amend') },
      });
      const amended = await seat.confirm(ticketId, { fills: corrected, time: '17:05', amend: true });
      expect(amended).toMatchObject({ status: 'BOOKED', reason: null });
      expect(await seat.confirm(ticketId, { fills: corrected, time: '17:10', amend: true })).toEqual(amended);
      await seat.closed(MONDAY);
      expect(await seat.db('journal_entries').orderBy('entry_id').pluck('kind')).toEqual([
        'OPENING',
        'FILL',
        'REVERSAL',
        'FILL',
      ]);
      expect((await ledgerState(seat.db, 'main')).units).toEqual({ AAPL: corrected[0]?.units });
      expect(await seat.db('day_events').where({ event: 'CLOSED' })).toHaveLength(1);
      await assertInvariants(seat.db);
      await keepHistory(seat, 'reopened-after-close', `trading-day/main/${MONDAY}`);
    }));

  it('no TRADE into a closed market, nor once the window has passed', () =>
    withSeat({}, async (seat) => {
      const saturday = await seat.cli(['run-0800', ...at(SATURDAY, '08:00')]);
      expect(saturday).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`New York is closed on ${SATURDAY}, no day was opened; prices of`),
      });
      expect(await seat.db('day_events')).toEqual([]);
      const closed = await seat.issue(SATURDAY);
      expect(closed).toMatchObject({
        kind: 'NO_TRADE',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'MARKET_CLOSED' })]),
      });
      await seat.confirm(closed.ticketId);

      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const late = await seat.issue(MONDAY, { time: '15:31' });
      expect(late).toMatchObject({ kind: 'NO_TRADE', reasons: [{ code: 'WINDOW_PASSED' }] });
      await assertInvariants(seat.db);
    }));
});

function assertArtifacts({ dataDir }: Installation, ticketId: string): void {
  for (const format of ['md', 'json', 'html'] as const)
    expect(existsSync(join(dataDir, ticketPath(ticketId, format))), format).toBe(true);
  expect(readFileSync(join(dataDir, dailyReportPath('main', MONDAY, 'md')), 'utf8')).toContain(ticketId);
  const plain = (markdown: string) => markdown.replaceAll(/[*`]/g, '');
  const shown =
    /^### 1\. BUY[\s\S]*?(?=^```)/m
      .exec(readFileSync(join(repositoryRoot, 'README.md'), 'utf8'))?.[0]
      .split('\n')
      .filter((line) => line !== '') ?? [];
  expect(shown.length).toBeGreaterThan(5);
  const ticket = plain(readFileSync(join(dataDir, ticketPath(ticketId, 'md')), 'utf8'));
  expect(
    shown.filter((line) => !ticket.includes(line)),
    'lines of the README that no ticket has',
  ).toEqual([]);
  const { events } = JSON.parse(readFileSync(join(dataDir, historyPath('main', MONDAY)), 'utf8')) as {
    events: { eventType: string }[];
  };
  expect(events[0]?.eventType).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED');
}

/** What docs/RULES.md 5.4 promises to whoever opens Temporal's Web UI. */
async function assertWebUi({ client, view }: TestSeat, ticketId: string): Promise<void> {
  const handle = client.workflow.getHandle(`trading-day/main/${MONDAY}`);
  const day = await handle.describe();
  expect(day.type).toBe('tradingDay');
  expect(await day.staticSummary()).toBe(`Trading day ${MONDAY} of account main`);
  expect(await day.staticDetails()).toContain('waits for its confirmation');
  expect(
    Object.fromEntries(day.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])),
  ).toMatchObject({
    TradingDay: MONDAY,
    Account: 'main',
    DayState: 'closed',
    Outcome: 'TRADE',
  });
  expect(await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata')).toMatchObject({
    currentDetails: '**closed**: TRADE\n\nWaiting for nothing.',
  });
  expect(await view(MONDAY)).toMatchObject({
    account: 'main',
    tradingDay: MONDAY,
    ticket: { ticketId },
    state: 'closed',
  });

  const summarised = new Set<string>();
  for await (const { workflowId, runId, type } of client.workflow.list()) {
    const run = client.workflow.getHandle(workflowId, runId);
    expect(await (await run.describe()).staticSummary(), workflowId).toBeTruthy();
    const { events } = await run.fetchHistory();
    for (const event of events ?? []) {
      const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
      if (!activity) continue;
      expect(event.userMetadata?.summary?.data?.length, `${type}/${activity} has a summary`).toBeGreaterThan(0);
      summarised.add(type);
    }
  }
  expect(summarised.size, 'kinds of workflows that were looked at').toBeGreaterThan(2);
}
