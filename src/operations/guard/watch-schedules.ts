import type { Client } from '@temporalio/client';
import type { Instant } from '../../domain/types.js';
import type { Alert } from '../../contract/alerts.js';
import { describeOrNull, type ScheduleWish } from '../schedules/ensure.js';

export const SCHEDULE_ALERTS = ['SCHEDULE_PAUSED', 'SCHEDULE_MISSING'] as const;

/** The schedules that the policy wants and that start nothing: paused by somebody, or not registered. */
export async function schedulesAmiss(client: Client, wishes: readonly ScheduleWish[], at: Instant): Promise<Alert[]> {
  const found = await Promise.all(
    wishes.map(async ({ scheduleId: subject }): Promise<Alert[]> => {
      const schedule = await describeOrNull(client.schedule.getHandle(subject));
      const alert = { account: null, tradingDay: null, subject, at };
      if (!schedule)
        return [
          { ...alert, code: 'SCHEDULE_MISSING', message: `Schedule ${subject} is not registered: it starts nothing.` },
        ];
      const { paused, note } = schedule.state;
      return paused
        ? [
            {
              ...alert,
              code: 'SCHEDULE_PAUSED',
              message: `Schedule ${subject} is paused: it starts nothing.${note ? ` Note: ${note}.` : ''}`,
            },
          ]
        : [];
    }),
  );
  return found.flat();
}
