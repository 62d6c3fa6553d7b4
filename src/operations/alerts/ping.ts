import { ApplicationFailure } from '@temporalio/common';
import type { Knex } from 'knex';
import { wellFormed } from '../../contract/reading.js';
import { readPingSlotInput, type PingSlotInput } from '../../contract/runs.js';
import { runResult } from '../../db/runs.js';
import { alertsOf } from '../../domain/policy/alerts.js';
import { post, type HttpAnswer, type Post } from '../../notify/http.js';
import { shortened } from '../../notify/sink.js';
import { loadRunContext } from '../runs/context.js';

/** The activity that tells a monitor that a slot ran, so that silence is noticed elsewhere. */
export function createPingActivities({ db }: { db: Knex }) {
  /** Calls the address of the run's policy, with the outcome as text. @returns the answer, on one line. */
  async function ping(given: PingSlotInput): Promise<string> {
    const { runId } = wellFormed(readPingSlotInput(given));
    const { run, policy } = await loadRunContext(db, runId);
    const { ping_url, ping_fail_url, timeout_seconds } = alertsOf(policy);
    const result = await runResult(db, runId);
    const template = result?.outcome === 'FAIL' ? (ping_fail_url ?? ping_url) : ping_url;
    if (template === null) return 'no address';
    const what = {
      url: template.replaceAll('{slot}', run.slot),
      timeoutMs: timeout_seconds * 1_000,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `${run.slot} run of ${run.tradingDay}: ${result?.outcome ?? 'ended'}${result?.summary ? `: ${result.summary}` : ''}`,
    };
    const { status, body } = await call(what).catch((error: unknown) => {
      throw ApplicationFailure.create({ type: 'PING_FAILED', message: shortened((error as Error).message) });
    });
    if (status < 200 || status >= 300)
      throw ApplicationFailure.create({ type: 'PING_FAILED', message: shortened(`${status} ${body}`) });
    return shortened(`${status} ${body}`);
  }
  return { ping };
}

/** Some monitors know only GET. */
async function call(what: Post): Promise<HttpAnswer> {
  const posted = await post(what);
  return posted.status === 404 || posted.status === 405 ? post({ ...what, method: 'GET' }) : posted;
}
