import { D, pennies, toText, type Decimal } from '../money.js';
import type { DecimalString } from '../types.js';
import type { EntryDraft, LedgerAccount } from './entries.js';
import { standingEntries, type BookedEntry } from './sums.js';

/** One symbol as the journal tells it. Amounts in base currency, pennies; null where the cost was never told. */
export interface Position {
  symbol: string;
  units: DecimalString;
  /** Pooled cost of the units still held. */
  cost: DecimalString | null;
  averageCost: DecimalString | null;
  realised: DecimalString | null;
  dividendsGross: DecimalString;
  withholdingTax: DecimalString;
}

export interface BookReport {
  cash: DecimalString;
  positions: Position[];
  /** Everything ever realised; null when a disposal had no known cost. */
  realised: DecimalString | null;
  dividendsGross: DecimalString;
  withholdingTax: DecimalString;
  fees: DecimalString;
  deposits: DecimalString;
  withdrawals: DecimalString;
}

/** The value of one unit of a symbol in base currency on the date the book was opened, or null when nobody knows. */
export type OpeningPrice = (symbol: string) => DecimalString | null;

interface Pool {
  units: Decimal;
  cost: Decimal | null;
  realised: Decimal | null;
  dividends: Decimal;
  tax: Decimal;
}

/**
 * Replays the journal into positions with pooled cost: every purchase joins one pool a symbol, a disposal takes out
 * its share of the pool's cost (Section 104 holding: TCGA 1992 s.104, HMRC manual CG51550). The same-day and 30-day
 * matching rules (s.105, s.106A) are left out: this is the operator's view, not a tax computation. Reversed entries and
 * their reversals count for nothing; entries count in the order they took effect.
 * @param openingPrice values the opening's positions; without it their cost is unknown.
 */
export function replayBook(entries: readonly BookedEntry[], baseCurrency: string, openingPrice: OpeningPrice = () => null): BookReport {
  const pools = new Map<string, Pool>();
  const standing = standingEntries(entries);
  for (const entry of standing) apply(pools, entry, baseCurrency, openingPrice);
  const total = (account: LedgerAccount, kind?: EntryDraft['kind']) => totalOf(standing, account, baseCurrency, kind);
  return {
    cash: toText(total('Assets:Cash')),
    positions: [...pools].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([symbol, pool]) => positionOf(symbol, pool)),
    realised: textOrNull(sumOrNull([...pools.values()].map((pool) => pool.realised))),
    dividendsGross: toText(total('Income:Dividends').neg()),
    withholdingTax: toText(total('Expenses:WithholdingTax')),
    fees: toText(total('Expenses:Fees')),
    deposits: toText(total('Assets:Cash', 'DEPOSIT')),
    withdrawals: toText(total('Assets:Cash', 'WITHDRAWAL').neg()),
  };
}

const newPool = (): Pool => ({ units: D(0), cost: D(0), realised: D(0), dividends: D(0), tax: D(0) });
const textOrNull = (value: Decimal | null) => (value === null ? null : toText(value));
const sumOrNull = (values: (Decimal | null)[]) =>
  values.reduce<Decimal | null>((sum, value) => (sum === null || value === null ? null : sum.plus(value)), D(0));

function totalOf(entries: readonly EntryDraft[], account: LedgerAccount, commodity: string, kind?: EntryDraft['kind']): Decimal {
  return entries.filter((entry) => kind === undefined || entry.kind === kind)
    .flatMap((entry) => entry.postings)
    .filter((posting) => posting.account === account && posting.commodity === commodity)
    .reduce((sum, posting) => sum.plus(D(posting.amount)), D(0));
}

function apply(pools: Map<string, Pool>, entry: BookedEntry, base: string, openingPrice: OpeningPrice): void {
  for (const posting of entry.postings.filter(({ account }) => account === 'Assets:Units')) {
    const pool = pools.get(posting.commodity) ?? newPool();
    pools.set(posting.commodity, pool);
    changeUnits(pool, D(posting.amount), costOf(entry, posting.commodity, base, openingPrice));
  }
  if (entry.kind === 'DIVIDEND' && entry.symbol !== null) {
    const pool = pools.get(entry.symbol) ?? newPool();
    pools.set(entry.symbol, pool);
    pool.dividends = pool.dividends.minus(totalOf([entry], 'Income:Dividends', base));
    pool.tax = pool.tax.plus(totalOf([entry], 'Expenses:WithholdingTax', base));
  }
}

/** How an entry changes a pool: money that goes in with units or comes out for them; `none` leaves the cost alone. */
type Change = { kind: 'none' } | { kind: 'cost'; cost: Decimal | null } | { kind: 'proceeds'; proceeds: Decimal };

function costOf(entry: BookedEntry, symbol: string, base: string, openingPrice: OpeningPrice): Change {
  const units = totalOf([entry], 'Assets:Units', symbol);
  if (entry.kind === 'SPLIT') return { kind: 'none' };
  if (entry.kind === 'OPENING') {
    const price = openingPrice(symbol);
    return { kind: 'cost', cost: price === null ? null : pennies(units.times(D(price))) };
  }
  const traded = totalOf([entry], 'Equity:Trading', base);
  if (entry.kind === 'FILL' && units.isNegative()) return { kind: 'proceeds', proceeds: traded.neg() };
  if (entry.kind === 'FILL' || !traded.isZero()) return { kind: 'cost', cost: traded };
  return { kind: 'cost', cost: null };
}

function changeUnits(pool: Pool, units: Decimal, change: Change): void {
  const share = pool.units.isZero() ? D(0) : units.neg().div(pool.units);
  if (change.kind === 'proceeds') {
    const out = pool.cost === null ? null : pennies(pool.cost.times(share));
    pool.realised = pool.realised === null || out === null ? null : pool.realised.plus(change.proceeds.minus(out));
    pool.cost = pool.cost === null || out === null ? null : pool.cost.minus(out);
  } else if (change.kind === 'cost') {
    // A baseline that takes units away without naming a cost takes its share of the pool's.
    const added = change.cost ?? (units.isNegative() && pool.cost !== null ? pennies(pool.cost.times(share)).neg() : null);
    pool.cost = pool.cost === null || added === null ? null : pool.cost.plus(added);
  }
  pool.units = pool.units.plus(units);
  // An emptied pool starts afresh: an unknown cost leaves with the units it belonged to.
  if (pool.units.isZero()) pool.cost = D(0);
}

function positionOf(symbol: string, pool: Pool): Position {
  const average = pool.cost === null || pool.units.isZero() ? null : pool.cost.div(pool.units).toDecimalPlaces(6);
  return {
    symbol, units: toText(pool.units), cost: textOrNull(pool.cost), averageCost: textOrNull(average),
    realised: textOrNull(pool.realised), dividendsGross: toText(pool.dividends), withholdingTax: toText(pool.tax),
  };
}
