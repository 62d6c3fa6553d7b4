import { hasStopped } from '../../domain/day/slots.js';
import type { Instant } from '../../domain/types.js';

/** What is said of a run that has no result. @param at when it began @param now where its account is */
export const unendedWord = (at: Instant, now: Instant): 'under way' | 'no result' =>
  hasStopped(at, now) ? 'no result' : 'under way';
