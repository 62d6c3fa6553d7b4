import type { PerformanceReport } from '../../contract/performance.js';
import { sharesOf, type ShareSplit } from '../../domain/ledger/shares.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { valueOf } from '../../domain/ledger/valuation.js';
import { D, Decimal } from '../../domain/money.js';
import type { AttributedCloses } from '../../domain/performance/closes.js';
import { contributionsTo, type Period } from '../../domain/performance/contribution.js';
import { CONTRIBUTION_NAME } from '../../domain/performance/names.js';
import { flowsBySymbol, namesTogether, symbolPeriods } from '../../domain/performance/symbols.js';
import type { IsoDate } from '../../domain/types.js';
import type { MarketOfPeriod } from './facts.js';

/** The journal beside the closes, and the places of the period's ends among them. */
export interface Attributed extends AttributedCloses {
  journal: readonly BookedEntry[];
  first: number;
  last: number;
}

/** Holdings at a close: what each is worth in base currency, and what has no price there. */
interface Holdings {
  values: Map<string, Decimal>;
  without: string[];
}

/** Contributions of what was held, with what stands against them; and the symbols that have no price at an end. */
export function contributionsOf(
  attributed: Attributed,
  market: MarketOfPeriod,
  period: Period,
  baseCurrency: string,
): { contributions: PerformanceReport['contributions']; without: string[] } {
  const { journal, placeOf, first, last } = attributed;
  const nameOf = namesTogether(journal);
  const placed = journal.filter(({ entryId }) => {
    const place = placeOf.get(entryId);
    return place !== undefined && place > first && place <= last;
  });
  const flows = flowsBySymbol(placed, baseCurrency, nameOf);
  const [start, end] = [first, last].map((place) => holdingsAt(attributed, market, place)) as [Holdings, Holdings];
  const values = { start: start.values, end: end.values };
  const without = [...new Set([...start.without, ...end.without])];
  const isKnown = (name: string) => !without.some((symbol) => nameOf(symbol) === name);
  const symbols = symbolPeriods(flows, values, nameOf).filter(({ symbol }) => isKnown(symbol));
  const { interest, fees } = flows;
  const found = contributionsTo(period, symbols, { interest: interest.toFixed(), fees: fees.toFixed() });
  return {
    contributions: {
      formula: CONTRIBUTION_NAME,
      ...found,
      symbols: found.symbols
        .map((each) => ({ ...each, ...changesOf(each.symbol, market, { ...period, values }) }))
        .toSorted((a, b) => D(b.gain).cmp(D(a.gain))),
    },
    without,
  };
}

/**
 * What was held at a close, valued as the morning run values it: units in the shares that the close is in, each to the
 * penny. Splits count from their ex-dates on, booked or not.
 */
function holdingsAt({ journal, placeOf, closes }: Attributed, market: MarketOfPeriod, place: number): Holdings {
  const { date } = closes[place]!;
  const then = journal.filter(
    ({ entryId, kind, effectiveDate }) =>
      (placeOf.get(entryId) ?? closes.length) <= place || (kind === 'SPLIT' && effectiveDate <= date),
  );
  const units = unitsIn(then);
  const opened = journal.find(({ kind }) => kind === 'OPENING')?.effectiveDate ?? '';
  const holdings: Holdings = { values: new Map(), without: [] };
  for (const [symbol, summed] of units) {
    const series = market.seriesOf(symbol);
    const [price, fx] = [market.closeOn(symbol, date), market.rateOn(market.currencyOf(symbol), date)];
    const splits = splitsAfter(opened, symbol, market);
    // Most shares never split, and of those the sums say all.
    const counted =
      splits.length === 0
        ? summed
        : sharesOf(ofSymbol(then, symbol), symbol, splits, series?.basis === 'raw' ? date : undefined).units;
    if (counted.isZero()) continue;
    if (price === null || fx === null) holdings.without.push(symbol);
    else holdings.values.set(symbol, valueOf(counted, { price, fx, date, currency: market.currencyOf(symbol) }));
  }
  return holdings;
}

const splitsAfter = (opened: IsoDate, symbol: string, { splitsOf }: MarketOfPeriod): ShareSplit[] =>
  splitsOf(symbol)
    .filter(({ exDate }) => exDate > opened)
    .map(({ exDate, value }) => ({ symbol, exDate, ratio: value }));

function unitsIn(entries: readonly BookedEntry[]): Map<string, Decimal> {
  const units = new Map<string, Decimal>();
  for (const { postings } of entries)
    for (const { account, commodity, amount } of postings)
      if (account === 'Assets:Units') units.set(commodity, (units.get(commodity) ?? new Decimal(0)).plus(amount));
  return new Map([...units].filter(([, sum]) => !sum.isZero()));
}

/** The entries that say something of a symbol's shares; of one that others became, all of them. */
const ofSymbol = (entries: readonly BookedEntry[], symbol: string): readonly BookedEntry[] => {
  const became = entries.some(
    ({ kind, postings }) =>
      (kind === 'RENAME' || kind === 'STOCK_MERGER' || kind === 'SPIN_OFF') &&
      postings.some(({ commodity, account }) => account === 'Assets:Units' && commodity === symbol),
  );
  return became
    ? entries
    : entries.filter(
        (entry) =>
          entry.kind === 'OPENING' ||
          entry.symbol === symbol ||
          entry.postings.some(({ commodity }) => commodity === symbol),
      );
};

/** Change of a share's close and of its rate, of what was held under one name at both ends. */
function changesOf(
  symbol: string,
  market: MarketOfPeriod,
  { from, to, values }: { from: IsoDate; to: IsoDate; values: Record<'start' | 'end', ReadonlyMap<string, Decimal>> },
): { priceChange: number | null; currencyChange: number | null } {
  const [before, after] = [market.closeOn(symbol, from), market.closeOn(symbol, to)];
  const currency = market.currencyOf(symbol);
  const [rateBefore, rateAfter] = [market.rateOn(currency, from), market.rateOn(currency, to)];
  const isHeld = values.start.has(symbol) && values.end.has(symbol);
  if (!isHeld || before === null || after === null || rateBefore === null || rateAfter === null)
    return { priceChange: null, currencyChange: null };
  const isRaw = market.seriesOf(symbol)?.basis === 'raw';
  const ratio = market
    .splitsOf(symbol)
    .filter(({ exDate }) => isRaw && exDate > from && exDate <= to)
    .reduce((product, { value }) => product.times(D(value)), D(1));
  return {
    priceChange: D(after).times(ratio).div(D(before)).minus(1).toNumber(),
    currencyChange: D(rateBefore).div(D(rateAfter)).minus(1).toNumber(),
  };
}
