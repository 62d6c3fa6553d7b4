import type { Knex } from 'knex';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { AT_THE_DESK, openMail, type Mail } from '../../src/desk/mail.js';
import { withinMs } from '../support/clock.js';
import { MONDAY, openSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { fieldsOf, placeOf, sitDown, type Seated } from '../support/desk.js';
import { createInstallation, startWorkerProcess, type Installation, type WorkerProcess } from '../support/stack.js';

/** That something waits, once for each. */
const KEPT = /A reconciliation by demo, sent [^,]+, is kept/g;

/**
 * What becomes of figures that are sent while the worker is there no more, or answers no more: whoever sent them is
 * told within seconds that they are kept, and they are recorded once.
 */
describe('a form is sent to a worker', { timeout: 120_000 }, () => {
  let installation: Installation;
  let worker: WorkerProcess;
  let seat: TestSeat;
  let db: Knex;
  const mails: Mail[] = [];
  const seated: Seated[] = [];

  beforeAll(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation);
    worker = await startWorkerProcess(installation);
    seat = await openSeat(installation);
    await seat.run('0800', MONDAY);
    await seat.reconcile(MONDAY, { cash: '10000.00', time: '08:30' });
    db = connect(installation.settings.databaseUrl ?? '', 3, OF_THE_DESK);
  }, 120_000);
  afterAll(async () => {
    await worker.kill('SIGKILL');
    await Promise.all(seated.map(({ app }) => app.close()));
    await Promise.all(mails.map((mail) => mail.close()));
    await db.destroy();
    await seat.close();
    await installation.cleanup();
  });

  /** A desk that looks for workers by their processes, as that of one machine does. */
  async function sit(patience = AT_THE_DESK): Promise<Seated> {
    const { settings, dataDir } = installation;
    const mail = openMail(settings, { dataDir, taskQueue: settings.taskQueue, isLocal: true }, patience);
    const who = await sitDown({ ...placeOf(installation, db), mail });
    await who.post('/main/clock', { clock: `${MONDAY} 09:00` });
    mails.push(mail);
    seated.push(who);
    return who;
  }

  async function send(who: Seated): Promise<{ location: string; ms: number; command: string }> {
    const form = await who.get('/main/reconcile?anew=yes');
    const typed: Record<string, string> = {
      ...fieldsOf(form.body),
      cash: '10000.00',
      snapshotDate: MONDAY,
      step: 'commit',
    };
    const from = Date.now();
    const answer = await who.post('/main/reconcile', typed);
    expect(answer.statusCode, answer.body).toBe(303);
    return { location: String(answer.headers.location), ms: Date.now() - from, command: typed['command'] ?? '' };
  }

  const recordedOnce = async (who: Seated, { location, command }: { location: string; command: string }) => {
    await expect
      .poll(async () => (await who.get(location)).body, { timeout: 60_000, interval: 200 })
      .toContain('RECONCILIATION_PASS');
    expect(await db('reconciliations').where({ command_id: command }).pluck('status')).toEqual(['PASS']);
    // The worker has told the server too: one that is stopped before would leave this one waiting beside the next.
    await expect
      .poll(async () => (await who.get('/main/today')).body, { timeout: 60_000, interval: 200 })
      .not.toContain('is kept');
  };

  it('that is killed a moment later: it is kept within seconds, and recorded once by the next one', async () => {
    const who = await sit();
    process.kill(worker.pid, 'SIGSTOP');
    const sending = send(who);
    await delay(500);
    await worker.kill('SIGKILL');
    const sent = await sending;
    expect(sent.location).toMatch(/\?kept=yes$/);
    withinMs(sent.ms, AT_THE_DESK.answerMs);
    const { body } = await who.get(sent.location);
    expect(body).toContain('WORKER_DOWN');
    expect(body.match(KEPT)).toHaveLength(1);
    // So with a run that had been started: nobody is at it.
    const asked = { workflowId: `morning-run/main-${MONDAY}T07:30:00Z`, taskQueue: installation.settings.taskQueue };
    const at = `${MONDAY}T07:30:00Z`;
    await seat.client.workflow.start('morningRun', { ...asked, args: [{ at, operator: 'demo', accounts: ['main'] }] });
    const page = (await who.get(`/asked/${encodeURIComponent(asked.workflowId)}`)).body;
    expect(page).toContain('WORKER_DOWN: no worker is up');
    expect(page).not.toContain('UNDER WAY');
    // Of a rehearsal by its own clock, and not by that of the machine.
    expect(page).toContain(`Asked for at ${MONDAY} 08:30 UK time`);
    const listed = (await who.get('/runs')).body;
    expect(listed).toContain('1 run was asked for and not begun');
    expect(listed).toContain(
      `<a href="/asked/${encodeURIComponent(asked.workflowId)}">0800 of ${MONDAY} 08:30 UK time`,
    );
    worker = await startWorkerProcess(installation);
    await recordedOnce(who, sent);
    await expect
      .poll(async () => (await who.get('/runs')).body, { timeout: 60_000, interval: 200 })
      .not.toContain('asked for and not begun');
  });

  it('a run that is asked of a worker that stands still says so, and not that it goes on', async () => {
    const who = await sit();
    process.kill(worker.pid, 'SIGSTOP');
    const review = await who.post('/main/runs/start', { slot: 'ops', at: `${MONDAY}T09:00:00.000Z` });
    const asked = await who.post('/main/runs/start', { ...fieldsOf(review.body), step: 'commit' });
    const page = async () => (await who.get(String(asked.headers.location))).body;
    expect(await page()).toContain('It goes on by itself');
    await expect.poll(page, { timeout: 60_000, interval: 500 }).toContain('UNDER WAY, and the worker is slow');
    expect(await page()).toContain('Its next step waits since');
    // The server takes the step back after ten seconds and hands it out anew: to whoever reads it is the same wait.
    const attempt = async () => {
      const id = decodeURIComponent(String(asked.headers.location).split('/').at(-1) ?? '');
      return (await seat.client.workflow.getHandle(id).describe()).raw.pendingWorkflowTask?.attempt ?? 1;
    };
    await expect.poll(attempt, { timeout: 60_000, interval: 200 }).toBeGreaterThan(1);
    expect(await page()).toContain('id="waits" data-how="slow"');
    process.kill(worker.pid, 'SIGCONT');
    await expect.poll(page, { timeout: 60_000, interval: 500 }).toContain('Read the run');
  });

  it('that lives and says nothing: it is kept when the time is over, every page says so, and it is recorded once', async () => {
    const who = await sit({ ...AT_THE_DESK, answerMs: 1_500 });
    process.kill(worker.pid, 'SIGSTOP');
    const sent = await send(who);
    expect(sent.location).toMatch(/\?kept=yes$/);
    withinMs(sent.ms, 1_500 + AT_THE_DESK.keepMs + 1_000);
    for (const page of [sent.location, '/main/today', '/main/reconcile']) {
      const { body } = await who.get(page);
      expect(body.match(KEPT), page).toHaveLength(1);
      expect(body).toContain('the worker is slow');
    }
    process.kill(worker.pid, 'SIGCONT');
    await recordedOnce(who, sent);
  });

  it('is waited for no longer than ten seconds and a bit', () => {
    expect(AT_THE_DESK.answerMs + AT_THE_DESK.keepMs).toBeLessThanOrEqual(11_000);
    expect(AT_THE_DESK.lookMs).toBeLessThanOrEqual(1_000);
  });
});
