import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import {
  deliveriesOf,
  FILE_SINK,
  recordDelivery,
  recordPlan,
  recoveryOf,
  undelivered,
  type Delivery,
  type NoticeKey,
} from '../../db/alert-deliveries.js';
import { listAlerts, type StoredAlert } from '../../db/alerts.js';
import { currentConfiguration } from '../../db/current-configuration.js';
import { isAtLeast, severityOf } from '../../domain/alerts/codes.js';
import { usageError } from '../../domain/errors.js';
import { alertsOf, sinkName, type AlertsPolicy } from '../../domain/policy/alerts.js';
import { createSink } from '../../notify/create.js';
import type { Notice, SinkAnswer } from '../../notify/sink.js';
import {
  alertWorkflowId,
  readDeliverAlertInput,
  type DeliverAlertInput,
  type DeliveryPlan,
} from '../../contract/alerts.js';
import { wellFormed } from '../../contract/reading.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import { raiseAlert, recoverAlert, recoverDataAlerts } from './raise.js';
import { readConfiguration } from '../runs/configuration.js';

interface SinkOfNotice extends NoticeKey {
  sink: string;
}

const HOUR_MS = 3_600_000;
/** What an attempt may take beyond the sink's own time: reading, redacting, recording. */
const SEND_SPARE_MS = 15_000;

/**
 * Activities that bring alerts to people. Alerts are raised by storing them and nothing else; these look for what is stored and
 * not delivered, so no delivery is on the path of a day, and none is lost with the process that raised it.
 */
