import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { setTimeout as pause } from 'node:timers/promises';
import { isDatabaseAway } from '../../src/db/connect.js';

/** Longer than any part takes to come back. */
export const PATIENCE_MS = 180_000;
export const RETRY_MS = 100;

/** Asks until somebody answers: what was asked has a name, so that the same again is answered the same. */
export async function persist<T>(ask: () => Promise<T>): Promise<T> {
  // Patience is for a part that is away; however long an answer took that was then lost, it is asked for again.
  let awaySince: number | null = null;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      awaySince ??= Date.now();
      if (!isAway(error) || Date.now() - awaySince > PATIENCE_MS) throw error;
      await pause(RETRY_MS);
    }
  }
}

const AWAY =
  /UNAVAILABLE|DEADLINE_EXCEEDED|ECONNREFUSED|ECONNRESET|CANCELLED|No connection established|not started yet|Unexpected error while making gRPC request/i;

/** Whether an error, or what it came of, says that a part is away; that a workflow failed is an answer. */
export function isAway(error: unknown): boolean {
  if (error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError) return false;
  for (
    let one = error as (Error & { details?: unknown }) | undefined;
    one instanceof Error;
    one = one.cause as typeof one
  ) {
    if (isDatabaseAway(one) || AWAY.test(`${one.message} ${String(one.details)}`)) return true;
  }
  return false;
}
