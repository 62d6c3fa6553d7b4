import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureSchedules } from '../../src/operations/schedules/ensure.js';
import { openAccount } from '../../src/db/accounts.js';
import { connect } from '../../src/db/connect.js';
import { parsePolicy, type Policy } from '../../src/domain/policy/policy.js';
import { useDemoPolicy } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { asked, says, POLICY_TEXT, writePolicy } from '../support/doctor.js';

describe('what happens by itself: schedules and their slots', () => {
  let installation: Installation;
  let client: Client;
  let policy: Policy;
  const usePolicy = (text: string) => writePolicy(installation, text);
  beforeEach(async () => {
    installation = await createInstallation();
    usePolicy(POLICY_TEXT);
    policy = parsePolicy(POLICY_TEXT, 'policy.yml');
    client = new Client({
      connection: await Connection.connect({ address: installation.settings.temporalAddress ?? '' }),
      namespace: installation.settings.temporalNamespace,
    });
  });
  afterEach(async () => {
    await client.connection.close();
    await installation.cleanup();
  });
  const ensure = (wanted: Policy) => ensureSchedules(client, installation.settings.taskQueue, wanted);

  it('schedules: none registered, all, one paused, one changed', async () => {
    const ids = await asked(installation, 'schedules');
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect(ids).toEqual(ids.map(() => 'fail: not registered'));
    await ensure(policy);
    await says(installation, 'schedules', /^ok: .*run-0800.*run-1400/);
    await client.schedule.getHandle('run-1400').pause('on holiday');
    await says(installation, 'schedules', 'fail: paused: on holiday');
    await client.schedule.getHandle('run-1400').unpause();
    usePolicy(`${POLICY_TEXT}schedules: { morning: '07:30' }\n`);
    await says(installation, 'schedules', 'fail: differs from the policy');
    useDemoPolicy(installation);
    await says(installation, 'schedules', 'ok: none wanted');
  });

  it('schedule times: right over the changes of both clocks, and a server that has another zone', async () => {
    await says(installation, 'schedule times', 'fail: no run is registered');
    await ensure(policy);
    await says(installation, 'schedule times', 'ok: run-0800, run-1400: this year and the next');
    await ensure({ ...policy, schedules: { ...policy.schedules, zone: 'Etc/GMT' } });
    await says(installation, 'schedule times', /^fail: \d+ wrong, first run-0800 at \d{4}-0[34]-\d\dT07:00:00\.000Z/);
  });

  it('slots: none due yet, and days that nobody ran or recorded', async () => {
    const db = connect(installation.settings.databaseUrl ?? '', 1);
    await says(installation, 'slots', 'ok: no account on the real clock is opened yet');
    await db.transaction((trx) =>
      openAccount(trx, { account: 'main', baseCurrency: 'GBP', clock: 'real' }, 'ann', '2026-11-21T10:00:00Z'),
    );
    await db.destroy();
    await says(installation, 'slots', 'ok: 0 slots', { now: () => new Date('2026-11-22T10:00:00Z') });
    await says(installation, 'slots', 'fail: 4 not, first 0800 of 2026-11-23: MISSED', {
      now: () => new Date('2026-11-25T06:00:00Z'),
    });
  });
});
