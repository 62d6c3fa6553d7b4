/** How every worker of ours runs; the bench's bare worker runs the same way. */
export const WORKER_SETTINGS = {
  /** Activities at once; the pool of Postgres connections is no smaller, or they would wait for each other. */
  maxConcurrentActivityTaskExecutions: 8,
  maxCachedWorkflows: 50,
  // After a crash the next workflow task goes to a new worker within this time; replaying a day takes milliseconds.
  stickyQueueScheduleToStartTimeout: '3s',
  shutdownGraceTime: '30s',
  shutdownForceTime: '60s',
} as const;

/** Prompts that wait for their day's ticket at once: they hold neither connection nor file, only a place. */
export const WAITING_ACTIVITIES = 1_000;
