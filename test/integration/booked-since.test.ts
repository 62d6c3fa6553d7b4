import { describe, expect, it } from 'vitest';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { CASH, MONDAY, withSeat } from '../support/day.js';
import { placeOf, sitDown } from '../support/desk.js';

/* The 14:00 gate refuses figures that the ledger has moved on from: whoever looks before is told in time. */
describe('a booking after the reconciliation of the day', { timeout: 120_000 }, () => {
  it('has Today and the day ask for the figures again, until they are compared again', () =>
    withSeat({ cadence: 'daily', mode: 'live' }, async (seat, installation) => {
      await seat.run('0800', MONDAY);
      await seat.reconcile(MONDAY);
      const place = placeOf(installation, seat.db);
      const who = await sitDown(place);
      try {
        await who.post('/main/clock', { clock: `${MONDAY} 10:00` });
        const look = async () => {
          const { body } = await who.get('/main/today');
          const { stdout } = await seat.cli(['day']);
          return {
            headline: /<h1>([^<]+)<\/h1>/.exec(body)?.[1],
            isAsked: body.includes('href="/main/reconcile">Reconcile<'),
            waits: /Waiting for .*/.exec(stdout)?.[0].replace(/\d+/, 'N'),
            next: /Next: .*/.exec(stdout)?.[0].split(' --')[0],
          };
        };
        const quiet = await look();
        expect(quiet).toMatchObject({ headline: 'Reconciled: wait for the ticket of 14:00', isAsked: false });
        const at = londonInstant(MONDAY, '10:00');
        const booked = await seat.cli(['cash', 'deposit', '--amount', '100', '--date', MONDAY, '--at', at]);
        expect(booked, booked.stderr).toMatchObject({ code: 0 });
        const asked = await look();
        expect(asked.headline).toMatch(/^Reconcile again: entry \d+ was booked since$/);
        expect(asked).toMatchObject({
          isAsked: true,
          waits: 'Waiting for a reconciliation again: entry N was booked since',
        });
        expect(asked.next).toContain('reconcile');
        const cash = String(Number(CASH) + 100);
        await seat.reconcile(MONDAY, { time: '10:05', cash });
        expect(await look()).toEqual(quiet);
      } finally {
        await who.app.close();
        await place.mail.close();
      }
    }));
});
