import { loadAlertFacts, type AlertFacts } from '../../../reports/alert/facts.js';
import { alertJson } from '../../../reports/alert/page.js';
import { alertPath } from '../../../reports/paths.js';
import { jsonText } from '../../../reports/render/parts.js';
import { writeArtifacts } from '../../../reports/write.js';
import { checkedId, unknown, type Press } from './stored.js';

/** Writes the file of an alert. @returns the paths written @throws OpsError UNKNOWN_ID */
export async function renderAlert({ db, dataDir }: Press, { alertId }: { alertId: string }): Promise<string[]> {
  const alert = (await loadAlertFacts(db, checkedId('alert', alertId))) ?? unknown('alert', alertId);
  return writeAlert(dataDir, alert);
}

/** The same of an alert that is at hand. */
export const writeAlert = (dataDir: string, alert: AlertFacts): Promise<string[]> =>
  writeArtifacts(dataDir, [{ path: alertPath(alert.alertId), text: jsonText(alertJson(alert)) }]);
