import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { killSwitchState } from '../../src/db/kill-switch.js';
import { listAlerts } from '../../src/db/alerts.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { alertStates, DELIVERED, delivered, dispatch, useAlerts, webhook } from '../support/alerts.js';
import { CASH, confirmCommand, driveDay, MONDAY, TUESDAY, useDemoPolicy, withSeat } from '../support/day.js';
import { answering, startHttpReceiver } from '../support/receivers.js';
import type { Installation } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

interface Told {
  code: string;
  message: string;
  page: string | null;
}

function editPolicy({ configDir }: Installation, edit: (text: string) => string): void {
  const file = join(configDir, 'policy.yml');
  writeFileSync(file, edit(readFileSync(file, 'utf8')));
}

describe('what a human must do or know is an alert, each raised the way it really comes about', () => {
  it('TICKET_TRADE: with lines and window, over when the day closes', () =>
    withSeat({}, async (seat) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      await seat.issue(MONDAY, { time: '14:10' });
      const [alert, ...others] = await listAlerts(seat.db);
      expect(others).toEqual([]);
      expect(alert).toMatchObject({
        code: 'TICKET_TRADE',
        account: 'main',
        tradingDay: MONDAY,
        subject: ticketId,
        state: 'OPEN',
        message: expect.stringMatching(/^TRADE ticket .*: \d+ lines? to execute between 14:35 and 15:30 UK time\.$/),
      });
      await seat.confirm(ticketId);
      await seat.closed(MONDAY);
      expect(await alertStates(seat)).toEqual(['TICKET_TRADE RECOVERED']);
    }));

  it('CONFIRMATION_RECEIPT: in whose name, by which door, line by line; over at once, and told', async () => {
    const phone = await startHttpReceiver();
    try {
      await withSeat({}, async (seat, installation) => {
        editPolicy(installation, (text) => `${text}desk: { public_url: https://desk.example.org/trading/ }\n`);
        useAlerts(installation, { sinks: [webhook('phone', phone)] });
        const { ticketId } = await driveDay(seat);
        const [receipt] = (await listAlerts(seat.db)).filter(({ code }) => code === 'CONFIRMATION_RECEIPT');
        expect(receipt).toMatchObject({ state: 'RECOVERED', account: 'main', tradingDay: MONDAY });
        await dispatch(seat, installation);
        const told = () => phone.hits.map(({ body }) => JSON.parse(body) as Told);
        await vi.waitFor(() => expect(told().map(({ code }) => code)).toContain('CONFIRMATION_RECEIPT'), DELIVERED);
        const { message } = told().find(({ code }) => code === 'CONFIRMATION_RECEIPT')!;
        const where = `https://desk.example.org/trading/main/tickets/${ticketId}`;
        await vi.waitFor(
          () => expect(told()).toContainEqual(expect.objectContaining({ code: 'TICKET_TRADE', page: where })),
          DELIVERED,
        );
        expect(told().map(({ page }) => page)).toEqual(told().map(() => where));
        expect(message).toMatch(
          new RegExp(`^Ticket ${ticketId} of ${MONDAY} was confirmed in the name of demo, by update`),
        );
        expect(message).toMatch(/\n1\. BOUGHT [\d.]+ \w+ at [\d.]+ USD for [\d.]+ USD/);
        const [{ hash }] = (await seat.db('confirmations').select({ hash: 'content_hash' })) as [{ hash: string }];
        expect(message).toContain(`Content ${hash}`);
      });
    } finally {
      phone.close();
    }
  });

  it('a dry run says so; a NO_TRADE is no alert', () =>
    withSeat({ mode: 'dry-run' }, async (seat) => {
      await driveDay(seat);
      expect((await listAlerts(seat.db)).map(({ message }) => message)).toEqual([
        expect.stringMatching(/^DRY RUN, for the paper book: TRADE ticket/),
      ]);
      await seat.run('0800', TUESDAY);
      expect((await seat.issue(TUESDAY)).kind).toBe('NO_TRADE');
      expect(await listAlerts(seat.db)).toHaveLength(1);
    }));

  it('DATA_GATE_FAILED: once for a session however often the run is repeated, over when the prices pass; never for run-ops or a closed day', () =>
    withSeat({}, async (seat, installation) => {
      const strict = (text: string) => `${text}data_quality: { max_jump: 0.0001 }\n`;
      editPolicy(installation, strict);
      await seat.run('ops', MONDAY);
      await seat.run('0800', '2018-05-05');
      expect(await listAlerts(seat.db)).toEqual([]);
      expect((await seat.run('0800', MONDAY)).outcome).toBe('FAIL');
      await seat.run('0800', MONDAY, { time: '08:20' });
      const [alert, ...others] = await listAlerts(seat.db);
      expect(others).toEqual([]);
      expect(alert).toMatchObject({
        code: 'DATA_GATE_FAILED',
        account: null,
        subject: 'COVERAGE_LOW, PRICE_JUMP_UNEXPLAINED AAPL SP500',
        state: 'OPEN',
        message: expect.stringContaining('PRICE_JUMP_UNEXPLAINED'),
      });
      await dispatch(seat, installation);
      expect(await alertStates(seat)).toEqual(['DATA_GATE_FAILED OPEN']);
      // The next day's same cause is the same alert; the policy's reminder tells it again, and nobody of a recovery.
      expect((await seat.run('0800', TUESDAY)).outcome).toBe('FAIL');
      expect(await alertStates(seat)).toEqual(['DATA_GATE_FAILED OPEN']);
      editPolicy(installation, (text) => `${text}alerts: { remind_after_days: 1 }\n`);
      expect((await seat.run('0800', TUESDAY, { time: '08:30' })).outcome).toBe('FAIL');
      expect(await alertStates(seat)).toEqual(['DATA_GATE_FAILED RECOVERED', 'DATA_GATE_FAILED OPEN']);
      useDemoPolicy(installation);
      expect((await seat.run('0800', TUESDAY, { time: '08:40' })).outcome).toBe('PASS');
      await dispatch(seat, installation);
      expect(await alertStates(seat)).toEqual(['DATA_GATE_FAILED RECOVERED', 'DATA_GATE_FAILED RECOVERED']);
    }));

  it('KILL_SWITCH_ENGAGED: by a human, once, over with the reset; by a drawdown', () =>
    withSeat({}, async (seat, installation) => {
      await driveDay(seat);
      const at = ['--at', londonInstant(MONDAY, '21:00')];
      const turn = (event: string, time = at) =>
        seat.cli(['kill-switch', event, '--reason', 'figures look wrong', ...time]);
      expect((await turn('engage')).code).toBe(0);
      expect((await turn('engage')).stdout).toContain('nothing changed');
      const of = async () => (await alertStates(seat)).filter((state) => state.startsWith('KILL_SWITCH'));
      expect(await of()).toEqual(['KILL_SWITCH_ENGAGED OPEN']);
      expect((await turn('reset')).code).toBe(0);
      expect(await of()).toEqual(['KILL_SWITCH_ENGAGED RECOVERED']);
      // No fall at all is a fall at this limit.
      editPolicy(installation, (text) => `${text}risk: { max_drawdown: 0 }\n`);
      await seat.run('0800', TUESDAY);
      expect((await killSwitchState(seat.db, 'main')).engaged).toBe(true);
      expect(await of()).toEqual(['KILL_SWITCH_ENGAGED RECOVERED', 'KILL_SWITCH_ENGAGED OPEN']);
      expect((await listAlerts(seat.db))[0]?.message).toMatch(/engaged by the system: drawdown of/);
    }));

  it('MESSAGE_REFUSED: what was left as a signal and did not pass; never what somebody waited for', () =>
    withSeat({}, async (seat) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      expect((await seat.reconcile(MONDAY, { cash: '1.00' })).status).toBe('FAIL');
      const { ticketId } = await seat.issue(MONDAY);
      expect((await listAlerts(seat.db)).filter(({ code }) => code === 'MESSAGE_REFUSED')).toEqual([]);
      const snapshot = {
        commandId: 'left-behind',
        snapshotDate: MONDAY,
        cash: '2.00',
        positions: {},
        notes: null,
        operator: 'demo',
        at: londonInstant(MONDAY, '14:20'),
      };
      await seat.signal(MONDAY, 'reconcile', snapshot);
      await seat.signal(MONDAY, 'reconcile', { ...snapshot, commandId: 'fine', cash: CASH });
      await seat.signal(MONDAY, 'confirm', {
        ...confirmCommand(ticketId, (await seat.ticket(ticketId)).material, {}),
        ticketId: '00000000-0000-4000-8000-000000000000',
        operator: 'demo',
      });
      await delivered(async () =>
        expect((await listAlerts(seat.db)).filter(({ code }) => code === 'MESSAGE_REFUSED')).toHaveLength(2),
      );
      const messages = (await listAlerts(seat.db)).map(({ message }) => message);
      expect(messages).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^The snapshot of .* that demo left .* did not pass: CASH_DRIFT/),
          expect.stringMatching(/^The confirmation of ticket 0000.* did not pass:/),
        ]),
      );
      await seat.confirm(ticketId);
      await seat.closed(MONDAY);
      expect((await alertStates(seat)).filter((state) => state.startsWith('MESSAGE_REFUSED'))).toEqual([
        'MESSAGE_REFUSED RECOVERED',
        'MESSAGE_REFUSED RECOVERED',
      ]);
    }));
});

