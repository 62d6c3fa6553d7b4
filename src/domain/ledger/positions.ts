import { D, Decimal, pennies, toText } from '../money.js';
import { lastUpTo } from '../sorted.js';
import type { DecimalString, IsoDate } from '../types.js';
import type { EntryDraft, EntryKind, LedgerAccount, Posting } from './entries.js';
import { standingEntries, type BookedEntry } from './sums.js';

/** One symbol as the journal tells it. Amounts in base currency, pennies; null where the cost was never told. */
export interface Position {
  symbol: string;
  units: DecimalString;
  /** Pooled cost of the units still held. */
  cost: DecimalString | null;
  averageCost: DecimalString | null;
  /**
   * The part of the cost that entries name; `cost` has the opening's assumed value in it too, until a baseline names
   * it.
   */
  namedCost: DecimalString;
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
  /** Paid by the broker on the balance. */
  interest: DecimalString;
  fees: DecimalString;
  deposits: DecimalString;
  withdrawals: DecimalString;
}

/** The value of one unit of a symbol in base currency on the date the book was opened, or null when nobody knows. */
export type OpeningPrice = (symbol: string) => DecimalString | null;

interface Pool {
  units: Decimal;
  cost: Decimal | null;
  named: Decimal;
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
export function replayBook(
  entries: readonly BookedEntry[],
  baseCurrency: string,
  openingPrice: OpeningPrice = () => null,
): BookReport {
  const pools = new Map<string, Pool>();
  const standing = standingEntries(entries);
  for (const entry of standing) apply(pools, entry, baseCurrency, openingPrice);
  const sums = sumsOf(standing, baseCurrency);
  const total = (account: LedgerAccount, kind?: EntryDraft['kind']) =>
    sums.get(kind ? `${account} ${kind}` : account) ?? D(0);
  return {
    cash: toText(total('Assets:Cash')),
    positions: [...pools].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([symbol, pool]) => positionOf(symbol, pool)),
    realised: textOrNull(sumOrNull([...pools.values()].map((pool) => pool.realised))),
    dividendsGross: toText(total('Income:Dividends').neg()),
    withholdingTax: toText(total('Expenses:WithholdingTax')),
    interest: toText(total('Income:Interest').neg()),
    fees: toText(total('Expenses:Fees')),
    deposits: toText(total('Assets:Cash', 'DEPOSIT')),
    withdrawals: toText(total('Assets:Cash', 'WITHDRAWAL').neg()),
  };
}

/** What a book's trades came to by the end of a date, since it was opened. Base currency. */
export interface PoolTotals {
  /** Null when a disposal had no known cost. */
  realised: DecimalString | null;
  /** Pooled cost of what is held; null where it was never told. */
  cost: DecimalString | null;
}

/**
 * The totals of a book's pools at the ends of these dates, in one pass by the rules of `replayBook`: the difference of
 * two says what a time brought.
 * @param dates ascending
 */
export function poolTotals(
  entries: readonly BookedEntry[],
  baseCurrency: string,
  dates: readonly IsoDate[],
  openingPrice: OpeningPrice = () => null,
): PoolTotals[] {
  const pools = new Map<string, Pool>();
  return standingBetween(entries, dates).map((some) => {
    for (const entry of some) apply(pools, entry, baseCurrency, openingPrice);
    return {
      realised: textOrNull(sumOrNull([...pools.values()].map((pool) => pool.realised))),
      cost: textOrNull(sumOrNull([...pools.values()].map((pool) => pool.cost))),
    };
  });
}

/** What a book brought and cost beside trades by the end of a date, since it was opened. Base currency. */
export interface IncomeTotals {
  dividendsGross: DecimalString;
  withholdingTax: DecimalString;
  interest: DecimalString;
  fees: DecimalString;
}

/** The same of what a book brings and costs beside trades. @param dates ascending */
export function incomeTotals(
  entries: readonly BookedEntry[],
  baseCurrency: string,
  dates: readonly IsoDate[],
): IncomeTotals[] {
  const sums = new Map<string, Decimal>();
  return standingBetween(entries, dates).map((some) => {
    for (const [key, amount] of sumsOf(some, baseCurrency, INCOME)) sums.set(key, (sums.get(key) ?? D(0)).plus(amount));
    const total = (account: LedgerAccount) => sums.get(account) ?? D(0);
    return {
      dividendsGross: toText(total('Income:Dividends').neg()),
      withholdingTax: toText(total('Expenses:WithholdingTax')),
      interest: toText(total('Income:Interest').neg()),
      fees: toText(total('Expenses:Fees')),
    };
  });
}

/** The entries that stand, up to each of these dates and after the one before it. @param dates ascending */
function standingBetween(entries: readonly BookedEntry[], dates: readonly IsoDate[]): BookedEntry[][] {
  const standing = standingEntries(entries);
  let from = 0;
  return dates.map((date) => {
    const some = standing.slice(from, lastUpTo(standing, date, ({ effectiveDate }) => effectiveDate) + 1);
    from += some.length;
    return some;
  });
}

