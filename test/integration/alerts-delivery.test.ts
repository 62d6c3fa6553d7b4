import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../src/contract/alerts.js';
import { raiseAlert, recoverAlert } from '../../src/operations/alerts/raise.js';
import { alertPath } from '../../src/reports/paths.js';
import { deliveriesOf, undelivered } from '../../src/db/alert-deliveries.js';
import { listAlerts } from '../../src/db/alerts.js';
import {
  alertStates,
  delivered,
  dispatch,
  expectReceipts,
  receipts,
  toldTo,
  useAlerts,
  webhook,
} from '../support/alerts.js';
import { assertInvariants, driveDay, MONDAY, withSeat, type TestSeat } from '../support/day.js';
import { startFaultyWorker } from '../support/kill-points.js';
import { answering, smtpError, startHttpReceiver, startMailReceiver, type HttpReceiver } from '../support/receivers.js';
import { startWorkerProcess, type WorkerProcess } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

/** Attempts are given up, workers die and start: seconds each, more on a busy machine. */
const SLOW_MS = 180_000;

const alert = (subject: string, over: Partial<Alert> = {}): Alert => ({
  account: null,
  tradingDay: '2018-05-07',
  code: 'BACKUP_FAILED',
  subject,
  message: `${subject} failed.`,
  at: '2018-05-07T09:00:00.000Z',
  ...over,
});
const recovery = (subject: string) => ({
  account: null,
  code: 'BACKUP_FAILED' as const,
  subject,
  message: `${subject} is well.`,
  at: '2018-05-07T10:00:00.000Z',
});
const nothingLeft = (seat: TestSeat) => delivered(async () => expect(await undelivered(seat.db)).toEqual([]));

let good: HttpReceiver;
let bad: HttpReceiver;
beforeEach(async () => {
  [good, bad] = [await startHttpReceiver(), await startHttpReceiver()];
});
afterEach(() => {
  good.close();
  bad.close();
});

