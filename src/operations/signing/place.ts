import type { Knex } from 'knex';
import type { Instant } from '../../domain/types.js';

/** What signatures are proved on: the files that have the keys, the database that has what was signed, and the clock. */
export interface SigningPlace {
  db: Knex;
  dataDir: string;
  configDir: string;
  now(): Instant;
}
