import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { insertClaim } from '../../src/db/claims.js';
import { connect } from '../../src/db/connect.js';
import { insertTicket, ticketFacts } from '../../src/db/tickets.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { decideTicket } from '../../src/domain/decision/decide.js';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import { materialHash, ticketId as idOf } from '../../src/domain/decision/ticket.js';
import { claimTicket } from '../../src/operations/day/claim-ticket.js';
import { ticketPath } from '../../src/reports/paths.js';
import { addAccounts, driveDay, fillsOf, MONDAY, TUESDAY, withSeat } from '../support/day.js';
import { placeOf, sitDown, type Seated } from '../support/desk.js';

/*
 * The program's own role may write a ticket, for the program does: one with facts of its own comes out of these like
 * any other. Nobody is to place its orders, also before the books are looked at again.
 */
describe('a TRADE that is changed behind the back of who looks at it', { timeout: 120_000 }, () => {
  it('is told on every page at the next look, though no record tells of it; and put back is whole', () =>
    withSeat({ cadence: 'daily', mode: 'live' }, async (seat, installation) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      const { lines } = (await seat.ticket(ticketId)).material;
      const place = placeOf(installation, seat.db);
      const who = await sitDown(place);
      const owner = connect(installation.settings.ownerDatabaseUrl ?? '', 1);
      const pages = ['/today', `/tickets/${ticketId}`, `/tickets/${ticketId}/execute`, `/tickets/${ticketId}/confirm`];
      const differs = () =>
        Promise.all(pages.map(async (page) => (await who.get(`/main${page}`)).body.includes('TICKET_DIFFERS')));
      const pay = async (value: string) => {
        await owner.raw('alter table tickets disable trigger user');
        const text = JSON.stringify(value);
        await owner.raw(`update tickets set material = jsonb_set(material, '{lines,0,valueBase}', ?::jsonb)`, [text]);
        await owner.raw('alter table tickets enable trigger user');
      };
      try {
        await who.post('/main/clock', { clock: `${MONDAY} 14:45` });
        expect(await differs()).toEqual([false, false, false, false]);
        await pay('990.00');
        expect(await differs()).toEqual([true, true, true, true]);
        await pay(lines[0]?.valueBase ?? '');
        expect(await differs()).toEqual([false, false, false, false]);
      } finally {
        await owner.destroy();
        await who.app.close();
        await place.mail.close();
      }
    }));
});

