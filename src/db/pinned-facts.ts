import { canonicalJson, sha256 } from '../domain/hash.js';
import type { DecisionFacts } from '../domain/decision/facts.js';
import { storedFacts, type PinnedFacts } from '../domain/decision/stored.js';
import type { Bar, Sha256, SymbolHistory } from '../domain/types.js';

// Each history is one text, a bar a part of it: fifteen hundred bars as objects with eight names each would be three
// times as much JSON, and most of the time that issuing a ticket takes.

/** A part of the document: as JSON, and as the canonical JSON that is hashed. */
interface Texts {
  json: string;
  canonical: string;
}

/** Of what the tickets of a run share; nobody changes these objects, and with each its texts go. */
const textsOf = new WeakMap<object, Texts>();

function sharedTexts<T extends object>(part: T, pin: (part: T) => object = (as) => as): Texts {
  const known = textsOf.get(part);
  if (known) return known;
  const pinned = pin(part);
  const texts = { json: JSON.stringify(pinned), canonical: canonicalJson(pinned) };
  textsOf.set(part, texts);
  return texts;
}

/**
 * The document to store and its hash. Market, policy and universe, by far the most of it, are written once for all tickets
 * that are decided on the same ones.
 */
export function pinFacts(facts: DecisionFacts): { facts: string; hash: Sha256 } {
  const { market, policy, universe } = facts;
  const shared: Record<string, Texts> = {
    market: sharedTexts(market, (as) => ({ ...as, histories: as.histories.map(textOf) })),
    policy: sharedTexts(policy),
    universe: sharedTexts(universe),
  };
  const names = Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : name));
  const document = (textOfPart: (name: string) => string, inOrder: string[]) =>
    `{${inOrder.map((name) => `${JSON.stringify(name)}:${textOfPart(name)}`).join(',')}}`;
  const own = (name: string): unknown => facts[name as keyof DecisionFacts];
  return {
    facts: document((name) => shared[name]?.json ?? JSON.stringify(own(name)), names),
    hash: sha256(document((name) => shared[name]?.canonical ?? canonicalJson(own(name)), names.toSorted())),
  };
}

/** The facts as they were pinned to a ticket. Throws OpsError FACTS_UNREADABLE or CONFIGURATION_UNREADABLE (faults). */
export const unpinFacts = (pinned: unknown, ticketId: string): DecisionFacts =>
  storedFacts(pinned, ticketId, historyOf);

/** Stands for the volume of a bar whose source gives none. */
const NO_VOLUME = '-';

// Dates and decimals hold neither comma nor semicolon; an absent adjusted close is an absent field.
const textOf = ({ bars, ...rest }: SymbolHistory): PinnedFacts['market']['histories'][number] => ({
  ...rest,
  bars: bars
    .map(({ session, open, high, low, close, volume, adjClose }) =>
      [session, open, high, low, close, volume ?? NO_VOLUME, ...(adjClose === null ? [] : [adjClose])].join(','),
    )
    .join(';'),
});

const historyOf = ({ bars, ...rest }: PinnedFacts['market']['histories'][number]): SymbolHistory => ({
  ...rest,
  bars: bars === '' ? [] : bars.split(';').map((text) => barOf(rest.symbol, text)),
});

/** A bar from `session,open,high,low,close,volume[,adjusted close]`; a volume of `-` is none. */
export function barOf(symbol: string, text: string): Bar {
  const [session, open, high, low, close, volume, adjClose] = text.split(',');
  return {
    symbol,
    session,
    open,
    high,
    low,
    close,
    volume: volume === NO_VOLUME ? null : volume,
    adjClose: adjClose ?? null,
  } as Bar;
}
