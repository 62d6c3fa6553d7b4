export {
  detectHolds,
  effectiveActions,
  settledActions,
  type Hold,
  type HoldLimits,
  type KnownActions,
} from './actions.js';
export { adjustedCloses } from './adjusted.js';
export { assessQuality, qualityCodes, ratesNeeded, type QualityPolicy } from './assess.js';
export { cleanRatio, wholeRatio, type WholeRatio } from './ratio.js';
