import type { ScheduleHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { SCHEDULES } from '../../../operations/schedules/list.js';
import { describeOrNull, ensureSchedules, hasRealAccount, scheduleId } from '../../../operations/schedules/ensure.js';
import { appendAudit } from '../../../db/audit.js';
import { connect } from '../../../db/connect.js';
import { londonTime, tradingDayOf } from '../../../domain/calendar/calendar.js';
import { refusal, usageError } from '../../../domain/errors.js';
import { explainDatabaseError, operatorOf, requireDatabase, type CommonFlags } from '../../kit/context.js';
import { accountFlag, entriesNamed, registeredSchedule, withSchedules, type SchedulesContext } from './context.js';

/** Registers the schedules; says of each what was done. */
export async function applySchedules(command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const { client, settings, policy, account } = context;
    const results = await ensureSchedules(client, settings.taskQueue, policy, account?.account);
    const nothing = ['Nothing is registered: no account of the policy has clock: real.', 'To rehearse on a simulated account, name it: trading-ops schedules apply --account <name>'];
    return {
      data: results, lines: results.length > 0 ? results.map(({ scheduleId: id, result }) => `${id}: ${result}`) : nothing,
      next: `trading-ops schedules show${accountFlag(context)}`,
    };
  });
}

/** Pauses or unpauses schedules; the reason is kept with each and in the audit log. */
export async function pauseSchedules(verb: 'pause' | 'unpause', names: string[], command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const { reason: given, operator: flag } = command.optsWithGlobals<CommonFlags & { reason: string }>();
    const reason = given.trim();
    if (reason === '') throw usageError('VALUE_MISSING', 'reason: must say why');
    const operator = operatorOf(context.policy.operators, flag);
    const handles: ScheduleHandle[] = [];
    for (const entry of entriesNamed(names)) handles.push(await registeredSchedule(context, entry));
    const at = new Date().toISOString();
    const note = `${reason} (${operator}, ${tradingDayOf(at)} ${londonTime(at)} UK)`;
    await withAudit(context, async (record) => {
      for (const handle of handles) {
        await handle[verb](note);
        await record({ at, account: context.account?.account ?? null, actor: operator, action: `schedule.${verb}d`, subject: handle.scheduleId, detail: { reason } });
      }
    });
    const ids = handles.map(({ scheduleId: id }) => id);
    return {
      data: { [verb === 'pause' ? 'paused' : 'unpaused']: ids, note }, lines: ids.map((id) => `${id}: ${verb}d: ${note}`),
      next: verb === 'pause' ? `trading-ops schedules unpause ${names.join(' ')}${names.length > 0 ? ' ' : ''}--reason "<why>"${accountFlag(context)}` : `trading-ops schedules show${accountFlag(context)}`,
    };
  });
}

/** Opens the database first: nothing is paused that could not be put on record. */
async function withAudit({ addresses }: SchedulesContext, work: (record: (entry: Parameters<typeof appendAudit>[1]) => Promise<void>) => Promise<void>): Promise<void> {
  const db = connect(addresses.databaseUrl, 1);
  try {
    await requireDatabase({ db });
    await work((entry) => appendAudit(db, entry));
  } catch (error) {
    throw explainDatabaseError(error, addresses.databaseUrl);
  } finally {
    await db.destroy();
  }
}

/** Removes the schedules of a rehearsal, or those that the policy does not want any more. */
export async function removeSchedules(command: Command): Promise<void> {
  await withSchedules(command, async ({ client, policy, account }) => {
    if (!account && hasRealAccount(policy)) {
      throw refusal('SCHEDULES_WANTED', 'the policy has accounts with clock: real, and the worker would register their schedules again', {
        remedy: 'trading-ops schedules pause --reason "<why>"',
      });
    }
    const handles = SCHEDULES.map((entry) => client.schedule.getHandle(scheduleId(entry, account?.account)));
    const removed: string[] = [];
    for (const handle of handles) {
      if (!(await describeOrNull(handle))) continue;
      await handle.delete();
      removed.push(handle.scheduleId);
    }
    return { data: { removed }, lines: removed.length > 0 ? removed.map((id) => `${id}: removed`) : ['There is nothing to remove.'], next: 'trading-ops schedules show' };
  });
}
