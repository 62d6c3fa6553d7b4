import type { Instant, Reason } from '../../domain/types.js';
import { ruleCommand, type ToRuleOn, type Who } from '../commands.js';

/**
 * What to type about a fault of the prices, exactly: the command that cures it, or that shows what has to be decided.
 */
export function cureOf({ code, subject, evidence }: Reason, who: Who, at: Instant): string {
  const symbol = subject ?? '<SYMBOL>';
  if (isToRuleOn(code)) return ruleCommand(toRuleOn({ code, subject, evidence }), who, at);
  switch (code) {
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

/** Faults that wait for a ruling. */
const TO_RULE_ON: ReadonlySet<string> = new Set([
  'ACTION_NEEDS_REVIEW',
  'PRICE_JUMP_UNEXPLAINED',
  'ADJUSTMENT_UNEXPLAINED',
  'FX_JUMP_UNEXPLAINED',
]);
export const isToRuleOn = (code: string): boolean => TO_RULE_ON.has(code);

/** What a fault that waits for a ruling is about. */
export function toRuleOn({ code, subject, evidence }: Pick<Reason, 'code' | 'subject' | 'evidence'>): ToRuleOn {
  const { exDate, session, date, kind, type, closeBefore, close } = evidence;
  const of = { symbol: subject ?? '<SYMBOL>', exDate: String(exDate ?? session ?? date ?? '<date>') };
  if (code === 'ACTION_NEEDS_REVIEW')
    return { ...of, kind: String(kind ?? 'DIVIDEND'), type: typeof type === 'string' ? type : undefined };
  if (code === 'ADJUSTMENT_UNEXPLAINED') return { ...of, kind: 'SPLIT' };
  const isPrice = typeof closeBefore === 'string' && typeof close === 'string';
  return { ...of, kind: 'JUMP', closes: isPrice ? { before: closeBefore, after: close } : null };
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
