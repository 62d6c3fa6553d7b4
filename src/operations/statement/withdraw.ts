import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { withdrawStatementSchema, type WithdrawStatement } from '../../contract/statements.js';
import { appendAudit } from '../../db/audit.js';
import {
  findStatement,
  insertStatementEvent,
  lockStatements,
  newestComparison,
  withdrawalOf,
  type StatementEventStored,
  type StoredStatement,
} from '../../db/statements.js';
import { inTransaction } from '../../db/transaction.js';
import { faultError, outcomeOf, type Outcome } from '../../domain/errors.js';
import { admitToBooks, claimOf } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { renderStatement } from '../files/render/statement.js';
import { recordSignature } from '../signing/prove.js';
import { wholeStatementId } from './look.js';

/** A statement that was taken back, and by whom. */
export interface StatementWithdrawn {
  stored: StoredStatement;
  withdrawn: StatementEventStored;
  /** False where somebody had withdrawn it before: the first time stands. */
  recorded: boolean;
}

/**
 * Takes back a statement that should not have been imported: of another user of the broker, or one that the broker
 * corrected. Nothing is deleted, and its report stays; it counts no more for what overlaps with it, nor for the user
 * whom its account is bound to. What somebody booked by its word stays booked. Its file may be imported again.
 */
export function withdrawStatement(
  installation: Installation,
  asker: Asker,
  input: WithdrawStatement,
): Promise<Outcome<StatementWithdrawn>> {
  return outcomeOf(async () => {
    const { account, statement, reason } = parseInput(withdrawStatementSchema, input);
    const order = { purpose: 'statement-withdrawal', account, content: { statement, reason } } as const;
    const by = await admitToBooks(installation, asker, order);
    const statementId = await wholeStatementId(installation.db, account, statement);
    const { operator, at } = by;
    const told = await inTransaction(installation.db, async (trx) => {
      await lockStatements(trx, account);
      const stored = await findStatement(trx, statementId);
      if (stored === null) throw faultError('EVIDENCE_UNREADABLE', `statement ${statementId} was found and is gone`);
      const earlier = await withdrawalOf(trx, statementId);
      if (earlier !== null) return { stored, withdrawn: earlier, recorded: false };
      const withdrawn = { event: 'WITHDRAWN', reason, operator, at } as const;
      const eventKey = await insertStatementEvent(trx, statementId, withdrawn);
      const signature = await recordSignature(trx, by.proof, { fact: 'statement_events', ids: [eventKey] });
      await appendAudit(trx, {
        at,
        account,
        actor: operator,
        action: 'statement.withdrawn',
        subject: statementId,
        detail: { reason, door: asker.door, ...claimOf(by), ...signature },
      });
      return { stored, withdrawn, recorded: true };
    });
    // Its report says so from now on, and proposes nothing.
    const compared = await newestComparison(installation.db, statementId);
    if (compared) await renderStatement(installation, compared);
    return told;
  });
}
