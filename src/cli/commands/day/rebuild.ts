import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Knex } from 'knex';
import { tellAlert } from '../../../operations/alerts/tell.js';
import { rebuildDays, type Rebuilt } from '../../../operations/day/rebuild.js';
import { tradingDayId } from '../../../contract/workflows.js';
import { EXIT } from '../../kit/exit.js';
import type { Policy } from '../../../domain/policy/policy.js';
import type { Instant } from '../../../domain/types.js';
import type { Settings } from '../../../runtime/settings.js';
import { requireDatabase, withContext } from '../../kit/context.js';
import { withProgress } from '../../kit/progress.js';
import { withTemporal } from '../../kit/temporal.js';

/** Opens every unfinished day again at the step where it stands in Postgres, and gives again what a restore has lost. */
export async function rebuild(command: Command): Promise<void> {
  await withContext(command, async ({ settings, db, policy }) => {
    await requireDatabase({ db });
    const rebuilt = await withTemporal(settings, (client) =>
      withProgress("Comparing Temporal's days with Postgres", () =>
        rebuildWith({ client, db, settings, policy, since: null }),
      ),
    );
    return {
      data: rebuilt,
      lines: rebuiltLines(rebuilt),
      ...(rebuilt.lost.length > 0 && { exitCode: EXIT.refused }),
      next: rebuilt.lost.length > 0 ? 'docs/INCIDENTS.md, CONFIRMATION_LOST' : 'trading-ops day',
    };
  });
}

/** The same for whoever has a client and a database at hand: after a restore. */
export function rebuildWith({
  client,
  db,
  settings,
  policy,
  since,
}: {
  client: Client;
  db: Knex;
  settings: Settings;
  policy: Policy;
  since: Instant | null;
}): Promise<Rebuilt> {
  return rebuildDays({
    db,
    client,
    taskQueue: settings.taskQueue,
    policy,
    since,
    at: new Date().toISOString(),
    raiseAlert: (alert) => tellAlert({ db, dataDir: settings.dataDir }, alert),
  });
}

/** What was done, a line each. */
export function rebuiltLines({ days, ahead, replayed, lost }: Rebuilt): string[] {
  return [
    ...(days.length === 0
      ? ['Every day that was opened is closed.']
      : days.map((day) => `Opened again: ${tradingDayId(day.account, day.tradingDay)}`)),
    ...ahead.map((id) => `Opened again: ${id}, which Temporal had open and Postgres had not`),
    ...replayed.map(
      ({ command, tradingDay }) =>
        `Confirmed again: ticket ${command.ticketId} of ${tradingDay}, as ${command.operator} did before the restore`,
    ),
    ...lost.map(
      ({ command, tradingDay }) =>
        `CONFIRMATION_LOST: ticket ${command.ticketId} of ${tradingDay}, confirmed by ${command.operator}; neither is stored any more`,
    ),
  ];
}
