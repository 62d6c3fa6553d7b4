import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { ApplicationFailure, DefaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';
import { boundedTickets } from '../../src/contract/run-reply.js';
import type { IssueReply } from '../../src/contract/day-messages.js';
import { faultError, refusal, unreachableError, usageError } from '../../src/domain/errors.js';
import { errorInterceptor } from '../../src/worker/errors.js';
import { heartbeatInterceptor, noteProgress, STILL_MAX_MS, tellProgress } from '../../src/worker/heartbeat.js';

/** What is told to the worker's log. */
const warn = vi.fn<(message: string, attributes: object) => void>();

/** What Temporal is told of an activity that throws at its nth attempt. */
async function told(
  error: unknown,
  attempt: number,
): Promise<{ code: string | null | undefined; final: boolean | null | undefined }> {
  const { execute } = errorInterceptor({ info: { attempt }, log: { warn } } as unknown as Context);
  const failure = (await execute?.({ args: [], headers: {} }, () => Promise.reject(error)).catch(
    (thrown: unknown) => thrown,
  )) as ApplicationFailure;
  expect(failure).toBeInstanceOf(ApplicationFailure);
  return { code: failure.type, final: failure.nonRetryable };
}

describe('errors of activities', () => {
  it('are final at the first attempt where a rule said no, or the input was bad', async () => {
    expect(await told(refusal('ALREADY_BOOKED', 'x'), 1)).toEqual({ code: 'ALREADY_BOOKED', final: true });
    expect(await told(usageError('MESSAGE_INVALID', 'x'), 1)).toEqual({ code: 'MESSAGE_INVALID', final: true });
  });

  it('are tried again where something broke, and told at the fifth attempt, known or not', async () => {
    for (const error of [faultError('RUN_UNKNOWN', 'x'), new TypeError('x is undefined')]) {
      const finals = await Promise.all([1, 2, 3, 4, 5, 6].map(async (attempt) => (await told(error, attempt)).final));
      expect(finals).toEqual([false, false, false, false, true, true]);
    }
    expect((await told(new TypeError('x is undefined'), 1)).code).toBe('FAULT');
  });

  it('tell the history no statement, nor what it came of; the log has the whole of it', async () => {
    const said = 'insert into "snapshots" ("notes") values (secret) - value out of range';
    const refusedByDatabase = Object.assign(new Error(said), { severity: 'ERROR', code: '22003' });
    const wrapped = faultError('BACKUP_DUMP_FAILED', 'x', { cause: refusedByDatabase });
    for (const error of [refusedByDatabase, wrapped, new Error('x', { cause: refusedByDatabase })]) {
      warn.mockClear();
      const { execute } = errorInterceptor({ info: { attempt: 5 }, log: { warn } } as unknown as Context);
      const failure: unknown = await execute?.({ args: [], headers: {} }, () => Promise.reject(error)).catch(
        (thrown: unknown) => thrown,
      );
      const history = new DefaultFailureConverter().errorToFailure(failure, defaultPayloadConverter);
      expect(JSON.stringify(history)).not.toMatch(/secret|snapshots/);
      expect(history.message).toMatch(error === refusedByDatabase ? /22003/ : /^x$/);
      expect(JSON.stringify(warn.mock.calls)).toMatch(/secret/);
    }
  });

  it('wait without end for a service that is away', async () => {
    const gone = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
    for (const attempt of [1, 5, 500]) {
      expect(await told(unreachableError('S3_DOWN', 'x'), attempt)).toEqual({ code: 'S3_DOWN', final: false });
      expect(await told(gone, attempt)).toEqual({ code: 'POSTGRES_DOWN', final: false });
    }
  });

  it('go on as they are where Temporal made them', async () => {
    const cancelled = Object.assign(new Error('x'), { name: 'CancelledFailure' });
    const { execute } = errorInterceptor({ info: { attempt: 1 }, log: { warn } } as unknown as Context);
    await expect(execute?.({ args: [], headers: {} }, () => Promise.reject(cancelled))).rejects.toBe(cancelled);
  });
});

describe('heartbeats', () => {
  it('come every two seconds while an activity works, with how far it is, and end with it, also when it fails', async () => {
    vi.useFakeTimers();
    try {
      const heartbeat = vi.fn<(progress?: unknown) => void>();
      const context = { heartbeat } as unknown as Context;
      let fail: (error: Error) => void = () => undefined;
      const ending = new Promise<unknown>((_resolve, reject) => {
        fail = reject;
      });
      const working = heartbeatInterceptor(context).execute?.(
        { args: [], headers: {} },
        () => ending,
      ) as Promise<unknown>;
      await vi.advanceTimersByTimeAsync(1_999);
      expect(heartbeat).not.toHaveBeenCalled();
      // Far longer than the limit within which the server wants to hear of it.
      await vi.advanceTimersByTimeAsync(60_001);
      expect(heartbeat).toHaveBeenCalledTimes(31);
      tellProgress(context, { done: 3 });
      heartbeat.mockClear();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(heartbeat.mock.calls).toEqual([[{ done: 3 }]]);
      fail(new Error('broken'));
      await expect(working).rejects.toThrow('broken');
      heartbeat.mockClear();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(heartbeat).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });

  it('end while it still runs, once it has asked and heard nothing for too long; whatever it hears starts them anew', async () => {
    vi.useFakeTimers();
    try {
      const heartbeat = vi.fn<(progress?: unknown) => void>();
      const context = { heartbeat } as unknown as Context;
      let hear = (): void => undefined;
      const never = new Promise<unknown>(() => undefined);
      void asyncLocalStorage.run(context, () =>
        heartbeatInterceptor(context, STILL_MAX_MS).execute?.({ args: [], headers: {} }, async () => {
          // Whatever comes of what an activity began is told in its name.
          for (;;) await Promise.race([never, new Promise<void>((resolve) => (hear = resolve))]).then(noteProgress);
        }),
      );
      await vi.advanceTimersByTimeAsync(STILL_MAX_MS);
      expect(heartbeat).toHaveBeenCalledTimes(STILL_MAX_MS / 2_000);
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(heartbeat).toHaveBeenCalledTimes(STILL_MAX_MS / 2_000);
      hear();
      heartbeat.mockClear();
      await vi.advanceTimersByTimeAsync(4_000);
      expect(heartbeat).toHaveBeenCalledTimes(2);
      // Outside of activities nothing is under way.
      expect(noteProgress).not.toThrow();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the reply of a run', () => {
  const reason = (code: string, subject: string) => ({ code, subject, message: 'm'.repeat(200), evidence: {} });
  const ticket = (
    account: string,
    reasons: IssueReply['reasons'] = [reason('NOT_REBALANCE_DAY', 'x')],
  ): IssueReply => ({
    account,
    ticketId: account,
    kind: 'NO_TRADE',
    dryRun: false,
    reasons,
    issuedNow: true,
    supersedes: null,
    issuedAt: '2026-11-23T14:00:00.000Z',
    windowClosesAt: null,
    confirmed: false,
    files: [],
  });

  it('tells every ticket of a few accounts, as they are', () => {
    const few = Array.from({ length: 50 }, (_, index) => ticket(`a${index}`));
    expect(boundedTickets(few)).toEqual({ tickets: few });
  });

  it('stays far below what the server takes, however many accounts and reasons there are, and says how many there are', () => {
    const reasons = [
      ...Array.from({ length: 500 }, (_, index) => reason('DATA_STALE', `S${index}`)),
      reason('SNAPSHOT_MISSING', 'x'),
    ];
    const bounded = boundedTickets(Array.from({ length: 5_000 }, (_, index) => ticket(`a${index}`, reasons)));
    expect(bounded.ticketsInAll).toBe(5_000);
    expect(bounded.tickets).toHaveLength(50);
    expect(JSON.stringify(bounded).length).toBeLessThan(1_000_000);
    // Every code is told, the last one too.
    expect(bounded.tickets[0]?.reasons).toHaveLength(40);
    expect([...new Set(bounded.tickets[0]?.reasons.map(({ code }) => code))]).toEqual([
      'DATA_STALE',
      'SNAPSHOT_MISSING',
    ]);
  });
});
