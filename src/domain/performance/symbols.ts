import type { EntryKind, LedgerAccount } from '../ledger/entries.js';
import type { BookedEntry } from '../ledger/sums.js';
import { D, toText, type Decimal } from '../money.js';
import { byText } from '../order.js';
import type { DecimalString } from '../types.js';
import type { SymbolPeriod } from './contribution.js';

/** What flowed between a symbol and the cash of an account. */
interface SymbolFlows {
  bought: Decimal;
  sold: Decimal;
  dividends: Decimal;
  fees: Decimal;
}

/** What the journal says of a period, beside the values at its ends. */
export interface PeriodFlows {
  symbols: Map<string, SymbolFlows>;
  interest: Decimal;
  /** About no symbol. */
  fees: Decimal;
}

/**
 * Under which name shares are told that became others: a rename and a merger under the new one, a spin-off with the
 * old.
 */
export type NameOf = (symbol: string) => string;

/**
 * Names that belong together, for what was one holding and became another brought its gain with it: nothing was bought
 * or sold when a name changed. A spin-off is told as `OLD + NEW`.
 */
export function namesTogether(entries: readonly BookedEntry[]): NameOf {
  const taken = new Set(entries.map(({ reversesEntryId }) => reversesEntryId));
  const label = new Map<string, string>();
  const labelOf = (symbol: string) => label.get(symbol) ?? symbol;
  for (const { entryId, kind, symbol, postings } of entries) {
    if (taken.has(entryId) || symbol === null) continue;
    if (kind !== 'RENAME' && kind !== 'STOCK_MERGER' && kind !== 'SPIN_OFF') continue;
    const came = postings.find(({ account, amount }) => account === 'Assets:Units' && D(amount).gt(0))?.commodity;
    if (came === undefined) continue;
    const [old, other] = [labelOf(symbol), labelOf(came)];
    const joined = kind === 'SPIN_OFF' ? `${old} + ${other}` : other;
    for (const name of [symbol, came, ...label.keys()])
      if (labelOf(name) === old || labelOf(name) === other) label.set(name, joined);
  }
  return labelOf;
}

/**
 * What flowed in these entries by symbol: cost of purchases, proceeds of sales and of what companies paid out for
 * shares, dividends after tax, fees about a symbol; and interest and the other fees. Entries and what took them back
 * cancel each other.
 */
export function flowsBySymbol(entries: readonly BookedEntry[], baseCurrency: string, nameOf: NameOf): PeriodFlows {
  const flows: PeriodFlows = { symbols: new Map(), interest: D(0), fees: D(0) };
  const of = (symbol: string): SymbolFlows => {
    const name = nameOf(symbol);
    const found = flows.symbols.get(name) ?? { bought: D(0), sold: D(0), dividends: D(0), fees: D(0) };
    flows.symbols.set(name, found);
    return found;
  };
  for (const entry of entries) {
    const sums = sumsOf(entry, baseCurrency);
    const [fees, interest] = [sums['Expenses:Fees'], sums['Income:Interest']];
    if (interest) flows.interest = flows.interest.minus(interest);
    if (entry.symbol === null) {
      if (fees) flows.fees = flows.fees.plus(fees);
      continue;
    }
    const own = of(entry.symbol);
    const [dividends, tax] = [sums['Income:Dividends'], sums['Expenses:WithholdingTax']];
    if (fees) own.fees = own.fees.plus(fees);
    if (dividends) own.dividends = own.dividends.minus(dividends);
    if (tax) own.dividends = own.dividends.minus(tax);
    const traded = sums['Equity:Trading'];
    // What was named as a cost by hand moved no cash.
    if (!traded || traded.isZero() || !sums['Assets:Cash'] || sums['Assets:Cash'].isZero()) continue;
    const hasUnits = entry.postings.some(({ account }) => account === 'Assets:Units');
    if (!hasUnits) own.dividends = own.dividends.minus(traded);
    else if (isPurchase(entry.kind, traded)) own.bought = own.bought.plus(traded);
    else own.sold = own.sold.minus(traded);
  }
  return flows;
}

/** Money that went into shares; of a reversal, that a purchase was taken back. */
const isPurchase = (kind: EntryKind, traded: Decimal): boolean => traded.gt(0) === (kind !== 'REVERSAL');

/** The sums of an entry in a currency, by ledger account; none where it has nothing of one. */
function sumsOf({ postings }: BookedEntry, currency: string): Partial<Record<LedgerAccount, Decimal>> {
  const sums: Partial<Record<LedgerAccount, Decimal>> = {};
  for (const { account, commodity, amount } of postings)
    if (commodity === currency) sums[account] = sums[account]?.plus(amount) ?? D(amount);
  return sums;
}

/**
 * Each symbol's period: values at both ends, and what flowed. Symbols that neither were held nor moved are left out.
 * @param values base currency at the first and at the last close, by symbol
 */
export function symbolPeriods(
  { symbols }: PeriodFlows,
  values: { start: ReadonlyMap<string, Decimal>; end: ReadonlyMap<string, Decimal> },
  nameOf: NameOf,
): SymbolPeriod[] {
  const valueAt = (at: ReadonlyMap<string, Decimal>, name: string) =>
    [...at].filter(([symbol]) => nameOf(symbol) === name).reduce((sum, [, value]) => sum.plus(value), D(0));
  const names = new Set([...symbols.keys(), ...[...values.start.keys(), ...values.end.keys()].map(nameOf)]);
  const text = (amount: Decimal | undefined): DecimalString => toText(amount ?? D(0));
  return [...names].toSorted(byText).map((symbol) => {
    const flows = symbols.get(symbol);
    return {
      symbol,
      start: text(valueAt(values.start, symbol)),
      end: text(valueAt(values.end, symbol)),
      bought: text(flows?.bought),
      sold: text(flows?.sold),
      dividends: text(flows?.dividends),
      fees: text(flows?.fees),
    };
  });
}