describe('a TRADE that was written around the program', { timeout: 180_000 }, () => {
  it('is told at every door before an order of it is placed, and a real one beside it is not', () =>
    withSeat({ cadence: 'daily', mode: 'live' }, async (seat, installation) => {
      const before = await driveDay(seat, MONDAY);
      await seat.run('0800', TUESDAY);
      await seat.reconcile(TUESDAY);
      const forged = await forge();
      const place = placeOf(installation, seat.db);
      const who = await sitDown(place);
      try {
        await who.post('/main/clock', { clock: `${TUESDAY} 14:45` });
        expect(await doorsOf(who, forged)).toEqual({
          today: true,
          isAskedToExecute: false,
          ticket: true,
          execute: true,
          show: 2,
          list: true,
          csv: [],
          claim: 'TICKET_DIFFERS',
        });
        expect(await seat.db('execution_claims').where({ ticket_id: forged })).toEqual([]);
        // Whoever writes a ticket may write that somebody executes it, too.
        const claim = { claimId: randomUUID(), ticketId: forged, kind: 'CLAIM', operator: 'demo' } as const;
        const at = londonInstant(TUESDAY, '14:40');
        await insertClaim(seat.db, { ...claim, at, reason: null, follows: null });
        const { body } = await who.get(`/main/tickets/${forged}/execute`);
        expect(body).toContain('✕ TICKET_DIFFERS: place no order of this ticket.');
        expect(body).not.toMatch(/✓ GO|○ Type the price/);
      } finally {
        await who.app.close();
      }
      expect(await saysOf(forged)).toEqual({ day: 2, fills: 2, list: true, listed: [forged], file: true });
      // The run of 14:00 does not take it for the ticket of the day, and people hear of it; other accounts have theirs.
      const others = addAccounts(installation, 30);
      const run = await seat.cli(['run-1400', '--at', londonInstant(TUESDAY, '14:50')]);
      expect([run.code, run.stderr + run.stdout]).toEqual([2, expect.stringContaining('TICKET_DIFFERS')]);
      const issued = await seat.db('tickets').where({ trading_day: TUESDAY }).select('account', 'ticket_id');
      expect(issued.filter(({ account }) => account === 'main')).toEqual([{ account: 'main', ticket_id: forged }]);
      expect(issued.map(({ account }) => account as string).toSorted()).toEqual(['main', ...others].toSorted());
      const gates = seat.db('gate_results').where({ run_id: await newestRun(seat.db), account: 'main' });
      expect(await gates).toEqual([]);
      expect(await seat.db('alerts').pluck('code')).toContain('BOOKS_BROKEN');
      expect((await seat.cli(['runs-last'])).stdout).toMatch(new RegExp(`${TUESDAY} +1400 +under way`));
      const later = londonInstant(TUESDAY, '16:00');
      const booked = await seat.cli(['cash', 'deposit', '--amount', '1', '--date', TUESDAY, '--at', later]);
      expect(booked, booked.stderr).toMatchObject({ code: 0 });
      expect((await seat.cli(['runs-last'])).stdout).toMatch(new RegExp(`${TUESDAY} +1400 +no result`));
      // Of one that has its answer nothing is to be placed any more.
      expect((await seat.cli(['ticket', 'show', before.ticketId])).code).toBe(0);
      expect((await seat.cli(['books', 'verify'])).stdout).toContain(`I8: main ticket ${forged}`);
      // Whoever reads it once it has its answer is told all the same that it was nobody's of the program.
      const left = fillsOf((await seat.ticket(forged)).material).map((fill) => ({
        ...fill,
        executedStatus: 'SKIPPED' as const,
        units: null,
        fillPrice: null,
        executedValueBase: null,
        filledAt: null,
        notes: 'forged',
      }));
      expect(await seat.confirm(forged, { fills: left })).toMatchObject({ status: 'BOOKED' });
      const after = await sitDown(place);
      const [of, real] = [
        await after.get(`/main/tickets/${forged}`),
        await after.get(`/main/tickets/${before.ticketId}`),
      ];
      await after.app.close();
      await place.mail.close();
      expect(of.body).toContain('BOOKED');
      expect(of.body.split('TICKET_DIFFERS: place no order')).toHaveLength(2);
      expect(real.body).not.toContain('TICKET_DIFFERS');

      /** What the commands say that read a ticket which stands, and its file. */
      async function saysOf(ticketId: string) {
        expect((await seat.cli(['render', 'ticket', ticketId])).code).toBe(0);
        const file = readFileSync(path.join(installation.dataDir, ticketPath(ticketId, 'md')), 'utf8');
        return {
          day: (await seat.cli(['day'])).code,
          fills: (await seat.cli(['ticket', 'fills'])).code,
          list: (await seat.cli(['tickets-last'])).stdout.includes('TICKET_DIFFERS'),
          listed: (await listed()).filter(({ groundless }) => groundless !== undefined).map(({ ticketId: id }) => id),
          file: file.includes('TICKET_DIFFERS: place no order of it'),
        };
      }

      async function listed(): Promise<{ ticketId: string; groundless?: string }[]> {
        const { stdout } = await seat.cli(['tickets-last', '--json']);
        return JSON.parse(stdout) as { ticketId: string; groundless?: string }[];
      }

      /** With a hundred times the cash that the ledger has. */
      async function forge(): Promise<string> {
        const { material, runId } = await seat.ticket(before.ticketId);
        const facts = (await ticketFacts(seat.db, before.ticketId)) as DecisionFacts;
        const richer: DecisionFacts = {
          ...facts,
          tradingDay: TUESDAY,
          ledger: { ...facts.ledger, cash: '1000000' },
          snapshot: facts.snapshot && { ...facts.snapshot, cash: '1000000' },
          signatures: undefined as never,
        };
        const decided = decideTicket(richer).material;
        expect([material.kind, decided.kind]).toEqual(['TRADE', 'TRADE']);
        const hash = materialHash(decided);
        const ticketId = idOf('main', TUESDAY, hash);
        const issuedAt = londonInstant(TUESDAY, '14:00');
        const row = { ticketId, material: decided, materialHash: hash, reasons: [], runId, issuedAt };
        await insertTicket(seat.db, { ...row, facts: richer });
        return ticketId;
      }

      async function doorsOf({ get }: Seated, ticketId: string) {
        const [csv, list, today, ticket, execute] = [
          (await get('/main/tickets.csv')).body,
          (await get('/main/tickets')).body,
          (await get('/main/today')).body,
          (await get(`/main/tickets/${ticketId}`)).body,
          (await get(`/main/tickets/${ticketId}/execute`)).body,
        ];
        const says = (body: string) => body.includes('TICKET_DIFFERS: place no order');
        const asker = { operator: 'demo', door: 'desk', claimedAt: londonInstant(TUESDAY, '14:45') } as const;
        const claimed = await claimTicket(place, asker, { account: 'main', ticketId, reason: null });
        return {
          today: says(today),
          isAskedToExecute:
            /Start executing|Look before|Nobody executes it/.test(today + ticket + execute) ||
            today.includes('data-opens') ||
            ticket.includes('Execute it line by line') ||
            execute.includes('I execute this ticket'),
          ticket: says(ticket),
          list: says(list),
          csv: csv.split('\r\n').filter((row) => row.includes(ticketId) && !row.includes('TICKET_DIFFERS')),
          execute: says(execute),
          show: (await seat.cli(['ticket', 'show', ticketId])).code,
          claim: claimed.ok ? null : claimed.refusal.code,
        };
      }
    }));
});

const newestRun = async (db: Knex) =>
  (await db('runs').orderBy('seq', 'desc').first<{ run_id: string }>('run_id')).run_id;
