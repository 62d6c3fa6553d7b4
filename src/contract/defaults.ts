/**
 * What is meant where nobody says: the schemas have it from here, and so have the texts of `--help`, which are built before anything
 * else is loaded.
 */
export const DEFAULTS = {
  /** Cash at the simulated broker on the first day, in base currency. */
  simulatedCash: '50000',
} as const;
