/** How every worker of ours runs; the bench's bare worker runs the same way. */
export const WORKER_SETTINGS = {
  /** Activities at once; the pool of Postgres connections is no smaller, or they would wait for each other. */
  maxConcurrentActivityTaskExecutions: 8,
  /**
   * Days that a worker has at hand, a quarter of a megabyte each. A day that is not is replayed for each of its three
   * steps of the afternoon, at 12 ms each: so no fewer than are prompted at once, with room for runs and deliveries.
   */
  maxCachedWorkflows: 200,
  // After a crash the next workflow task goes to a new worker within this time; replaying a day takes milliseconds.
  stickyQueueScheduleToStartTimeout: '3s',
  /**
   * A step of a workflow that takes longer is ended in the middle, and Node with it ("async hook stack has become
   * corrupted"), again after each restart. Ten thousand signals in one step take five seconds of a quiet machine.
   */
  isolateExecutionTimeout: '2 minutes',
  shutdownGraceTime: '30s',
  shutdownForceTime: '60s',
} as const;

/**
 * Prompts that wait for their day's ticket at once: they hold neither connection nor file, only a place. Of a thousand
 * accounts more at once would wait longer than a prompt may take, and push each other's days out of the cache.
 */
export const WAITING_ACTIVITIES = 100;