describe('alerts arrive', () => {
  it(
    'a day goes to its close while one sink hangs and one is gone; the third is told, also of those',
    () =>
      withSeat({}, async (seat, installation) => {
        const gone = await startHttpReceiver();
        gone.close();
        bad.answer = () => undefined;
        useAlerts(installation, {
          timeout_seconds: 0.5,
          give_up_after_hours: 1.5 / 3600,
          sinks: [webhook('good', good), webhook('hanging', bad), webhook('gone', gone)],
        });
        // An alert that recovers within the second before it goes out would be told once, as over.
        await driveDay(
          seat,
          MONDAY,
          async () => void (await delivered(() => expect(toldTo(good)).toContain('ALERT TICKET_TRADE'))),
        );
        await assertInvariants(seat.db);
        await delivered(async () =>
          expect(toldTo(good).toSorted()).toEqual([
            'ALERT ALERT_UNDELIVERED',
            'ALERT ALERT_UNDELIVERED',
            'ALERT CONFIRMATION_RECEIPT',
            'ALERT TICKET_TRADE',
            'RECOVERY TICKET_TRADE',
          ]),
        );
        for (const sink of ['hanging', 'gone']) {
          const kinds = await receipts(seat, 'TICKET_TRADE', sink);
          expect([kinds[0], kinds[1], kinds.at(-1)]).toEqual(['PLANNED', 'FAILED', 'GAVE_UP']);
          expect(await receipts(seat, 'TICKET_TRADE', sink, 'RECOVERY')).toEqual([]);
        }
        // The other one was told of each, and could not take it either; nobody was told of that again and again.
        await nothingLeft(seat);
        expect(await alertStates(seat)).toEqual([
          'TICKET_TRADE RECOVERED',
          'CONFIRMATION_RECEIPT RECOVERED',
          'ALERT_UNDELIVERED OPEN',
          'ALERT_UNDELIVERED OPEN',
        ]);
        const { stdout } = await seat.cli(['alerts-last']);
        expect(stdout).toMatch(/good: sent .*: 200 ok/);
        expect(stdout).toMatch(/hanging: GIVEN UP, \d+ failed attempts?: hanging: no answer within 0.5 s/);

        // A sink that takes a message again is well again, and those who heard of it hear that.
        bad.answer = answering(200, 'ok');
        await raiseAlert(seat.db, alert('later'));
        await dispatch(seat, installation);
        await delivered(async () =>
          expect(await alertStates(seat)).toEqual(
            expect.arrayContaining(['ALERT_UNDELIVERED RECOVERED', 'ALERT_UNDELIVERED OPEN']),
          ),
        );
        await dispatch(seat, installation);
        await delivered(() => expect(toldTo(good)).toContain('RECOVERY ALERT_UNDELIVERED'));
      }),
    SLOW_MS,
  );

  it(
    'each reader of a mail has their own fate: one is asked to come later and gets it, one is given up and told to the others',
    () =>
      withSeat({}, async (seat, installation) => {
        const asked: string[] = [];
        const mail = await startMailReceiver({
          onRcptTo({ address }, _session, done) {
            asked.push(address);
            if (address.startsWith('gone')) return done(smtpError(550, 'no such user'));
            const first = asked.filter((each) => each === address).length === 1;
            return done(address.startsWith('grey') && first ? smtpError(450, 'greylisted, try later') : null);
          },
        });
        try {
          const to = ['ana@example.org', 'grey@example.org', 'gone@example.org'];
          const sink = { kind: 'email', host: '127.0.0.1', port: mail.port, security: 'none', from: 'ops@example.org' };
          useAlerts(installation, { sinks: [{ ...sink, to }] });
          await raiseAlert(seat.db, alert('mailed'));
          await dispatch(seat, installation);
          const kindsOf = (reader: string) => receipts(seat, 'BACKUP_FAILED', `email:${reader}@example.org`);
          await delivered(async () => {
            expect(await kindsOf('ana')).toEqual(['PLANNED', 'SENT']);
            expect(await kindsOf('grey')).toEqual(['PLANNED', 'FAILED', 'SENT']);
            expect(await kindsOf('gone')).toEqual(['PLANNED', 'FAILED', 'GAVE_UP']);
          });
          await dispatch(seat, installation);
          const subjects = () => mail.mails.map((text) => /^Subject: .*: (.*)$/m.exec(text)?.[1]?.trim()).toSorted();
          // One each of the alert, and one each of the reader who was given up.
          await delivered(() =>
            expect(subjects()).toEqual(['ALERT_UNDELIVERED', 'ALERT_UNDELIVERED', 'BACKUP_FAILED', 'BACKUP_FAILED']),
          );
        } finally {
          await mail.close();
        }
      }),
    SLOW_MS,
  );

  it(
    '500 twice, then taken; 429 gets the pause it asks for; 200 with an error in it is no receipt; a mail comes beside them',
    () =>
      withSeat({}, async (seat, installation) => {
        const mail = await startMailReceiver();
        try {
          bad.answer = (response, { path }, _count) => {
            const nth = bad.hits.filter((hit) => hit.path === path).length;
            if (path === '/failing') return answering(nth <= 2 ? 500 : 200)(response, bad.hits[0] as never, nth);
            if (path === '/limiting')
              return answering(nth === 1 ? 429 : 200, '', nth === 1 ? { 'retry-after': '2' } : {})(
                response,
                bad.hits[0] as never,
                nth,
              );
            return answering(200, nth === 1 ? '{"ok":false,"error":"later"}' : '{"ok":true}')(
              response,
              bad.hits[0] as never,
              nth,
            );
          };
          useAlerts(installation, {
            sinks: [
              webhook('failing', bad),
              webhook('limiting', bad),
              webhook('lying', bad),
              webhook('strict', good, { min_severity: 'critical' }),
              {
                kind: 'email',
                host: '127.0.0.1',
                port: mail.port,
                security: 'none',
                from: 'ops@example.org',
                to: ['ana@example.org'],
              },
            ],
          });
          await raiseAlert(seat.db, alert('a', { code: 'DATA_GATE_FAILED' }));
          await dispatch(seat, installation);
          await expectReceipts(seat, 'DATA_GATE_FAILED', 'failing', ['PLANNED', 'FAILED', 'FAILED', 'SENT']);
          await expectReceipts(seat, 'DATA_GATE_FAILED', 'limiting', ['PLANNED', 'FAILED', 'SENT']);
          await expectReceipts(seat, 'DATA_GATE_FAILED', 'lying', ['PLANNED', 'FAILED', 'SENT']);
          await expectReceipts(seat, 'DATA_GATE_FAILED', 'email', ['PLANNED', 'SENT']);
          const [first, second] = bad.hits.filter(({ path }) => path === '/limiting').map(({ at }) => at);
          expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_900);
          expect(mail.mails[0]).toContain('DATA_GATE_FAILED');
          expect(good.hits).toEqual([]);
          // Told once however often it is looked for.
          await dispatch(seat, installation);
          await nothingLeft(seat);
          expect(bad.hits.filter(({ path }) => path === '/failing')).toHaveLength(3);
        } finally {
          await mail.close();
        }
      }),
    SLOW_MS,
  );

  it(
    'raised while nothing ran, they go out when a worker starts; none twice; what recovered meanwhile says so in one message',
    () =>
      withSeat({ worker: false }, async (seat, installation) => {
        useAlerts(installation, { sinks: [webhook('good', good)] });
        const raised = [await raiseAlert(seat.db, alert('one')), await raiseAlert(seat.db, alert('two'))];
        await recoverAlert(seat.db, recovery('two'));
        const worker = await startWorkerHere(installation);
        try {
          await nothingLeft(seat);
          expect(toldTo(good)).toEqual(['ALERT BACKUP_FAILED', 'ALERT BACKUP_FAILED']);
          const told = good.hits.map(
            ({ body }) => JSON.parse(body) as { subject: string; recovered: { note: string } | null },
          );
          expect(told.find(({ subject }) => subject === 'two')?.recovered?.note).toBe('two is well.');
          expect(told.find(({ subject }) => subject === 'one')?.recovered).toBeNull();
          for (const { alertId } of raised)
            expect(existsSync(join(installation.dataDir, alertPath(alertId)))).toBe(true);

          await recoverAlert(seat.db, recovery('one'));
          await dispatch(seat, installation);
          await delivered(() => expect(toldTo(good).at(-1)).toBe('RECOVERY BACKUP_FAILED'));
          await nothingLeft(seat);
        } finally {
          await worker.stop();
        }
        const again = await startWorkerHere(installation);
        await dispatch(seat, installation);
        await again.stop();
        expect(good.hits).toHaveLength(3);
      }),
    SLOW_MS,
  );

  it(
    'a broken policy file does not silence them, and a sink taken out of the policy is given up',
    () =>
      withSeat({}, async (seat, installation) => {
        bad.answer = answering(503);
        useAlerts(installation, { sinks: [webhook('good', good), webhook('bad', bad)] });
        await seat.run('ops', '2018-05-07');
        const { appendFileSync, readFileSync, writeFileSync } = await import('node:fs');
        const file = join(installation.configDir, 'policy.yml');
        const sound = readFileSync(file, 'utf8');
        appendFileSync(file, 'nonsense: [\n');
        await raiseAlert(seat.db, alert('broken policy'));
        await dispatch(seat, installation);
        await delivered(() => expect(toldTo(good)).toEqual(['ALERT BACKUP_FAILED']));
        writeFileSync(file, sound.replace(',{"kind":"webhook","name":"bad"', ',{"kind":"webhook","name":"renamed"'));
        await delivered(async () => expect((await receipts(seat, 'BACKUP_FAILED', 'bad')).at(-1)).toBe('GAVE_UP'));
        await delivered(async () => expect(await alertStates(seat)).toContain('ALERT_UNDELIVERED OPEN'));
        expect((await listAlerts(seat.db)).find(({ code }) => code === 'ALERT_UNDELIVERED')).toMatchObject({
          subject: 'bad',
          message: expect.stringContaining('no such sink any more'),
        });
      }),
    SLOW_MS,
  );
});

