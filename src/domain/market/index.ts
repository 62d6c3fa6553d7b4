export { detectHolds, effectiveActions, settledActions, type KnownActions } from './actions.js';
export { adjustedCloses } from './adjusted.js';
export { assessQuality, ratesNeeded } from './assess.js';
