import { describe, expect, it } from 'vitest';
import { TABLES, VIEWS } from '../../src/db/tables.js';
import { isNode, literalOf, nameOf, parseSource, sourcesOf, SRC, type Node, type Source } from '../support/source.js';

/** Who asks a database without src/db, and why it may: none asks for a fact. A line goes with the last thing it names. */
const ASK_THEMSELVES: Record<string, string> = {
  'backup/make.ts': 'ends the transaction whose snapshot pg_dump reads',
  'backup/scratch.ts': 'makes and drops the databases that backups are restored into, and holds their lock',
  'backup/sessions.ts': "looks at the server's other sessions before a database is replaced",
  'backup/snapshot.ts': 'holds the lock and the exported snapshot of a backup on a connection of its own',
  'backup/space.ts': 'asks a server how large its database is, whatever is in it',
  'runtime/postgres/cluster.ts': "sets the superuser's password in a new cluster",
  'runtime/postgres/database.ts': 'makes the roles and the database, before there is a schema',
  'runtime/postgres/psql.ts': 'asks who a login is, for `make psql`',
  'runtime/postgres/server.ts': 'asks a server since when it runs: is it the one of this data directory?',
  'runtime/status.ts': "asks the server's version, whatever is in it",
};

describe('nobody but src/db builds a query', () => {
  const SOURCES = sourcesOf(SRC);
  const asking = SOURCES.filter(({ file }) => !file.startsWith('db/')).filter(
    (source) => questionsOf(source).length > 0,
  );

  it('but for those listed, each with its reason', () => {
    const others = asking.filter(({ file }) => !(file in ASK_THEMSELVES));
    expect(
      others.map((source) => `${source.file}: ${questionsOf(source).join(', ')}`),
      'move it to a file of src/db',
    ).toEqual([]);
  });

  it('and the list names nobody who asks no more', () => {
    const still = new Set(asking.map(({ file }) => file));
    expect(Object.keys(ASK_THEMSELVES).filter((file) => !still.has(file))).toEqual([]);
  });

  it.each([
    `await db('runs').first();`,
    `await context.db('runs as r').first();`,
    `await trx(table).insert(row);`,
    `(await patient.db())('live_tickets as t').select();`,
    `const ask = place.db; ask('tickets').pluck('ticket_id');`,
    `await db.raw(statement);`,
    `await place.select('seq').from('audit_log').first();`,
    `await withClient(url, (client) => client.query(STATEMENT));`,
    `await connection.client.query<{ a: number }>('show x');`,
    `await q(\`select \${column} from runs\`);`,
    `const SQL = \`\n  with newest as (select 1) select * from newest\`;`,
    `const SQL = 'insert into runs values (1)';`,
    `const SQL = "delete from runs";`,
    `import { Client } from 'pg';`,
    `import knex from 'knex';`,
    `const { Pool } = await import('pg');`,
  ])('the check sees %s', (text) => {
    expect(questionsOf(parseSource('operations/x.ts', text))).not.toEqual([]);
  });

  it.each([
    `await patient.db(); const { db } = context; await findRun(db, runId);`,
    `import type { Knex } from 'knex'; import type { Client } from 'pg';`,
    `await handle.query('state'); await client.workflow.getHandle(id).query(STATE);`,
    `program.command('runs'); const says = 'select a run from the list'; const text = \`update \${name}\`;`,
    `Buffer.from(text); Array.from('runs');`,
  ])('and leaves alone %s', (text) => {
    expect(questionsOf(parseSource('operations/x.ts', text))).toEqual([]);
  });
});

const CONNECTION = /(^|\.)(db|trx|transaction|knex|pool|client|connection)$/;
const TABLE = new RegExp(`^(${[...Object.keys(TABLES), ...Object.keys(VIEWS)].join('|')})( as \\w+)?$`);
const SQL =
  /^\s*(select\b[^]*\bfrom\s+(\(|unnest|\w+_\w+|runs|tickets|accounts|alerts|bars|fills|postings)|with\s+\w+\s+as\s+\(|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|(create|alter|drop|truncate)\s+(table|database|role|schema|temporary)\s)/i;

/** What in a file asks a database. */
function questionsOf({ nodes, imports }: Source): string[] {
  const drivers = imports
    .filter(({ typeOnly, specifier, names }) => !typeOnly && names.length > 0 && /^(pg|knex)$/.test(specifier ?? ''))
    .map(({ specifier }) => `import of ${specifier}`);
  return [...new Set([...drivers, ...nodes.flatMap((node) => calledOf(node) ?? textOf(node) ?? [])])];
}

const BUILT = /^(where\w*|select|first|pluck|insert|update|del|delete|max|min|count|orderBy|join|leftJoin|as)$/;

function calledOf(node: Node): string | undefined {
  if (node.type === 'MemberExpression') return ofTable(node);
  if (node.type !== 'CallExpression' || (node['arguments'] as unknown[]).length === 0) return undefined;
  const callee = bare(node['callee'] as Node);
  if (callee.type === 'AwaitExpression') return '(await …)(…)';
  const name = nameOf(callee) ?? '';
  if (callee.type !== 'MemberExpression') return CONNECTION.test(name) ? `${name}(…)` : undefined;
  const method = nameOf(callee['property']) ?? '';
  if (method === 'raw' || /^(db|trx|knex)$/.test(method)) return `.${method}()`;
  return method === 'query' && CONNECTION.test(nameOf(callee['object']) ?? '') ? '.query()' : undefined;
}

/** `….from('runs')` of whatever, or `….('runs').select`: a table by its name, and what is built on it. */
function ofTable(node: Node): string | undefined {
  const object = bare(node['object'] as Node);
  const [table] = object.type === 'CallExpression' ? (object['arguments'] as unknown[]) : [];
  const isBuilt = TABLE.test(literalOf(table) ?? '') && BUILT.test(nameOf(node['property']) ?? '');
  return isBuilt ? `of ${literalOf(table)}` : undefined;
}

const bare = (node: Node): Node => (node.type === 'ParenthesizedExpression' ? bare(node['expression'] as Node) : node);

function textOf(node: Node): string | undefined {
  const text =
    node.type === 'TemplateLiteral'
      ? (node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join(' x ')
      : node.type === 'Literal' && typeof node['value'] === 'string'
        ? node['value']
        : '';
  return isNode(node) && SQL.test(text) ? `"${text.trim().slice(0, 30)}…"` : undefined;
}
