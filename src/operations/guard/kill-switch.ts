import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { turnKillSwitchSchema, type TurnKillSwitch } from '../../contract/kill-switch.js';
import { appendAudit } from '../../db/audit.js';
import { killSwitchEvents, turnKillSwitch } from '../../db/kill-switch.js';
import { inTransaction } from '../../db/transaction.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { admitToBooks, claimOf, refuseEarlyClaim } from '../accounts/admit.js';
import { killSwitchAlert, raiseAlert, recoverAlert } from '../alerts/raise.js';
import { admitUnder, type Admitted, type Installation } from '../installation.js';
import { configurationInForce } from '../runs/configuration-in-force.js';

export interface KillSwitchTurned {
  account: string;
  event: 'ENGAGED' | 'RESET';
  /** False when it already stood like that: then nothing is recorded. */
  turned: boolean;
  reason: string;
}

/**
 * Stops all trading of an account until somebody resets it. The last thing to fail: it needs Postgres and nothing else, no
 * prices, no worker, no Temporal; while the files of the configuration are broken it goes by what the newest run pinned.
 */
export function engageKillSwitch(
  installation: Installation,
  asker: Asker,
  input: TurnKillSwitch,
): Promise<Outcome<KillSwitchTurned>> {
  return outcomeOf(async () => {
    const { account, reason } = parseInput(turnKillSwitchSchema, input);
    const by = await admitUnder(installation, await configurationInForce(installation), asker, account);
    await refuseEarlyClaim(installation.db, by);
    return turn(installation.db, by, 'ENGAGED', reason);
  });
}

/** Lets an account trade again; the drawdown is measured from here on. */
export function resetKillSwitch(
  installation: Installation,
  asker: Asker,
  input: TurnKillSwitch,
): Promise<Outcome<KillSwitchTurned>> {
  return outcomeOf(async () => {
    const { account, reason } = parseInput(turnKillSwitchSchema, input);
    return turn(installation.db, await admitToBooks(installation, asker, account), 'RESET', reason);
  });
}

function turn(db: Knex, by: Admitted, event: 'ENGAGED' | 'RESET', reason: string): Promise<KillSwitchTurned> {
  const {
    operator,
    at,
    account: { account },
  } = by;
  return inTransaction(db, async (trx) => {
    const { length } = await killSwitchEvents(trx, account);
    const turned = await turnKillSwitch(trx, {
      account,
      event,
      reason,
      operator,
      at,
      idempotencyKey: `${account}/${event}/${length}`,
    });
    if (!turned) return { account, event, turned, reason };
    if (event === 'ENGAGED') await raiseAlert(trx, killSwitchAlert(account, reason, operator, at, null));
    else
      await recoverAlert(trx, {
        account,
        code: 'KILL_SWITCH_ENGAGED',
        subject: account,
        message: `${operator} reset it: ${reason}`,
        at,
      });
    await appendAudit(trx, {
      at,
      account,
      actor: operator,
      action: `kill_switch.${event.toLowerCase()}`,
      subject: account,
      detail: { reason, ...claimOf(by) },
    });
    return { account, event, turned, reason };
  });
}
