import type { ActionRuling, CorporateAction } from '../types.js';

/**
 * Splits and dividends as a human ruled them: what never happened is left out, what was something else is that. An
 * action nobody ruled on stays as published.
 */
export function actionsAsRuled(actions: readonly CorporateAction[], rulings: readonly ActionRuling[]): CorporateAction[] {
  return actions.flatMap((action): CorporateAction[] => {
    const ruling = rulings.find((one) => one.symbol === action.symbol && one.exDate === action.exDate && one.kind === action.kind);
    if (!ruling) return [action];
    if (ruling.ruling === 'ignore' || ruling.value === null) return [];
    return [{ ...action, kind: ruling.ruling === 'split' ? 'SPLIT' : 'DIVIDEND', value: ruling.value }];
  });
}
