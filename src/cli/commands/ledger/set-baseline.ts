import type { Command } from 'commander';
import { resultOrThrow, usageError } from '../../../domain/errors.js';
import { problemText } from '../../../domain/problems.js';
import { positionsFromFlags } from '../../../domain/reconciliation/snapshot.js';
import { setBaseline, type BaselineSet } from '../../../operations/ledger/set-baseline.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { postingLines, reconcileAgain } from './booked.js';

/** Sets the ledger to the figures that the flags name. */
export async function setTo(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const input = { account: context.account.account, ...figuresOf(command) };
    return answerOf(context, resultOrThrow(await setBaseline(installationOf(context), askerOf(context), input)));
  });
}

function answerOf(context: Context, result: BaselineSet): Answer {
  if (result.entries.length === 0)
    return { data: result, lines: ['The ledger already says this; nothing changed.'], next: 'make ledger-report' };
  const booked = result.entries.flatMap(({ entryId, draft }) => [
    `${draft.kind} booked as entry ${entryId}${draft.symbol ? `, ${draft.symbol}` : ''}: ${draft.description}`,
    ...postingLines(draft),
  ]);
  return {
    data: result,
    lines: [...(result.opened ? ['The ledger was empty; this opened it.'] : []), ...booked],
    next: reconcileAgain(context),
  };
}

interface BaselineFlags {
  cash?: string;
  position: string[];
  cost: string[];
  date?: string;
  reason?: string;
}

/** The figures that the flags name; refused when one is not of the form SYMBOL=FIGURE, or a symbol stands twice. */
function figuresOf(command: Command) {
  const { position, cost, ...flags } = command.opts<BaselineFlags>();
  return {
    cash: flags.cash,
    date: flags.date,
    reason: flags.reason ?? '',
    positions: bySymbol('position', position),
    costs: bySymbol('cost', cost),
  };
}

function bySymbol(field: string, flags: string[]): Record<string, string> {
  const read = positionsFromFlags(flags, field);
  if ('positions' in read) return read.positions;
  throw usageError('ARGUMENT_INVALID', problemText(read.problems), { remedy: 'nothing was booked' });
}
