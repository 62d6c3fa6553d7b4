import type { DecisionFacts } from '../facts.js';
import type { GateResult } from '../../types.js';
import { judged, reason } from './result.js';

/** `TRADING_OFF` unless the run is a dry run or the policy lets it trade. */
export function tradingModeGate({ mode }: Pick<DecisionFacts, 'mode'>): GateResult {
  const reasons =
    mode === 'off'
      ? [reason('TRADING_OFF', null, 'trading.mode is off in the policy; DRYRUN_TRADES=true makes one run a dry run')]
      : [];
  return judged('trading_mode', reasons, { mode });
}
