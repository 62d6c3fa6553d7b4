import { contentHash } from '../domain/hash.js';
import type { DecisionFacts } from '../domain/decision/facts.js';
import type { Bar, Sha256, SymbolHistory } from '../domain/types.js';

/**
 * The facts of a ticket as they are stored: each history as one text, a bar a part of it. Fifteen hundred bars as objects
 * with eight names each would be three times as much JSON, and most of the time that issuing a ticket takes.
 */
type PinnedFacts = Omit<DecisionFacts, 'market'> & {
  market: Omit<DecisionFacts['market'], 'histories'> & { histories: { symbol: string; bars: string }[] };
};

/** The document to store and its hash. */
export function pinFacts(facts: DecisionFacts): { facts: string; hash: Sha256 } {
  const pinned: PinnedFacts = { ...facts, market: { ...facts.market, histories: facts.market.histories.map(textOf) } };
  return { facts: JSON.stringify(pinned), hash: contentHash(pinned) };
}

/** The facts as they were pinned. */
export const unpinFacts = (pinned: PinnedFacts): DecisionFacts => ({
  ...pinned,
  market: { ...pinned.market, histories: pinned.market.histories.map(historyOf) },
});

export type { PinnedFacts };

// Dates and decimals hold neither comma nor semicolon; an absent adjusted close is an absent field.
const textOf = ({ symbol, bars }: SymbolHistory): { symbol: string; bars: string } => ({
  symbol,
  bars: bars
    .map(({ session, open, high, low, close, volume, adjClose }) =>
      [session, open, high, low, close, volume, ...(adjClose === null ? [] : [adjClose])].join(','),
    )
    .join(';'),
});

const historyOf = ({ symbol, bars }: { symbol: string; bars: string }): SymbolHistory => ({
  symbol,
  bars: bars === '' ? [] : bars.split(';').map((text) => barOf(symbol, text)),
});

/** A bar from `session,open,high,low,close,volume[,adjusted close]`. */
export function barOf(symbol: string, text: string): Bar {
  const [session, open, high, low, close, volume, adjClose] = text.split(',');
  return { symbol, session, open, high, low, close, volume, adjClose: adjClose ?? null } as Bar;
}
