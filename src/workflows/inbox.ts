import { condition } from '@temporalio/workflow';

interface Letter<M, R> {
  message: M;
  settle(reply: R): void;
  fail(error: unknown): void;
  awaited: boolean;
}

/** Messages of a day, handled one after another in the order they came, whoever sent them. */
export interface Inbox<M, R> {
  /** Leaves a message; nobody waits for the answer (signals). */
  put(message: M): void;
  /** Leaves a message and waits for the answer (updates). */
  ask(message: M): Promise<R>;
  /**
   * Takes the oldest message, or null when `patienceMs` pass first, or somebody is woken; without it waits for as long
   * as it takes.
   */
  next(patienceMs: number | null, summary: string): Promise<M | null>;
  /** Lets whoever waits for a message go on without one. */
  wake(): void;
  /** Answers the message taken last. */
  reply(reply: R): void;
  /** Lets the sender of the message taken last fail. */
  refuse(error: unknown): void;
  isEmpty(): boolean;
  /** How many wait that are so. */
  count(are: (message: M) => boolean): number;
  /** Whether somebody waits for the answer to the message taken last. */
  isAwaited(): boolean;
}

/** Makes an inbox. A handler only records; the workflow's own loop acts, so two messages never interleave. */
export function createInbox<M, R>(): Inbox<M, R> {
  const waiting: Letter<M, R>[] = [];
  let taken: Letter<M, R> | undefined;
  let woken = false;
  return {
    put: (message) => void waiting.push({ message, settle: () => {}, fail: () => {}, awaited: false }),
    ask: (message) => new Promise<R>((settle, fail) => void waiting.push({ message, settle, fail, awaited: true })),
    async next(patienceMs, summary) {
      const arrived = () => waiting.length > 0 || woken;
      if (patienceMs === null) await condition(arrived);
      else if (!(await condition(arrived, Math.max(patienceMs, 1), { summary }))) return null;
      woken = false;
      taken = waiting.shift();
      return taken?.message ?? null;
    },
    wake: () => void (woken = true),
    reply: (reply) => taken?.settle(reply),
    refuse: (error) => taken?.fail(error),
    isEmpty: () => waiting.length === 0,
    count: (are) => waiting.filter(({ message }) => are(message)).length,
    isAwaited: () => taken?.awaited ?? false,
  };
}
