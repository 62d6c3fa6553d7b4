import { doubtsOf, type Doubt } from '../../domain/ledger/doubt.js';
import { judgedSplits, splitName, splitsToJudge } from '../../domain/ledger/told-splits.js';
import { peakSinceReset } from '../../domain/ledger/equity.js';
import { valueAt } from '../../domain/ledger/value-day.js';
import type { BooksToValue, Quotes } from '../../domain/ledger/worth.js';
import { needsRate, type MarketView } from '../../domain/decision/decide.js';
import type { DecisionFacts } from '../../domain/decision/facts.js';
import { heldSymbols } from '../../domain/decision/portfolio.js';
import { assessQuality } from '../../domain/market/index.js';
import { marketWanted, pairsWanted } from '../../domain/market/wanted.js';
import { D } from '../../domain/money.js';
import type { GateResult, IsoDate } from '../../domain/types.js';
import { findingsOf } from '../../operations/day/market-findings.js';
import type { MemoryDesk } from './desk.js';

/** What an account decides on of the market, as it is known at the close of a date. */
export function viewOf({ rules, market, books }: MemoryDesk, asOfDate: IsoDate): MarketView & Hashes {
  const { policy, policyHash, universe, universeHash, account } = rules;
  const ledger = books.state();
  const wanted = marketWanted(universe, { baseCurrency: account.baseCurrency, units: ledger.units });
  const facts = market.facts({ asOfDate, ...wanted, renames: books.renames(asOfDate) });
  return { account, policy, policyHash, universe, universeHash, ledger, market: facts };
}

type Hashes = Pick<DecisionFacts, 'policyHash' | 'universeHash'>;

/** The data-quality gate of a morning; what the afternoon will find in the market, where that asks the same. */
export function assessMorning(desk: MemoryDesk, asOfDate: IsoDate): GateResult {
  const { policy, universe, account } = desk.rules;
  const view = viewOf(desk, asOfDate);
  const asksRate = pairsWanted(policy, universe, [account.account]).length > 0;
  if (asksRate === needsRate(view)) return findingsOf(view).quality;
  return assessQuality(view.market, universe, heldSymbols(view.ledger), policy, asksRate);
}

/**
 * Values the ledger at the close of a date; a drawdown at the limit engages the kill switch.
 * Nothing is valued while a held symbol has no price or rate that anybody may rely on.
 */
export function valueMorning(desk: MemoryDesk, asOfDate: IsoDate, quality: GateResult): void {
  const { books, rules } = desk;
  const { lastEntryId } = books.state();
  if (lastEntryId === null) return;
  const counted = booksToValue(desk, asOfDate);
  const found = valueAt(asOfDate, counted, {
    quotes: quotesOf(desk, counted, asOfDate),
    doubts: doubtsOf(quality.reasons),
    maxDrawdown: rules.policy.risk.max_drawdown,
  });
  if ('missing' in found) return;
  const { worth, index, stops } = found;
  desk.valued = { asOfDate, lastEntryId, equity: worth.equity, equityIndex: index.index, peakIndex: index.peak };
  if (!stops || desk.killSwitch.engaged) return;
  const fallen = D(index.drawdown).times(100).toFixed(2);
  desk.killSwitch = { engaged: true, reason: `drawdown of ${fallen} % at ${asOfDate}` };
}

/**
 * Resets the kill switch before the morning's run of a session that is so many after the one on which it was engaged:
 * a reset accepts the loss, and the peak counts from where the index stands (docs/RULES.md 2.7).
 * @param after sessions; null: nobody ever resets it
 */
export function resetWhereDue(desk: MemoryDesk, tradingDay: IsoDate, after: number | null): void {
  const { engaged, reason } = desk.killSwitch;
  if (!engaged || after === null) return;
  desk.morningsStopped += 1;
  if (desk.morningsStopped < after) return;
  desk.morningsStopped = 0;
  desk.killSwitch = { engaged: false, reason: null };
  desk.valued = desk.valued && { ...desk.valued, peakIndex: peakSinceReset(desk.valued, true) };
  desk.resets.push({ tradingDay, reason: reason ?? '' });
}

function booksToValue(
  { books, market, rules, valued }: MemoryDesk,
  asOfDate: IsoDate,
): BooksToValue & { previous: MemoryDesk['valued']; undecided: Doubt[] } {
  const ledger = books.state();
  const flows = valued === null ? { cash: '0', units: {} } : books.flowsSince(valued.lastEntryId);
  const held = Object.keys(ledger.units);
  const gone = Object.keys(flows.units).filter((symbol) => !held.includes(symbol));
  const told = books.splitsTold([...held, ...gone], {
    actionsOf: (symbol) => market.actionsOf([symbol], { from: '0001-01-01', to: asOfDate }),
    rulings: market.rulings,
    upTo: asOfDate,
  });
  const knownOf = new Map(
    splitsToJudge(told).map(({ symbol, exDate }) => [
      splitName({ symbol, exDate }),
      market.knownActionsAround(symbol, exDate, asOfDate),
    ]),
  );
  const { judged, onHold } = judgedSplits(told, knownOf);
  return {
    base: rules.account.baseCurrency,
    ledger,
    previous: valued,
    flows,
    held,
    gone,
    splits: told.flatMap((split) => judged.get(splitName(split)) ?? []),
    entries: told.length === 0 ? [] : books.entries,
    undecided: told.filter(({ booked }) => !booked).flatMap((split) => onHold.get(splitName(split)) ?? []),
  };
}

function quotesOf(
  { market, rules, currencyOf }: MemoryDesk,
  { held, gone }: Pick<BooksToValue, 'held' | 'gone'>,
  asOfDate: IsoDate,
): Quotes {
  const { baseCurrency: base } = rules.account;
  const symbols = [...held, ...gone];
  const today = market.quotesAt(symbols, { date: asOfDate, base, currencyOf });
  const without = symbols.filter((symbol) => !today.has(symbol));
  const pairOf = (symbol: string) => `${base}${currencyOf(symbol)}`;
  const lacking = without.filter(
    (symbol) => currencyOf(symbol) !== base && market.rateOf(pairOf(symbol), asOfDate) === null,
  );
  return {
    today,
    last: market.newestQuotes(
      without.filter((symbol) => gone.includes(symbol)),
      { date: asOfDate, base },
    ),
    lacking: new Map(lacking.map((symbol) => [symbol, pairOf(symbol)])),
  };
}
