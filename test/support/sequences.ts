import type { Client } from 'pg';

/**
 * Has every sequence of a database say to the log where it stands at its next number. A copy of a database (`create
 * database … template`) inherits how many numbers its original had logged ahead, but not the log: numbers that it gave
 * out come again after a crash.
 */
export async function settleSequences(client: Pick<Client, 'query'>): Promise<void> {
  await client.query(
    `select setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, start_value), last_value is not null)
       from pg_sequences`,
  );
}