/** What a book brings and costs beside trades. */
const INCOME: readonly LedgerAccount[] = [
  'Income:Dividends',
  'Income:Interest',
  'Expenses:WithholdingTax',
  'Expenses:Fees',
];

const NONE = D(0);

const newPool = (): Pool => ({ units: NONE, cost: NONE, named: NONE, realised: NONE, dividends: NONE, tax: NONE });

function poolOf(pools: Map<string, Pool>, symbol: string): Pool {
  const pool = pools.get(symbol) ?? newPool();
  pools.set(symbol, pool);
  return pool;
}

const textOrNull = (value: Decimal | null) => (value === null ? null : toText(value));
const sumOrNull = (values: (Decimal | null)[]) =>
  values.reduce<Decimal | null>((sum, value) => (sum === null || value === null ? null : sum.plus(value)), D(0));

/** What came in from outside, or went there, is told apart from the rest of the cash. */
const TOLD_APART: readonly EntryKind[] = ['DEPOSIT', 'WITHDRAWAL'];

/**
 * Sums of a commodity by ledger account, and of deposits and withdrawals ("Assets:Cash DEPOSIT"), in one pass.
 * @param wanted accounts that are looked at; left out: all
 */
function sumsOf(
  entries: readonly EntryDraft[],
  commodity: string,
  wanted?: readonly LedgerAccount[],
): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  const add = (key: string, amount: Decimal) => sums.set(key, sums.get(key)?.plus(amount) ?? amount);
  for (const { kind, postings } of entries) {
    for (const posting of postings) {
      // What was traded is in the pools.
      if (posting.commodity !== commodity || posting.account === 'Equity:Trading') continue;
      if (wanted !== undefined && !wanted.includes(posting.account)) continue;
      add(posting.account, amountOf(posting));
      if (TOLD_APART.includes(kind)) add(`${posting.account} ${kind}`, amountOf(posting));
    }
  }
  return sums;
}

const amountOf = ({ amount }: Posting): Decimal => D(amount);

function totalOf({ postings }: EntryDraft, account: LedgerAccount, commodity: string): Decimal {
  let total: Decimal | null = null;
  for (const posting of postings) {
    if (posting.account !== account || posting.commodity !== commodity) continue;
    total = total === null ? amountOf(posting) : total.plus(posting.amount);
  }
  return total ?? NONE;
}

function apply(pools: Map<string, Pool>, entry: BookedEntry, base: string, openingPrice: OpeningPrice): void {
  if (isReorganisation(entry.kind)) return reorganise(pools, entry, base);
  for (const posting of entry.postings) {
    if (posting.account !== 'Assets:Units') continue;
    const moved = { symbol: posting.commodity, units: amountOf(posting) };
    changeUnits(poolOf(pools, moved.symbol), moved.units, changeOf(entry, moved, base, openingPrice));
  }
  if (entry.symbol === null) return;
  const pool = poolOf(pools, entry.symbol);
  if (entry.kind === 'BASELINE') nameCost(pool, totalOf(entry, 'Equity:Trading', base));
  if (entry.kind === 'RETURN_OF_CAPITAL') returnCapital(pool, totalOf(entry, 'Equity:Trading', base).neg());
  if (entry.kind === 'DIVIDEND') pool.dividends = pool.dividends.minus(totalOf(entry, 'Income:Dividends', base));
  if (entry.kind === 'DIVIDEND' || entry.kind === 'RETURN_OF_CAPITAL')
    pool.tax = pool.tax.plus(totalOf(entry, 'Expenses:WithholdingTax', base));
}

/** How an entry's units change the pool: bought for a cost, sold for proceeds, there at an assumed cost, or split. */
type Change =
  | { kind: 'bought'; cost: Decimal }
  | { kind: 'sold'; proceeds: Decimal }
  | { kind: 'assumed'; cost: Decimal | null }
  | { kind: 'split' };

/** Kinds that trade units for base currency; the units say in which direction. */
const TRADED: readonly EntryKind[] = ['FILL', 'CASH_MERGER', 'CASH_IN_LIEU', 'DELISTING'];

function changeOf(
  entry: BookedEntry,
  { symbol, units }: { symbol: string; units: Decimal },
  base: string,
  openingPrice: OpeningPrice,
): Change {
  if (entry.kind === 'SPLIT') return { kind: 'split' };
  if (TRADED.includes(entry.kind)) {
    const traded = totalOf(entry, 'Equity:Trading', base);
    return units.isNegative() ? { kind: 'sold', proceeds: traded.neg() } : { kind: 'bought', cost: traded };
  }
  const price = entry.kind === 'OPENING' ? openingPrice(symbol) : null;
  return { kind: 'assumed', cost: price === null ? null : pennies(units.times(D(price))) };
}

function changeUnits(pool: Pool, units: Decimal, change: Change): void {
  if (change.kind === 'bought') putIn(pool, change.cost, change.cost);
  else if (change.kind === 'sold') takeOut(pool, units, change.proceeds);
  else if (change.kind === 'assumed' && units.isNegative()) takeOut(pool, units, null);
  else if (change.kind === 'assumed') putIn(pool, change.cost, NONE);
  pool.units = pool.units.plus(units);
  if (pool.units.isZero()) startAfresh(pool);
}

