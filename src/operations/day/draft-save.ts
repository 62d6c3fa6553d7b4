import type { Asker } from '../../contract/asker.js';
import { saveDraftSchema, type SaveDraft } from '../../contract/execution.js';
import { parseInput } from '../../contract/reading.js';
import { newestClaim } from '../../db/claims.js';
import { lockTicketOfDay } from '../../db/confirmations.js';
import { draftOf, forgetAnsweredDrafts, keepDraftLine } from '../../db/drafts.js';
import { inTransaction } from '../../db/transaction.js';
import { holderAfter, refuseUnlessOwn } from '../../domain/confirmation/claim.js';
import { draftContent, versionAfter, type DraftLine } from '../../domain/confirmation/draft.js';
import { outcomeOf, usageError, type Outcome } from '../../domain/errors.js';
import { problemText } from '../../domain/problems.js';
import { admit, type Gatehouse } from '../installation.js';
import { refuseUnlessExecutable } from './executable.js';
import { ticketOfAccount } from './find-ticket.js';

/**
 * Saves lines of an answer as they were typed, all or none, and sends nothing. Needs Postgres alone.
 * @returns every line that is saved; or DRAFT_STALE where a line was saved otherwise since it was read,
 *   EXECUTION_CLAIMED where another executes the ticket, and what `refuseUnlessExecutable` refuses
 */
export function saveDraft(where: Gatehouse, asker: Asker, input: SaveDraft): Promise<Outcome<DraftLine[]>> {
  return outcomeOf(async () => {
    const { account, ticketId: asked, lines } = parseInput(saveDraftSchema, input);
    const { operator, at } = await admit(where, asker, account);
    return inTransaction(where.db, async (trx) => {
      const ticket = await ticketOfAccount(trx, account, asked);
      const { ticketId, tradingDay, material } = ticket;
      await lockTicketOfDay(trx, account, tradingDay);
      await refuseUnlessExecutable(trx, ticket);
      refuseUnlessOwn(holderAfter(await newestClaim(trx, ticketId)), operator);
      await forgetAnsweredDrafts(trx);
      const stored = new Map((await draftOf(trx, ticketId)).map((line) => [line.sequence, line]));
      for (const { sequence, ...line } of lines) {
        if (!material.lines.some((each) => each.sequence === sequence))
          throw unknownLine(sequence, material.lines.length);
        const content = draftContent(line.content);
        const version = versionAfter(stored.get(sequence), { sequence, version: line.version, content });
        if (version !== null) await keepDraftLine(trx, ticketId, { sequence, content, version, operator, savedAt: at });
      }
      return draftOf(trx, ticketId);
    });
  });
}

const unknownLine = (sequence: number, count: number) =>
  usageError(
    'ARGUMENT_INVALID',
    problemText([{ field: 'sequence', value: String(sequence), rule: `must be a line of the ticket, 1 to ${count}` }]),
  );
