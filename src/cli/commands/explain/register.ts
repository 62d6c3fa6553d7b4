import type { Command } from 'commander';

/** explain CODE: what a code means, what to check, and what to type. */
export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('what a code means, what to check, and what to type')
    .argument('<code>', 'a code of an answer, a ticket, a report or an alert, such as CASH_DRIFT')
    .action(async (code: string, _flags: object, command: Command) =>
      (await import('./explain.js')).explainCode(code, command),
    );
}
