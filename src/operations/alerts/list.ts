import { lastAlertsSchema, listAlertsSchema, type LastAlerts, type ListAlerts } from '../../contract/lists.js';
import { parseInput } from '../../contract/reading.js';
import { deliveriesOf, type Delivery } from '../../db/alert-deliveries.js';
import { listAlerts as alertsOf, type StoredAlert } from '../../db/alerts.js';
import type { Db } from '../../db/connect.js';
import { severityOf, type Severity } from '../../domain/alerts/codes.js';
import { pageOfAlert } from '../../domain/alerts/page.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';

/** An alert with who was told of it. */
export interface ListedAlert extends StoredAlert {
  severity: Severity;
  /** The page of the desk where it is dealt with. */
  page: string;
  deliveries: Delivery[];
}

/** The newest alerts of an account and of the installation. */
export function lastAlerts(db: Db, input: LastAlerts): Promise<Outcome<ListedAlert[]>> {
  return outcomeOf(async () => withDeliveries(db, await alertsOf(db, parseInput(lastAlertsSchema, input))));
}

/** The newest alerts of every account. */
export function listAlerts(db: Db, input: ListAlerts): Promise<Outcome<ListedAlert[]>> {
  return outcomeOf(async () => {
    const { open, limit } = parseInput(listAlertsSchema, input);
    return withDeliveries(db, await alertsOf(db, { limit, ...(open && { state: 'OPEN' as const }) }));
  });
}

async function withDeliveries(db: Db, alerts: StoredAlert[]): Promise<ListedAlert[]> {
  const deliveries = await deliveriesOf(
    db,
    alerts.map(({ alertId }) => alertId),
  );
  return alerts.map((alert) => ({
    ...alert,
    severity: severityOf(alert.code),
    page: pageOfAlert(alert),
    deliveries: deliveries.filter(({ alertId }) => alertId === alert.alertId),
  }));
}
