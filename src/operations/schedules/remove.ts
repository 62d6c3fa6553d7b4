import type { ScheduleHandle } from '@temporalio/client';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { rehearsalSchema, type Rehearsal } from '../../contract/schedules.js';
import { appendAudit } from '../../db/audit.js';
import { inTransaction } from '../../db/transaction.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import { readConfiguration } from '../runs/configuration.js';
import { actOf } from '../../domain/signing/act.js';
import { signatureHash } from '../../domain/signing/verify.js';
import { operatorOf, proven } from '../installation.js';
import { expectSigned, recordSignature } from '../signing/prove.js';
import { describeOrNull, hasRealAccount, scheduleId } from './ensure.js';
import { SCHEDULES } from './list.js';
import { rehearsedAccount, type ScheduledInstallation } from './registered.js';

/**
 * Removes the schedules of a rehearsal, or those that the policy does not want any more; refused for those that it
 * wants.
 */
export function removeSchedules(
  installation: ScheduledInstallation,
  asker: Asker,
  input: Rehearsal,
): Promise<Outcome<{ removed: string[] }>> {
  return outcomeOf(async () => {
    const { client, configDir, db, now } = installation;
    const { account } = parseInput(rehearsalSchema, input);
    const configuration = await readConfiguration(configDir);
    const { policy } = configuration;
    const rehearsed = rehearsedAccount(policy, account);
    const order = { purpose: 'schedule', account: rehearsed ?? null, content: { operation: 'remove' } } as const;
    await expectSigned(installation, asker, actOf(order));
    const operator = operatorOf(configuration, asker);
    if (rehearsed === undefined && hasRealAccount(policy)) {
      throw refusal(
        'SCHEDULES_WANTED',
        'the policy has accounts with clock: real, and the worker would register their schedules again',
        {
          remedy: 'trading-ops schedules pause --reason "<why>"',
        },
      );
    }
    const handles: ScheduleHandle[] = [];
    for (const handle of SCHEDULES.map((entry) => client.schedule.getHandle(scheduleId(entry, rehearsed))))
      if (await describeOrNull(handle)) handles.push(handle);
    const removed = handles.map((handle) => handle.scheduleId);
    if (handles.length === 0) return { removed };
    const { proof } = await proven(installation, asker, { operator }, order);
    for (const [index, handle] of handles.entries()) {
      await inTransaction(db, async (trx) => {
        const signature =
          index === 0
            ? await recordSignature(trx, proof, { fact: 'audit_log', ids: removed })
            : { signature: signatureHash(proof.signed) };
        await appendAudit(trx, {
          at: now(),
          account: rehearsed ?? null,
          actor: operator,
          action: 'schedule.removed',
          subject: handle.scheduleId,
          detail: signature,
        });
        await handle.delete();
      });
    }
    return { removed };
  });
}
