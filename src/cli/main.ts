#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { bounded } from '../domain/text.js';
import { EXIT } from './kit/exit.js';
import { readSecretFiles } from '../runtime/secret-files.js';
import { isNodeSupported, NODE_WANTED } from '../runtime/versions.js';
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
import { argumentsOfMake } from './kit/make-arguments.js';
import { registerPerformance } from './commands/performance/register.js';
import { registerMarket } from './commands/market/register.js';
import { endWithReader, print, printError } from './kit/output.js';
import { wasLost } from './kit/pulse.js';
import { registerRender } from './commands/render/register.js';
import { registerRestores } from './commands/restore/register.js';
import { registerRuns } from './commands/runs/register.js';
import { registerRuntime } from './commands/runtime/register.js';
import { registerSchedules } from './commands/schedules/register.js';
import { registerSetup } from './commands/setup/register.js';
import { registerSimulate } from './commands/simulate/register.js';
import { registerTickets } from './commands/tickets/register.js';

/** The whole command line. Commands load their code when they run, so that --help stays quick. */
function buildProgram(): Command {
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

async function main(): Promise<void> {
  const makePid = process.env['TRADING_OPS_MAKE_PID'];
  delete process.env['TRADING_OPS_MAKE_PID'];
  const words = [...process.argv, ...(makePid ? argumentsOfMake(makePid) : [])];
  try {
    readSecretFiles(process.env);
    await buildProgram().parseAsync(words);
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(error, process.argv.includes('--json'));
    // commander has printed what was wrong; --help and --version end here too, with exit code 0.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
}

// Whatever a command writes is for its owner; what others must read (units, secrets of containers) says so itself.
process.umask(0o077);

/** What a call says whose connection was closed under it: the command ends for another reason, and tells that. */
const LEFT_BEHIND = /Channel has been (?:shut down|closed)/;

/** What nobody waited for any more, of a server that went away meanwhile: no trace of it is for an operator to read. */
function endWithError(error: unknown): void {
  if (wasLost() || LEFT_BEHIND.test(String((error as Error | null)?.message))) return;
  printError(error, process.argv.includes('--json'));
  process.exit();
}

process.on('uncaughtException', endWithError).on('unhandledRejection', endWithError);
endWithReader(process.stdout);
endWithReader(process.stderr);
if (isNodeSupported(process.versions.node)) {
  await main();
  // Whatever still waits for a server that is stopped would keep this process for ever.
  if (wasLost()) process.exit();
} else {
  process.stderr.write(
    `NODE_TOO_OLD: Node ${process.versions.node} is not supported: trading-ops needs ${NODE_WANTED}\n`,
  );
  process.exitCode = EXIT.usage;
}
