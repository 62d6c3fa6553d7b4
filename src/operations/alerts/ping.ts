import { wellFormed } from '../../contract/reading.js';
import { readPingSlotInput, type PingSlotInput } from '../../contract/runs.js';
import { runResult } from '../../db/run-results.js';
import { alertsOf } from '../../domain/policy/alerts.js';
import { post, type HttpAnswer, type Post } from '../../notify/http.js';
import { shortened } from '../../notify/sink.js';
import type { Installation } from '../installation.js';
import { loadRunContext } from '../runs/context.js';

/**
 * Tells a monitor that a slot ran, so that silence is noticed elsewhere: calls the address of the run's policy, with the
 * outcome as text. @returns the answer, on one line, and whether the monitor took it
 */
export async function pingMonitor(
  { db }: Pick<Installation, 'db'>,
  given: PingSlotInput,
): Promise<{ ok: boolean; answer: string }> {
  const { runId } = wellFormed(readPingSlotInput(given));
  const { run, policy } = await loadRunContext(db, runId);
  const { ping_url, ping_fail_url, timeout_seconds } = alertsOf(policy);
  const result = await runResult(db, runId);
  const template = result?.outcome === 'FAIL' ? (ping_fail_url ?? ping_url) : ping_url;
  if (template === null) return { ok: true, answer: 'no address' };
  const what = {
    url: template.replaceAll('{slot}', run.slot),
    timeoutMs: timeout_seconds * 1_000,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `${run.slot} run of ${run.tradingDay}: ${result?.outcome ?? 'ended'}${result?.summary ? `: ${result.summary}` : ''}`,
  };
  return call(what).then(
    ({ status, body }) => ({ ok: status >= 200 && status < 300, answer: shortened(`${status} ${body}`) }),
    (error: unknown) => ({ ok: false, answer: shortened((error as Error).message) }),
  );
}

/** Some monitors know only GET. */
async function call(what: Post): Promise<HttpAnswer> {
  const posted = await post(what);
  return posted.status === 404 || posted.status === 405 ? post({ ...what, method: 'GET' }) : posted;
}
