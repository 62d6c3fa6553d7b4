import { D, Decimal, pennies, toText } from '../money.js';
import type { DecimalString, DividendType, IsoDate, Side } from '../types.js';
import { US_WITHHOLDING } from './withholding.js';

export type Book = 'ledger' | 'paper';
/** What may be booked; the schema checks the same names. */
export const ENTRY_KINDS = [
  'OPENING',
  'DEPOSIT',
  'WITHDRAWAL',
  'DIVIDEND',
  'RETURN_OF_CAPITAL',
  'INTEREST',
  'SPLIT',
  'RENAME',
  'CASH_MERGER',
  'STOCK_MERGER',
  'SPIN_OFF',
  'CASH_IN_LIEU',
  'DELISTING',
  'FEE',
  'FILL',
  'REVERSAL',
  'BASELINE',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
/** The chart of accounts; the schema checks the same names. */
export type LedgerAccount =
  | 'Assets:Cash'
  | 'Assets:Units'
  | 'Equity:Opening'
  | 'Equity:Transfers'
  | 'Equity:Trading'
  | 'Equity:Splits'
  | 'Equity:Reorganisations'
  | 'Income:Dividends'
  | 'Income:Interest'
  | 'Expenses:WithholdingTax'
  | 'Expenses:Fees';

/** One line of an entry: debit positive, credit negative, of a currency (pennies) or a symbol (units, 6 decimals). */
export interface Posting {
  account: LedgerAccount;
  commodity: string;
  amount: DecimalString;
}

/** An entry before it is booked; within it every commodity sums to zero. */
export interface EntryDraft {
  kind: EntryKind;
  effectiveDate: IsoDate;
  description: string;
  symbol: string | null;
  postings: Posting[];
  /**
   * Of a spin-off: the fraction of the old holding's cost that goes to the new shares; of a stock merger: that the
   * cash is set against.
   */
  costShare?: DecimalString;
}

/** Units as the journal keeps them: 6 decimals, half to even. */
export const roundUnits = (units: Decimal): Decimal => units.toDecimalPlaces(6, Decimal.ROUND_HALF_EVEN);

/** An amount that must be above zero; a RangeError names it. */
export const positive = (name: string, text: DecimalString): Decimal => {
  const value = D(text);
  if (!value.gt(0)) throw new RangeError(`${name}: ${text}: must be above 0`);
  return value;
};

/** Moves `amount` from one account to another; nothing when it is zero, for a posting of zero says nothing. */
export function move(commodity: string, amount: Decimal, to: LedgerAccount, from: LedgerAccount): Posting[] {
  if (amount.isZero()) return [];
  return [
    { account: to, commodity, amount: toText(amount) },
    { account: from, commodity, amount: toText(amount.neg()) },
  ];
}

/**
 * Opens a book with what the broker shows: cash in base currency (pennies) and units by symbol.
 * @returns null when the snapshot is empty: there is nothing to open with.
 */
export function openingEntry(opening: {
  date: IsoDate;
  baseCurrency: string;
  cash: DecimalString;
  positions: Record<string, DecimalString>;
  description?: string;
}): EntryDraft | null {
  const postings = [
    ...move(opening.baseCurrency, pennies(D(opening.cash)), 'Assets:Cash', 'Equity:Opening'),
    ...Object.keys(opening.positions)
      .toSorted()
      .flatMap((symbol) =>
        move(symbol, roundUnits(D(opening.positions[symbol] ?? '0')), 'Assets:Units', 'Equity:Opening'),
      ),
  ];
  if (postings.length === 0) return null;
  const description = opening.description ?? `Opening from the snapshot of ${opening.date}`;
  return { kind: 'OPENING', effectiveDate: opening.date, description, symbol: null, postings };
}

/** Corrects cash by a signed amount (pennies), against opening equity: a baseline is neither income nor a transfer. */
export function baselineCashEntry(input: {
  date: IsoDate;
  baseCurrency: string;
  delta: DecimalString;
  description: string;
}): EntryDraft {
  const postings = move(input.baseCurrency, pennies(D(input.delta)), 'Assets:Cash', 'Equity:Opening');
  return { kind: 'BASELINE', effectiveDate: input.date, description: input.description, symbol: null, postings };
}

/**
 * Corrects one symbol by signed units and, where known, its cost by a signed amount in base currency. Cost of a
 * holding is what Equity:Trading holds in base currency, exactly as a BUY leaves it.
 */
export function baselinePositionEntry(input: {
  date: IsoDate;
  baseCurrency: string;
  symbol: string;
  units: DecimalString;
  cost: DecimalString | null;
  description: string;
}): EntryDraft {
  const cost = input.cost === null ? D(0) : pennies(D(input.cost));
  const postings = [
    ...move(input.symbol, roundUnits(D(input.units)), 'Assets:Units', 'Equity:Opening'),
    ...move(input.baseCurrency, cost, 'Equity:Trading', 'Equity:Opening'),
  ];
  return {
    kind: 'BASELINE',
    effectiveDate: input.date,
    description: input.description,
    symbol: input.symbol,
    postings,
  };
}

export interface CashMovement {
  date: IsoDate;
  baseCurrency: string;
  /** Base currency, above zero. */
  amount: DecimalString;
  notes?: string | null;
}

const withNotes = (text: string, notes: string | null | undefined) => (notes ? `${text}: ${notes}` : text);

/** Money paid in. */
export function depositEntry({ date, baseCurrency, amount, notes }: CashMovement): EntryDraft {
  const postings = move(baseCurrency, pennies(positive('amount', amount)), 'Assets:Cash', 'Equity:Transfers');
  return { kind: 'DEPOSIT', effectiveDate: date, description: withNotes('Deposit', notes), symbol: null, postings };
}

/** Money paid out. */
export function withdrawalEntry({ date, baseCurrency, amount, notes }: CashMovement): EntryDraft {
  const postings = move(baseCurrency, pennies(positive('amount', amount)), 'Equity:Transfers', 'Assets:Cash');
  return {
    kind: 'WITHDRAWAL',
    effectiveDate: date,
    description: withNotes('Withdrawal', notes),
    symbol: null,
    postings,
  };
}

/** A fee the broker took from cash. */
export function feeEntry(
  { date, baseCurrency, amount, notes }: CashMovement,
  symbol: string | null = null,
): EntryDraft {
  const postings = move(baseCurrency, pennies(positive('amount', amount)), 'Expenses:Fees', 'Assets:Cash');
  return { kind: 'FEE', effectiveDate: date, description: withNotes('Fee', notes), symbol, postings };
}

/** Interest that the broker paid on the balance, what arrived: income, and no deposit. */
export function interestEntry({ date, baseCurrency, amount, notes }: CashMovement): EntryDraft {
  const postings = move(baseCurrency, pennies(positive('amount', amount)), 'Assets:Cash', 'Income:Interest');
  return { kind: 'INTEREST', effectiveDate: date, description: withNotes('Interest', notes), symbol: null, postings };
}

export interface DividendAmounts {
  gross: Decimal;
  tax: Decimal;
  net: Decimal;
}

/**
 * What a dividend brings in base currency, in pennies: gross = units × amount / fx, tax = gross × rate, net the rest.
 * @param dividend units held before the ex-date; amount per share in listing currency; fx in listing currency per unit of base.
 */
export function dividendAmounts(dividend: {
  units: DecimalString;
  amount: DecimalString;
  fx: DecimalString;
  withholding?: DecimalString;
}): DividendAmounts {
  const gross = pennies(D(dividend.units).times(D(dividend.amount)).div(positive('fx', dividend.fx)));
  const tax = pennies(gross.times(D(dividend.withholding ?? US_WITHHOLDING)));
  return { gross, tax, net: gross.minus(tax) };
}

/** Amounts of a dividend of which the operator read the net amount off the broker: gross = net / (1 − rate). */
export function dividendFromNet(net: DecimalString, withholding: DecimalString = US_WITHHOLDING): DividendAmounts {
  const received = pennies(positive('net', net));
  const gross = pennies(received.div(D(1).minus(D(withholding))));
  return { gross, tax: gross.minus(received), net: received };
}

/**
 * Books a dividend: gross as income, tax as expense, the net amount to cash. A return of capital is no income: its
 * gross
 * amount is taken off the holding's cost (TCGA 1992 s.122).
 */
export function dividendEntry(input: {
  date: IsoDate;
  exDate: IsoDate;
  baseCurrency: string;
  symbol: string;
  amounts: DividendAmounts;
  /** The regular one when left out. */
  type?: DividendType;
  notes?: string | null;
}): EntryDraft {
  const { gross, tax, net } = input.amounts;
  if (!gross.gt(0)) throw new RangeError(`dividend of ${input.symbol}: ${toText(gross)}: must be at least a penny`);
  const { type = 'regular' } = input;
  const from = type === 'return_of_capital' ? 'Equity:Trading' : 'Income:Dividends';
  const postings = [
    ...move(input.baseCurrency, net, 'Assets:Cash', from),
    ...move(input.baseCurrency, tax, 'Expenses:WithholdingTax', from),
  ];
  return {
    kind: type === 'return_of_capital' ? 'RETURN_OF_CAPITAL' : 'DIVIDEND',
    effectiveDate: input.date,
    description: withNotes(`${DIVIDEND_WORDS[type]} of ${input.symbol}, ex-date ${input.exDate}`, input.notes),
    symbol: input.symbol,
    postings,
  };
}

/** How a journal and a proposal call each. */
export const DIVIDEND_WORDS: Record<DividendType, string> = {
  regular: 'Dividend',
  special: 'Special dividend',
  return_of_capital: 'Return of capital',
};

/**
 * Books a split on its ex-date: units × (ratio − 1), 6 decimals, half to even.
 * @param split units held before the ex-date; ratio in new shares per old share.
 * @returns null when the split changes nothing that six decimals can show.
 */
export function splitEntry(split: {
  exDate: IsoDate;
  symbol: string;
  units: DecimalString;
  ratio: DecimalString;
}): EntryDraft | null {
  const delta = roundUnits(D(split.units).times(positive('ratio', split.ratio).minus(1)));
  const postings = move(split.symbol, delta, 'Assets:Units', 'Equity:Splits');
  if (postings.length === 0) return null;
  const description = `Split of ${split.symbol}, ${split.ratio} for 1, ex-date ${split.exDate}`;
  return { kind: 'SPLIT', effectiveDate: split.exDate, description, symbol: split.symbol, postings };
}

/** Books an executed ticket line. `value` is in base currency with all costs in it: what cash really changed by. */
export function fillEntry(fill: {
  date: IsoDate;
  baseCurrency: string;
  symbol: string;
  side: Side;
  units: DecimalString;
  value: DecimalString;
}): EntryDraft {
  const units = roundUnits(positive('units', fill.units));
  const value = pennies(positive('value', fill.value));
  const sign = fill.side === 'BUY' ? 1 : -1;
  const postings = [
    ...move(fill.symbol, units.times(sign), 'Assets:Units', 'Equity:Trading'),
    ...move(fill.baseCurrency, value.times(-sign), 'Assets:Cash', 'Equity:Trading'),
  ];
  const description = `${fill.side} ${toText(units)} ${fill.symbol} for ${value.toFixed(2)} ${fill.baseCurrency}`;
  return { kind: 'FILL', effectiveDate: fill.date, description, symbol: fill.symbol, postings };
}

/** Takes an entry back: the same postings with the signs turned, effective on the same date. */
export function reversalEntry(entry: EntryDraft, reason: string): EntryDraft {
  return {
    kind: 'REVERSAL',
    effectiveDate: entry.effectiveDate,
    symbol: entry.symbol,
    description: `Reversal of: ${entry.description} (${reason})`,
    postings: entry.postings.map((posting) => ({ ...posting, amount: toText(D(posting.amount).neg()) })),
  };
}
