import { faultOfWorth, type ValuationTold } from '../ledger/valuation-proof.js';
import { NO_QUOTES, worthOf } from '../ledger/worth.js';
import type { DecimalString } from '../types.js';
import { quotesAt, type PricingFacts } from './portfolio.js';

/** A stored valuation with the ledger that it was made of. */
interface Valued extends ValuationTold {
  /** Units of the ledger up to that entry, by symbol. */
  unitsThen: Record<string, DecimalString>;
  /** Whether money came or went, or holdings were set right, since the one before. */
  hasFlows: boolean;
}

/**
 * Whether a valuation is what the holdings come to at the closes that a ticket is decided on, without flows: so it is
 * on nearly every day. Of any other nothing follows; splits, flows and corrected closes have to be looked at.
 */
export function isPlainlyWorth(valuation: Valued, facts: PricingFacts): boolean {
  const { asOfDate, hasFlows, cashThen: cash, unitsThen: units, lastEntryId } = valuation;
  if (hasFlows || asOfDate !== facts.asOfDate) return false;
  const held = Object.keys(units);
  const books = {
    base: facts.account.baseCurrency,
    ledger: { cash, units, lastEntryId, lastBookedAt: null },
    previous: null,
    flows: { cash: '0', units: {} },
    held,
    gone: [],
    splits: [],
    entries: [],
  };
  const worth = worthOf(books, { ...NO_QUOTES, today: quotesAt(facts, new Set(held)) });
  return !('missing' in worth) && faultOfWorth(valuation, [worth]) === null;
}
