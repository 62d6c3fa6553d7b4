import type { Command } from 'commander';
import type { RuleAction } from '../../../contract/rulings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { ruleAction } from '../../../operations/market/rule.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';

interface RuleFlags extends Pick<RuleAction, 'symbol' | 'exDate' | 'as' | 'value' | 'reason'> {
  kind: 'split' | 'dividend';
}

/** Records what a human decided about an action. */
export async function rule(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, exDate, kind, as, value, reason } = command.opts<RuleFlags>();
    const input: RuleAction = {
      account: context.account.account,
      symbol,
      exDate,
      kind: kind === 'split' ? 'SPLIT' : 'DIVIDEND',
      as,
      value,
      reason,
    };
    const ruled = resultOrThrow(await ruleAction(installationOf(context), askerOf(context), input));
    return {
      data: ruled,
      lines: [
        `${symbol} ${exDate}: the published ${kind} counts as ${as}${ruled.value === null ? '' : ` of ${ruled.value}`}, ruled by ${ruled.operator}.`,
      ],
      next: 'make data-quality',
    };
  });
}
