/**
 * What decides how a session reads and writes, beside the statement itself. A role, or whoever owns the database, may
 * have set any of it otherwise, and so may a server's configuration: each session of ours states it. What only a
 * superuser sets is not among it.
 */
const READ_AND_WRITTEN: Record<string, string> = {
  // Texts of dates, instants, durations, numbers and bytes, as we write and read them.
  DateStyle: 'ISO,MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_numeric: 'C',
  lc_monetary: 'C',
  lc_time: 'C',
  // What a text between quotes, a list or a comparison means.
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  // Which tables a name means: a temporary one never takes the place of ours.
  search_path: 'public,pg_temp',
  row_security: 'on',
  // Whether anything is written, what others see of it meanwhile, and whether the disk has it.
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read\\ committed',
  default_transaction_deferrable: 'off',
  synchronous_commit: 'on',
  // Whether a session begins at all, and goes on after a statement that was refused.
  local_preload_libraries: '',
  exit_on_error: 'off',
  // How long it waits, where a client does not say so itself.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};

/**
 * Postgres compiles what it thinks long: of our statements, which take milliseconds, that takes ten times as long. And
 * a statement that is prepared is planned once, not for each of its values: of questions over a dozen tables that
 * takes longer than their answers.
 */
const QUICK: Record<string, string> = { jit: 'off', plan_cache_mode: 'force_generic_plan' };

/** The settings that a session states, by their lower-case name. */
export const STATED_SETTINGS: ReadonlySet<string> = new Set(
  Object.keys({ ...READ_AND_WRITTEN, ...QUICK }).map((name) => name.toLowerCase()),
);

const asOptions = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');

/**
 * The URL of a database with what a session states, for every client that reads or writes facts; what the URL itself
 * sets beside it stays.
 */
export function statedUrl(databaseUrl: string, { quick = false } = {}): string {
  const url = new URL(databaseUrl);
  const own = url.searchParams.get('options');
  // The last one counts.
  const stated = [own, asOptions(READ_AND_WRITTEN), quick ? asOptions(QUICK) : null].filter((one) => one !== null);
  url.searchParams.set('options', stated.join(' '));
  // Postgres's own programs take a plus for a plus.
  url.search = url.search.replaceAll('+', '%20');
  return url.href;
}
