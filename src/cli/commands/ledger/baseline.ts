import type { Command } from 'commander';

/** Shows the baseline, or sets what the flags name. */
export async function baseline(command: Command): Promise<void> {
  const { cash, position, cost } = command.opts<{ cash?: string; position: string[]; cost: string[] }>();
  const sets = cash !== undefined || position.length > 0 || cost.length > 0;
  if (sets) return (await import('./set-baseline.js')).setTo(command);
  return (await import('./show-baseline.js')).showBaseline(command);
}
