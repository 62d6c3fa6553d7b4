/** Who signs everything in a bench. */
export const OPERATOR = 'bench';

/** A policy that trades every day on a simulated clock, so that gates, scoring and sizing all have work to do. */
export const policyText = (historySessions: number): string => `version: 1
accounts:
  main: { base_currency: GBP, clock: simulated }
operators: [${OPERATOR}]
market_data: { provider: csv, fx_provider: csv, history_sessions: ${historySessions} }
trading: { mode: live, cadence: daily }
backup: { at_close: false }
`;

/** Every stock verified and tradable, every benchmark not. */
export const universeText = (stocks: readonly string[], benchmarks: readonly string[]): string =>
  [
    'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by,enabled',
    ...stocks.map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,2013-01-02,${OPERATOR},true`),
    ...benchmarks.map((symbol) => `${symbol},${symbol},${symbol},benchmark,USD,false,,,true`),
    '',
  ].join('\n');
