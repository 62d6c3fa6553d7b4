import { keepHead } from '../../backup/heads.js';
import { auditHead } from '../../db/audit.js';
import { ofAlert, WITHOUT_HEAD } from '../../db/heads-expected.js';
import { recordDelivery, type StoredNotice } from '../../db/alert-deliveries.js';
import { severityOf } from '../../domain/alerts/codes.js';
import { pageOfAlert } from '../../domain/alerts/page.js';
import type { Exposure } from '../../domain/exposure.js';
import { mailboxesOf, sinkName, type AlertsPolicy } from '../../domain/policy/alerts.js';
import { createSink } from '../../notify/create.js';
import type { Notice, SinkAnswer } from '../../notify/sink.js';
import type { Installation } from '../installation.js';
import { addressedNow, storedNotice, type Post, type SinkOfNotice } from './delivery.js';
import { recoverAlert } from './raise.js';

const HOUR_MS = 3_600_000;

/** Where notices leave the house. */
export interface Sender extends Post, Pick<Installation, 'dataDir'> {
  /** Where sinks find their secrets. */
  env: NodeJS.ProcessEnv;
}

/**
 * One attempt at one sink, with its receipt; what the sink has taken is not sent again. An answer that is final says
 * that no other attempt makes sense.
 * @param attempt how often it was tried, and the id of the delivery that tries: a receipt is written once for both.
 */
export async function sendAlert(
  sender: Sender,
  { alertId, notice, sink, attempt, delivery }: SinkOfNotice & { attempt: number; delivery: string },
): Promise<SinkAnswer> {
  const { db, now } = sender;
  const [stored, { alerts, desk }] = [await storedNotice(db, { alertId, notice }), await addressedNow(sender)];
  const { alert, deliveries } = stored;
  const of = deliveries.filter((known) => known.notice === notice && known.sink === sink);
  const sent = of.find(({ kind }) => kind === 'SENT');
  if (sent) return { ok: true, answer: sent.note };
  const at = now();
  const head = await auditHead(db);
  // After it was read: a backup of this instant has it.
  const headAt = now();
  const answer = await sendBy(sender, sink, alerts, noticeOf(stored, head, desk));
  // What was sent is sent: a head that cannot be kept must not have it sent again.
  const isKept =
    answer.ok &&
    head !== null &&
    (await keepHead(sender.dataDir, { ...head, at: headAt, of: ofAlert(alertId, sink) }).then(
      () => true,
      () => false,
    ));
  const note = answer.ok && !isKept ? `${answer.answer} ${WITHOUT_HEAD}` : answer.answer;
  const receipt = { alertId, notice, sink, attempt, note, at };
  await recordDelivery(db, { ...receipt, kind: answer.ok ? 'SENT' : 'FAILED' }, `${delivery}/${attempt}`);
  if (answer.ok) {
    const message = `${sink} takes alerts again.`;
    await recoverAlert(db, { account: null, code: 'ALERT_UNDELIVERED', subject: sink, message, at });
    return { ok: true, answer: answer.answer };
  }
  const plannedAt = of.find(({ kind }) => kind === 'PLANNED')?.at ?? at;
  const over =
    alert.code === 'ALERT_TEST' || Date.parse(now()) - Date.parse(plannedAt) >= alerts.give_up_after_hours * HOUR_MS;
  return { ...answer, ok: false, final: answer.final || over };
}

async function sendBy({ env }: Sender, name: string, alerts: AlertsPolicy, notice: Notice): Promise<SinkAnswer> {
  // A delivery that an earlier version planned is of the whole sink, with all its readers.
  const known = [...alerts.sinks.flatMap(mailboxesOf), ...alerts.sinks.map((sink) => ({ name: sinkName(sink), sink }))];
  const policy = known.find((mailbox) => mailbox.name === name)?.sink;
  if (!policy) return { ok: false, answer: 'the policy has no such sink any more', final: true, retryAfterMs: null };
  return createSink(policy, env, alerts.timeout_seconds * 1_000).send(notice);
}

function noticeOf(
  { notice: kind, alert, recovery }: StoredNotice,
  head: Notice['auditHead'],
  desk: Exposure | null,
): Notice {
  const { alertId, account, tradingDay, code, subject, message, remedy, raisedAt } = alert;
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
    page: desk && desk.origin + desk.base + pageOfAlert(alert),
    auditHead: head,
    recovered: recovery && { at: recovery.at, note: recovery.note },
  };
}
