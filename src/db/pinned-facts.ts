import { canonicalJson, sha256 } from '../domain/hash.js';
import type { DecisionFacts, MarketFacts } from '../domain/decision/facts.js';
import { storedFacts, type PinnedFacts } from '../domain/decision/stored.js';
import type { Bar, Sha256, SymbolHistory } from '../domain/types.js';

// Each history is one text, a bar a part of it: fifteen hundred bars as objects with eight names each would be three
// times as much JSON, and most of the time that issuing a ticket takes.

/** A part of the document: as JSON, as the canonical JSON that is hashed, and the hash of it by itself. */
interface Texts {
  json: string;
  canonical: string;
  hash: Sha256;
}

/** Of what the tickets of a run share; nobody changes these objects, and with each its texts go. */
const textsOf = new WeakMap<object, Texts>();

function sharedTexts<T extends object>(part: T, pin: (part: T) => object = (as) => as): Texts {
  const known = textsOf.get(part);
  if (known) return known;
  const pinned = pin(part);
  const canonical = canonicalJson(pinned);
  const texts = { json: JSON.stringify(pinned), canonical, hash: sha256(canonical) };
  textsOf.set(part, texts);
  return texts;
}

const marketTexts = (market: MarketFacts): Texts =>
  sharedTexts(market, (as) => ({ ...as, histories: as.histories.map(textOf) }));

/** What a market is stored by: the SHA-256 of its canonical JSON. */
export const marketHash = (market: MarketFacts): Sha256 => marketTexts(market).hash;

/** Facts as they are stored. */
export interface Pinned {
  /** As JSON, without the market. */
  facts: string;
  market: { json: string; hash: Sha256 };
  /** Of all of them, the market among them. */
  hash: Sha256;
}

/**
 * The document to store and its hash. Market, policy and universe, by far the most of it, are written once for all tickets
 * that are decided on the same ones; the market, the most of that, is stored once too.
 */
export function pinFacts(facts: DecisionFacts): Pinned {
  const { policy, universe } = facts;
  const market = marketTexts(facts.market);
  const shared: Record<string, Texts> = { market, policy: sharedTexts(policy), universe: sharedTexts(universe) };
  const names = Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : name));
  const document = (textOfPart: (name: string) => string, inOrder: string[]) =>
    `{${inOrder.map((name) => `${JSON.stringify(name)}:${textOfPart(name)}`).join(',')}}`;
  const own = (name: string): unknown => facts[name as keyof DecisionFacts];
  return {
    facts: document(
      (name) => shared[name]?.json ?? JSON.stringify(own(name)),
      names.filter((name) => name !== 'market'),
    ),
    market: { json: market.json, hash: market.hash },
    hash: sha256(document((name) => shared[name]?.canonical ?? canonicalJson(own(name)), names.toSorted())),
  };
}

/** The document as it was hashed, of the two that are stored; facts of earlier versions hold their market themselves. */
export const wholeFacts = (facts: unknown, market: unknown): unknown =>
  market === null ? facts : { ...(facts as object), market };

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
