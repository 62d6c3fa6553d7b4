import { describe, expect, it } from 'vitest';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { driveDay, MONDAY, withSeat } from '../support/day.js';

/** What an operator types and reads at the terminal, on a real day. */
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('what the terminal shows', () => {
  it('a TRADE: its orders after run-1400 and by the first eight characters of its id; tables of 100 columns; SQL by a pipe', () =>
    withSeat({}, async (seat) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const at = ['--at', londonInstant(MONDAY, '14:00')];
      const run = await seat.cli(['run-1400', ...at]);
      expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/company[\s\S]*1\.[\s\S]*Apple/) });
      expect(run.stdout).toContain('Not enough cash for the BUYs');
      expect(run.stdout).not.toContain('WARNING');
      const [ticket] = await seat.db('tickets').select('ticket_id');
      const id = (ticket as { ticket_id: string }).ticket_id;
      const shown = await seat.cli(['ticket', 'show', id.slice(0, 8)]);
      expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining(`ticket ${id}`) });
      expect(widest(shown.stdout.replaceAll(/^ {2}\/.*$/gm, ''))).toBeLessThanOrEqual(100);
      expect(await seat.cli(['ticket', 'show', 'ffffffff'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('TICKET_UNKNOWN'),
      });
      for (const words of [['runs-last'], ['tickets-last']])
        expect(widest((await seat.cli(words)).stdout), words[0]).toBeLessThanOrEqual(100);
      const rendered = await seat.cli(['render', 'ticket', id.slice(0, 8)]);
      expect(rendered).toMatchObject({ code: 0, stdout: expect.stringContaining(id) });

      const sql = 'select count(*) as tickets from tickets;\nselect 1 / 0;\nselect 2 as never;\n';
      const piped = await seat.cliApart(['psql'], { input: sql });
      expect(piped).toMatchObject({ code: 3, stdout: expect.stringMatching(/tickets[\s\S]*1/) });
      expect(piped.stdout).not.toContain('never');
      expect(await seat.cliApart(['psql'])).toMatchObject({ code: 0, stdout: expect.stringContaining('PostgreSQL') });
    }));

  it("ledger-report without --at is of the simulated account's own today", () =>
    withSeat({}, async (seat) => {
      await driveDay(seat);
      const report = await seat.cli(['ledger-report']);
      expect(report).toMatchObject({ code: 0, stdout: expect.stringContaining('at the close of 2018-05-04') });
      expect(widest(report.stdout.replaceAll(/^Cost is .*$/gm, ''))).toBeLessThanOrEqual(100);
    }));

  it('on a holiday before any day the next step is the next session', () =>
    withSeat({ worker: false }, async (seat) => {
      const answer = await seat.cli(['day'], { env: { TRADING_OPS_AT: '2018-05-28T09:00:00+01:00' } });
      expect(answer).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /NO_DAY: .*closed on 2018-05-28\nNext: on 2018-05-29, the next session: make run-0800/,
        ),
      });
    }));
});

describe('a new account on the real clock', () => {
  it('has its schedules and its watch at once, and is told', () =>
    withSeat({ worker: false }, async (seat) => {
      const added = await seat.cli(['account', 'add', 'real', '--base-currency', 'GBP', '--clock', 'real']);
      expect(added).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/Registered now.*run-0800, run-1400, backup, watch/),
      });
      expect((await seat.client.schedule.getHandle('watch').describe()).state.paused).toBe(false);
      const again = await seat.cli(['account', 'add', 'real', '--base-currency', 'GBP', '--clock', 'real']);
      expect(again.stdout).toContain('Its schedules and its watch are registered');
    }));
});
