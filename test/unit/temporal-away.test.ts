import { Connection, Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { isTemporalAway } from '../../src/worker/errors.js';

describe('an activity that asks Temporal and finds it away', () => {
  it("is told from one that has a fault, by the client's own error", async () => {
    // Port 1 is reserved and nobody listens there; without interceptors the client does not try for twenty seconds by itself.
    const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
    const client = new Client({ connection });
    const error = await connection
      .withDeadline(Date.now() + 30_000, () => client.workflow.getHandle('trading-day/main/2014-05-30').describe())
      .catch((caught: unknown) => caught);
    await connection.close();
    expect(error).toBeInstanceOf(Error);
    expect(isTemporalAway(error), String((error as Error).cause)).toBe(true);
    expect(isTemporalAway(new Error('14 UNAVAILABLE, says a text'))).toBe(false);
    expect(isTemporalAway(undefined)).toBe(false);
  });
});
