import type { Quote } from '../ledger/valuation.js';
import { D, toText } from '../money.js';
import type { Policy } from '../policy/policy.js';
import { listingCurrency } from '../policy/universe.js';
import type { DecimalString, IsoDate, TicketLine, TicketMaterial, UniverseRow } from '../types.js';
import type { EarlierDrift } from './arrivals.js';
import type { DividendContext } from './dividends.js';

/** Everything that may explain drift. */
export interface DriftContext extends DividendContext {
  /** Date of the prices that today's ticket is made from. */
  asOfDate: IsoDate;
  /** Every symbol that can be priced. */
  known: readonly string[];
  /** What one unit is worth at its newest close, base currency; null when nobody knows. */
  worthOf(symbol: string): DecimalString | null;
  /** Date of its newest close; null when there is none. Left out where nobody knows. */
  lastClose?(symbol: string): IsoDate | null;
  /** Issued TRADE tickets that nobody has confirmed and that book to the ledger. */
  openTickets: readonly { ticketId: string; lines: readonly TicketLine[]; fx: DecimalString }[];
  /** Comparisons since the cash agreed last, oldest first; none where nobody knows. */
  earlier?: readonly EarlierDrift[];
  cashTolerance: DecimalString;
  unitsTolerance: DecimalString;
}

/** What is stored of whatever may explain drift. */
export interface DriftFacts extends Pick<
  DriftContext,
  'baseCurrency' | 'snapshotDate' | 'asOfDate' | 'entries' | 'fxOn' | 'actions' | 'agreedOn' | 'earlier'
> {
  policy: Pick<Policy, 'reconciliation'>;
  universe: readonly UniverseRow[];
  /** The newest close of each symbol, with the rate of its session. */
  quotes: ReadonlyMap<string, Quote>;
  /** Issued tickets that nobody has confirmed. */
  unconfirmed: readonly { ticketId: string; kind: TicketMaterial['kind']; dryRun: boolean; material: TicketMaterial }[];
}

/** The context that drift is explained in. */
export function driftContextOf({ policy, universe, quotes, unconfirmed, ...facts }: DriftFacts): DriftContext {
  return {
    ...facts,
    known: universe.map(({ internalSymbol }) => internalSymbol),
    listedIn: (symbol) => listingCurrency(universe, symbol),
    worthOf: (symbol) => {
      const quote = quotes.get(symbol);
      return quote ? toText(D(quote.price).div(D(quote.fx))) : null;
    },
    lastClose: (symbol) => quotes.get(symbol)?.date ?? null,
    openTickets: unconfirmed
      .filter((ticket) => ticket.kind === 'TRADE' && !ticket.dryRun)
      .map(({ ticketId, material }) => ({ ticketId, lines: material.lines, fx: material.fx?.rate ?? '1' })),
    cashTolerance: String(policy.reconciliation.cash_tolerance),
    unitsTolerance: String(policy.reconciliation.units_tolerance),
  };
}
