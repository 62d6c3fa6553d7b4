import { factsBeyond } from '../../../backup/beyond.js';
import { newestVerified, type VerifiedBackup } from '../../../backup/verify.js';
import type { LostFacts } from '../../../domain/backup/proof.js';
import { refusal } from '../../../domain/errors.js';
import { backupToProve } from '../choose.js';

/** So long a step that is just ending is waited for before it counts as under way. */
const SETTLE_MS = 5_000;

/** Asks again until the answer is yes, or for so many milliseconds. @returns whether it was */
type Waiting = (ask: () => Promise<boolean>, forMs: number) => Promise<boolean>;

/**
 * A restore would cut short what is under way.
 * @param look what is under way now, a line each
 * @throws OpsError WORK_UNDER_WAY
 */
export async function refuseWhileUnderWay(look: () => Promise<string[]>, waiting: Waiting): Promise<void> {
  let found: string[] = [];
  if (await waiting(async () => (found = await look()).length === 0, SETTLE_MS)) return;
  throw refusal(
    'WORK_UNDER_WAY',
    `a restore now would cut this short:\n${found.map((line) => `  ${line}`).join('\n')}`,
    {
      remedy:
        'wait until it is done (make day, or the Temporal Web UI; make up when the worker is down), then: make restore-fresh-test',
    },
  );
}

/**
 * systemd would start the parts again, or stop the restored ones, by its own rules.
 * @param service the unit that runs a part of the installation, where one does
 * @throws OpsError RUN_BY_SYSTEMD
 */
export function refuseUnderSystemd(service: string | null): void {
  if (service === null) return;
  throw refusal(
    'RUN_BY_SYSTEMD',
    `${service} is run by systemd, which would start and stop parts in the middle of the proof`,
    {
      remedy:
        'systemctl stop trading-ops.target; make up; make restore-fresh-test; make down; systemctl start trading-ops.target',
    },
  );
}

/** What a proof would begin with. */
export interface FreshPlan {
  newest: VerifiedBackup | null;
  /** What the live database has that the newest backup has not; null where it has nothing, or does not run. */
  beyond: LostFacts | null;
}

/**
 * Looks at what a proof would begin with, and changes nothing.
 * @param superuser connection string of the live database; null where it does not run
 * @throws OpsError NO_BACKUP where newer facts may be lost and there is nothing to go back to
 */
export async function planFreshRestore({
  directory,
  loseNewer,
  superuser,
}: {
  directory: string;
  loseNewer: boolean;
  superuser: string | null;
}): Promise<FreshPlan> {
  const newest = loseNewer ? await backupToProve(directory, null) : await newestVerified(directory);
  return { newest, beyond: newest && superuser !== null ? await factsBeyond(superuser, newest) : null };
}
