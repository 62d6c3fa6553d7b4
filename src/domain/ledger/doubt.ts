import type { IsoDate, Reason } from '../types.js';
import type { Quotes } from './worth.js';

/** A price or rate that the data gate takes for wrong, or that waits for a ruling; `subject` is a symbol or a pair. */
export interface Doubt {
  subject: string;
  code: string;
  date: IsoDate;
  /** Whether every later price stands on the far side of it, too: of a jump, or an action nobody ruled on. */
  lasts: boolean;
}

/** Faults of a price or rate, and where their evidence has the date. */
const FAULTS: Readonly<Record<string, { dated: string; lasts: boolean }>> = {
  PRICE_JUMP_UNEXPLAINED: { dated: 'session', lasts: true },
  ACTION_NEEDS_REVIEW: { dated: 'exDate', lasts: true },
  ADJUSTMENT_UNEXPLAINED: { dated: 'session', lasts: true },
  FX_JUMP_UNEXPLAINED: { dated: 'date', lasts: true },
  BAR_INVALID: { dated: 'session', lasts: false },
  BAR_FILLER: { dated: 'session', lasts: false },
};

/** What of a gate's reasons puts a price or rate in doubt. */
export const doubtsOf = (reasons: readonly Reason[]): Doubt[] =>
  reasons.flatMap(({ code, subject, evidence }) => {
    const fault = FAULTS[code];
    const date = fault && evidence[fault.dated];
    return fault && subject !== null && typeof date === 'string' ? [{ subject, code, date, lasts: fault.lasts }] : [];
  });

/**
 * The doubts about a value at a date, one a symbol or pair: those of the date itself, and those that have lasted since
 * the valuation before. By a price that nobody has explained a split that was not told, or a slip of typing, would be a
 * fall, and a latch (docs/RULES.md 2.7).
 * @param since date of the valuation before; null: there is none, so that nothing is compared with it.
 */
export const doubtsAbout = (
  doubts: readonly Doubt[],
  { since, asOfDate }: { since: IsoDate | null; asOfDate: IsoDate },
): Map<string, Doubt> =>
  new Map(
    doubts
      .filter(({ date, lasts }) => date === asOfDate || (lasts && since !== null && date > since && date < asOfDate))
      .map((doubt) => [doubt.subject, doubt]),
  );

/** The quotes that nothing speaks against. */
export function soundQuotes(quotes: Quotes, base: string, doubts: ReadonlyMap<string, Doubt>): Quotes {
  if (doubts.size === 0) return quotes;
  const pairsInDoubt = [...quotes.today].flatMap(([symbol, { currency }]): [string, string][] =>
    doubts.has(`${base}${currency}`) ? [[symbol, `${base}${currency}`]] : [],
  );
  const lacking = new Map([...quotes.lacking, ...pairsInDoubt]);
  const today = new Map([...quotes.today].filter(([symbol]) => !lacking.has(symbol) && !doubts.has(symbol)));
  return { ...quotes, today, lacking };
}