export function createDeliveryActivities({
  db,
  configDir,
  env,
  client,
  taskQueue,
  renderAlert,
  now = () => new Date(),
}: {
  db: Knex;
  configDir: string;
  env: NodeJS.ProcessEnv;
  client: Client;
  taskQueue: string;
  renderAlert(alert: { alertId: string }): Promise<string[]>;
  now?: () => Date;
}) {
  /**
   * Writes the file of every alert that was not taken on, and starts the workflow of those that have a sink. May be called at any
   * time and by several at once: the workflow's id is the alert's. One that fails holds up no other; the first failure is thrown at the end.
   */
  async function dispatchAlerts(): Promise<{ dispatched: number }> {
    await recoverDataAlerts(db);
    const notices = await undelivered(db);
    const alerts = notices.length > 0 ? await policyInForce() : null;
    const failures: unknown[] = [];
    for (const key of notices) if (alerts) await dispatch(key, alerts).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
    return { dispatched: notices.length };
  }

  async function dispatch(key: NoticeKey, alerts: AlertsPolicy): Promise<void> {
    const alert = await storedAlert(key.alertId);
    const deliveries = await deliveriesOf(db, [key.alertId]);
    // Whoever cannot write the file (a full disk is an alert itself) still tells the sinks; then it is thrown.
    let notWritten: unknown = null;
    if (key.notice === 'ALERT' && !isTakenOn(deliveries, key))
      await renderAlert(key).catch((error: unknown) => (notWritten = error));
    const sinks = isTakenOn(deliveries, key) ? unfinished(deliveries, key) : await sinksFor(key, alert, alerts);
    if (sinks.length > 0) await startDelivery(key, alert);
    else if (notWritten === null) await recordPlan(db, key, [], now().toISOString());
    if (notWritten !== null) throw notWritten;
  }

  async function startDelivery(key: NoticeKey, alert: StoredAlert): Promise<void> {
    const input: DeliverAlertInput = { alertId: key.alertId, notice: key.notice };
    await client.workflow.start(WORKFLOWS.deliverAlert, {
      workflowId: alertWorkflowId(input),
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `${key.notice === 'RECOVERY' ? 'Recovered: ' : ''}${alert.code}`,
      staticDetails: alert.message,
    });
  }

  /** Decides by which sinks the notice goes, once; asked again, it names those that are not finished. */
  async function planDelivery(given: DeliverAlertInput): Promise<DeliveryPlan> {
    const key = wellFormed(readDeliverAlertInput(given));
    const [alert, alerts] = [await storedAlert(key.alertId), await policyInForce()];
    if (!isTakenOn(await deliveriesOf(db, [key.alertId]), key))
      await recordPlan(db, key, await sinksFor(key, alert, alerts), now().toISOString());
    return {
      code: alert.code,
      sinks: unfinished(await deliveriesOf(db, [key.alertId]), key),
      timeoutMs: alerts.timeout_seconds * 1_000 + SEND_SPARE_MS,
      retryFirstMs: alerts.retry_first_seconds * 1_000,
      retryLongestMs: alerts.retry_longest_seconds * 1_000,
    };
  }

  /** One attempt at one sink, with its receipt. Fails while another attempt makes sense, and for good when none does. */
  async function sendAlert({ alertId, notice, sink }: SinkOfNotice): Promise<{ answer: string }> {
    const { attempt, workflowExecution } = activityInfo();
    const [alert, alerts, deliveries] = [
      await storedAlert(alertId),
      await policyInForce(),
      await deliveriesOf(db, [alertId]),
    ];
    const of = deliveries.filter((known) => known.notice === notice && known.sink === sink);
    const sent = of.find(({ kind }) => kind === 'SENT');
    if (sent) return { answer: sent.note };
    const at = now().toISOString();
    const answer = await sendBy(sink, alerts, await noticeOf(alert, notice));
    const key = { alertId, notice, sink, attempt, note: answer.answer, at };
    await recordDelivery(
      db,
      { ...key, kind: answer.ok ? 'SENT' : 'FAILED' },
      `${workflowExecution?.runId ?? ''}/${attempt}`,
    );
    if (answer.ok) {
      await recoverAlert(db, {
        account: null,
        code: 'ALERT_UNDELIVERED',
        subject: sink,
        message: `${sink} takes alerts again.`,
        at,
      });
      return { answer: answer.answer };
    }
    const plannedAt = of.find(({ kind }) => kind === 'PLANNED')?.at ?? at;
    const over =
      alert.code === 'ALERT_TEST' || now().getTime() - Date.parse(plannedAt) >= alerts.give_up_after_hours * HOUR_MS;
    throw ApplicationFailure.create({
      type: 'SINK_FAILED',
      message: `${sink}: ${answer.answer}`,
      nonRetryable: answer.final || over,
      ...(answer.retryAfterMs !== null && { nextRetryDelay: answer.retryAfterMs }),
    });
  }

  /** Records that a sink is given up, and raises the alert that says so to the other sinks. */
  async function giveUpAlert({ alertId, notice, sink, why }: SinkOfNotice & { why: string }): Promise<void> {
    const alert = await storedAlert(alertId);
    const at = now().toISOString();
    await recordDelivery(db, { alertId, notice, sink, kind: 'GAVE_UP', attempt: null, note: why, at }, '');
    if (notice === 'RECOVERY' || alert.code === 'ALERT_TEST') return;
    await raiseAlert(db, {
      account: null,
      tradingDay: alert.tradingDay,
      code: 'ALERT_UNDELIVERED',
      subject: sink,
      at,
      message: `${sink} did not take the alert ${alert.code} (${alertId}): ${why}`,
      evidence: { alertId, code: alert.code },
    });
  }

  /** The policy as it is edited: whoever mends a sink means the alerts that are waiting. A broken file must not silence them. */
  async function policyInForce(): Promise<AlertsPolicy> {
    const policy = await readConfiguration(configDir).then(
      (read) => read.policy,
      async () => (await currentConfiguration(db))?.policy,
    );
    return alertsOf(policy ?? {});
  }

  async function storedAlert(alertId: string): Promise<StoredAlert> {
    const [alert] = await listAlerts(db, { alertId });
    if (!alert)
      throw usageError('UNKNOWN_ID', `alert: ${alertId}: is not stored in the database`, {
        remedy: 'trading-ops alerts-last',
      });
    return alert;
  }

  async function sendBy(name: string, alerts: AlertsPolicy, notice: Notice): Promise<SinkAnswer> {
    const policy = alerts.sinks.find((sink) => sinkName(sink) === name);
    if (!policy) return { ok: false, answer: 'the policy has no such sink any more', final: true, retryAfterMs: null };
    return createSink(policy, env, alerts.timeout_seconds * 1_000).send(notice);
  }

  async function noticeOf(alert: StoredAlert, kind: Notice['kind']): Promise<Notice> {
    const { alertId, account, tradingDay, code, subject, message, remedy, raisedAt } = alert;
    const recovery = await recoveryOf(db, alertId);
    return {
      kind,
      id: kind === 'ALERT' ? alertId : `${alertId}/recovered`,
      alertId,
      account,
      tradingDay,
      code,
      severity: severityOf(code),
      subject,
      message,
      remedy,
      raisedAt,
      recovered: recovery && { at: recovery.at, note: recovery.note },
    };
  }

  /** An alert goes to every sink that wants its severity; its recovery to those that got it before. */
  async function sinksFor({ alertId, notice }: NoticeKey, alert: StoredAlert, alerts: AlertsPolicy): Promise<string[]> {
    const severity = severityOf(alert.code);
    const isTest = alert.code === 'ALERT_TEST';
    const wanting = alerts.sinks
      .filter((sink) => isTest || isAtLeast(severity, sink.min_severity))
      .map(sinkName)
      .filter((name) => !(alert.code === 'ALERT_UNDELIVERED' && alert.subject === name));
    if (notice === 'ALERT') return wanting;
    const recovery = await recoveryOf(db, alertId);
    const got = (await deliveriesOf(db, [alertId])).filter(
      ({ notice: told, kind, at }) =>
        told === 'ALERT' && kind === 'SENT' && recovery !== null && at <= recovery.recordedAt,
    );
    return isTest ? [] : wanting.filter((name) => got.some(({ sink }) => sink === name));
  }

  return { dispatchAlerts, planDelivery, sendAlert, giveUpAlert };
}

const isTakenOn = (deliveries: Delivery[], { notice }: NoticeKey): boolean =>
  deliveries.some((known) => known.notice === notice && known.sink === FILE_SINK && known.kind === 'SENT');

/** Sinks that the notice was planned for and that neither took it nor were given up. */
function unfinished(deliveries: Delivery[], { notice }: NoticeKey): string[] {
  const of = deliveries.filter((known) => known.notice === notice);
  const ended = new Set(of.filter(({ kind }) => kind === 'SENT' || kind === 'GAVE_UP').map(({ sink }) => sink));
  return of.filter(({ kind, sink }) => kind === 'PLANNED' && !ended.has(sink)).map(({ sink }) => sink);
}
