import type { Db } from './connect.js';
import { rows } from './questions.js';

/** What time it is by the server's clock, in milliseconds since 1970, the parts of one included. */
export async function serverMilliseconds(db: Db): Promise<number> {
  const [clock] = await rows<{ ms: string }>(db, 'select extract(epoch from clock_timestamp()) * 1000 as ms');
  return Number(clock?.ms);
}

/** Minutes that each zone is ahead of UTC at an instant, by the server's zone data, in the order asked. */
export async function serverOffsets(
  db: Db,
  asked: readonly { at: string; zone: string }[],
): Promise<(number | null)[]> {
  const found = await rows<{ minutes: number | null }>(
    db,
    `
      select (extract(epoch from (at at time zone zone) - (at at time zone 'UTC')) / 60)::int as minutes
        from json_to_recordset(?::json) as known(at timestamptz, zone text, n int) order by n`,
    [JSON.stringify(asked.map(({ at, zone }, n) => ({ at, zone, n })))],
  );
  return found.map(({ minutes }) => minutes);
}

/** The server's version without the words that distributions add, and its major number. */
export async function serverVersion(db: Db): Promise<{ version: string; major: number }> {
  const [server] = await rows<{ version: string; number: number }>(
    db,
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
  );
  return { version: server?.version.split(' ')[0] ?? '', major: Math.floor(Number(server?.number) / 10_000) };
}
