import { describe, expect, it, vi } from 'vitest';
import { createOutbox, onceAfter } from '../../src/worker/outbox.js';

/** A look that is ended by hand. */
function looks() {
  const ends: { end(): void; fail(): void }[] = [];
  return {
    ends,
    look: () =>
      new Promise<void>((resolve, reject) => void ends.push({ end: resolve, fail: () => reject(new Error('away')) })),
  };
}
const soon = (assertion: () => void) => vi.waitFor(assertion, { timeout: 30_000, interval: 1 });

describe("the worker's look for alerts", () => {
  it('begins at once, never two at a time, and once more for whatever came meanwhile', async () => {
    const { ends, look } = looks();
    const outbox = createOutbox(look, () => undefined, 3_600_000);
    outbox.start();
    outbox.nudge();
    outbox.nudge();
    expect(ends).toHaveLength(1);
    ends[0]?.end();
    await soon(() => expect(ends).toHaveLength(2));
    ends[1]?.end();
    await outbox.stop();
    outbox.nudge();
    expect(ends).toHaveLength(2);
  });

  it('tells the first of a row of failures, and goes on looking', async () => {
    const told: unknown[] = [];
    let fails = true;
    let count = 0;
    const outbox = createOutbox(
      () => ((count += 1), fails ? Promise.reject(new Error('away')) : Promise.resolve()),
      (error) => void told.push(error),
      1,
    );
    outbox.start();
    await soon(() => expect(count).toBeGreaterThan(3));
    expect(told).toHaveLength(1);
    fails = false;
    const before = count;
    await soon(() => expect(count).toBeGreaterThan(before + 2));
    fails = true;
    await soon(() => expect(told).toHaveLength(2));
    await outbox.stop();
  });

  it('stops only when the look under way has ended', async () => {
    const { ends, look } = looks();
    const outbox = createOutbox(look, () => undefined, 3_600_000);
    outbox.start();
    let stopped = false;
    const stopping = outbox.stop().then(() => (stopped = true));
    await new Promise((resolve) => void setImmediate(resolve));
    expect(stopped).toBe(false);
    ends[0]?.end();
    await stopping;
    expect(stopped).toBe(true);
  });

  it('does not wait for ever for a look that never ends, and tells nothing after the stop', async () => {
    const { ends, look } = looks();
    const told: unknown[] = [];
    const outbox = createOutbox(look, (error) => void told.push(error), 3_600_000, 20);
    outbox.start();
    await outbox.stop();
    ends[0]?.fail();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(told).toEqual([]);
  });
});

it('what is asked for a hundred times within a second is done once, a second after the first; and then anew', () => {
  vi.useFakeTimers();
  try {
    const work = vi.fn<() => void>();
    const ask = onceAfter(work, 1_000);
    for (let index = 0; index < 100; index++) {
      ask();
      vi.advanceTimersByTime(9);
    }
    expect(work).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(work).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(10_000);
    expect(work).toHaveBeenCalledTimes(1);
    ask();
    vi.advanceTimersByTime(1_000);
    expect(work).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});
