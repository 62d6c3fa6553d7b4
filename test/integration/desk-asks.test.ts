import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { Place } from '../../src/desk/place.js';
import { ensureSchedules } from '../../src/operations/schedules/ensure.js';
import { fieldsOf, placeOf, sitDown, unescapedHtml, type Seated } from '../support/desk.js';
import { MONDAY, startSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

/** What is asked of the worker and of Temporal at the desk: runs, schedules, backups, a restore test, a test alert. */
const MORNING = '2018-05-07T07:00:00.000Z';
const AFTERNOON = '2018-05-07T13:00:00.000Z';
const EVENING = '2018-05-07T17:00:00.000Z';

let installation: Installation;
let seat: TestSeat;
let stop: () => Promise<void>;
let db: Knex;
let place: Place;
let seated: Seated;

beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { operators: ['ada', 'bo'] });
  ({ seat, stop } = await startSeat(installation));
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  place = placeOf(installation, db);
  seated = await sitDown(place, { operator: 'ada' });
}, 60_000);
afterAll(async () => {
  await seated.app.close();
  await place.mail.close();
  await db.destroy();
  await stop();
});

/** Asks, and follows to the page of what came of it, waiting where that is under way. */
async function landed(path: string, fields: Record<string, string>): Promise<{ location: string; body: string }> {
  const asked = await seated.post(path, { ...fields, step: 'commit' });
  expect(asked.statusCode, asked.body).toBe(303);
  const location = String(asked.headers.location);
  let page = await seated.get(location);
  for (let tries = 0; tries < 300 && page.body.includes('id="waits"'); tries++) {
    await new Promise((resolve) => void setTimeout(resolve, 100));
    page = await seated.get(location);
  }
  return { location, body: unescapedHtml(page.body) };
}

describe('a run', () => {
  const review = async (slot: string, at: string) => {
    const shown = await seated.post('/main/runs/start', { slot, at });
    expect(shown.statusCode, shown.body).toBe(200);
    return { fields: fieldsOf(shown.body), text: unescapedHtml(shown.body) };
  };

  it('says what it will do, and changes nothing by saying so', async () => {
    const before = await fingerprint(db);
    expect((await review('0800', MORNING)).text).toMatch(/Fetches \d+ symbols up to 2018-05-04/);
    expect((await review('0800', MORNING)).text).toContain('Opens the trading day 2018-05-07.');
    expect((await review('0800', AFTERNOON)).text).toContain('The 14:00 run is due already');
    expect((await review('0800', '2018-05-05T07:00:00.000Z')).text).toContain('no day is opened');
    expect((await review('1400', AFTERNOON)).text).toContain('Issues the one ticket of 2018-05-07');
    expect((await review('1400', EVENING)).text).toContain('NO_TRADE: WINDOW_PASSED');
    expect((await review('1400', '2018-05-05T13:00:00.000Z')).text).toContain('NO_TRADE: MARKET_CLOSED');
    expect((await review('ops', MORNING)).text).toContain('It opens no day and issues no ticket.');
    for (const slot of ['', '0900', '"><script>']) {
      const refused = await seated.post('/main/runs/start', { slot, at: MORNING });
      expect([refused.statusCode, refused.body.includes('ARGUMENT_INVALID')], slot).toEqual([400, true]);
    }
    expect(await fingerprint(db)).toEqual(before);
  });

  it('of 08:00 opens the day, and of 14:00 issues its ticket; the same second is the same run', async () => {
    const { fields } = await review('0800', MORNING);
    // Asked a second time it may have its page already, where the first time it was waited for.
    for (const { body } of [await landed('/main/runs/start', fields), await landed('/main/runs/start', fields)])
      expect(body).toMatch(/08:00 run|PASS/);
    expect(await db('runs').count()).toEqual([{ count: 1 }]);
    await seat.reconcile(MONDAY, { operator: 'ada' });
    const afternoon = await landed('/main/runs/start', (await review('1400', AFTERNOON)).fields);
    expect(afternoon.body).toContain('TRADE');
    const [ticket] = (await db('tickets').select('kind', 'trading_day')) as unknown[];
    expect(ticket).toEqual({ kind: 'TRADE', trading_day: MONDAY });
    expect((await review('1400', AFTERNOON)).text).toMatch(/main has a ticket of this day: .*TRADE.*; it stays\./s);
    const runs = (await db('runs').orderBy('seq').select('slot', 'operator')) as unknown[];
    expect(runs).toEqual([
      { slot: '0800', operator: 'ada' },
      { slot: '1400', operator: 'ada' },
    ]);
  });
});

describe('schedules', () => {
  it('are paused with a reason after what becomes MISSED was read, and let go on', async () => {
    const missing = await seated.post('/main/schedules/pause', { schedule: 'run-1400', reason: 'away' });
    expect([missing.statusCode, missing.body.includes('SCHEDULE_MISSING')]).toEqual([409, true]);
    await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy, 'main');
    const before = await fingerprint(db);
    for (const [typed, code] of [
      [{ schedule: 'run-1400', reason: '' }, 'ARGUMENT_INVALID'],
      [{ schedule: 'run-1400', reason: 'all \u202Ewell' }, 'ARGUMENT_INVALID'],
      [{ schedule: 'never', reason: 'away' }, 'SCHEDULE_UNKNOWN'],
    ] as const)
      for (const step of ['check', 'commit'])
        expect((await seated.post('/main/schedules/pause', { ...typed, step })).body).toContain(code);
    const shown = await seated.post('/main/schedules/pause', { schedule: 'run-1400', reason: 'away' });
    expect(unescapedHtml(shown.body)).toMatch(/Until it goes on each of these becomes MISSED.*1400 of \d{4}-/s);
    expect(await fingerprint(db)).toEqual(before);
    const handle = seat.client.schedule.getHandle('run-1400/main');
    expect((await handle.describe()).state.paused).toBe(false);
    await seated.post('/main/schedules/pause', { ...fieldsOf(shown.body), step: 'commit' });
    expect((await handle.describe()).state).toMatchObject({ paused: true, note: expect.stringContaining('away (ada') });
    const on = await seated.post('/main/schedules/unpause', { schedule: 'run-1400', reason: 'back' });
    expect(unescapedHtml(on.body)).toContain('paused already: away (ada');
    await seated.post('/main/schedules/unpause', { ...fieldsOf(on.body), step: 'commit' });
    expect((await handle.describe()).state.paused).toBe(false);
  });
});

describe('a backup, a restore test and a test alert', () => {
  it('are made by the worker in the name of whoever asks', async () => {
    const backup = await landed('/main/backups/now', {});
    expect(backup.body).toContain('BACKUP_DONE');
    expect((await seated.get('/backups')).body).toContain('The newest is');
    const tested = await landed('/main/backups/restore-test', {});
    expect(tested.body).toMatch(/Restore test (done|failed)/);
    expect(tested.body).not.toContain('ASKED_UNKNOWN');
    const alerts = await landed('/main/alerts/test', {});
    expect([alerts.location, alerts.body.includes('ALERT_TEST')]).toEqual(['/alerts', true]);
    const unknown = await seated.get(`/asked/${encodeURIComponent('trading-day/main/2018-05-07')}`);
    expect([unknown.statusCode, unknown.body.includes('ASKED_UNKNOWN')]).toEqual([404, true]);
  });
});
