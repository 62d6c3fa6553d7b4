import { refused, usageError, type Outcome } from '../errors.js';
import type { ActionRuling, CorporateAction, DecimalString } from '../types.js';

/** What somebody says an action really was. */
export interface RulingCommand {
  symbol: string;
  exDate: string;
  /** As it was published. */
  kind: CorporateAction['kind'];
  as: ActionRuling['ruling'];
  /** Cash a share, or new shares for one old share; the published figure when left out. */
  value: DecimalString | null;
}

/**
 * The ruling, with its figure: the given one, or the published one where the ruling confirms the published kind, for nobody
 * else can know it.
 * @param published what is stored of the symbol on that date, by the policy's provider.
 */
export function planRuling(
  { symbol, exDate, kind, as, value }: RulingCommand,
  published: readonly CorporateAction[],
): Outcome<ActionRuling> {
  const ruling = (figure: DecimalString | null): Outcome<ActionRuling> => ({
    ok: true,
    result: { symbol, exDate, kind, ruling: as, value: figure },
  });
  if (as === 'ignore') return value === null ? ruling(null) : refused(unexpected(value));
  if (value !== null) return ruling(value);
  const confirms = (kind === 'SPLIT') === (as === 'split');
  const found = published.find(
    (action) => action.kind === kind && action.symbol === symbol && action.exDate === exDate,
  );
  if (confirms && found) return ruling(found.value);
  const word = kind.toLowerCase();
  const why = confirms
    ? `no ${word} of ${symbol} on ${exDate} was published`
    : `the published ${word} is no measure of a ${as}`;
  return refused(
    usageError('VALUE_MISSING', `value: must be given: ${why}`, {
      remedy: as === 'split' ? 'add --value <new shares per old share>' : 'add --value <cash a share>',
    }),
  );
}

const unexpected = (value: DecimalString) =>
  usageError(
    'VALUE_UNEXPECTED',
    `value: ${value}: must be left out with --as ignore, which says that nothing happened`,
  );
