import { Client, Connection } from '@temporalio/client';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureSchedules } from '../../src/activities/schedules.js';
import { parsePolicy, type Policy } from '../../src/domain/policy.js';
import { comingRuns, schedulesOf } from '../../src/domain/schedule-times.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { createTestNamespace } from '../support/temporal.js';

const shipped = parsePolicy(readFileSync(join(repositoryRoot, 'config', 'policy.yml'), 'utf8'), 'policy.yml');
const withSchedules = (schedules: Partial<Policy['schedules']>): Policy => ({ ...shipped, schedules: { ...shipped.schedules, ...schedules } });

describe('schedules on the server', () => {
  let client: Client;
  beforeAll(async () => {
    const { address, namespace } = await createTestNamespace();
    client = new Client({ connection: await Connection.connect({ address }), namespace });
  });
  afterAll(() => client.connection.close());
  const results = async (policy: Policy) => (await ensureSchedules(client, 'nobody', policy)).filter(({ scheduleId }) => scheduleId.startsWith('run-')).map(({ result }) => result);

  it('are created once, left alone when nothing differs, and changed when the policy does', async () => {
    expect(await results(shipped)).toEqual(['created', 'created']);
    const before = await client.schedule.getHandle('run-1400').describe();
    expect(await results(shipped)).toEqual(['unchanged', 'unchanged']);
    expect((await client.schedule.getHandle('run-1400').describe()).info.lastUpdatedAt).toEqual(before.info.lastUpdatedAt);
    expect(await results(withSchedules({ afternoon: '14:05' }))).toEqual(['unchanged', 'changed']);
    const after = await client.schedule.getHandle('run-1400').describe();
    expect(after).toMatchObject({ policies: { overlap: 'ALLOW_ALL', catchupWindow: 90 * 60_000, pauseOnFailure: false }, spec: { timezone: 'Europe/London' } });
    expect(await results(shipped)).toEqual(['unchanged', 'changed']);
  });

  it('fire when the pure calendar says', async () => {
    const now = new Date().toISOString();
    const coming = comingRuns(schedulesOf(shipped), now, 20, shipped.calendar);
    for (const [id, slot] of [['run-0800', '0800'], ['run-1400', '1400']] as const) {
      const { info } = await client.schedule.getHandle(id).describe();
      expect(info.nextActionTimes.map((time) => time.toISOString())).toEqual(coming.filter((run) => run.slot === slot).map(({ at }) => at));
    }
  });
});
