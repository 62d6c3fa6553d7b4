export { detectHolds, effectiveActions, settledActions, type KnownActions } from './actions.js';
export { adjustedCloses } from './adjusted.js';
export { exclusionsBySymbol, exclusionsText } from './exclusion.js';
export { jumpsIn, rateJumpsIn, type Jump } from './jumps.js';
export { assessQuality, ratesNeeded } from './assess.js';
export { isSplitSized, likelyRatio } from './ratio.js';
