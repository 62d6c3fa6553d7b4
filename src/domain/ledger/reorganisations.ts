import { D, pennies, toText, type Decimal } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import { move, positive, roundUnits, type EntryDraft, type Posting } from './entries.js';

/*
 * What a company does to a holding. Units leave and come through Equity:Reorganisations where shares become others,
 * and through
 * Equity:Trading where they are paid for, exactly as a sale: there the replay finds what was realised. The cost goes
 * with the
 * shares; by how much where it is split, the entry says as a fraction (`costShare`), for the cost of an opening is
 * known only
 * when the journal is read.
 */

interface Event {
  date: IsoDate;
  baseCurrency: string;
  symbol: string;
  /** Units of the old holding that take part. */
  units: DecimalString;
}

const unitsOf = ({ units }: Pick<Event, 'units'>): Decimal => roundUnits(positive('units', units));
const paid = (baseCurrency: string, cash: DecimalString | null): Posting[] =>
  cash === null ? [] : move(baseCurrency, pennies(D(cash)), 'Assets:Cash', 'Equity:Trading');
const money = (cash: DecimalString, baseCurrency: string) => `${pennies(D(cash)).toFixed(2)} ${baseCurrency}`;

/** The same shares under another symbol: nothing is gained, and the basis goes along. */
export function renameEntry(event: Event & { to: string }): EntryDraft {
  const { date, symbol, to } = event;
  return {
    kind: 'RENAME',
    effectiveDate: date,
    description: `${symbol} is called ${to} from ${date}`,
    symbol,
    postings: exchanged(symbol, unitsOf(event), to, unitsOf(event)),
  };
}

/** The whole holding bought out for cash (base currency, what arrived): a disposal. */
export function cashMergerEntry(event: Event & { cash: DecimalString }): EntryDraft {
  const { date, baseCurrency, symbol, cash } = event;
  const description = `${toText(unitsOf(event))} ${symbol} bought out on ${date} for ${money(cash, baseCurrency)}`;
  return { kind: 'CASH_MERGER', effectiveDate: date, description, symbol, postings: disposed(event, cash) };
}

/**
 * Shares exchanged for those of another company, `ratio` new for one old (6 decimals, half to even), with cash (base
 * currency)
 * or without. The cost goes over to the new shares, but for the fraction `costShare`, which the cash is set against:
 * a part
 * disposal (TCGA 1992 s.128, s.129 and s.135).
 */
export function stockMergerEntry(
  event: Event & { to: string; ratio: DecimalString; cash: DecimalString | null; costShare: DecimalString },
): EntryDraft {
  const { date, baseCurrency, symbol, to, ratio, cash, costShare } = event;
  const units = unitsOf(event);
  const received = newUnits(units, ratio);
  const exchange = `${toText(received)} ${to}, ${ratio} for 1`;
  const withCash = cash === null ? '' : ` and ${money(cash, baseCurrency)}`;
  return {
    kind: 'STOCK_MERGER',
    effectiveDate: date,
    description: `${toText(units)} ${symbol} exchanged on ${date} for ${exchange}${withCash}`,
    symbol,
    postings: [...exchanged(symbol, units, to, received), ...paid(baseCurrency, cash)],
    costShare,
  };
}

/**
 * Shares of a new company, `ratio` for one held; the fraction `costShare` of the cost goes to them (TCGA 1992 s.126,
 * s.130).
 */
export function spinOffEntry(
  event: Omit<Event, 'baseCurrency'> & { to: string; ratio: DecimalString; costShare: DecimalString },
): EntryDraft {
  const { date, symbol, to, ratio, costShare } = event;
  const received = newUnits(unitsOf(event), ratio);
  return {
    kind: 'SPIN_OFF',
    effectiveDate: date,
    description: `Spin-off of ${toText(received)} ${to} from ${symbol}, ${ratio} for 1, ex-date ${date}`,
    symbol,
    postings: move(to, received, 'Assets:Units', 'Equity:Reorganisations'),
    costShare,
  };
}

/** A fraction of a share that the broker paid out in cash (base currency): a disposal of that fraction. */
export function cashInLieuEntry(event: Event & { cash: DecimalString }): EntryDraft {
  const { date, baseCurrency, symbol, cash } = event;
  const description = `Cash in lieu of ${toText(unitsOf(event))} ${symbol}: ${money(cash, baseCurrency)}`;
  return { kind: 'CASH_IN_LIEU', effectiveDate: date, description, symbol, postings: disposed(event, cash) };
}

/**
 * Shares that are gone: what they cost is a loss, but for what was paid out in the end, if anything (base currency).
 */
export function delistingEntry(event: Event & { cash: DecimalString | null }): EntryDraft {
  const { date, baseCurrency, symbol, cash } = event;
  const paidOut = cash === null ? 'without payment' : `for ${money(cash, baseCurrency)}`;
  const description = `${toText(unitsOf(event))} ${symbol} delisted on ${date}, gone ${paidOut}`;
  return { kind: 'DELISTING', effectiveDate: date, description, symbol, postings: disposed(event, cash) };
}

/** New shares for old ones as the journal keeps them. */
export const newUnits = (units: Decimal, ratio: DecimalString): Decimal =>
  roundUnits(units.times(positive('ratio', ratio)));

const exchanged = (symbol: string, units: Decimal, to: string, received: Decimal): Posting[] => [
  ...move(symbol, units, 'Equity:Reorganisations', 'Assets:Units'),
  ...move(to, received, 'Assets:Units', 'Equity:Reorganisations'),
];

const disposed = (event: Event, cash: DecimalString | null): Posting[] => [
  ...move(event.symbol, unitsOf(event), 'Equity:Trading', 'Assets:Units'),
  ...paid(event.baseCurrency, cash),
];
