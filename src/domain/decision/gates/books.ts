import type { DecisionFacts } from '../facts.js';
import { CLAIM_AHEAD_MAX_MS } from '../../day/clock.js';
import type { GateResult } from '../../types.js';
import { fail, pass, reason } from './result.js';

/**
 * `CLOCK_BEHIND_FACTS` when the instant of the decision is before the newest instant stored with the account's facts:
 * the clock was set
 * back, or was ahead when they were stored, and nothing that depends on the time can be trusted. A minute is let
 * pass: two machines'
 * clocks may differ by so much without anybody noticing. Null for facts that were pinned before the gate existed.
 */
export function booksGate({ at, books }: Pick<DecisionFacts, 'at' | 'books'>): GateResult | null {
  if (books === undefined) return null;
  const { newest } = books;
  const evidence = { newestFact: newest?.what ?? null, newestAt: newest?.at ?? null };
  if (newest === null) return pass('books', evidence);
  const behind = Date.parse(newest.at) - Date.parse(at);
  if (behind <= CLAIM_AHEAD_MAX_MS) return pass('books', evidence);
  const message = `it is ${at} by the clock that decides, and ${newest.what} of ${newest.at} is stored already: the clock is ${inWords(behind)} behind`;
  return fail('books', [reason('CLOCK_BEHIND_FACTS', null, message, { at, ...evidence })], evidence);
}

function inWords(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
