/**
 * Writes table and column comments into the database itself, and refuses a table with an undocumented column.
 * @param {import('knex').Knex} knex
 * @param {Record<string, [string, Record<string, string>]>} tables table -> [comment, column -> comment]
 * @param {string} schema where they are
 */
export async function document(knex, tables, schema = 'public') {
  for (const [table, [comment, columns]] of Object.entries(tables)) {
    const { rows } = await knex.raw(
      `select column_name from information_schema.columns where table_schema = ? and table_name = ?`,
      [schema, table],
    );
    const missing = rows.map((row) => row.column_name).filter((name) => !(name in columns));
    if (missing.length > 0) throw new Error(`migration leaves columns of ${table} without a comment: ${missing}`);
    await knex.raw(knex.raw('comment on table ??.?? is ?', [schema, table, comment]).toQuery());
    for (const [column, text] of Object.entries(columns)) {
      await knex.raw(knex.raw('comment on column ??.??.?? is ?', [schema, table, column, text]).toQuery());
    }
  }
}

/** Corrections are new migrations: an untried way back is worse than none. */
export async function forwardOnly() {
  throw new Error('migrations of trading-ops go forward only; restore a backup to go back');
}
