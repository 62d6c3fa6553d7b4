import type { Command } from 'commander';
import path from 'node:path';
import { ukTime } from '../../../reports/render/format.js';
import { alertPath } from '../../../reports/paths.js';
import { FILE_SINK, type Delivery } from '../../../db/alert-deliveries.js';
import type { ListAlerts, LastAlerts } from '../../../contract/lists.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { lastAlerts, listAlerts, type ListedAlert } from '../../../operations/alerts/list.js';
import { withContext } from '../../kit/context.js';
import { shortId, wrapped } from '../../kit/table.js';
import type { Answer } from '../../kit/output.js';

/** The newest alerts of an account and of the installation, with what became of each. */
export async function alertsLast(command: Command): Promise<void> {
  await withContext(command, async ({ db, account: { account }, settings }) => {
    const { limit } = command.opts<Omit<LastAlerts, 'account'>>();
    return answered(settings.dataDir, resultOrThrow(await lastAlerts(db, { account, limit })), 'There is no alert.');
  });
}

/** Alerts of every account. */
export async function alertsList(command: Command): Promise<void> {
  await withContext(command, async ({ db, settings }) => {
    const { open, limit } = command.opts<ListAlerts>();
    const alerts = resultOrThrow(await listAlerts(db, { open, limit }));
    return answered(settings.dataDir, alerts, open ? 'No alert is open.' : 'There is no alert.');
  });
}

function answered(dataDir: string, alerts: ListedAlert[], none: string): Answer {
  const told = alerts.map((alert) => ({ ...alert, file: path.join(dataDir, alertPath(alert.alertId)) }));
  const first = alerts.find(({ state }) => state === 'OPEN');
  return {
    data: told,
    lines: told.length === 0 ? [none] : told.flatMap((alert) => alertLines(alert)),
    next: first
      ? `what its section in docs/INCIDENTS.md says; or trading-ops alerts ack ${shortId(first.alertId)} --reason "<why it may rest>"`
      : 'trading-ops day',
  };
}

function alertLines(alert: ListedAlert & { file: string }): string[] {
  const whose = alert.account === null ? '' : ` (${alert.account})`;
  return [
    `${ukTime(alert.raisedAt)}  ${alert.severity.toUpperCase()} ${alert.code}${whose}  ${alert.state}`,
    ...alert.message.split('\n').flatMap(below),
    ...below(alert.remedy),
    ...sinkLines(alert.deliveries).flatMap(below),
    ...below(`${shortId(alert.alertId)}  ${alert.file}`),
  ];
}

/** A line of an alert, beneath its head. */
const below = (text: string): string[] => wrapped(`  ${text}`, { indent: '    ' });

/** One line a sink and notice: how it ended, or how often it was tried and what was answered last. */
export function sinkLines(deliveries: Delivery[]): string[] {
  const beyondFile = deliveries.filter(({ sink }) => sink !== FILE_SINK);
  const keys = [...new Set(beyondFile.map(({ notice, sink }) => `${notice} ${sink}`))];
  return keys.map((key) => {
    const of = beyondFile.filter(({ notice, sink }) => `${notice} ${sink}` === key);
    const [{ notice, sink }] = of as [Delivery];
    const failed = of.filter(({ kind }) => kind === 'FAILED');
    const end = of.find(({ kind }) => kind === 'SENT' || kind === 'GAVE_UP');
    const tries = failed.length > 0 ? `, ${failed.length} failed ${failed.length === 1 ? 'attempt' : 'attempts'}` : '';
    const how =
      end?.kind === 'SENT'
        ? `sent ${ukTime(end.at)}${tries}: ${end.note}`
        : end
          ? `GIVEN UP${tries}: ${end.note}`
          : `not yet${tries}${failed.length > 0 ? `, last: ${failed.at(-1)?.note}` : ''}`;
    return `${sink}${notice === 'RECOVERY' ? ' (recovery)' : ''}: ${how}`;
  });
}
