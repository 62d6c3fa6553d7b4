import { listAlerts, type StoredAlert } from '../../db/alerts.js';
import type { Db } from '../../db/connect.js';
import { refusal, usageError } from '../../domain/errors.js';
import { isUuid } from '../../domain/shapes.js';
import { bounded } from '../../domain/text.js';
import { theOne } from '../day/whole-id.js';

/** The one alert whose id begins like that. @throws OpsError ALERT_ID_INVALID, ALERT_UNKNOWN, ID_AMBIGUOUS */
export async function alertAskedFor(db: Db, asked: string): Promise<StoredAlert> {
  if (!/^[0-9a-f]{8}[0-9a-f-]{0,28}$/i.test(asked)) {
    throw usageError(
      'ALERT_ID_INVALID',
      `alert-id: ${bounded(asked)}: must be an alert's id, or at least its first eight characters`,
      { remedy: 'trading-ops alerts list --open' },
    );
  }
  const begins = asked.toLowerCase();
  const isWhole = isUuid(begins);
  const found = (await listAlerts(db, isWhole ? { alertIds: [begins] } : {})).filter(({ alertId }) =>
    alertId.startsWith(begins),
  );
  const ids = found.map(({ alertId }) => alertId);
  const id = theOne('alert-id', asked, ids, () =>
    refusal('ALERT_UNKNOWN', `alert-id: ${bounded(asked)}: no alert has this id`, {
      remedy: 'trading-ops alerts list --open',
    }),
  );
  return found.find(({ alertId }) => alertId === id)!;
}
