import type { IsoDate } from '../types.js';

/**
 * Days on which the NYSE was closed for a reason no rule predicts. A new one needs no release: an operator adds it to
 * `calendar.extra_closures` in policy.yml, and it moves here with the next version.
 * Source: docs/RULES.md 7.3, agreed between three independent public lists.
 */
export const oneOffClosures: readonly IsoDate[] = [
  '2001-09-11',
  '2001-09-12',
  '2001-09-13',
  '2001-09-14', // attacks on New York
  '2004-06-11', // mourning for R. Reagan
  '2007-01-02', // mourning for G. R. Ford
  '2012-10-29',
  '2012-10-30', // Hurricane Sandy
  '2018-12-05', // mourning for G. H. W. Bush
  '2025-01-09', // mourning for J. Carter
];
