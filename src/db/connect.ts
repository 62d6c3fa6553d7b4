import knex, { type Knex } from 'knex';
import pg from 'pg';

/** A connection or a transaction: every query function takes one, so that callers compose them into one atomic step. */
export type Db = Knex | Knex.Transaction;

const { builtins } = pg.types;
// Dates stay `YYYY-MM-DD` and instants ISO strings: a JavaScript Date would shift the one and lose the other's
// microseconds' meaning.
pg.types.setTypeParser(builtins.DATE, (text) => text);
pg.types.setTypeParser(builtins.TIMESTAMPTZ, (text) => new Date(text).toISOString());
// Ids and counts fit a double exactly; numeric keeps its text, for money is never a float.
pg.types.setTypeParser(builtins.INT8, Number);

/**
 * Opens a pool for the application's role.
 * @param poolMax connections at most: no fewer than the worker's concurrent activities.
 */
export function connect(databaseUrl: string, poolMax = 10): Knex {
  return knex({
    client: 'pg',
    connection: { connectionString: databaseUrl, application_name: 'trading-ops', connectionTimeoutMillis: 5_000 },
    pool: { min: 0, max: poolMax, acquireTimeoutMillis: 10_000 },
    // What knex would warn of (a connection refused, with its stack) is thrown too, and told once in the operator's words.
    log: { warn: () => undefined },
  });
}

/** Asks the server for nothing: fails when it is away. */
export async function reach(db: Db): Promise<void> {
  await db.raw('select 1');
}

/** Connection errors of Node, and what Postgres says while it stops, starts, or has no connection to spare. */
const AWAY = /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|ENOENT|EPIPE|08\d{3}|57P0\d|53300)$/;

/** Whether an error of the driver says that Postgres is away, so that trying again later is right. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (
    AWAY.test(code) || /timeout|Connection terminated|Client has encountered a connection error/i.test(error.message)
  );
}
