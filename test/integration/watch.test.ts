import { describe, expect, it } from 'vitest';
import { MONDAY, TUESDAY, withDesk, type TestDesk } from '../support/day.js';
import type { WatchReply } from '../../src/workflows/messages.js';

const at = (day: string, time: string) => `${day}T${time}:00+01:00`;

async function watchAt(desk: TestDesk, instant: string): Promise<WatchReply> {
  const { code, stdout, stderr } = await desk.cli(['watch', '--at', instant, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as WatchReply;
}

const runs = (desk: TestDesk) => desk.db('runs as r').leftJoin('run_results as o', 'o.run_id', 'r.run_id').orderBy(['r.trading_day', 'r.slot', 'r.recorded_at'])
  .select('r.trading_day', 'r.slot', 'r.operator', 'o.outcome');
const alerts = (desk: TestDesk) => desk.db('alerts').orderBy(['raised_at', 'code']).select('code', 'subject');

describe('the watch accounts for every slot', { timeout: 120_000 }, () => {
  it('a session whose runs never ran is MISSED, one record and one alert a slot, however often it watches', async () => {
    await withDesk({ worker: true }, async (desk) => {
      await desk.run('0800', MONDAY);
      expect(await watchAt(desk, at(MONDAY, '09:00'))).toMatchObject({ missed: [], late: [], stopped: [] });
      const first = await watchAt(desk, at(TUESDAY, '16:00'));
      expect(first.missed).toEqual([`main ${MONDAY} 1400`, `main ${TUESDAY} 0800`, `main ${TUESDAY} 1400`]);
      await watchAt(desk, at(TUESDAY, '17:00'));
      expect(await runs(desk)).toEqual([
        { trading_day: MONDAY, slot: '0800', operator: 'demo', outcome: 'PASS' },
        { trading_day: MONDAY, slot: '1400', operator: 'watch', outcome: 'MISSED' },
        { trading_day: TUESDAY, slot: '0800', operator: 'watch', outcome: 'MISSED' },
        { trading_day: TUESDAY, slot: '1400', operator: 'watch', outcome: 'MISSED' },
      ]);
      expect(await alerts(desk)).toEqual([
        { code: 'RUN_MISSED', subject: `${MONDAY}/1400` }, { code: 'RUN_MISSED', subject: `${TUESDAY}/0800` }, { code: 'RUN_MISSED', subject: `${TUESDAY}/1400` },
      ]);
    });
  });
});
