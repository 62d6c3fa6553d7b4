import type { Client } from '@temporalio/client';
import { Runtime } from '@temporalio/worker';
import { readConfiguration } from '../operations/runs/configuration.js';
import { ensureSchedules } from '../operations/schedules/ensure.js';
import type { Settings } from '../runtime/settings.js';

/**
 * Registers the schedules of the policy as it stands now. What is wrong is logged and no more: open days need their worker
 * also while the policy is being mended, and `make schedules` tells it to a person.
 */
export async function registerSchedules(
  client: Client,
  { taskQueue, configDir }: Pick<Settings, 'taskQueue' | 'configDir'>,
): Promise<void> {
  const { logger } = Runtime.instance();
  try {
    const { policy } = await readConfiguration(configDir);
    const results = await ensureSchedules(client, taskQueue, policy);
    const news = results.filter(({ result }) => result !== 'unchanged');
    if (news.length > 0)
      logger.info('schedules registered', {
        schedules: news.map(({ scheduleId, result }) => `${scheduleId} ${result}`).join(', '),
      });
  } catch (error) {
    logger.error('schedules are not registered; mend the cause and type make schedules', { error });
  }
}