describe('the ping after each slot', () => {
  it('tells slot and outcome, by GET where the monitor knows no POST; the other address for a FAIL; run-ops tells nothing', () =>
    withSeat({}, async (seat, installation) => {
      const monitor = await startHttpReceiver((response, { method }) =>
        answering(method === 'POST' ? 405 : 200)(response, undefined as never, 0),
      );
      try {
        useAlerts(installation, { ping_url: `${monitor.url}/ping/{slot}`, ping_fail_url: `${monitor.url}/fail` });
        await seat.run('ops', MONDAY);
        await driveDay(seat);
        await delivered(() =>
          expect(monitor.hits.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
            'GET /ping/0800',
            'GET /ping/1400',
            'POST /ping/0800',
            'POST /ping/1400',
          ]),
        );
        expect(monitor.hits.find(({ path, method }) => path === '/ping/1400' && method === 'POST')?.body).toMatch(
          /^1400 run of 2018-05-07: TRADE: main: TRADE, ticket /,
        );
        editPolicy(installation, (text) => `${text}data_quality: { max_jump: 0.0001 }\n`);
        await seat.run('0800', TUESDAY);
        await delivered(() =>
          expect(monitor.hits.map(({ method, path }) => `${method} ${path}`)).toContain('GET /fail'),
        );
      } finally {
        monitor.close();
      }
    }));

  it('a monitor that hangs holds up neither the run nor the day', () =>
    withSeat({}, async (seat, installation) => {
      const monitor = await startHttpReceiver(() => undefined);
      try {
        useAlerts(installation, { timeout_seconds: 100, ping_url: monitor.url });
        await driveDay(seat);
        const pings: string[] = [];
        for await (const { workflowId, status } of seat.client.workflow.list({ query: 'WorkflowType = "pingSlot"' }))
          pings.push(`${workflowId.split('/')[0]} ${status.name}`);
        expect(pings).toEqual(['ping RUNNING', 'ping RUNNING']);
      } finally {
        monitor.close();
      }
    }));

  it('arrives also when the worker stops between the run and the ping', () =>
    withSeat({ worker: false }, async (seat, installation) => {
      const monitor = await startHttpReceiver(answering(500));
      try {
        useAlerts(installation, { ping_url: monitor.url });
        const worker = await startWorkerHere(installation);
        await seat.run('0800', MONDAY);
        await delivered(() => expect(monitor.hits.length).toBeGreaterThan(0));
        await worker.stop();
        monitor.answer = answering(200, 'OK');
        const before = monitor.hits.length;
        const again = await startWorkerHere(installation);
        await delivered(() => expect(monitor.hits.length).toBeGreaterThan(before));
        await again.stop();
      } finally {
        monitor.close();
      }
    }));
});
