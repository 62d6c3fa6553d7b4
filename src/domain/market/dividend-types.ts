import { D, toText } from '../money.js';
import type { CorporateAction, DividendType } from '../types.js';
import { groupBy } from '../group.js';

type Told = Pick<CorporateAction, 'symbol' | 'exDate' | 'kind' | 'source' | 'value' | 'currency' | 'dividendType'>;

/** Which dividend an action is; the regular one where nobody says it. */
export const dividendTypeOf = ({
  dividendType = 'regular',
}: {
  dividendType?: DividendType | undefined;
}): DividendType => dividendType;

/**
 * Tells the dividends of one answer, symbol and ex-date apart, so that each has its own type whatever the order of
 * the rows. What a source calls by a type keeps it. Of those it does not, the smallest is the regular one and the
 * others together a special one; where the regular one is named they are all special. Those of one type and currency
 * are one payment: their sum.
 * @param actions of any symbols and dates, none of them told twice.
 */
export function typedDividends<Action extends Told>(actions: readonly Action[]): Action[] {
  const days = groupBy(
    actions.filter(({ kind }) => kind === 'DIVIDEND'),
    ({ source, symbol, exDate }) => `${source} ${symbol} ${exDate}`,
  );
  const several = new Map(
    [...days.values()]
      .filter(({ length }) => length > 1)
      .flatMap((ofDay) => merged(ofDay).map((each) => [each.of, each])),
  );
  const shared = new Set([...days.values()].filter(({ length }) => length > 1).flat());
  return actions.flatMap((action) => {
    if (!shared.has(action)) return [plain(action, dividendTypeOf(action))];
    const found = several.get(action);
    return found ? [plain({ ...action, value: found.value }, found.type)] : [];
  });
}

interface Merged<Action> {
  /** The action it stands in the place of. */
  of: Action;
  type: DividendType;
  value: string;
}

function merged<Action extends Told>(ofDay: readonly Action[]): Merged<Action>[] {
  const bySize = ofDay.toSorted((a, b) => D(a.value).comparedTo(D(b.value)));
  const named = bySize.some(({ dividendType }) => dividendType === 'regular');
  const regular = named ? undefined : bySize.find(({ dividendType }) => dividendType === undefined);
  const groups = new Map<string, Merged<Action>>();
  for (const action of bySize) {
    const type = action.dividendType ?? (action === regular ? 'regular' : 'special');
    const group = `${type} ${action.currency ?? ''}`;
    const before = groups.get(group);
    if (before) before.value = toText(D(before.value).plus(D(action.value)));
    else groups.set(group, { of: action, type, value: action.value });
  }
  return [...groups.values()];
}

/** The regular one goes without a type, as it was stored before there were several. */
function plain<Action extends Told>(action: Action, type: DividendType): Action {
  const { dividendType: _told, ...rest } = action;
  return (type === 'regular' ? rest : { ...rest, dividendType: type }) as Action;
}
