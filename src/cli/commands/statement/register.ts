import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { withSmallNursery } from '../../../runtime/heap.js';
import { withAccount, withAsking } from '../../kit/options.js';

/** statement import | list | show | withdraw: the broker's own word, held against the ledger. */
export function registerStatements(program: Command): void {
  const statement = program
    .command('statement')
    .description("eToro's account statements as evidence: what they say, held against the ledger; nothing is booked");
  withAsking(statement.command('import').argument('<file>'))
    .description('read a statement (XLSX, English, as it was downloaded; - for standard input) and compare it')
    .action((file: string, _flags: object, command: Command) =>
      // What is hostile is refused in little memory: most of it is the program's own.
      withSmallNursery(async () => (await import('./import.js')).importFile(file, command)),
    );
  withAccount(statement.command('list'))
    .description('the newest statements and what came of each')
    .option('--limit <n>', `how many (default: ${DEFAULTS.statements})`)
    .action(async (_flags: object, command: Command) => (await import('./look.js')).listImported(command));
  withAccount(statement.command('show').argument('[id]'))
    .description('what came of a statement: the newest one, or by its id; the first eight characters do')
    .action(async (id: string | undefined, _flags: object, command: Command) =>
      (await import('./look.js')).showImported(id ?? null, command),
    );
  withAsking(statement.command('withdraw').argument('<id>'))
    .description('take a statement back that should not have been imported: it stays on record and counts no more')
    .requiredOption('--reason <text>', 'why it should not count; kept with it')
    .action(async (id: string, _flags: object, command: Command) =>
      (await import('./withdraw.js')).withdrawImported(id, command),
    );
}
