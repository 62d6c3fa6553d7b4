import { describe, expect, it } from 'vitest';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { auditBreaks } from '../../src/db/audit.js';
import { listAlerts } from '../../src/db/alerts.js';
import { alertStates, useAlerts, webhook } from '../support/alerts.js';
import { MONDAY, useDemoPolicy, withSeat } from '../support/day.js';
import { answering, startHttpReceiver } from '../support/receivers.js';
import { startWorkerProcess } from '../support/stack.js';

/** Each command is a process of its own, and machines may be busy. */
const SLOW_MS = 180_000;
const AT = '2018-05-07T09:00:00.000Z';

describe('alerts test', () => {
  it(
    'tries the whole way: the worker, its environment, every sink; exit 0, 2 when a sink fails, 69 without a worker',
    () =>
      withSeat({ worker: false }, async (seat, installation) => {
        const server = await startHttpReceiver();
        try {
          const down = await seat.cli(['alerts', 'test']);
          expect(down).toMatchObject({ code: 69, stderr: expect.stringContaining('WORKER_DOWN') });
          // The command's own environment knows the address; what counts is the worker's.
          const worker = await startWorkerProcess(installation);
          const none = await seat.cli(['alerts', 'test']);
          expect(none).toMatchObject({
            code: 2,
            stdout: expect.stringMatching(/^ALERT_TEST_FAIL: no sink is configured[\s\S]*Next: add a sink/),
          });
          useAlerts(installation, {
            sinks: [{ kind: 'slack', url_env: 'SLACK_URL', min_severity: 'critical' }, webhook('hook', server)],
          });
          const failed = await seat.cli(['alerts', 'test'], { env: { SLACK_URL: `${server.url}/slack` } });
          expect(failed.code).toBe(2);
          expect(failed.stdout).toMatch(/ALERT_TEST_FAIL: slack\n/);
          expect(failed.stdout).toContain(
            'slack: GIVEN UP, 1 failed attempt: slack: the environment variable SLACK_URL is not set where the worker runs',
          );
          expect(failed.stdout).toMatch(/hook: sent .*: 200 ok/);
          await worker.kill('SIGTERM');

          await startWorkerProcess(installation, { SLACK_URL: `${server.url}/slack` });
          const passed = await seat.cli(['alerts', 'test', '--json']);
          expect(passed.code).toBe(0);
          expect(JSON.parse(passed.stdout)).toMatchObject({
            failed: [],
            deliveries: expect.arrayContaining([
              expect.objectContaining({ sink: 'slack', kind: 'SENT', note: '200 ok' }),
            ]),
          });
          server.answer = answering(500, 'broken');
          const once = server.hits.length;
          expect(await seat.cli(['alerts', 'test'])).toMatchObject({
            code: 2,
            stdout: expect.stringContaining('ALERT_TEST_FAIL: slack, hook'),
          });
          expect(server.hits.length - once).toBe(2);
          // A test leaves nothing open, and is no reason for an alert of its own.
          expect(new Set(await alertStates(seat))).toEqual(new Set(['ALERT_TEST RECOVERED']));
        } finally {
          server.close();
        }
      }),
    SLOW_MS,
  );
});

describe('alerts list and ack', () => {
  it(
    'lists what is open, acknowledges once and with a reason, and refuses what it does not know',
    () =>
      withSeat({ worker: false }, async (seat, installation) => {
        useDemoPolicy(installation, { operators: ['ana', 'bo'] });
        const [one, two] = [
          await raiseAlert(seat.db, {
            account: null,
            tradingDay: MONDAY,
            code: 'BACKUP_FAILED',
            subject: 'backup',
            message: 'The disk is full.',
            at: AT,
          }),
          await raiseAlert(seat.db, {
            account: null,
            tradingDay: null,
            code: 'BACKUP_STALE',
            subject: 'newest',
            message: 'It is old.',
            at: AT,
          }),
        ];
        const open = await seat.cli(['alerts', 'list', '--open']);
        expect(open.stdout).toMatch(
          /CRITICAL BACKUP_FAILED {2}OPEN\n {2}The disk is full\.\n {2}docs\/INCIDENTS\.md, BACKUP_FAILED/,
        );
        const ack = (...args: string[]) => seat.cli(['alerts', 'ack', ...args]);
        const signed = ['--reason', 'a new disk is ordered', '--operator', 'ana', '--at', AT];
        expect(await ack(one.alertId.slice(0, 8), ...signed)).toMatchObject({
          code: 0,
          stdout: expect.stringMatching(/^ALERT_ACKNOWLEDGED: BACKUP_FAILED: The disk is full\.[\s\S]*1 more/),
        });
        expect(await ack(one.alertId, ...signed)).toMatchObject({
          code: 0,
          stdout: expect.stringContaining('was acknowledged already'),
        });
        expect(await alertStates(seat)).toEqual(
          expect.arrayContaining(['BACKUP_FAILED ACKNOWLEDGED', 'BACKUP_STALE OPEN']),
        );
        expect((await seat.cli(['alerts', 'list', '--open'])).stdout).not.toContain('BACKUP_FAILED');
        expect((await seat.cli(['alerts-last', '--json'])).stdout).toContain('"state": "ACKNOWLEDGED"');

        const before = await listAlerts(seat.db);
        for (const [args, code, says] of [
          [['12345678', ...signed], 2, 'ALERT_UNKNOWN'],
          [['nonsense', ...signed], 64, 'ALERT_ID_INVALID'],
          [[two.alertId.slice(0, 4), ...signed], 64, 'ALERT_ID_INVALID'],
          [[two.alertId, '--operator', 'ana'], 64, 'reason'],
          [[two.alertId, '--reason', '  ', '--operator', 'ana'], 64, 'must say why'],
          [[two.alertId, '--reason', 'x'], 64, 'OPERATOR_MISSING'],
          [[two.alertId, '--reason', 'x', '--operator', 'eve'], 64, 'OPERATOR_UNKNOWN'],
          [[], 64, 'alert-id'],
        ] as const) {
          const answer = await ack(...args);
          expect([answer.code, answer.stderr.includes(says)], `${args.join(' ')}: ${answer.stderr}`).toEqual([
            code,
            true,
          ]);
        }
        expect(await listAlerts(seat.db)).toEqual(before);
        expect(await seat.db('audit_log').where({ action: 'alert.acknowledged' }).pluck('actor')).toEqual(['ana']);
        expect(await auditBreaks(seat.db)).toEqual([]);
      }),
    SLOW_MS,
  );

  it(
    'a policy with a wrong sink is refused with its line, and nothing is sent',
    () =>
      withSeat({ worker: false }, async (seat, installation) => {
        useAlerts(installation, { sinks: [{ kind: 'webhook', url: 'nowhere' }] });
        for (const command of [
          ['alerts', 'test'],
          ['policy', 'check'],
        ]) {
          expect(await seat.cli(command)).toMatchObject({
            code: 64,
            stderr: expect.stringMatching(
              /POLICY_INVALID: .*policy\.yml:\d+: alerts\.sinks\.0\.url: "nowhere": must be an http/,
            ),
          });
        }
      }),
    SLOW_MS,
  );
});