/** An emptied pool starts afresh: an unknown cost leaves with the units it belonged to. */
const startAfresh = (pool: Pool): void => void Object.assign(pool, { cost: NONE, named: NONE });

/**
 * As long as entries name all of a pool's cost the two are one figure, and reckoned once; so when some is taken out.
 */
function putIn(pool: Pool, cost: Decimal | null, named: Decimal): void {
  const isOne = pool.cost === pool.named && cost === named;
  pool.named = pool.named.plus(named);
  pool.cost = isOne ? pool.named : pool.cost && cost && pool.cost.plus(cost);
}

/** Takes a share of the pool's cost out; without proceeds (a corrected baseline) nothing is realised. */
function takeOut(pool: Pool, units: Decimal, proceeds: Decimal | null): void {
  const isOne = pool.cost === pool.named;
  // An amended order of dates may sell before it buys: then there is no cost to take out yet.
  const share = pool.units.gt(0) ? units.neg().div(pool.units) : NONE;
  const named = pennies(pool.named.times(share));
  const out = isOne ? named : pool.cost && pennies(pool.cost.times(share));
  if (proceeds !== null) pool.realised = pool.realised && out && pool.realised.plus(proceeds.minus(out));
  pool.named = pool.named.minus(named);
  pool.cost = isOne ? pool.named : pool.cost && out && pool.cost.minus(out);
}

/** A baseline that names a cost settles the pool's cost, whatever was assumed for the opening. */
function nameCost(pool: Pool, delta: Decimal): void {
  if (delta.isZero()) return;
  pool.named = pool.named.plus(delta);
  pool.cost = pool.named;
}

/** What a company gave back is taken off the cost; beyond the cost it is realised. */
function returnCapital(pool: Pool, gross: Decimal): void {
  if (pool.cost === null) return;
  const off = Decimal.min(pool.cost, gross);
  pool.named = pool.cost.gt(0) ? pool.named.minus(pennies(pool.named.times(off).div(pool.cost))) : pool.named;
  pool.cost = pool.cost.minus(off);
  pool.realised = pool.realised && pool.realised.plus(gross.minus(off));
}

const isReorganisation = (kind: EntryKind): boolean =>
  kind === 'RENAME' || kind === 'STOCK_MERGER' || kind === 'SPIN_OFF';

/** Shares that became others take their cost along; what of it is set against cash is realised with that. */
function reorganise(pools: Map<string, Pool>, entry: BookedEntry, base: string): void {
  const units = entry.postings.filter(({ account }) => account === 'Assets:Units');
  const came = units.find(({ amount }) => D(amount).gt(0));
  if (came === undefined || entry.symbol === null) return;
  const [old, other] = [poolOf(pools, entry.symbol), poolOf(pools, came.commodity)];
  const gone = totalOf(entry, 'Assets:Units', entry.symbol).neg();
  const share = D(entry.costShare ?? '0');
  const leaving = entry.kind === 'SPIN_OFF' ? share : old.units.gt(0) ? gone.div(old.units) : D(0);
  const cost = old.cost && pennies(old.cost.times(leaving));
  const named = pennies(old.named.times(leaving));
  old.cost = old.cost && cost && old.cost.minus(cost);
  old.named = old.named.minus(named);
  old.units = old.units.minus(gone);
  const againstCash = entry.kind === 'STOCK_MERGER' ? share : D(0);
  const disposed = cost && pennies(cost.times(againstCash));
  const proceeds = totalOf(entry, 'Equity:Trading', base).neg();
  if (!proceeds.isZero() || !againstCash.isZero())
    old.realised = old.realised && disposed && old.realised.plus(proceeds.minus(disposed));
  putIn(other, cost && disposed && cost.minus(disposed), named.minus(pennies(named.times(againstCash))));
  other.units = other.units.plus(D(came.amount));
  if (!old.units.isZero()) return;
  startAfresh(old);
  if (entry.kind === 'RENAME') inherit(old, other);
}

/** The same company under its new name: what it ever brought is told under that. */
function inherit(old: Pool, other: Pool): void {
  other.realised = other.realised && old.realised && other.realised.plus(old.realised);
  other.dividends = other.dividends.plus(old.dividends);
  other.tax = other.tax.plus(old.tax);
  Object.assign(old, { realised: D(0), dividends: D(0), tax: D(0) });
}

function positionOf(symbol: string, pool: Pool): Position {
  const average = pool.cost === null || pool.units.isZero() ? null : pool.cost.div(pool.units).toDecimalPlaces(6);
  return {
    symbol,
    units: toText(pool.units),
    cost: textOrNull(pool.cost),
    averageCost: textOrNull(average),
    namedCost: toText(pool.named),
    realised: textOrNull(pool.realised),
    dividendsGross: toText(pool.dividends),
    withholdingTax: toText(pool.tax),
  };
}
