import { acknowledgeAlertSchema, type AcknowledgeAlert } from '../../contract/alert-acknowledgement.js';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { openAlerts, recordAcknowledgement, type StoredAlert } from '../../db/alerts.js';
import { appendAudit } from '../../db/audit.js';
import { inTransaction } from '../../db/transaction.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { admitToInstallation, claimOf } from '../accounts/admit.js';
import { recordSignature } from '../signing/prove.js';
import type { Installation } from '../installation.js';
import { alertAskedFor } from './asked-for.js';

export interface Acknowledged {
  /** The alert as it stood before. */
  alert: StoredAlert;
  /** False when it had been acknowledged, or had recovered: the first time stands. */
  recorded: boolean;
  /** Alerts that still wait for somebody. */
  open: number;
}

/** Records who has seen an alert, and why it may rest; the first time stands. */
export function acknowledgeAlert(
  installation: Installation,
  asker: Asker,
  input: AcknowledgeAlert,
): Promise<Outcome<Acknowledged>> {
  return outcomeOf(async () => {
    const { account, alertId: asked, reason } = parseInput(acknowledgeAlertSchema, input);
    const order = { purpose: 'alert-acknowledgement', account, content: { alertId: asked, reason } } as const;
    const by = await admitToInstallation(installation, asker, account, order);
    const { operator, at } = by;
    const alert = await alertAskedFor(installation.db, asked);
    const { alertId, code } = alert;
    const recorded =
      alert.state !== 'RECOVERED' &&
      (await inTransaction(installation.db, async (trx) => {
        const isNew = await recordAcknowledgement(trx, { alertId, operator, reason, at });
        if (!isNew) return false;
        const fact = { fact: 'alert_events', ids: [`${alertId}/ACKNOWLEDGED`] } as const;
        const detail = { alertId, reason, ...claimOf(by), ...(await recordSignature(trx, by.proof, fact)) };
        const about = { account: alert.account, actor: operator, action: 'alert.acknowledged', subject: code };
        await appendAudit(trx, { at, ...about, detail });
        return true;
      }));
    return { alert, recorded, open: (await openAlerts(installation.db)).length };
  });
}
