import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { bounded } from '../domain/text.js';
import { EXIT } from './kit/exit.js';
import { readSecretFiles } from '../runtime/secret-files.js';
import { registerArtifacts } from './commands/artifacts/register.js';
import { registerBackups } from './commands/backup/register.js';
import { registerAlerts } from './commands/alerts/register.js';
import { registerDay } from './commands/day/register.js';
import { registerDemo } from './commands/demo/register.js';
import { registerDesk } from './commands/desk/register.js';
import { registerDoctor } from './commands/doctor/register.js';
import { registerExplain } from './commands/explain/register.js';
import { registerHost } from './commands/host/register.js';
import { registerGuard } from './commands/guard/register.js';
import { registerOperator } from './commands/operator/register.js';
import { registerLedger } from './commands/ledger/register.js';
import { registerPerformance } from './commands/performance/register.js';
import { registerMarket } from './commands/market/register.js';
import { print, printError } from './kit/output.js';
import { registerRender } from './commands/render/register.js';
import { registerRestores } from './commands/restore/register.js';
import { registerRuns } from './commands/runs/register.js';
import { registerRuntime } from './commands/runtime/register.js';
import { registerSchedules } from './commands/schedules/register.js';
import { registerSetup } from './commands/setup/register.js';
import { registerSimulate } from './commands/simulate/register.js';
import { registerStatements } from './commands/statement/register.js';
import { registerTickets } from './commands/tickets/register.js';

/** The whole command line. Commands load their code when they run, so that --help stays quick. */
export function buildProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('trading-ops')
    .description(
      'The daily operations of a household that trades by hand.\nNO DATA / NO RECONCILE / NO CONFIRM / NO TRADE. It never places an order.',
    )
    .version(version)
    .option('--json', 'answer in JSON, for machines')
    .showHelpAfterError('(trading-ops --help lists the commands)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done or passed, 2 a gate said no, 64 wrong usage, 69 a service is unreachable, 1 a fault.\nThe day: run-0800, reconcile-daily, run-1400, then confirm or confirm-fills.',
    );
  for (const register of [
    registerRuntime,
    registerDesk,
    registerSetup,
    registerSchedules,
    registerHost,
    registerRuns,
    registerDay,
    registerAlerts,
    registerTickets,
    registerMarket,
    registerLedger,
    registerPerformance,
    registerStatements,
    registerGuard,
    registerOperator,
    registerRender,
    registerBackups,
    registerRestores,
    registerDemo,
    registerSimulate,
    registerDoctor,
    registerExplain,
    registerArtifacts,
  ])
    register(program);
  for (const command of everyCommand(program))
    command.exitOverride().configureOutput({ writeErr: (text) => print(process.stderr, linesOf(text)) });
  return program;
}

/** What commander says of wrong words, which it repeats whole. */
const linesOf = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => bounded(line, 300))
    .join('\n');

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/**
 * Runs one command of this process, to its end: what it says goes to the process's streams, how it ended to its exit
 * code.
 * @param words what was typed after the program's name
 */
export async function runProgram(words: string[]): Promise<void> {
  try {
    readSecretFiles(process.env);
    await buildProgram().parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(error, words.includes('--json'));
    // commander has printed what was wrong; --help and --version end here too, with exit code 0.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}
