import type { Command } from 'commander';
import { printAnswer, printError, type Answer } from '../../kit/output.js';

/** Flags of the commands of the local runtime. */
export interface Flags {
  json?: boolean;
  worker?: boolean;
  follow?: boolean;
  lines?: string;
  owner?: boolean;
  only?: string;
}

/** The containers of the other runtime. */
export const composed = () => import('../host/compose.js');

/** Prints what the action answers (null: it has printed already), or its error. */
export async function answered(command: Command, action: (flags: Flags) => Promise<Answer | null>): Promise<void> {
  const flags = command.optsWithGlobals<Flags>();
  try {
    const answer = await action(flags);
    if (answer) printAnswer(answer, flags.json ?? false);
  } catch (error) {
    printError(error, flags.json ?? false);
  }
}
