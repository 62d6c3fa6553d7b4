import { groupBy } from '../../group.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D } from '../../money.js';
import { byText } from '../../order.js';
import type { StatementEvent } from '../statement.js';
import type { Period } from './edges.js';
import { movedBy, onlyOnce, type LedgerFacts } from './facts.js';
import { setTogether } from './paid.js';

/*
 * A baseline that took in a trade has the trade's date, which is London's: of a day that the statement tells in part it
 * is of the statement that tells the trade.
 */

/** Baselines of a day that a statement tells in part, by whose trade they took in. */
export interface EdgeBaselines {
  own: ReadonlySet<BookedEntry>;
  /** Those of a trade that another statement tells, from before the period or after it. */
  elsewhere: ReadonlySet<BookedEntry>;
}

/**
 * Baselines of the first and the last day, where those are told in part, of the very date and units of a trade; each of
 * one trade, in the order in which both came, with what was set together with it.
 */
export function edgeBaselines(
  standing: readonly BookedEntry[],
  events: readonly StatementEvent[],
  { first, last, startsWhole, endsWhole }: Period,
  { entries, tradesBeside, baseCurrency }: Pick<LedgerFacts, 'entries' | 'tradesBeside' | 'baseCurrency'>,
): EdgeBaselines {
  const days = [...(startsWhole ? [] : [first]), ...(endsWhole ? [] : [last])];
  const isOfDays = (date: string) => days.includes(date);
  const baselines = standing.filter(({ kind, effectiveDate }) => kind === 'BASELINE' && isOfDays(effectiveDate));
  if (baselines.length === 0) return { own: new Set(), elsewhere: new Set() };
  const trades = [...events, ...tradesBeside].filter(
    ({ kind, date }) => (kind === 'OPEN' || kind === 'CLOSE') && isOfDays(date),
  );
  const keyOf = (date: string, symbol: string | null, units: string) => `${date} ${symbol} ${units}`;
  const waiting = groupBy(
    baselines.filter(({ symbol }) => symbol !== null),
    (entry) => keyOf(entry.effectiveDate, entry.symbol, movedBy(entry, 'Assets:Units', entry.symbol ?? '').toString()),
  );
  const isOwn = new Set(events);
  const setOf = setTogether(entries, baseCurrency);
  const found = onlyOnce(trades)
    .toSorted((a, b) => byText(a.at, b.at))
    .flatMap((trade) => {
      const units = D(trade.units ?? 0).times(trade.kind === 'OPEN' ? 1 : -1);
      const entry = waiting.get(keyOf(trade.date, trade.symbol, units.toString()))?.shift();
      return entry ? [{ entry, isOwn: isOwn.has(trade) }] : [];
    });
  const withCash = (those: typeof found) => {
    const sets = new Set(those.map(({ entry }) => setOf(entry)));
    const units = new Set(those.map(({ entry }) => entry));
    return new Set(baselines.filter((entry) => units.has(entry) || (entry.symbol === null && sets.has(setOf(entry)))));
  };
  return {
    own: withCash(found.filter((each) => each.isOwn)),
    elsewhere: withCash(found.filter((each) => !each.isOwn)),
  };
}
