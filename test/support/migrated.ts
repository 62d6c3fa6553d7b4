import knex, { type Knex } from 'knex';

/** A connection of a test's own, by either login. */
export const open = (url: string): Knex => knex({ client: 'pg', connection: url, pool: { min: 0, max: 2 } });
/** By which constraint or SQLSTATE something was refused; `done` where it was not. */
export const codeOf = (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => 'done',
    (error: { code?: string; constraint?: string }) => error.constraint ?? error.code ?? 'unknown',
  );

/** An id that tells in a failure which row it is. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

export const RUN = uuid(99);
export const RUN_ROW = {
  run_id: RUN,
  slot: '1400',
  trading_day: '2014-06-09',
  as_of_date: '2014-06-06',
  at: '2014-06-09T13:00:00Z',
  workflow_id: 'w',
  operator: 'ana',
  policy_hash: 'a'.repeat(64),
  universe_hash: 'b'.repeat(64),
};

/** Two accounts and a configuration: what every other row refers to. */
export async function fill(owner: Knex): Promise<void> {
  await owner('accounts' as string).insert([
    { account: 'main', base_currency: 'GBP', clock: 'simulated' },
    { account: 'second', base_currency: 'USD', clock: 'real' },
  ]);
  await owner('config_versions').insert([
    { content_hash: 'a'.repeat(64), kind: 'policy', content: '{}' },
    { content_hash: 'b'.repeat(64), kind: 'universe', content: '[]' },
  ]);
}

/** A ticket of that run as the schema takes it: NO_TRADE, for one reason. */
export const ticketRow = (id: number) => ({
  ticket_id: uuid(id),
  account: 'main',
  trading_day: '2014-06-09',
  as_of_date: '2014-06-06',
  kind: 'NO_TRADE' as const,
  dry_run: false,
  material_hash: 'c'.repeat(64),
  material: '{}',
  reasons: '[{"code":"X"}]',
  run_id: RUN,
  issued_at: '2014-06-09T13:00:00Z',
  policy_hash: 'a'.repeat(64),
  universe_hash: 'b'.repeat(64),
});
