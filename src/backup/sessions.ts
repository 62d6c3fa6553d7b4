import { withClient } from '../runtime/postgres/database.js';

/**
 * Sessions of a database that are in the middle of something, a line each: a statement, an open transaction, an advisory
 * lock. Idle connections of a pool are not.
 * @param url a login that may see other sessions' statements.
 */
export function sessionsAtWork(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ line: string }>(`
      select format('%s (pid %s, %s): %s', coalesce(nullif(a.application_name, ''), 'a session'), a.pid, a.usename,
        case when a.state = 'active' then left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80)
             when a.state like 'idle in transaction%' then 'an open transaction'
             else 'holds a lock' end) as line
      from pg_stat_activity a
      where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
        and (a.state <> 'idle' or exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory' and l.granted))
      order by a.pid`);
    return rows.map(({ line }) => line);
  });
}
