import { listActions, listRulings } from '../../db/actions.js';
import type { Db } from '../../db/connect.js';
import { storedHistories } from '../../db/market-facts.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import type { Policy } from '../../domain/policy/policy.js';
import { dividendTypeOf } from '../../domain/market/dividend-types.js';
import { detectHolds } from '../../domain/market/index.js';
import type { ActionRuling, CorporateAction, DecimalString, Instant, IsoDate } from '../../domain/types.js';

/** A published split or dividend, what a human ruled on it, and why it is held (null when it is not). */
export interface JudgedAction extends CorporateAction {
  ruling: ActionRuling['ruling'] | null;
  ruledValue: DecimalString | null;
  held: string | null;
}

/** The actions of the policy's provider with ex-dates from `since` to `to`, each judged against the stored prices, oldest first. */
export async function judgedActions(
  db: Db,
  policy: Policy,
  { symbols, since, to }: { symbols?: string[]; since: IsoDate; to: IsoDate },
): Promise<JudgedAction[]> {
  const { provider } = policy.market_data;
  const actions = await listActions(db, { source: provider, ...(symbols && { symbols }), from: since, to });
  const named = [...new Set(actions.map(({ symbol }) => symbol))];
  const rulings = await listRulings(db, named);
  const stored = await storedHistories(db, { source: provider, symbols: named, from: since, to });
  const holds = detectHolds(stored.histories, actions, rulings, policy.data_quality, stored.basis ?? 'raw');
  return actions.map((action) => {
    const ruling = rulings.find(
      (one) =>
        one.symbol === action.symbol &&
        one.exDate === action.exDate &&
        one.kind === action.kind &&
        dividendTypeOf(one) === dividendTypeOf(action),
    );
    return {
      ...action,
      ruling: ruling?.ruling ?? null,
      ruledValue: ruling?.value ?? null,
      held: holds.find((hold) => hold.action === action)?.why ?? null,
    };
  });
}

/** The same up to the as-of date of an instant. */
export const judgedUpTo = (
  db: Db,
  policy: Policy,
  { at, ...from }: { symbols?: string[]; since: IsoDate; at: Instant },
): Promise<JudgedAction[]> => judgedActions(db, policy, { ...from, to: asOfDate(tradingDayOf(at), policy.calendar) });
