/** A look that waits for a server that is gone must not keep a worker from ending; what it missed is found again. */
const STOP_MAX_MS = 5_000;
/** How often the worker looks for alerts that other processes raised (the command line, another worker). */
const LOOK_EVERY_MS = 15_000;

export interface Outbox {
  /** Looks at once: an activity has raised something. */
  nudge(): void;
  /** Looks now and then from here on, beginning at once: what was raised while no worker was up comes first. */
  start(): void;
  /** Resolves when the look under way has ended, or after five seconds; none begins after it. */
  stop(): Promise<void>;
}

/**
 * Looks for alerts to deliver, one look at a time. A look that fails (Postgres or Temporal is away) is repeated by the next; the
 * first of a row of failures is told.
 */
export function createOutbox(
  look: () => Promise<unknown>,
  failed: (error: unknown) => void,
  everyMs = LOOK_EVERY_MS,
  stopMaxMs = STOP_MAX_MS,
): Outbox {
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | null = null;
  let again = false;
  let failing = false;
  let stopped = false;

  async function lookUntilDone(): Promise<void> {
    do {
      again = false;
      try {
        await look();
        failing = false;
      } catch (error) {
        if (!failing && !stopped) failed(error);
        failing = true;
      }
    } while (again && !failing && !stopped);
    underWay = null;
  }
  function nudge(): void {
    again = true;
    if (!stopped) underWay ??= lookUntilDone();
  }
  return {
    nudge,
    start() {
      nudge();
      timer = setInterval(nudge, everyMs);
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      let limit: NodeJS.Timeout | undefined;
      await Promise.race([underWay, new Promise((resolve) => (limit = setTimeout(resolve, stopMaxMs)))]);
      clearTimeout(limit);
    },
  };
}

/** Does something a while (ms) after it was first asked for, once for all who ask until then. */
export function onceAfter(work: () => void, afterMs: number): () => void {
  let waiting: NodeJS.Timeout | undefined;
  return () => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      work();
    }, afterMs).unref();
  };
}
