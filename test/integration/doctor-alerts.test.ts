import { afterEach, beforeEach, describe, it } from 'vitest';
import { raiseAlert, recoverAlert } from '../../src/operations/alerts/raise.js';
import { connect } from '../../src/db/connect.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { says, POLICY_TEXT, writePolicy } from '../support/doctor.js';

describe('what happens by itself: alerts', () => {
  let installation: Installation;
  const usePolicy = (text: string) => writePolicy(installation, text);
  beforeEach(async () => {
    installation = await createInstallation();
    usePolicy(POLICY_TEXT);
  });
  afterEach(() => installation.cleanup());

  it('deliveries: none, one that waits, one that came through, one that was given up', async () => {
    const db = connect(installation.settings.databaseUrl ?? '', 1);
    const { alertId } = await raiseAlert(db, {
      account: null,
      code: 'BACKUP_FAILED',
      subject: 'database',
      tradingDay: null,
      message: 'no space',
      at: '2026-11-22T10:00:00Z',
    });
    const event = (kind: 'PLANNED' | 'GAVE_UP' | 'SENT' | 'FAILED', sink: string) =>
      db('alert_events').insert({
        event_key: `${alertId}/ALERT/${sink}/${kind}`,
        alert_id: alertId,
        kind,
        notice: 'ALERT',
        sink,
        note: 'x',
        at: '2026-11-22T10:00:00Z',
      });
    const now = () => new Date('2026-11-22T10:10:00Z');
    const later = () => new Date('2026-11-22T10:20:00Z');
    await event('PLANNED', 'slack');
    await says(installation, 'alert delivery', 'ok: ', { now });
    await says(installation, 'alert delivery', 'fail: 1 waiting, 0 given up', { now: later });
    await event('SENT', 'slack');
    await says(installation, 'alert delivery', 'ok: ', { now: later });
    await event('PLANNED', 'ntfy');
    await event('GAVE_UP', 'ntfy');
    await says(installation, 'alert delivery', 'fail: 0 waiting, 1 given up', { now: later });
    await says(installation, 'alert delivery', 'ok: ', { now: () => new Date('2026-12-22T10:00:00Z') });
    await db.destroy();
  });

  it('alerts: an open one, and the same one recovered', async () => {
    const db = connect(installation.settings.databaseUrl ?? '', 1);
    await says(installation, 'alerts', 'ok: none');
    const about = { account: null, code: 'BACKUP_FAILED', subject: 'database' } as const;
    await raiseAlert(db, { ...about, tradingDay: null, message: 'no space', at: '2026-11-22T10:00:00Z' });
    await says(installation, 'alerts', 'fail: 1 open, newest BACKUP_FAILED: no space');
    await recoverAlert(db, { ...about, message: 'made', at: '2026-11-22T11:00:00Z' });
    await says(installation, 'alerts', 'ok: none');
    await db.destroy();
  });

  it('alert sinks: none, a secret that is not set, nobody who would miss us, and all of it', async () => {
    await says(installation, 'alert sinks', 'warn: only files');
    usePolicy(`${POLICY_TEXT}alerts: { sinks: [{ kind: slack, url_env: ALERTS_SLACK_URL }] }\n`);
    await says(installation, 'alert sinks', 'fail: not set: ALERTS_SLACK_URL');
    await says(installation, 'alert sinks', 'warn: slack; no ping_url', {
      env: { ALERTS_SLACK_URL: 'http://127.0.0.1:1/' },
    });
    usePolicy(
      `${POLICY_TEXT}alerts: { ping_url: 'http://127.0.0.1:1/', sinks: [{ kind: slack, url_env: ALERTS_SLACK_URL }] }\n`,
    );
    await says(installation, 'alert sinks', 'ok: slack', { env: { ALERTS_SLACK_URL: 'http://127.0.0.1:1/' } });
  });
});
