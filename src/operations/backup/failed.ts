import type { Alert } from '../../contract/alerts.js';
import { failureTold, type BackupFailure } from '../../domain/backup/failure.js';
import { tellAlert, type Herald } from '../alerts/tell.js';

/** The alert of a backup or a restore that failed, whoever ran it. */
export const alertOfFailure = (failure: BackupFailure): Alert => ({
  account: null,
  tradingDay: null,
  ...failureTold(failure),
  at: failure.at,
});

/** Raises it, writes its file and has it go out. */
export const tellFailure = (herald: Herald, failure: BackupFailure): Promise<void> =>
  tellAlert(herald, alertOfFailure(failure));
