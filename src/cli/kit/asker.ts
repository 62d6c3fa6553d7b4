import type { Asker } from '../../contract/asker.js';
import { claimMeant } from '../../operations/accounts/meant.js';
import type { Installation } from '../../operations/installation.js';
import { machineClock, type Context } from './context.js';
import { signerOf } from './signer.js';

/** Who types. */
export const askerOf = ({
  operator,
  account,
  at,
  settings,
}: Pick<Context, 'operator' | 'account' | 'at' | 'settings'>): Asker => ({
  operator: operator(),
  door: 'cli',
  claimedAt: claimMeant(account, at),
  sign: signerOf(settings),
});

/** What operations work on, of a command's context. */
export const installationOf = ({
  db,
  settings: { dataDir, configDir },
}: Pick<Context, 'db' | 'settings'>): Installation => ({ db, dataDir, configDir, now: machineClock });
