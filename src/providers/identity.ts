import { FetchError } from './provider.js';
import { quotableName } from './quoted.js';

/** What an answer says it is of, as far as it says anything. */
export interface SaidIdentity {
  symbol?: unknown;
  currency?: unknown;
  exchange?: unknown;
}

/** Names that answers give the exchanges of New York, and their codes at Yahoo. */
const AMERICAN = new Set(
  (
    'NYSE NASDAQ AMEX ARCA NYSEARCA NYSEAMERICAN NYSEMKT BATS CBOE IEX US USA NYQ NMS NGM NCM NAS NIM PCX ASE BTS BZX ' +
    'SNP XNYS XNAS XASE ARCX BATS NASDAQGS NASDAQGM NASDAQCM CBOEUS NEWYORK'
  ).split(' '),
);

/**
 * Refuses an answer that names another instrument than the one asked for. Symbols are compared without case, without
 * the market that Stooq adds (`aapl.us`), and with one separator of share classes (`BRK-B`, `BRK.B`, `BRK/B`).
 * @param asked the symbol as the provider was asked for it, and our own.
 * @throws FetchError SYMBOL_MISMATCH, naming both
 */
export function refuseOther({
  said,
  symbol,
  asked = symbol,
  currency,
  where,
}: {
  said: SaidIdentity;
  symbol: string;
  asked?: string;
  currency?: string;
  where: string;
}): void {
  const isNamed = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
  if (isNamed(said.symbol) && ![spelled(symbol), spelled(asked)].includes(spelled(said.symbol)))
    throw mismatch(where, `is of ${quotableName(said.symbol.trim())}, not of ${symbol}`);
  if (currency !== undefined && isNamed(said.currency) && said.currency.trim().toUpperCase() !== currency)
    throw mismatch(where, `is in ${quotableName(said.currency.trim())}, ${symbol} in ${currency}`);
  if (isNamed(said.exchange) && !AMERICAN.has(said.exchange.toUpperCase().replaceAll(/[^A-Z]/g, '')))
    throw mismatch(where, `is of the exchange ${quotableName(said.exchange.trim())}, ${symbol} is a US listing`);
}

/** Refuses rates of another pair: the answer's own words for base and quote currency, or for both in one. */
export function refuseOtherPair(said: readonly unknown[], pair: string, where: string): void {
  if (said.some((word) => typeof word !== 'string')) return;
  const named = said
    .join('')
    .toUpperCase()
    .replace(/=X$/, '')
    .replaceAll(/[^A-Z]/g, '');
  if (named !== '' && named !== pair) throw mismatch(where, `is of ${quotableName(said.join(''))}, not of ${pair}`);
}

const mismatch = (where: string, what: string) => new FetchError('SYMBOL_MISMATCH', `${where} ${what.slice(0, 200)}`);

/** A symbol as all its spellings are one. */
export const spelled = (name: string): string =>
  name.trim().toUpperCase().replace(/\.US$/, '').replaceAll(/[-/ ]/g, '.');
