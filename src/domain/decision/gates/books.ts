import type { DecisionFacts } from '../facts.js';
import { CLAIM_AHEAD_MAX_MS } from '../../day/clock.js';
import { unproved, type SignatureFacts } from '../../signing/facts.js';
import type { GateResult } from '../../types.js';
import { fail, pass, reason } from './result.js';

/**
 * `CLOCK_BEHIND_FACTS` when the instant of the decision is before the newest instant stored with the account's facts:
 * the clock was set back, or was ahead when they were stored, and nothing that depends on the time can be trusted. A
 * minute is let pass: two machines' clocks may differ by so much without anybody noticing. `BOOKS_BROKEN` while an
 * invariant of the books is (RULES.md 8), and while a booking, a ruling or a reset of the kill switch that is in force
 * is not signed by whom it names: a row that was written around the program trades nothing. Null for facts that were pinned before the gate existed.
 */
export function booksGate({
  at,
  books,
  signatures,
}: Pick<DecisionFacts, 'at' | 'books' | 'signatures'>): GateResult | null {
  if (books === undefined) return null;
  const { newest } = books;
  const unsaid = signatures ? unsignedOthers(signatures) : [];
  const broken = unsaid.length > 0 ? [...unsaid, ...(books.broken ?? [])] : books.broken;
  const evidence = { newestFact: newest?.what ?? null, newestAt: newest?.at ?? null };
  if (broken !== undefined) {
    const message = `what is stored contradicts itself or the audit log: ${broken.slice(0, TOLD_MAX).join('; ')}`;
    return fail('books', [reason('BOOKS_BROKEN', null, message, { broken: broken.length })], {
      ...evidence,
      broken: broken.join('; '),
    });
  }
  if (newest === null) return pass('books', evidence);
  const behind = Date.parse(newest.at) - Date.parse(at);
  if (behind <= CLAIM_AHEAD_MAX_MS) return pass('books', evidence);
  const message = `it is ${at} by the clock that decides, and ${newest.what} of ${newest.at} is stored already: the clock is ${inWords(behind)} behind`;
  return fail('books', [reason('CLOCK_BEHIND_FACTS', null, message, { at, ...evidence })], evidence);
}

const unsignedOthers = ({ others = [], keyring }: SignatureFacts): string[] =>
  others.flatMap((other) => {
    const why = unproved(other, keyring);
    return why ? [`${other.fact} ${other.id}: ${why.code}: ${why.message}`] : [];
  });

/** So many are told one by one; all are in the evidence. */
const TOLD_MAX = 3;

function inWords(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
