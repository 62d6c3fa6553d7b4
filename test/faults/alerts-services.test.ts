import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { undelivered } from '../../src/db/alert-deliveries.js';
import { connect } from '../../src/db/connect.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { delivered, dispatch, receipts, toldTo, useAlerts, webhook } from '../support/alerts.js';
import { useDemoPolicy, withSeat } from '../support/day.js';
import { startHttpReceiver, type HttpReceiver } from '../support/receivers.js';
import { createPrivateStack, startWorkerProcess, type PrivateStack, type WorkerProcess } from '../support/stack.js';

const SLOW_MS = 180_000;
const raised = (db: Knex, subject: string) =>
  raiseAlert(db, {
    account: null,
    tradingDay: null,
    code: 'BACKUP_FAILED',
    subject,
    message: `${subject} failed.`,
    at: '2018-05-07T09:00:00.000Z',
  });

describe('servers die around a delivery', () => {
  let stack: PrivateStack;
  let sink: HttpReceiver;
  let worker: WorkerProcess;

  /** A worker may end when its server is gone; systemd, or `up`, starts it again. */
  async function workerAgain(): Promise<void> {
    await worker.kill();
    worker = await startWorkerProcess(stack);
  }
  async function withDatabase<T>(work: (db: Knex) => Promise<T>): Promise<T> {
    const db = connect(resolveAddresses(stack.settings).databaseUrl, 2);
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  }

  beforeAll(async () => {
    [stack, sink] = [await createPrivateStack(), await startHttpReceiver()];
    useDemoPolicy(stack);
    useAlerts(stack, { timeout_seconds: 10, sinks: [webhook('sink', sink)] });
    worker = await startWorkerProcess(stack);
  });
  afterAll(async () => {
    sink.close();
    await stack.cleanup();
  });

  it(
    'raised while Temporal is down: told when it is back, once',
    async () => {
      await stack.killTemporal();
      await withDatabase(async (db) => {
        const { alertId } = await raised(db, 'without Temporal');
        expect(await undelivered(db)).toEqual([{ alertId, notice: 'ALERT' }]);
        expect(sink.hits).toEqual([]);
        await stack.restart();
        await workerAgain();
        await delivered(() => expect(toldTo(sink)).toEqual(['ALERT BACKUP_FAILED']));
        await delivered(async () => expect(await undelivered(db)).toEqual([]));
      });
      expect(sink.hits).toHaveLength(1);
    },
    SLOW_MS,
  );

  it(
    'Postgres dies between sending and recording: told once more under the same key, and recorded',
    async () => {
      const before = sink.hits.length;
      sink.answer = (response, _hit, count) => {
        if (count > before + 1) response.end('ok');
        else void stack.killPostgres('SIGKILL').then(() => response.end('ok'));
      };
      await withDatabase((db) => raised(db, 'without Postgres'));
      await workerAgain();
      await delivered(() => expect(sink.hits.length).toBe(before + 1));
      await stack.restart();
      await withDatabase(async (db) => {
        await delivered(async () => expect(await undelivered(db)).toEqual([]));
        expect((await receipts({ db }, 'BACKUP_FAILED', 'sink')).filter((kind) => kind === 'SENT')).toHaveLength(2);
      });
      const keys = sink.hits.slice(before).map(({ headers }) => headers['idempotency-key']);
      expect(keys).toHaveLength(2);
      expect(new Set(keys).size).toBe(1);
    },
    SLOW_MS,
  );
});

describe('the file of an alert cannot be written', () => {
  it(
    'the sinks are told all the same, and the look says what is wrong',
    () =>
      withSeat({}, async (seat, installation) => {
        const sink = await startHttpReceiver();
        const folder = join(installation.dataDir, 'artifacts', 'alerts');
        try {
          useAlerts(installation, { sinks: [webhook('sink', sink)] });
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(join(folder, '..'), { recursive: true });
          writeFileSync(folder, 'a file where a folder should be');
          await raised(seat.db, 'no folder');
          await expect(dispatch(seat, installation)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
          await delivered(() => expect(toldTo(sink)).toEqual(['ALERT BACKUP_FAILED']));
        } finally {
          sink.close();
        }
      }),
    SLOW_MS,
  );
});
