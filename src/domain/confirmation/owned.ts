import { z } from 'zod';
import { refusal, usageError } from '../errors.js';
import { problemText } from '../problems.js';
import { bounded } from '../text.js';
import type { Deviation } from './deviations.js';

/** What an operator owns: the ticket line, or null for the one line that deviates, and why it came to pass. */
export interface Acceptance {
  sequence: number | null;
  reason: string;
}

/** The same of a line. */
export interface LineAcceptance extends Acceptance {
  sequence: number;
}

/** A deviation with the reason of whoever owns it. */
export interface OwnedDeviation extends Deviation {
  reason: string;
}

/** A flag as it is typed: `LINE=why`, or the reason alone where one line deviates. */
export function acceptanceOfFlag(typed: string): Acceptance {
  const [, line, reason] = /^(\d{1,9})=(.*)$/s.exec(typed) ?? [];
  return line === undefined || reason === undefined
    ? { sequence: null, reason: typed }
    : { sequence: Number(line), reason };
}

const stored = z.object({
  acceptDeviation: z.array(z.object({ sequence: z.int(), reason: z.string() })).default([]),
});

/** What was owned of a stored answer; nothing where it says nothing, as those of earlier versions. */
export const acceptedOf = (content: unknown): LineAcceptance[] => stored.safeParse(content).data?.acceptDeviation ?? [];

/**
 * Holds what the operator owns against what deviates: every line that deviates, each once, and no other.
 * @returns the acceptances by line, in the order of the ticket.
 * @throws OpsError DEVIATION_INVALID (what is owned is no deviation), FILLS_DEVIATE (a deviation that nobody owns)
 */
export function ownDeviations(found: readonly Deviation[], accepted: readonly Acceptance[]): LineAcceptance[] {
  const lines = [...new Set(found.map(({ sequence }) => sequence))];
  const own = accepted.map((each) => ({ reason: each.reason.trim(), sequence: lineOf(each, lines, accepted.length) }));
  const unowned = found.filter(({ sequence }) => !own.some((each) => each.sequence === sequence));
  if (unowned.length > 0) throw refusal('FILLS_DEVIATE', deviationText(unowned), { remedy: remedyOf(unowned) });
  const twice = own.find(({ sequence }, index) => own.findIndex((each) => each.sequence === sequence) < index);
  if (twice) throw invalid(String(twice.sequence), 'must be given once a line');
  return own.toSorted((a, b) => a.sequence - b.sequence);
}

function lineOf({ sequence, reason }: Acceptance, lines: readonly number[], count: number): number {
  const which =
    lines.length === 0 ? 'no line deviates from the ticket' : `it is line ${lines.join(', ')} that deviates`;
  if (sequence !== null) {
    if (lines.includes(sequence)) return sequence;
    throw invalid(`${sequence}`, `must be a line that deviates: ${which}`);
  }
  const [only, ...others] = lines;
  if (only !== undefined && others.length === 0 && count === 1) return only;
  throw invalid(bounded(reason), only === undefined ? `must be left out: ${which}` : `must be LINE="why": ${which}`);
}

const invalid = (value: string, rule: string) =>
  usageError('DEVIATION_INVALID', problemText([{ field: 'accept-deviation', value, rule }]), {
    remedy: 'Nothing was booked. Own each deviation that the refusal names, and nothing else.',
  });

/** `line 1, fill_price: 62.88: is above the skip price, 61.46, by 1.42 (2.31 %)`, a line each. */
export const deviationText = (found: readonly Deviation[]): string =>
  problemText(
    found.map(({ sequence, side, symbol, field, value, text }) => ({
      field: `line ${sequence} (${side} ${symbol}), ${field}`,
      value,
      rule: text,
    })),
  );

function remedyOf(unowned: readonly Deviation[]): string {
  const lines = [...new Set(unowned.map(({ sequence }) => sequence))];
  const flags = lines.slice(0, 3).map((line) => `--accept-deviation ${line}="why"`);
  const more = lines.length > 3 ? ' … for each line' : '';
  return `Nothing was booked. Correct the fills; or, if it happened so, send them again with ${flags.join(' ')}${more}`;
}

/** The deviations, each with the reason that its line was given. */
export function withReasons(found: readonly Deviation[], own: readonly LineAcceptance[]): OwnedDeviation[] {
  const reasons = new Map(own.map(({ sequence, reason }) => [sequence, reason]));
  return found.map((each) => ({ ...each, reason: reasons.get(each.sequence) ?? '' }));
}

/**
 * The acceptances of an answer that is sent again, as those in force were: without the flag, or with the reason alone,
 * it is the same answer.
 */
export function acceptedAgain(
  accepted: readonly Acceptance[],
  inForce: readonly LineAcceptance[],
): readonly LineAcceptance[] | null {
  if (accepted.length === 0) return inForce;
  const [only, ...others] = inForce;
  const own = accepted.map(({ sequence, reason }) => ({
    sequence: sequence ?? (others.length === 0 ? (only?.sequence ?? null) : null),
    reason: reason.trim(),
  }));
  const lines = own.flatMap(({ sequence, reason }) => (sequence === null ? [] : [{ sequence, reason }]));
  return lines.length < own.length ? null : lines.toSorted((a, b) => a.sequence - b.sequence);
}
