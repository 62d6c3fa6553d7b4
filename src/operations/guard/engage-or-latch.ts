import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { turnKillSwitchSchema, type TurnKillSwitch } from '../../contract/kill-switch.js';
import { OpsError, outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import type { Installation } from '../installation.js';
import { engageKillSwitch } from './kill-switch.js';
import { leaveLatch } from './latch.js';

/** How trading was stopped: by a row, or by the file that stops as well until Postgres takes it. */
export interface Stopped {
  /** False when it stood like that before. */
  turned: boolean;
  /** The file; null where Postgres took it. */
  file: string | null;
}

/**
 * Stops all trading of an account, whatever Postgres makes of it: what it does not take stands in a file, which stops
 * the worker's tickets just the same. What is wrong with the words, or not allowed, is refused.
 */
export function engageOrLatch(
  installation: Installation,
  asker: Asker,
  input: TurnKillSwitch,
): Promise<Outcome<Stopped>> {
  return outcomeOf(async () => {
    const { account, reason } = parseInput(turnKillSwitchSchema, input);
    try {
      const { turned } = resultOrThrow(await engageKillSwitch(installation, asker, { account, reason }));
      return { turned, file: null };
    } catch (error) {
      if (error instanceof OpsError && (error.kind === 'usage' || error.kind === 'refused')) throw error;
      const { operator, claimedAt } = asker;
      const at = new Date(claimedAt ?? installation.now()).toISOString();
      return { turned: true, file: await leaveLatch(installation.dataDir, { account, operator, reason, at }) };
    }
  });
}
