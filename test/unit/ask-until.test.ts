import { ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { askTradingDayUntil } from '../../src/operations/day/ask-day.js';

const day = {
  account: 'main',
  tradingDay: '2018-05-07',
  clock: 'simulated' as const,
  at: '2018-05-07T13:00:00Z',
  remindAt: [],
  escalateAt: '2018-05-07T17:00:00Z',
  backUpAtClose: false,
};
const gaveUp = (code: number) =>
  new WorkflowUpdateRPCTimeoutOrCancelledError('gave up', {
    cause: Object.assign(new Error('context deadline exceeded'), { code, details: '', metadata: {} }),
  });

/** Asks a server that gives these answers, one after another. @returns what came, and the ids it was asked with */
async function ask(answers: readonly unknown[], deadline: number) {
  const asked: string[] = [];
  const client = {
    connection: { withDeadline: (_: number, work: () => Promise<unknown>) => work() },
    workflow: {
      executeUpdateWithStart: (_: string, { updateId }: { updateId: string }) => {
        const answer = answers[asked.push(updateId) - 1];
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    },
  } as unknown as Client;
  const came = await askTradingDayUntil(deadline, client, 'queue', day, 'confirmUpdate', 'one', {}).catch(
    (error: unknown) => error,
  );
  return { came, asked };
}

describe('a server that gives up waiting for an update', () => {
  it('is asked again with the same id until it answers', async () => {
    expect(await ask([gaveUp(4), gaveUp(4), 'BOOKED'], Infinity)).toEqual({
      came: 'BOOKED',
      asked: ['one', 'one', 'one'],
    });
  });

  it('is not asked again after the deadline, where the sender left, or after another error', async () => {
    expect((await ask([gaveUp(4), 'BOOKED'], 0)).asked).toEqual(['one']);
    expect((await ask([gaveUp(1), 'BOOKED'], Infinity)).asked).toEqual(['one']);
    expect(await ask([new ServiceError('refused'), 'BOOKED'], Infinity)).toMatchObject({ asked: ['one'] });
  });
});
