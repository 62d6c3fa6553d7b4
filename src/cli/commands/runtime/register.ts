import type { Command } from 'commander';
import { DEFAULTS } from '../../../contract/defaults.js';

/** The commands of the local runtime. Each loads its code when it runs, so that --help stays quick. */
export function registerRuntime(program: Command): void {
  program
    .command('up')
    .description('start Postgres, Temporal, the worker and the desk (harmless when they run)')
    .option('--no-worker', 'only the services')
    .option('--only <part>', 'only postgres, temporal, worker or desk: what a systemd service asks for')
    .action(async (_options, command: Command) => (await import('./up.js')).upAction(command));
  program
    .command('down')
    .description('stop the desk, the worker, Temporal and Postgres')
    .option('--only <part>', 'only postgres, temporal, worker or desk')
    .action(async (_options, command: Command) => (await import('./down.js')).downAction(command));
  program
    .command('status')
    .description('every address, version and the state of each part')
    .action(async (_options, command: Command) => (await import('./status.js')).statusAction(command));
  program
    .command('ps')
    .description('the processes of this installation')
    .action(async (_options, command: Command) => (await import('./status.js')).psAction(command));
  program
    .command('health')
    .description('pg_isready, Temporal health, a worker that asks for work, a desk; exit 69 when something is down')
    .action(async (_options, command: Command) => (await import('./status.js')).healthAction(command));
  program
    .command('logs')
    .description('the end of each log')
    .option('-n, --lines <count>', `lines of each log (default: ${DEFAULTS.logLines})`)
    .option('-f, --follow', 'go on with what is written from now on')
    .action(async (_options, command: Command) => (await import('./logs.js')).logsAction(command));
  program
    .command('psql')
    .description('open psql on the database; without a terminal: prove the connection')
    .argument('[args...]', 'arguments for psql, after --')
    .option('--owner', 'as the owner of the schema, not as the application')
    .action(async (args: string[], _options, command: Command) =>
      (await import('./psql.js')).psqlAction(args, command),
    );
}
