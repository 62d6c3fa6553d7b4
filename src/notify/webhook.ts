import { objectIn, postAndJudge } from './http.js';
import type { Notice, SinkAnswer } from './sink.js';

/** Posts the notice as JSON. Any 2xx will do, unless its JSON says that it is an error. */
export function sendToWebhook(
  notice: Notice,
  { url, token, timeoutMs }: { url: string; token: string | null; timeoutMs: number },
): Promise<SinkAnswer> {
  const {
    kind,
    id,
    alertId,
    account,
    tradingDay,
    code,
    severity,
    subject,
    message,
    remedy,
    raisedAt,
    recovered,
    auditHead,
    page,
  } = notice;
  const body = {
    schema: 1,
    notice: kind,
    id,
    alert_id: alertId,
    account,
    trading_day: tradingDay,
    code,
    severity,
    subject,
    message,
    remedy,
    raised_at: raisedAt,
    recovered,
    audit_head: auditHead,
    page,
  };
  return postAndJudge(
    {
      url,
      timeoutMs,
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        'idempotency-key': id,
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
    },
    (text) => (saysError(objectIn(text)) ? text : null),
  );
}

const saysError = (answer: Record<string, unknown> | null): boolean =>
  answer !== null &&
  (answer['ok'] === false ||
    answer['success'] === false ||
    answer['status'] === 'error' ||
    Boolean(answer['error']) ||
    (Array.isArray(answer['errors']) && answer['errors'].length > 0));
