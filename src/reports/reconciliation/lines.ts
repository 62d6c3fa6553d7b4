import { waysOf, type StoredExplanation } from '../../domain/reconciliation/proposal.js';
import type { Instant, Reason } from '../../domain/types.js';
import { commandOfExplanation, type Who } from '../commands.js';

/**
 * What would explain a drift, as lines of a terminal: what is the only way first, then each drift that several ways
 * fit.
 */
export const explanationLines = (explanations: readonly StoredExplanation[], who: Who, at: Instant): string[] =>
  perhapsLines(explanations, (each) => commandOfExplanation(each, who, at));

/** The same without what is typed for it. @param commandOf what is typed for one; null for nothing */
export function perhapsLines(
  explanations: readonly StoredExplanation[],
  commandOf: (each: StoredExplanation) => string | null = () => null,
): string[] {
  const { certain, open } = waysOf(explanations);
  const lines = (word: string, each: StoredExplanation): string[] => {
    const command = commandOf(each);
    return [`${word}: ${each.text}`, ...(command === null ? [] : [`  ${command}`])];
  };
  return [
    ...certain.flatMap((each) => lines('Perhaps', each)),
    ...open.flatMap(({ drift, ways }) => [
      ways.length === 1
        ? `one way fits ${drift ?? 'the cash'}, and it may be a coincidence; eToro's history tells:`
        : `${ways.length} ways fit ${drift ?? 'the cash'}; eToro's history tells which it was:`,
      ...ways.flatMap((way, index) => way.flatMap((each) => lines(`Way ${index + 1} (not certain)`, each))),
    ]),
  ];
}

/** What recording a snapshot would say, before it is recorded. */
export function previewLines(
  {
    status,
    reasons,
    explanations,
    opens,
  }: { status: string; reasons: readonly Reason[]; explanations: readonly StoredExplanation[]; opens: boolean },
  who: Who,
  at: Instant,
): string[] {
  return [
    ...(opens ? ['It opens the ledger, with one OPENING entry: look at every figure twice.'] : []),
    ...reasons.map(({ code, message }) => `${code}: ${message}`),
    ...explanationLines(explanations, who, at),
    `Not recorded yet: it would be RECONCILIATION_${status}.`,
  ];
}
