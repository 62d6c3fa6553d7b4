import type { UniverseRow } from '../types.js';
import { refusedStatement } from './refusals.js';

/** What a row says that it is about: `AAPL/USD`, `RR.l/GBX`, with a stray space here and there. */
const SHARES = String.raw`\d{1,9}(?:\.\d{1,9})?`;
const DETAILS = new RegExp(
  String.raw`^(?<ticker>[^/]{1,40}?)\s*\/\s*(?<currency>[A-Z]{3})(?:\s+(?<first>${SHARES})\s*:\s*(?<second>${SHARES}))?$`,
);
/** Endings that the broker puts behind a ticker for a listing or for hours, not for another company. */
const ENDINGS = /\.(US|24-7)$/i;
/** Pence are hundredths of the pound that a listing in London is in. */
const LISTED_IN: Record<string, string> = { GBX: 'GBP' };

/** An instrument as a row names it, and the ratio that a split's row has behind it. */
export interface Named {
  symbol: string;
  ratio: { first: string; second: string } | null;
}

const spelled = (text: string): string => text.trim().toUpperCase().replaceAll('-', '.');

/** Looks instruments up, each only once: a statement names a few of them thousands of times. */
export function instrumentsOf(universe: readonly UniverseRow[]): (details: string, where: string) => Named {
  const known = new Map<string, Named>();
  return (details, where) => {
    const named = known.get(details) ?? instrumentOf(details, where, universe);
    known.set(details, named);
    return named;
  };
}

/**
 * The internal symbol of what a row is about, by the universe's symbols and search names.
 * @throws OpsError STATEMENT_INSTRUMENT for one that the universe does not have, or has in another currency
 */
function instrumentOf(details: string, where: string, universe: readonly UniverseRow[]): Named {
  const { ticker = '', currency = '', first, second } = DETAILS.exec(details)?.groups ?? {};
  if (ticker === '')
    throw refusedStatement(
      'STATEMENT_INSTRUMENT',
      where,
      details,
      'must be an instrument and its currency, such as AAPL/USD',
    );
  const found = [ticker, ticker.replace(ENDINGS, '')].flatMap((name) => rowsNamed(name, universe))[0];
  if (!found)
    throw refusedStatement(
      'STATEMENT_INSTRUMENT',
      where,
      details,
      'is not in universe.csv: enter it there, or it is none of ours',
    );
  if (found.listingCurrency !== (LISTED_IN[currency] ?? currency)) {
    const rule = `must be in ${found.listingCurrency}, as universe.csv has it: another listing is another instrument`;
    throw refusedStatement('STATEMENT_INSTRUMENT', where, details, rule);
  }
  const ratio = first === undefined || second === undefined ? null : { first, second };
  return { symbol: found.internalSymbol, ratio };
}

const rowsNamed = (name: string, universe: readonly UniverseRow[]): UniverseRow[] =>
  universe.filter(
    ({ internalSymbol, etoroSearchName }) =>
      spelled(internalSymbol) === spelled(name) || spelled(etoroSearchName) === spelled(name),
  );
