import type { Command } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { positionsFromFlags, problemText } from '../../../domain/reconciliation/snapshot.js';

interface BaselineFlags {
  cash?: string;
  position: string[];
  cost: string[];
  date?: string;
  reason?: string;
}

/** Shows the baseline, or sets what the flags name. */
export async function baseline(command: Command): Promise<void> {
  const { cash, position, cost } = command.opts<BaselineFlags>();
  const sets = cash !== undefined || position.length > 0 || cost.length > 0;
  if (sets) return (await import('./set-baseline.js')).setTo(command);
  return (await import('./show-baseline.js')).showBaseline(command);
}

/** The figures that the flags name; refused when one is not of the form SYMBOL=FIGURE, or a symbol stands twice. */
export function figuresOf(command: Command) {
  const { position, cost, ...flags } = command.opts<BaselineFlags>();
  return { cash: flags.cash, date: flags.date, reason: flags.reason ?? '', positions: bySymbol('position', position), costs: bySymbol('cost', cost) };
}

function bySymbol(field: string, flags: string[]): Record<string, string> {
  const read = positionsFromFlags(flags, field);
  if ('positions' in read) return read.positions;
  throw usageError('ARGUMENT_INVALID', problemText(read.problems), { remedy: 'nothing was booked' });
}
