import type { StoredAlert } from '../../db/alerts.js';
import type { StackStatus } from '../../runtime/status.js';

/** Alerts that wait for a human, or null when the database cannot say: status must answer also then. */
export async function alertsWaiting(status: StackStatus, databaseUrl: string): Promise<StoredAlert[] | null> {
  if (status.parts.some(({ name, state }) => name === 'postgres' && state !== 'running')) return null;
  const { connect } = await import('../../db/connect.js');
  const { openAlerts } = await import('../../db/alerts.js');
  const db = connect(databaseUrl, 1);
  try {
    return await openAlerts(db);
  } catch {
    return null;
  } finally {
    await db.destroy();
  }
}

/** One line for a person: how many wait, and the codes of the newest. */
export function waitingLine(alerts: StoredAlert[]): string {
  const codes = [...new Set(alerts.map(({ code }) => code))];
  return `alerts  ${alerts.length} open: ${codes.slice(0, 4).join(', ')}${codes.length > 4 ? ' …' : ''} (trading-ops alerts list --open)`;
}
