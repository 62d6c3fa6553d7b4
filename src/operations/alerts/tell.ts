import type { Alert } from '../../contract/alerts.js';
import { renderAlert } from '../files/render/alert.js';
import type { Installation } from '../installation.js';
import { aboutWhatIsStored, raiseAlert } from './raise.js';

/** Where alerts are raised, their files written, and somebody may wait to hear of them. */
export interface Herald extends Pick<Installation, 'db' | 'dataDir'> {
  /** Told when an alert was stored, so that it goes out at once; without it the next look finds it. */
  onAlert?(): void;
}

/** Raises an alert once, writes its file, and has it go out. */
export async function tellAlert({ db, dataDir, onAlert }: Herald, alert: Alert): Promise<void> {
  const { alertId, isNew } = await raiseAlert(db, await aboutWhatIsStored(db, alert));
  if (isNew) onAlert?.();
  // A full disk must not stop whoever raises: the look for what is not delivered writes the file, or says why not.
  await renderAlert({ db, dataDir }, { alertId }).catch(() => undefined);
}
