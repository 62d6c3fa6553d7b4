import type { Asker } from '../../contract/asker.js';
import type { Installation } from '../../operations/installation.js';
import { machineClock, type Context } from './context.js';

/** Who types: on a simulated account `--at` is the clock, on a real one nothing is claimed, for this machine stamps. */
export const askerOf = ({ operator, account, at }: Pick<Context, 'operator' | 'account' | 'at'>): Asker => ({
  operator: operator(),
  door: 'cli',
  claimedAt: account.clock === 'simulated' ? at : null,
});

/** What operations work on, of a command's context. */
export const installationOf = ({
  db,
  settings: { dataDir, configDir },
}: Pick<Context, 'db' | 'settings'>): Installation => ({ db, dataDir, configDir, now: machineClock });
