import type { Command } from 'commander';
import type { RuleAction } from '../../../contract/rulings.js';
import { resultOrThrow, usageError } from '../../../domain/errors.js';
import { ruleAction } from '../../../operations/market/rule.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';

interface RuleFlags extends Pick<RuleAction, 'symbol' | 'exDate' | 'type' | 'as' | 'value' | 'reason'> {
  kind?: 'split' | 'dividend' | 'jump';
}

/** Records what a human decided about an action or a jump. */
export async function rule(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, exDate, kind, type, as, value, reason } = command.opts<RuleFlags>();
    const input: RuleAction = {
      account: context.account.account,
      symbol,
      exDate,
      kind: kindOf(kind, as),
      type,
      as,
      value,
      reason,
    };
    const ruled = resultOrThrow(await ruleAction(installationOf(context), askerOf(context), input));
    return {
      data: ruled,
      lines: [`${ruled.says}, ruled by ${ruled.operator}.`],
      next: 'make data-quality',
    };
  });
}

const KINDS = { split: 'SPLIT', dividend: 'DIVIDEND', jump: 'JUMP' } as const;

/** Only a jump goes without saying: it is all that can be called genuine. */
function kindOf(kind: RuleFlags['kind'], as: RuleAction['as']): RuleAction['kind'] {
  if (kind !== undefined) return KINDS[kind];
  if (as === 'genuine') return 'JUMP';
  throw usageError(
    'VALUE_MISSING',
    `kind: must be given with --as ${as}: split or dividend as it was published, or jump`,
    {
      remedy: 'trading-ops actions list --on-hold',
    },
  );
}
