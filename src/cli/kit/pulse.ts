/** Whether a server still answers, asked beside the work that waits for it. */
export interface Pulse {
  /** Throws when there is no answer within so many milliseconds. */
  ask(withinMs: number): Promise<unknown>;
  /** What is told when there is none. */
  lost(): unknown;
}

/** Most work is done by then, and nobody asks. */
const FIRST_AFTER_MS = 4_000;
const EVERY_MS = 3_000;
const ANSWER_MS = 4_000;
/** A busy machine may be late once. */
const MISSED_MAX = 2;

let lost = false;
/** Whether a server fell silent under a command: what still waits for it will never end by itself. */
export const wasLost = (): boolean => lost;

/**
 * Waits for work that waits for a server, for as long as that one answers: however long it takes, but a server that is
 * stopped is told within fifteen seconds.
 * @throws what the work throws, or what is told of a server that is silent
 */
export async function whileItAnswers<T>(pulse: Pulse, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const silence = new Promise<never>((_, reject) => {
    void watch(pulse, over.signal, (error) => {
      lost = true;
      reject(error as Error);
    });
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    over.abort();
  }
}

async function watch(pulse: Pulse, over: AbortSignal, tell: (error: unknown) => void): Promise<void> {
  let missed = 0;
  await pause(FIRST_AFTER_MS, over);
  while (!over.aborted) {
    missed = (await answers(pulse)) ? 0 : missed + 1;
    if (missed >= MISSED_MAX && !over.aborted) return tell(pulse.lost());
    if (missed === 0) await pause(EVERY_MS, over);
  }
}

async function answers(pulse: Pulse): Promise<boolean> {
  try {
    await pulse.ask(ANSWER_MS);
    return true;
  } catch {
    return false;
  }
}

function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      over.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    over.addEventListener('abort', done);
  });
}

/** Waits for work so long and no longer. @throws what the work throws, or what is told of a server that is silent */
export const atMost =
  (ms: number) =>
  async <T>(pulse: Pulse, work: Promise<T>): Promise<T> => {
    let limit: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      limit = setTimeout(() => {
        lost = true;
        reject(pulse.lost() as Error);
      }, ms);
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      clearTimeout(limit);
    }
  };
