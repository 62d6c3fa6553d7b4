import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import { databaseUrl, readRecord } from '../../src/runtime/record.js';
import { DAY_MESSAGES } from '../../src/contract/day-messages.js';
import { assertInvariants, confirmCommand, MONDAY, withSeat, writeFills, type TestSeat } from '../support/day.js';
import type { Installation } from '../support/stack.js';

const TEST_MAX_MS = 120_000;

/** Postgres goes back to an earlier time under a running worker and a Temporal that has seen more. */
async function rewindable({ settings }: Installation): Promise<{ back(): Promise<void>; drop(): Promise<void> }> {
  const database = new URL(settings.databaseUrl ?? '').pathname.slice(1);
  const kept = `${database}_kept`;
  const record = readRecord(join(inject('servers').root, 'shared'));
  if (!record) throw new Error('the shared servers have no record');
  const maintain = async (...statements: string[]) =>
    withClient(databaseUrl(record, 'superuser', 'postgres'), async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  const copy = (from: string, to: string) =>
    maintain(
      `alter database ${from} allow_connections false`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}'`,
      `create database ${to} template ${from} owner trading_ops_owner`,
      `alter database ${from} allow_connections true`,
    );
  await copy(database, kept);
  return {
    back: async () => {
      await maintain(`drop database ${database} with (force)`);
      await copy(kept, database);
    },
    drop: () => maintain(`drop database if exists ${kept} with (force)`),
  };
}

async function rewinding(
  action: (seat: TestSeat, keep: () => Promise<() => Promise<void>>) => Promise<void>,
): Promise<void> {
  await withSeat({}, async (seat, installation) => {
    const drops: (() => Promise<void>)[] = [];
    try {
      await action(seat, async () => {
        const kept = await rewindable(installation);
        drops.push(kept.drop);
        return kept.back;
      });
    } finally {
      for (const drop of drops) await drop();
    }
  });
}

async function openDays(seat: TestSeat): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of seat.client.workflow.list({
    query: `WorkflowType = 'tradingDay' AND ExecutionStatus = 'Running'`,
  }))
    ids.push(workflowId);
  return ids;
}

describe('what a restore of Postgres has lost', { timeout: TEST_MAX_MS }, () => {
  it('a booked confirmation is given again by rebuild, and is the same one', () =>
    rewinding(async (seat, keep) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      const restore = await keep();
      const booked = await seat.confirm(ticketId);
      await seat.closed(MONDAY);
      await restore();
      expect(await seat.db('confirmations')).toEqual([]);

      const rebuilt = await seat.cli(['rebuild']);
      expect(rebuilt).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(
          `Confirmed again: ticket ${ticketId} of ${MONDAY}, as demo did before the restore`,
        ),
      });
      expect((await seat.closed(MONDAY)).state).toBe('closed');
      expect(await seat.db('confirmations').pluck('confirmation_id')).toEqual([booked.confirmationId]);
      expect(await seat.db('journal_entries').where({ kind: 'FILL' }).pluck('ticket_id')).toEqual(
        booked.entries.map(() => ticketId),
      );
      await assertInvariants(seat.db);
      expect((await seat.cli(['rebuild'])).stdout).toContain('Every day that was opened is closed.');
    }));

  it('a confirmation of a ticket that is gone is refused, kept as an alert, and the day recalls where it stands', () =>
    rewinding(async (seat, keep) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const restore = await keep();
      const { ticketId } = await seat.issue(MONDAY);
      const { material } = await seat.ticket(ticketId);
      const reminders = () => seat.db('alerts').where({ code: 'CONFIRMATION_DUE' });
      await seat.signal(MONDAY, 'tick', { at: londonInstant(MONDAY, '16:00') });
      await expect.poll(reminders, { timeout: 30_000 }).toHaveLength(1);
      await restore();
      expect(await reminders()).toEqual([]);

      const command = confirmCommand(ticketId, material, {});
      await seat.signal(MONDAY, DAY_MESSAGES.confirm, command);
      const day = await seat.viewWhen(MONDAY, ({ state }) => state === 'reconciled');
      expect(day.rejected).toEqual([
        expect.objectContaining({
          why: expect.stringMatching(/^ticket .* is not stored: it was never issued here, or a restore has lost it$/),
        }),
      ]);
      const [alert] = await seat.db('alerts');
      expect(alert).toMatchObject({
        code: 'CONFIRMATION_LOST',
        account: 'main',
        evidence: { command: { ticketId, fills: command.fills, operator: 'demo' } },
      });
      expect(await seat.db('confirmations')).toEqual([]);
      expect(
        await seat.cli([
          'confirm-fills',
          '--ticket',
          ticketId,
          '--fills',
          writeFills(join(inject('servers').root, 'fills-of-a-lost-ticket.json'), command.fills),
          '--at',
          londonInstant(MONDAY, '15:30'),
        ]),
      ).toMatchObject({ code: 2, stderr: expect.stringContaining('TICKET_UNKNOWN') });

      // The same facts give the same ticket, and then the same answer counts.
      expect(await seat.issue(MONDAY, { time: '14:05' })).toMatchObject({ ticketId, issuedNow: true });
      expect(await seat.confirm(ticketId)).toMatchObject({ status: 'BOOKED' });
      await seat.closed(MONDAY);
      // What was told before the restore has lost it is told again.
      expect(await reminders()).toHaveLength(1);
      await assertInvariants(seat.db);
    }));

  it('a day that is gone altogether: rebuild says so, opens it again, and tells of the booking that nothing can take', () =>
    rewinding(async (seat, keep) => {
      const restore = await keep();
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      await seat.confirm(ticketId);
      await seat.closed(MONDAY);
      await seat.run('0800', '2018-05-08');
      // The day stood open before it was lost: one that opens afterwards is stored.
      await seat.viewWhen('2018-05-08', ({ openedAt }) => openedAt !== null);
      await restore();
      // Temporal's list of workflows follows them by some hundred milliseconds.
      expect(await waitUntil(async () => (await openDays(seat)).includes('trading-day/main/2018-05-08'), 20_000)).toBe(
        true,
      );

      const rebuilt = await seat.cli(['rebuild']);
      expect(rebuilt).toMatchObject({
        code: 2,
        stdout: expect.stringContaining(
          `CONFIRMATION_LOST: ticket ${ticketId} of ${MONDAY}, confirmed by demo; neither is stored any more`,
        ),
      });
      expect(rebuilt.stdout).toContain(
        'Opened again: trading-day/main/2018-05-08, which Temporal had open and Postgres had not',
      );
      expect(await seat.db('alerts').pluck('code')).toEqual(['CONFIRMATION_LOST']);
      // The day that was called again stores itself, and its account with it, in its own time.
      const isOpen = async () => (await seat.db('accounts').where({ account: 'main' })).length === 1;
      expect(await waitUntil(isOpen, 20_000)).toBe(true);
      expect(await seat.cli(['confirm', '--at', londonInstant(MONDAY, '15:30')])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('NO_TICKET'),
      });
    }));
});
