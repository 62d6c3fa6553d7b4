import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { dispatchAlerts } from '../../src/operations/alerts/dispatch.js';
import { deliveriesOf } from '../../src/db/alert-deliveries.js';
import { listAlerts } from '../../src/db/alerts.js';
import type { AlertsPolicy } from '../../src/domain/policy/alerts.js';
import type { TestSeat } from './day.js';
import type { HttpReceiver } from './receivers.js';
import type { Installation } from './stack.js';

/** Long enough for a worker to start on a busy machine. */
export const DELIVERED = { timeout: 30_000, interval: 50 };

/** Asks again soon, so that a test takes seconds; on a busy machine a receiver that is well may take one to answer. */
const QUICK = { timeout_seconds: 10, retry_first_seconds: 0.1, retry_longest_seconds: 0.2 };

/** Adds the section `alerts` to the installation's policy; workers read it for each message. */
export function useAlerts(
  { configDir }: Installation,
  alerts: Omit<Partial<AlertsPolicy>, 'sinks'> & { sinks?: object[] },
): void {
  appendFileSync(join(configDir, 'policy.yml'), `alerts: ${JSON.stringify({ ...QUICK, ...alerts })}\n`);
}

export const webhook = (name: string, { url }: HttpReceiver, over: object = {}): object => ({
  kind: 'webhook',
  name,
  url: `${url}/${name}`,
  ...over,
});

/** What a webhook was told: notice and code of each request. */
export const toldTo = ({ hits }: HttpReceiver): string[] =>
  hits.map(({ body }) => {
    const { notice, code } = JSON.parse(body) as { notice: string; code: string };
    return `${notice} ${code}`;
  });

/** Looks for alerts to deliver, as a worker does every few seconds. */
export async function dispatch(
  { db, client }: TestSeat,
  { settings, configDir, dataDir }: Installation,
): Promise<void> {
  const now = () => new Date().toISOString();
  await dispatchAlerts({ db, dataDir, configDir, now, client, taskQueue: settings.taskQueue });
}

/** `CODE STATE` of every alert, oldest first. */
export const alertStates = async ({ db }: Pick<TestSeat, 'db'>): Promise<string[]> =>
  (await listAlerts(db)).toReversed().map(({ code, state }) => `${code} ${state}`);

/** What one sink was asked about one code: the kinds of its receipts, in order. */
export async function receipts(
  { db }: Pick<TestSeat, 'db'>,
  code: string,
  sink: string,
  notice = 'ALERT',
): Promise<string[]> {
  const alerts = (await listAlerts(db)).filter((alert) => alert.code === code);
  const deliveries = await deliveriesOf(
    db,
    alerts.map(({ alertId }) => alertId),
  );
  return deliveries.filter((each) => each.sink === sink && each.notice === notice).map(({ kind }) => kind);
}

/** Waits until an assertion about deliveries holds. */
export const delivered = (assertion: () => unknown): Promise<unknown> => vi.waitFor(assertion, DELIVERED);

export const expectReceipts = (
  seat: Pick<TestSeat, 'db'>,
  code: string,
  sink: string,
  kinds: string[],
): Promise<unknown> => delivered(async () => expect(await receipts(seat, code, sink)).toEqual(kinds));
