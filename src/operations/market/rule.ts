import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { ruleActionSchema, type RuleAction } from '../../contract/rulings.js';
import { insertRuling } from '../../db/actions.js';
import { appendAudit } from '../../db/audit.js';
import { inTransaction } from '../../db/transaction.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import { planRuling, rulingText } from '../../domain/market/ruling.js';
import type { ActionRuling } from '../../domain/types.js';
import { admitToInstallation, claimOf } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { recordSignature } from '../signing/prove.js';
import { ruledDay } from './ruled-day.js';

/** A ruling as it was recorded. */
export interface Ruled extends ActionRuling {
  reason: string;
  operator: string;
  /** What was ruled, in a sentence. */
  says: string;
}

/** Records what a human decided about an action; the newest ruling counts, older ones stay on record. */
export function ruleAction(installation: Installation, asker: Asker, input: RuleAction): Promise<Outcome<Ruled>> {
  return outcomeOf(async () => {
    const { account, reason, type: dividendType, ...command } = parseInput(ruleActionSchema, input);
    const said = { operation: 'rule', ...command, type: dividendType, reason };
    const order = { purpose: 'ruling', account, content: said } as const;
    const by = await admitToInstallation(installation, asker, account, order);
    const { symbol, exDate } = command;
    const day = await ruledDay(installation.db, by, command);
    const ruling = resultOrThrow(planRuling({ ...command, dividendType }, day));
    await inTransaction(installation.db, async (trx) => {
      const ruled = { ...ruling, reason, operator: by.operator, ruledAt: by.at };
      const { rulingId } = await insertRuling(trx, ruled);
      const signature = await recordSignature(trx, by.proof, { fact: 'action_rulings', ids: [rulingId] });
      await appendAudit(trx, {
        at: by.at,
        account: null,
        actor: by.operator,
        action: 'action.ruled',
        subject: `${symbol} ${exDate} ${ruling.kind}${dividendType === 'regular' ? '' : ` ${dividendType}`}`,
        detail: { ruling: ruling.ruling, value: ruling.value, reason, ...claimOf(by), ...signature },
      });
    });
    return { ...ruling, reason, operator: by.operator, says: rulingText(ruling, day) };
  });
}
