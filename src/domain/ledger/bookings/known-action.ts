import { refusal, refused, type Outcome } from '../../errors.js';
import type { KnownActions } from '../../market/actions.js';
import type { CorporateAction, IsoDate } from '../../types.js';

/** The stored action that may be booked; refused while it is held for review, or when no source has told of it. */
export function knownAction(
  { settled, holds }: KnownActions,
  kind: CorporateAction['kind'],
  symbol: string,
  exDate: IsoDate,
): Outcome<CorporateAction> {
  const found = settled.find((action) => action.kind === kind && action.symbol === symbol && action.exDate === exDate);
  if (found) return { ok: true, result: found };
  const hold = holds.find(({ action }) => action.symbol === symbol && action.exDate === exDate);
  if (hold) {
    const { kind: published } = hold.action;
    return refused(
      refusal('ACTION_NEEDS_REVIEW', `${published} of ${symbol}, ${exDate}, is held for review: ${hold.why}`, {
        remedy:
          `rule on it first: trading-ops actions rule --symbol ${symbol} --ex-date ${exDate} --kind ${published.toLowerCase()} ` +
          '--as cash_dividend|split|ignore --value <value> --reason "<why>"',
      }),
    );
  }
  return refused(
    refusal(
      'ACTION_UNKNOWN',
      `no ${kind.toLowerCase()} of ${symbol} with ex-date ${exDate} is stored, up to the as-of date`,
      {
        remedy:
          kind === 'SPLIT'
            ? 'make market-fetch, or give the ratio you read off the broker with --ratio'
            : 'make market-fetch, or give what arrived with --net',
      },
    ),
  );
}
