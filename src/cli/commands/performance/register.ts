import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';
import { withAccount } from '../../kit/options.js';

/** performance. */
export function registerPerformance(program: Command): void {
  withAccount(program.command('performance'))
    .description(
      'how the account did: returns, risk, benchmark, contributions, costs; over valued closes, in base currency',
    )
    .option(
      '--range <range>',
      `1m, 3m, ytd, 1y or all, up to the newest valued close (default: ${DEFAULTS.performanceRange})`,
    )
    .option('--from <YYYY-MM-DD>', 'measured from the last valued close up to this date')
    .option('--to <YYYY-MM-DD>', 'to the last valued close up to this date')
    .option('--benchmark <symbol>', 'what it is held against (default: performance.benchmark of the policy)')
    .option(
      '--withholding <fraction>',
      "tax on the benchmark's dividends, 0 for gross (default: the policy's, or 0.15)",
    )
    .option(
      '--csv [table]',
      'one table as CSV: closes, contributions, lines, missed, deviations, months or years (default: closes)',
    )
    .option('--report <format>', 'the whole report with its charts, as html or md')
    .option('--out <file>', 'write the CSV or the report there; else to standard output')
    .option('--force', 'write it also where a file of that name is')
    .action(async (_flags: object, command: Command) => (await import('./show.js')).showPerformance(command));
}