describe('a worker dies in the middle of a delivery', () => {
  it(
    'after sending and before recording: sent once more, under the same key',
    () =>
      withSeat({ worker: false }, async (seat, installation) => {
        let worker: WorkerProcess | null = null;
        good.answer = (response, _hit, count) => {
          if (count === 1) process.kill((worker as WorkerProcess).pid, 'SIGKILL');
          else response.end('ok');
        };
        useAlerts(installation, { timeout_seconds: 5, sinks: [webhook('good', good)] });
        await raiseAlert(seat.db, alert('crash'));
        worker = await startWorkerProcess(installation);
        await worker.exited;
        expect(await receipts(seat, 'BACKUP_FAILED', 'good')).toEqual(['PLANNED']);
        worker = await startWorkerProcess(installation);
        await expectReceipts(seat, 'BACKUP_FAILED', 'good', ['PLANNED', 'SENT']);
        expect(new Set(good.hits.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
        expect(good.hits).toHaveLength(2);
      }),
    SLOW_MS,
  );

  it.each(['before', 'committed'] as const)(
    '%s it reports: sent once, one receipt',
    (point) =>
      withSeat({ worker: false }, async (seat, installation) => {
        useAlerts(installation, { sinks: [webhook('good', good)] });
        const { alertId } = await raiseAlert(seat.db, alert(`crash ${point}`));
        const dying = startFaultyWorker(installation, { step: 'deliverAlert/sendAlert#2', point });
        expect((await dying.ended).signal).toBe('SIGKILL');
        const worker = await startWorkerHere(installation);
        await nothingLeft(seat);
        await seat.client.workflow.getHandle(`alert/${alertId}`).result();
        await worker.stop();
        expect(good.hits).toHaveLength(1);
        expect((await deliveriesOf(seat.db, [alertId])).map(({ sink, kind }) => `${sink} ${kind}`).toSorted()).toEqual([
          'file SENT',
          'good PLANNED',
          'good SENT',
        ]);
      }),
    SLOW_MS,
  );
});
