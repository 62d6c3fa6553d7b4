import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { rehearsalSchema, type Rehearsal } from '../../contract/schedules.js';
import { appendAudit } from '../../db/audit.js';
import { inTransaction } from '../../db/transaction.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import { readConfiguration } from '../runs/configuration.js';
import { operatorOf } from '../installation.js';
import { describeOrNull, hasRealAccount, scheduleId } from './ensure.js';
import { SCHEDULES } from './list.js';
import { rehearsedAccount, type ScheduledInstallation } from './registered.js';

/** Removes the schedules of a rehearsal, or those that the policy does not want any more; refused for those that it wants. */
export function removeSchedules(
  { client, configDir, db, now }: ScheduledInstallation,
  asker: Asker,
  input: Rehearsal,
): Promise<Outcome<{ removed: string[] }>> {
  return outcomeOf(async () => {
    const { account } = parseInput(rehearsalSchema, input);
    const configuration = await readConfiguration(configDir);
    const { policy } = configuration;
    const operator = operatorOf(configuration, asker);
    const rehearsed = rehearsedAccount(policy, account);
    if (rehearsed === undefined && hasRealAccount(policy)) {
      throw refusal(
        'SCHEDULES_WANTED',
        'the policy has accounts with clock: real, and the worker would register their schedules again',
        {
          remedy: 'trading-ops schedules pause --reason "<why>"',
        },
      );
    }
    const removed: string[] = [];
    for (const handle of SCHEDULES.map((entry) => client.schedule.getHandle(scheduleId(entry, rehearsed)))) {
      if (!(await describeOrNull(handle))) continue;
      await inTransaction(db, async (trx) => {
        await appendAudit(trx, {
          at: now(),
          account: rehearsed ?? null,
          actor: operator,
          action: 'schedule.removed',
          subject: handle.scheduleId,
          detail: {},
        });
        await handle.delete();
      });
      removed.push(handle.scheduleId);
    }
    return { removed };
  });
}
