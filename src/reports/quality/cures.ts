import type { Instant, Reason } from '../../domain/types.js';
import { ruleCommand, type Who } from '../commands.js';

/**
 * What to type about a fault of the prices, exactly: the command that cures it, or that shows what has to be decided.
 */
export function cureOf({ code, subject, evidence }: Reason, who: Who, at: Instant): string {
  const symbol = subject ?? '<SYMBOL>';
  switch (code) {
    case 'PRICE_JUMP_UNEXPLAINED':
      return ruleCommand(symbol, String(evidence['session'] ?? '<date>'), 'JUMP', who, at);
    case 'FX_JUMP_UNEXPLAINED':
      return ruleCommand(symbol, String(evidence['date'] ?? '<date>'), 'JUMP', who, at);
    case 'ADJUSTMENT_UNEXPLAINED':
      return ruleCommand(symbol, String(evidence['session'] ?? '<date>'), 'SPLIT', who, at);
    case 'ACTION_NEEDS_REVIEW':
      return ruleCommand(symbol, String(evidence['exDate'] ?? '<date>'), String(evidence['kind']), who, at);
    case 'DATA_MISSING':
      // A plain fetch asks for what is new; a hole among what is stored is only filled by the whole history.
      return subject === null || evidence['newestMissing'] === undefined
        ? fetchAgain(who, at)
        : fetchWhole(symbol, who, at);
    case 'ADJ_CLOSE_MISSING':
    case 'BAR_INVALID':
    case 'BAR_REPEATED':
    case 'DUPLICATE_BAR':
    case 'SOURCES_DISAGREE':
    case 'HISTORY_RESTATED':
      return fetchWhole(symbol, who, at);
    default:
      return fetchAgain(who, at);
  }
}

const fetchAgain = (who: Who, at: Instant): string => `make market-fetch${flagsOf([], who, at)}`;
const fetchWhole = (symbol: string, who: Who, at: Instant): string =>
  `make market-fetch${flagsOf([`--symbol ${symbol}`, '--full'], who, at)}`;

function flagsOf(first: string[], { account, clock }: Who, at: Instant): string {
  const flags = [
    ...first,
    ...(account === 'main' ? [] : [`--account ${account}`]),
    ...(clock === 'simulated' ? [`--at ${at}`] : []),
  ];
  return flags.length === 0 ? '' : ` -- ${flags.join(' ')}`;
}
