import { setTimeout as delay } from 'node:timers/promises';

/**
 * What work comes to, or null where it takes longer: then it goes on, and what it comes to is found where it is stored.
 */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  const over = new AbortController();
  // Whoever no longer waits hears of no failure: it is told where the work is shown.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, delay(ms, null, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}
