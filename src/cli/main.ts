#!/usr/bin/env node
import { EXIT } from './kit/exit.js';
import { argumentsOfMake } from './kit/make-arguments.js';
import { endWithReader, printError } from './kit/output.js';
import { wasLost } from './kit/pulse.js';
import { runProgram } from './program.js';
import { isNodeSupported, NODE_WANTED } from '../runtime/versions.js';

const makePid = process.env['TRADING_OPS_MAKE_PID'];
delete process.env['TRADING_OPS_MAKE_PID'];

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
  await runProgram([...process.argv.slice(2), ...(makePid ? argumentsOfMake(makePid) : [])]);
  // Whatever still waits for a server that is stopped would keep this process for ever.
  if (wasLost()) process.exit();
} else {
  process.stderr.write(
    `NODE_TOO_OLD: Node ${process.versions.node} is not supported: trading-ops needs ${NODE_WANTED}\n`,
  );
  process.exitCode = EXIT.usage;
}
