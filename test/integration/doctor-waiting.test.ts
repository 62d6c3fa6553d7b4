import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { connect } from '../../src/db/connect.js';
import { turnKillSwitch } from '../../src/db/kill-switch.js';
import { findRun, insertRun, recordStep, type Run } from '../../src/db/runs.js';
import { MONDAY, TUESDAY, useDemoPolicy, withSeat } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { says } from '../support/doctor.js';

describe('what waits for a person', () => {
  let installation: Installation;
  let db: Knex;
  beforeEach(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation);
    db = connect(installation.settings.databaseUrl ?? '', 2);
  });
  afterEach(async () => {
    await db.destroy();
    await installation.cleanup();
  });

  it('the kill switch', async () => {
    await says(installation, 'kill switch', 'ok: no account is opened yet');
    await db.transaction((trx) =>
      openAccount(trx, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }, 'ann', '2018-05-07T08:00:00Z'),
    );
    await says(installation, 'kill switch', 'ok: not engaged');
    await db.transaction((trx) =>
      turnKillSwitch(trx, {
        account: 'main',
        event: 'ENGAGED',
        reason: 'odd prices',
        operator: 'ann',
        at: '2018-05-07T08:00:00Z',
      }),
    );
    await says(installation, 'kill switch', 'fail: engaged: odd prices');
  });

  it('an account that the newest run could not value', async () => {
    await withSeat({ mode: 'off' }, async (seat, own) => {
      const at = { settings: { at: `${TUESDAY}T20:00:00+01:00` } };
      const { runId: monday } = await seat.run('0800', MONDAY);
      await says(own, 'valuation', 'ok: nothing to value yet', at);
      await seat.reconcile(MONDAY, { positions: { AAPL: '1' } });
      await seat.run('ops', TUESDAY);
      await says(own, 'valuation', `ok: of ${MONDAY}`, at);
      const run = (await findRun(seat.db, monday as string)) as Run;
      const later = { ...run, runId: randomUUID(), asOfDate: TUESDAY, tradingDay: '2018-05-09', workflowId: 'later' };
      await insertRun(seat.db, later);
      await recordStep(seat.db, later.runId, 'valuation:main', 'FAIL', `no price or rate of ${TUESDAY} for AAPL`);
      const found = `fail: of ${MONDAY}, and ${TUESDAY} was due: no price or rate of ${TUESDAY} for AAPL`;
      await says(own, 'valuation', found, at);
    });
  });

  it('a ticket of an earlier day that nobody confirmed', async () => {
    await withSeat({ mode: 'off' }, async (seat, own) => {
      await seat.run('0800', MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      await says(own, 'confirmations', 'ok: none', { settings: { at: `${MONDAY}T20:00:00+01:00` } });
      const next = { settings: { at: `${TUESDAY}T08:00:00+01:00` } };
      await says(own, 'confirmations', `fail: 1, first NO_TRADE of ${MONDAY}`, next);
      await seat.confirm(ticketId);
      await says(own, 'confirmations', 'ok: none', next);
    });
  });

  it('a dividend that is held', async () => {
    const at = { settings: { at: '2018-05-10T08:00:00Z' } };
    await says(installation, 'holds', 'ok: none', at);
    const payload = { payload_sha256: 'x', retrieved_at: '2018-05-08T20:00:00Z' };
    await db('bars').insert(
      ['2018-05-04', '2018-05-07', '2018-05-08', '2018-05-09'].map((session) => ({
        source: 'sample',
        symbol: 'AAPL',
        session,
        basis: 'raw',
        currency: 'USD',
        open: '185',
        high: '185',
        low: '185',
        close: '185',
        volume: '1',
        ...payload,
      })),
    );
    await db('corporate_actions').insert({
      source: 'sample',
      symbol: 'AAPL',
      ex_date: '2018-05-08',
      kind: 'DIVIDEND',
      value: '50',
      published: '50',
      ...payload,
    });
    await says(installation, 'holds', /^fail: 1, first AAPL 2018-05-08: /, at);
  });
});
