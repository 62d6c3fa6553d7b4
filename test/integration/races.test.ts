import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ticketPath } from '../../src/reports/paths.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import {
  assertInvariants,
  confirmCommand,
  driveDay,
  fillsOf,
  MONDAY,
  withSeat,
  writeFills,
  type TestSeat,
} from '../support/day.js';
import type { Installation } from '../support/stack.js';

const RACE_MAX_MS = 240_000;

describe.concurrent('whoever comes second', { timeout: RACE_MAX_MS }, () => {
  it('two operators confirm at the same moment with different fills: one is booked, the other refused with the reason', () =>
    withSeat({ operators: ['alice', 'bob'] }, async (seat, { dataDir }) => {
      const ticketId = await toTicket(seat);
      const { material } = await seat.ticket(ticketId);
      const confirm = (operator: string, slip: string) => {
        const fills = writeFills(join(dataDir, `${operator}.json`), fillsOf(material, slip));
        return seat.cliApart([
          'confirm-fills',
          '--fills',
          fills,
          '--operator',
          operator,
          '--at',
          `${MONDAY}T15:20:00+01:00`,
        ]);
      };
      const answers = await Promise.all([confirm('alice', '0'), confirm('bob', '0.002')]);
      const [booked, refused] = answers.toSorted((a, b) => a.code - b.code);
      expect(booked).toMatchObject({ code: 0, stdout: expect.stringContaining('CONFIRMATION_BOOKED') });
      expect(refused).toMatchObject({
        code: 2,
        stdout: expect.stringContaining('CONFIRMATION_REFUSED: ALREADY_CONFIRMED_DIFFERENTLY'),
      });
      expect(refused?.stdout).toMatch(
        /(alice|bob) reported other fills at .* to correct that, confirm again with --amend/,
      );
      await assertBookedOnce(seat);
    }));

  it('ten identical confirmations are one', () =>
    withSeat({}, async (seat) => {
      const ticketId = await toTicket(seat);
      const replies = await Promise.all(Array.from({ length: 10 }, () => seat.confirm(ticketId)));
      expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
      expect(replies[0]).toMatchObject({ status: 'BOOKED', reason: null });
      await assertBookedOnce(seat);
    }));

  it('signals and updates of the page and the command line together book once', () =>
    withSeat({}, async (seat) => {
      const ticketId = await toTicket(seat);
      const { material } = await seat.ticket(ticketId);
      const same = confirmCommand(ticketId, material, {});
      const other = confirmCommand(ticketId, material, { fills: fillsOf(material, '0.002') });
      const answers = await Promise.all([
        seat.signal(MONDAY, 'confirm', same),
        seat.confirm(ticketId),
        seat.signal(MONDAY, 'confirm', other),
        seat.confirm(ticketId, { fills: other.fills }),
        seat.signal(MONDAY, 'confirm', same),
      ]);
      const outcomes = answers.flatMap((answer) => (answer ? [answer.status] : []));
      expect(outcomes.toSorted()).toEqual(['BOOKED', 'REFUSED']);
      await assertBookedOnce(seat);
    }));

  it('twenty afternoon runs at once, and one at the second of the schedule, issue one ticket', () =>
    withSeat({}, async (seat) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const runs = await Promise.all([
        ...Array.from({ length: 18 }, (_, index) => seat.issue(MONDAY, { id: `afternoon-run/race-${index}` })),
        seat.issue(MONDAY),
        seat.issue(MONDAY),
      ]);
      expect(new Set(runs.map(({ ticketId }) => ticketId)).size).toBe(1);
      // The last two share one workflow, as a schedule and a person of the same second do: 19 runs, one of which
      // issued.
      expect(await seat.db('runs').where({ slot: '1400' })).toHaveLength(19);
      expect(await seat.db('audit_log').where({ action: 'ticket.issued' })).toHaveLength(1);
      expect(await seat.db('tickets')).toHaveLength(1);
      await assertInvariants(seat.db);
    }));

  it('the same command of two people in the same second is one run with one answer', () =>
    withSeat({}, async (seat) => {
      const type = () => seat.cliApart(['run-0800', '--at', `${MONDAY}T08:00:00+01:00`, '--json']);
      const [one, other] = await Promise.all([type(), type()]);
      expect(one).toMatchObject({ code: 0 });
      expect(other).toEqual(one);
      expect(await seat.db('runs')).toHaveLength(1);
    }));
});

describe.concurrent('tampering', { timeout: RACE_MAX_MS }, () => {
  it("is denied to the application's role, and found when the owner does it", () =>
    withSeat({}, async (seat, installation) => {
      const { ticketId } = await driveDay(seat);
      for (const [table, change] of [
        ['fills', 'units = 1'],
        ['confirmations', "operator = 'x'"],
        ['postings', 'amount = 1'],
        ['journal_entries', "operator = 'x'"],
        ['tickets', "kind = 'NO_TRADE'"],
        ['snapshots', 'cash = 1'],
        ['audit_log', "actor = 'x'"],
        ['day_events', "event = 'OPENED'"],
      ]) {
        await expect(seat.db.raw(`update ${table} set ${change}`), `update ${table}`).rejects.toThrow(
          /permission denied/,
        );
        await expect(seat.db.raw(`delete from ${table}`), `delete from ${table}`).rejects.toThrow(/permission denied/);
      }
      expect(await seat.cliApart(['audit', 'verify'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('AUDIT_INTACT'),
      });

      await asOwner(installation, `update audit_log set actor = 'nobody' where action = 'fills.booked'`, 'audit_log');
      const {
        rows: [row],
      } = (await seat.db.raw(`select seq from audit_log where action = 'fills.booked'`)) as { rows: { seq: number }[] };
      const audit = await seat.cliApart(['audit', 'verify']);
      expect(audit).toMatchObject({
        code: 2,
        stdout: expect.stringContaining(`AUDIT_BROKEN\nrecord ${row?.seq} was altered`),
      });

      await seat
        .db('bars' as string)
        .where({ symbol: 'AAPL', session: '2018-05-04' })
        .update({ close: '184.83' });
      const verified = await seat.cliApart(['ticket', 'verify', ticketId]);
      expect(verified.code).toBe(2);
      expect(verified.stdout).toContain(
        `TICKET_DIFFERS ${ticketId}\nAAPL 2018-05-04 close: 183.83 when issued, 184.83 now`,
      );
      expect(readFileSync(join(installation.dataDir, ticketPath(ticketId, 'md')), 'utf8')).toContain('183.83');
    }));
});

async function toTicket(seat: TestSeat): Promise<string> {
  await seat.run('0800', MONDAY);
  await seat.reconcile(MONDAY);
  const { kind, ticketId } = await seat.issue(MONDAY);
  expect(kind).toBe('TRADE');
  return ticketId;
}

async function assertBookedOnce(seat: TestSeat): Promise<void> {
  await seat.closed(MONDAY);
  expect(await seat.db('confirmations')).toHaveLength(1);
  expect(await seat.db('journal_entries').where({ kind: 'FILL' })).toHaveLength(1);
  await assertInvariants(seat.db);
}

/** Edits as the superuser does who first switches the guard off. */
async function asOwner({ settings }: Installation, statement: string, table: string): Promise<void> {
  await withClient(resolveAddresses(settings).ownerDatabaseUrl, async (client) => {
    await client.query(`alter table ${table} disable trigger ${table}_append_only_trg`);
    await client.query(statement);
    await client.query(`alter table ${table} enable trigger ${table}_append_only_trg`);
  });
}
