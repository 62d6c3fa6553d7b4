import { answerContent, type AnswerContent } from './answer.js';
import { deviationsOf } from './deviations.js';
import { ownDeviations, withReasons, type Acceptance, type OwnedDeviation } from './owned.js';
import type { Fill } from './shape.js';
import type { FillsTicket } from './ticket.js';

/**
 * A new answer, and what of it is owned: every fill that departs from its line has somebody who says why.
 * @throws OpsError FILLS_DEVIATE, DEVIATION_INVALID
 */
export function ownedAnswer(
  {
    kind,
    acceptDeviation = [],
    of,
  }: { kind: AnswerContent['kind']; acceptDeviation?: readonly Acceptance[]; of: FillsTicket },
  read: Fill[],
): { content: AnswerContent; deviations: OwnedDeviation[] } {
  const found = deviationsOf(read, of);
  const accepted = ownDeviations(found, acceptDeviation);
  return { content: answerContent(kind, read, accepted), deviations: withReasons(found, accepted) };
}
