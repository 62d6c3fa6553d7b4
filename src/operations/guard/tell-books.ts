import type { Instant } from '../../domain/types.js';
import { recoverAlert } from '../alerts/raise.js';
import { tellAlert, type Herald } from '../alerts/tell.js';
import type { Violation } from './invariants.js';

const BOOKS = 'books';

/** A violation on one line. */
export const violationText = ({ invariant, subject, problem }: Violation): string =>
  `${invariant}: ${subject}: ${problem}`;

const EVIDENCE_MAX = 20;

/** Raises `BOOKS_BROKEN` for what is broken, which fails the gate `books`, or says that nothing is any more. */
export async function tellBooks(herald: Herald, violations: readonly Violation[], at: Instant): Promise<void> {
  const about = { account: null, code: 'BOOKS_BROKEN' as const, subject: BOOKS, at };
  if (violations.length === 0) {
    await recoverAlert(herald.db, { ...about, message: 'Nothing that is stored contradicts itself or the audit log.' });
    return;
  }
  const broken = violations.slice(0, EVIDENCE_MAX).map(violationText);
  const more = violations.length - 1;
  const message = `The books are broken: ${broken[0]}${more > 0 ? `; and ${more} more` : ''}. No TRADE is issued.`;
  await tellAlert(herald, { ...about, tradingDay: null, message, evidence: { broken, all: violations.length } });
}
