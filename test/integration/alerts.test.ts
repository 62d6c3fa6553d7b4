import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert } from '../../src/contract/alerts.js';
import { raiseAlert, recoverAlert, recoverAlertsOfDay } from '../../src/operations/alerts/raise.js';
import { listAlerts, openAlerts, recordAcknowledgement } from '../../src/db/alerts.js';
import { auditBreaks } from '../../src/db/audit.js';
import { connect } from '../../src/db/connect.js';
import { inTransaction } from '../../src/db/transaction.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const AT = '2014-06-09T15:00:00.000Z';
const LATER = '2014-06-09T16:00:00.000Z';
const LAST = '2014-06-09T17:00:00.000Z';

describe('an alert is raised once while its condition lasts', () => {
  let database: TestDatabase;
  let db: Knex;
  const alert = (over: Partial<Alert> = {}): Alert => ({
    account: 'main',
    tradingDay: '2014-06-09',
    code: 'CONFIRMATION_DUE',
    subject: 'a ticket',
    message: 'It waits.',
    at: AT,
    evidence: { waited: 3 },
    ...over,
  });
  const states = async (subject: string) =>
    (await listAlerts(db)).filter((known) => known.subject === subject).map(({ state }) => state);

  beforeAll(async () => {
    database = await createTestDatabase();
    db = connect(database.appUrl);
    await db('accounts').insert({ account: 'main', base_currency: 'GBP', clock: 'simulated' });
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  it('again after it recovered, never by a retry, and once when ten raise it together', async () => {
    const first = await raiseAlert(db, alert());
    expect(first.isNew).toBe(true);
    expect(await raiseAlert(db, alert())).toEqual({ ...first, isNew: false });
    expect(await raiseAlert(db, alert({ at: LATER }))).toEqual({ ...first, isNew: false });
    expect((await recoverAlert(db, { ...alert({ at: LATER }), message: 'It came.' })).recovered).toEqual([
      first.alertId,
    ]);
    expect((await recoverAlert(db, { ...alert({ at: LATER }), message: 'It came.' })).recovered).toEqual([]);
    expect(await raiseAlert(db, alert())).toEqual({ ...first, isNew: false });
    const again = await Promise.all(Array.from({ length: 10 }, async () => raiseAlert(db, alert({ at: LAST }))));
    expect(again.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(again.map(({ alertId }) => alertId)).size).toBe(1);
    expect(await states('a ticket')).toEqual(['OPEN', 'RECOVERED']);
    expect(await db('audit_log').where({ subject: 'CONFIRMATION_DUE' }).orderBy('seq').pluck('action')).toEqual([
      'alert.raised',
      'alert.recovered',
      'alert.raised',
    ]);
    expect(await auditBreaks(db)).toEqual([]);
  });

  it('an acknowledged one rests, and is not raised again until it recovered', async () => {
    const { alertId } = await raiseAlert(db, alert({ subject: 'acknowledged' }));
    expect(await recordAcknowledgement(db, { alertId, operator: 'ana', reason: 'seen', at: LATER })).toBe(true);
    expect(await recordAcknowledgement(db, { alertId, operator: 'bo', reason: 'seen too', at: LATER })).toBe(false);
    expect(await raiseAlert(db, alert({ subject: 'acknowledged', at: LATER }))).toEqual({ alertId, isNew: false });
    expect((await openAlerts(db)).map((open) => open.subject)).not.toContain('acknowledged');
    expect(await states('acknowledged')).toEqual(['ACKNOWLEDGED']);
  });

  it('subjects, accounts and the installation are conditions of their own', async () => {
    const raised = await Promise.all(
      [alert({ subject: 'x' }), alert({ subject: 'y' }), alert({ subject: 'x', account: null })].map(async (each) =>
        raiseAlert(db, each),
      ),
    );
    expect(raised.map(({ isNew }) => isNew)).toEqual([true, true, true]);
    expect(
      (await recoverAlert(db, { account: null, code: 'CONFIRMATION_DUE', subject: 'x', message: 'well', at: LATER }))
        .recovered,
    ).toEqual([raised[2]?.alertId]);
    expect(await states('x')).toEqual(expect.arrayContaining(['OPEN', 'RECOVERED']));
    expect((await listAlerts(db, { account: 'main' })).some((known) => known.account === null)).toBe(true);
  });

  it("is part of the transaction that raises it, and the day's close ends those of the day", async () => {
    await expect(
      inTransaction(db, async (trx) => {
        await raiseAlert(trx, alert({ subject: 'undone' }));
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await states('undone')).toEqual([]);
    const open = (await openAlerts(db, 'main'))
      .filter(({ account }) => account === 'main')
      .map(({ alertId }) => alertId);
    const day = {
      account: 'main',
      tradingDay: '2014-06-09',
      codes: ['CONFIRMATION_DUE'] as const,
      message: 'closed',
      at: LAST,
    };
    const { recovered } = await recoverAlertsOfDay(db, day);
    expect(recovered).toEqual(expect.arrayContaining(open));
    expect((await openAlerts(db, 'main')).filter(({ account }) => account === 'main')).toEqual([]);
    await expect(db('alert_events').delete()).rejects.toMatchObject({ code: '42501' });
  });

  it('has the same id on every machine and in every version (computed by another program)', async () => {
    expect(await raiseAlert(db, alert({ subject: 'a golden ticket' }))).toEqual({
      alertId: 'ccd18c2d-ea83-5176-9285-8c931b16965f',
      isNew: true,
    });
    expect(await raiseAlert(db, alert({ subject: 'a golden ticket', account: null }))).toEqual({
      alertId: '98b0d460-03a0-57c5-a06d-576f0ad33f5b',
      isNew: true,
    });
  });
});
