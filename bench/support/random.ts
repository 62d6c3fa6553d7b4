/** A generator of numbers from 0 to 1 that gives the same ones every time (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One day's figures of a share that wanders: open, high, low, close in cents, volume in shares. */
export interface Figures {
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
}

/** A series of such days, without end: daily moves of about 1.5 %, high and low around open and close. */
export function* wander(seed: number): Generator<Figures, never> {
  const random = randomFrom(seed);
  let close = 20 + random() * 180;
  for (;;) {
    const open = close * (1 + (random() - 0.5) * 0.01);
    // Kept between 5 and 900 so that ten years of it neither vanish nor run away.
    close = Math.min(900, Math.max(5, open * (1 + (random() + random() + random() - 1.5) * 0.03)));
    const [high, low] = [
      Math.max(open, close) * (1 + random() * 0.008),
      Math.min(open, close) * (1 - random() * 0.008),
    ];
    yield {
      open: open.toFixed(2),
      high: high.toFixed(2),
      low: low.toFixed(2),
      close: close.toFixed(2),
      volume: String(1_000_000 + Math.floor(random() * 3e7)),
    };
  }
}
