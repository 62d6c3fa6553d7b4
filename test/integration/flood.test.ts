import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tradingDayId } from '../../src/contract/workflows.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { historyPath } from '../../src/reports/paths.js';
import { CASH, MONDAY, openSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { createInstallation, startWorkerProcess, type Installation } from '../support/stack.js';

/** More than a history may grow to before the day goes on in a fresh one. */
const SIGNALS = 2_300;
const VALID = 60;
const AT_ONCE = 100;
/** What no converter reads: JSON that breaks off, an encoding that nobody knows, none at all. */
const UNDECODABLE: { metadata: Record<string, Uint8Array>; data: Uint8Array }[] = [
  { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"snapshotDate":') },
  { metadata: { encoding: Buffer.from('binary/unheard-of') }, data: Buffer.from([0xff, 0xfe]) },
  { metadata: {}, data: Buffer.from('nothing is said of what this is') },
];
const NAMES = ['reconcile', 'confirm', 'tick', 'recall', 'missed', 'a-name-that-nobody-listens-to'];

describe('a flood of messages to a day', { timeout: 300_000 }, () => {
  let installation: Installation;
  let seat: TestSeat;

  beforeAll(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation);
    const worker = await startWorkerProcess(installation);
    seat = await openSeat(installation);
    await seat.run('0800', MONDAY);
    await worker.kill();
  }, 120_000);
  afterAll(async () => {
    await seat.close();
    await installation.cleanup();
  });

  /** A signal as any client of the server may send it, whatever is in it. */
  const signalRaw = (signalName: string, payload: (typeof UNDECODABLE)[number]) =>
    seat.client.workflowService.signalWorkflowExecution({
      namespace: seat.client.options.namespace,
      workflowExecution: { workflowId: tradingDayId('main', MONDAY) },
      signalName,
      input: { payloads: [payload] },
      requestId: randomUUID(),
    });

  it('is told in a few words, does not end the worker, and the day goes on in a fresh history', async () => {
    const day = () => seat.client.workflow.getHandle(tradingDayId('main', MONDAY)).describe();
    const { runId: first } = await day();
    const at = londonInstant(MONDAY, '09:00');
    const undecodable = NAMES.flatMap((signalName) => UNDECODABLE.map((payload) => ({ signalName, payload })));
    await Promise.all(undecodable.map(({ signalName, payload }) => signalRaw(signalName, payload)));
    await inBatches(SIGNALS - VALID - undecodable.length, (n) =>
      seat.signal(MONDAY, 'confirm', { nonsense: n, padding: 'x'.repeat(200) }),
    );
    // Shaped as it should be, of somebody whom the policy does not name: refused by the rules, one by one.
    await inBatches(VALID, (n) =>
      seat.signal(MONDAY, 'reconcile', {
        commandId: randomUUID(),
        snapshotDate: MONDAY,
        cash: `${n}.00`,
        positions: {},
        notes: null,
        operator: 'stranger',
        at,
      }),
    );
    const worker = await startWorkerProcess(installation);
    await expect.poll(async () => (await day()).runId, { timeout: 240_000, interval: 500 }).not.toBe(first);

    const reply = await seat.reconcile(MONDAY, { cash: CASH });
    expect(reply.status).toBe('PASS');
    const { ticketId } = await seat.issue(MONDAY);
    expect((await seat.confirm(ticketId)).status).not.toBe('REFUSED');
    expect((await seat.closed(MONDAY)).state).toBe('closed');
    expect(process.kill(worker.pid, 0)).toBe(true);
    // Both histories of the day are kept, the first with the flood.
    const kept = [1, null].map((part) => historyOf(join(installation.dataDir, historyPath('main', MONDAY, part))));
    expect(kept.map(({ length }) => length > SIGNALS)).toEqual([true, false]);
    expect(kept[1]?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).toBe(first);

    const told = await seat
      .db('alerts')
      .where({ code: 'MESSAGE_REFUSED' })
      .select<{ subject: string; message: string }[]>('subject', 'message');
    const [malformed, refused] = [
      told.filter(({ subject }) => subject.endsWith('malformed')),
      told.filter(({ message }) => message.includes('DAY_CROWDED')),
    ];
    expect(malformed.map(({ subject }) => subject).toSorted()).toEqual([
      `confirm of ${MONDAY}, malformed`,
      `reconcile of ${MONDAY}, malformed`,
    ]);
    // Fifty were judged, each by the rules; of the ten for which there was no room five are told.
    expect(refused).toHaveLength(5);
    expect(told.length - malformed.length - refused.length).toBe(50);
    expect(await seat.db('snapshots').pluck('snapshot_date')).toEqual([MONDAY]);
  });
});

interface KeptEvent {
  workflowExecutionStartedEventAttributes?: { continuedExecutionRunId?: string };
}
const historyOf = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as { events: KeptEvent[] }).events;

async function inBatches(count: number, send: (n: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, n) => send(from + n)));
}
