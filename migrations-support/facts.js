/** Tables that are no facts: the log and the digests prove the others, knex keeps its own. */
const NO_FACTS = `('audit_log', 'fact_digests')`;

/** Columns that the database alone writes: time of recording and place in the order. */
const BY_DATABASE = ['recorded_at', 'opened_at', 'first_seen_at', 'replaced_at', 'seq', 'prev_hash', 'hash'];

/** Every table of facts, by name. */
export async function factTables(knex) {
  const { rows } = await knex.raw(`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
       and relname not like 'knex%' and relname not in ${NO_FACTS} order by relname`);
  return rows.map(({ name }) => name);
}

/**
 * Has every insert into a table leave a digest of its rows (docs/ARCHITECTURE.md, What is stored where): a key and a digest of a row, and
 * the trigger. Call it again after a column was added: empty columns do not enter a digest, so those of the rows that stand stay as they
 * are, as long as the new column is empty in them.
 * @param {import('knex').Knex} knex
 * @param {string} table
 */
export async function coverFacts(knex, table) {
  const { rows: columns } = await knex.raw(
    `select a.attname as name, format_type(a.atttypid, null) as type, array_position(i.indkey::int2[], a.attnum) as place
       from pg_attribute a join pg_index i on i.indrelid = a.attrelid and i.indisprimary
      where a.attrelid = ?::regclass and a.attnum > 0 and not a.attisdropped order by a.attname`,
    [`public.${table}`],
  );
  const ordered = columns.filter(({ place }) => place !== null).toSorted((a, b) => a.place - b.place);
  const key = (row) => `concat_ws('/', ${ordered.map((column) => keyText(row, column)).join(', ')})`;
  const body = (row) => columns.map((column) => `'${column.name}=' || ${strictText(row, column)}`).join(',\n      ');
  const digest = (row) =>
    `encode(substr(sha256(convert_to(concat_ws(chr(31), ${body(row)}), 'UTF8')), 1, 16), 'hex')::uuid`;
  await knex.raw(
    escaped(`
    create or replace function fact_key(r ${table}) returns text language sql stable parallel safe as $$
      select ${key('r')} $$;
    create or replace function fact_digest(r ${table}) returns uuid language sql stable parallel safe as $$
      select ${digest('r')} $$;
    create or replace function digest_${table}() returns trigger language plpgsql security definer
      set search_path = pg_catalog, public, pg_temp as $$
    begin
      insert into public.fact_digests (fact, keys, digests, tx)
      select '${table}', array_agg(${key('i')}), array_agg(
        ${digest('i')}), pg_current_xact_id()::text::bigint
        from inserted i having count(*) > 0;
      return null;
    end $$;
    drop trigger if exists ${table}_digest_trg on ${table};
    create trigger ${table}_digest_trg after insert on ${table}
      referencing new table as inserted for each statement execute function digest_${table}();`),
  );
}

/** What knex would take for a place of a value. */
const escaped = (sql) => sql.replaceAll('?', '\\?');

const keyText = (row, column) => (column.type === 'date' ? strictText(row, column) : `${row}.${column.name}::text`);

/**
 * An instant as text, the same whatever a session has set: to_char knows neither eras nor infinity, so that the instants that it cannot
 * tell apart say which they are. Whatever lies between the years 1 and 294276 is written as it always was.
 */
export const instantText = (instant) =>
  eraText(instant, `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`, `'0001-01-01 00:00:00+00'`);

/** A date before or after what fits an instant is its distance in days. */
const dateText = (date) =>
  `case when ${date} > '294276-12-31' and isfinite(${date}) then (${date} - '2000-01-01'::date)::text || ' days'
        else ${eraText(date, `to_char(${date}::timestamp, 'YYYY-MM-DD')`, `'0001-01-01'`)} end`;

const eraText = (value, text, first) =>
  `case when ${value} >= ${first} and isfinite(${value}) then ${text}
        when isfinite(${value}) then ${text} || ' BC'
        when ${value} > ${first} then 'infinity' when ${value} < ${first} then '-infinity' end`;

/** The same text whatever a session has set for times and dates, and in which no value can pass for two. */
function strictText(row, { name, type }) {
  switch (type) {
    case 'date':
      return dateText(`${row}.${name}`);
    case 'timestamp with time zone':
      return instantText(`${row}.${name}`);
    case 'bytea':
      return `encode(${row}.${name}, 'hex')`;
    case 'text':
      return `quote_literal(${row}.${name})`;
    case 'text[]':
      return `quote_literal(${row}.${name}::text)`;
    case 'uuid':
    case 'numeric':
    case 'bigint':
    case 'integer':
    case 'smallint':
    case 'boolean':
    case 'jsonb':
      return `${row}.${name}::text`;
    default:
      // The text of a float, an interval or a bit of a type of one's own is what a session has set, or may hold what divides columns.
      throw new Error(`${name}: no text is known in which no two values of ${type} are the same`);
  }
}

/** Lets the application write every column of a table but those that are the database's own. */
export async function grantInsert(knex, table) {
  const { rows } = await knex.raw(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
      where attrelid = ?::regclass and attnum > 0 and not attisdropped and attidentity = '' and attname <> all(?)
        and not (attrelid = 'audit_log'::regclass and attname = 'seq')`,
    [`public.${table}`, BY_DATABASE],
  );
  await knex.raw(`revoke insert on ?? from trading_ops_app`, [table]);
  await knex.raw(`grant insert (${rows[0].columns}) on ?? to trading_ops_app`, [table]);
}
