import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import { turnKillSwitch } from '../../db/kill-switch.js';
import { inTransaction } from '../../db/transaction.js';
import { claimOf } from '../accounts/admit.js';
import { raiseKillSwitchAlert, recoverAlert } from '../alerts/raise.js';
import type { Admitted } from '../installation.js';
import { recordSignature, type Proof } from '../signing/prove.js';

export interface KillSwitchTurned {
  account: string;
  event: 'ENGAGED' | 'RESET';
  /** False when it already stood like that: then nothing is recorded. */
  turned: boolean;
  reason: string;
}

/** Turns the switch with its alert, audit record and signature, which a reset has; one that already stands like that stays as it is. */
export function turn(
  db: Knex,
  by: Omit<Admitted, 'configuration'> & { proof?: Proof },
  event: 'ENGAGED' | 'RESET',
  reason: string,
): Promise<KillSwitchTurned> {
  const {
    operator,
    at,
    account: { account },
  } = by;
  return inTransaction(db, async (trx) => {
    const key = await turnKillSwitch(trx, { account, event, reason, operator, at });
    if (key === null) return { account, event, turned: false, reason };
    if (event === 'ENGAGED') await raiseKillSwitchAlert(trx, { account, reason, by: operator, at, tradingDay: null });
    else
      await recoverAlert(trx, {
        account,
        code: 'KILL_SWITCH_ENGAGED',
        subject: account,
        message: `${operator} reset it: ${reason}`,
        at,
      });
    const fact = { fact: 'kill_switch_events', ids: [key] } as const;
    const signature = by.proof ? await recordSignature(trx, by.proof, fact) : {};
    await appendAudit(trx, {
      at,
      account,
      actor: operator,
      action: `kill_switch.${event.toLowerCase()}`,
      subject: account,
      detail: { reason, ...claimOf(by), ...signature },
    });
    return { account, event, turned: true, reason };
  });
}
