import type { ScheduleHandle } from '@temporalio/client';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { pauseSchedulesSchema, type PauseSchedules } from '../../contract/schedules.js';
import { appendAudit } from '../../db/audit.js';
import { inTransaction } from '../../db/transaction.js';
import { londonTime, tradingDayOf } from '../../domain/calendar/calendar.js';
import { stampOf } from '../../domain/day/clock.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { actOf } from '../../domain/signing/act.js';
import { signatureHash } from '../../domain/signing/verify.js';
import { readConfiguration } from '../runs/configuration.js';
import { operatorOf, proven } from '../installation.js';
import { expectSigned, recordSignature } from '../signing/prove.js';
import { entriesNamed, registeredSchedule, rehearsedAccount, type ScheduledInstallation } from './registered.js';

export interface SchedulesTurned {
  scheduleIds: string[];
  /** What stands beside each: why, who, when. */
  note: string;
}

/** Starts nothing of these until somebody lets them go on; the reason is kept with each and in the audit log. */
export const pauseSchedules = (
  installation: ScheduledInstallation,
  asker: Asker,
  input: PauseSchedules,
): Promise<Outcome<SchedulesTurned>> => turn('pause', installation, asker, input);

/** Starts them again from now on; what was due meanwhile is not made up for. */
export const resumeSchedules = (
  installation: ScheduledInstallation,
  asker: Asker,
  input: PauseSchedules,
): Promise<Outcome<SchedulesTurned>> => turn('unpause', installation, asker, input);

function turn(
  verb: 'pause' | 'unpause',
  installation: ScheduledInstallation,
  asker: Asker,
  input: PauseSchedules,
): Promise<Outcome<SchedulesTurned>> {
  return outcomeOf(async () => {
    const { account, schedules, reason: given } = parseInput(pauseSchedulesSchema, input);
    const reason = given.trim();
    const configuration = await readConfiguration(installation.configDir);
    const rehearsed = rehearsedAccount(configuration.policy, account);
    const order = {
      purpose: 'schedule',
      account: rehearsed ?? null,
      content: { operation: verb, schedules, reason },
    } as const;
    await expectSigned(installation, asker, actOf(order));
    const operator = operatorOf(configuration, asker);
    // Schedules run by the server's clock, those of a rehearsal too.
    const { at } = stampOf({ account: rehearsed ?? '', clock: 'real' }, { claimedAt: null, now: installation.now() });
    const handles: ScheduleHandle[] = [];
    for (const entry of entriesNamed(schedules))
      handles.push(await registeredSchedule(installation.client, entry, rehearsed));
    const by = await proven(installation, asker, { operator }, order);
    const scheduleIds = handles.map(({ scheduleId }) => scheduleId);
    const note = `${reason} (${operator}, ${tradingDayOf(at)} ${londonTime(at)} UK)`;
    for (const [index, handle] of handles.entries()) {
      await inTransaction(installation.db, async (trx) => {
        // On record first: nothing is paused that could not be written down.
        const signature =
          index === 0
            ? await recordSignature(trx, by.proof, { fact: 'audit_log', ids: scheduleIds })
            : { signature: signatureHash(by.proof.signed) };
        await appendAudit(trx, {
          at,
          account: rehearsed ?? null,
          actor: operator,
          action: `schedule.${verb}d`,
          subject: handle.scheduleId,
          detail: { reason, ...signature },
        });
        await handle[verb](note);
      });
    }
    return { scheduleIds, note };
  });
}
