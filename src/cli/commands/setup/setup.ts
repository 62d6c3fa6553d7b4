import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { parseDocument } from 'yaml';
import { inTransaction } from '../../../db/transaction.js';
import { accountsOf } from '../../../operations/runs/configuration.js';
import { listAccounts, openAccount } from '../../../db/accounts.js';
import { migrateToLatest } from '../../../db/migrate.js';
import { refusal, usageError } from '../../../domain/errors.js';
import { parsePolicy } from '../../../domain/policy/policy.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answer, explainDatabaseError, withContext } from '../../kit/context.js';

/** Applies missing migrations; an up-to-date schema is success. */
export async function migrate(command: Command): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, async () => {
    const { ownerDatabaseUrl } = resolveAddresses(loadSettings());
    try {
      const applied = await migrateToLatest(ownerDatabaseUrl);
      return { data: { applied }, lines: applied.length === 0 ? ['The schema is up to date.'] : applied.map((name) => `Applied ${path.basename(name)}`), next: 'make run-0800' };
    } catch (error) {
      throw explainDatabaseError(error, ownerDatabaseUrl);
    }
  });
}

const TABLES = `
  select c.relname as name, obj_description(c.oid) as comment,
         (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', n.nspname, c.relname), false, true, '')))[1]::text::bigint as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind = 'r' and c.relname not like 'knex%' order by c.relname`;

/** Lists the tables with their comments and row counts. */
export async function listTables(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const { rows } = (await db.raw(TABLES)) as { rows: { name: string; comment: string | null; rows: number }[] };
    if (rows.length === 0) throw refusal('SCHEMA_MISSING', 'the database has no tables yet', { remedy: 'make migrate' });
    const { default: Table } = await import('cli-table3');
    const table = new Table({ head: ['table', 'rows', 'what it holds'], style: { head: [], border: [] }, colWidths: [24, 10, 80], wordWrap: true });
    for (const row of rows) table.push([row.name, row.rows, row.comment ?? '']);
    return { data: rows, lines: [table.toString()], next: 'trading-ops status' };
  });
}

/** Writes a new account into policy.yml, comments kept, and opens it in the database; a repeat changes nothing. */
export async function addAccount(name: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { baseCurrency, clock } = command.opts<{ baseCurrency: string; clock: string }>();
    const operator = context.operator();
    const file = path.join(context.settings.configDir, 'policy.yml');
    const known = context.policy.accounts[name];
    if (known && (known.base_currency !== baseCurrency || known.clock !== clock)) {
      throw refusal('ACCOUNT_DIFFERS', `account: ${name}: is ${known.base_currency}, clock ${known.clock} in ${file}, and keeps that`);
    }
    const document = parseDocument(await readFile(file, 'utf8'));
    document.setIn(['accounts', name], document.createNode({ base_currency: baseCurrency, clock }));
    const text = known ? document.toString() : document.toString({ lineWidth: 0 });
    const account = accountsOf(parsePolicy(text, file)).find((candidate) => candidate.account === name);
    if (!account) throw usageError('ACCOUNT_INVALID', `account: ${name}: must be lower-case letters, digits and dashes`);
    const opened = await inTransaction(context.db, (trx) => openAccount(trx, account, operator, new Date().toISOString()));
    if (!known) await writeFileAtomic(file, text);
    return { data: { ...account, opened }, lines: [`Account ${name}: ${baseCurrency}, clock ${clock}, ${opened ? 'opened' : 'was open already'}.`], next: `make run-0800, then reconcile: the first snapshot of ${name} opens its ledger` };
  });
}

/** Lists the accounts in the database. */
export async function showAccounts(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const accounts = await listAccounts(db);
    return { data: accounts, lines: accounts.map(({ account, baseCurrency, clock }) => `${account}: ${baseCurrency}, clock ${clock}`), next: 'trading-ops day' };
  });
}
