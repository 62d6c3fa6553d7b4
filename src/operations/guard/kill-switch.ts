import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { turnKillSwitchSchema, type TurnKillSwitch } from '../../contract/kill-switch.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { admitToBooks, refuseEarlyClaim } from '../accounts/admit.js';
import { admitUnder, type Installation } from '../installation.js';
import { configurationInForce } from '../runs/configuration-in-force.js';
import { bookLatches } from './book-latches.js';
import { turn, type KillSwitchTurned } from './kill-switch-turn.js';

export type { KillSwitchTurned } from './kill-switch-turn.js';

/**
 * Stops all trading of an account until somebody resets it. The last thing to fail: it needs Postgres and nothing
 * else, no prices, no worker, no Temporal, no key; while the files of the configuration are broken it goes by what the
 * newest run pinned.
 */
export function engageKillSwitch(
  installation: Installation,
  asker: Asker,
  input: TurnKillSwitch,
): Promise<Outcome<KillSwitchTurned>> {
  return outcomeOf(async () => {
    const { account, reason } = parseInput(turnKillSwitchSchema, input);
    const by = await admitUnder(installation, await configurationInForce(installation), asker, account);
    await refuseEarlyClaim(installation.db, by);
    return turn(installation.db, by, 'ENGAGED', reason);
  });
}

/** Lets an account trade again; the drawdown is measured from here on. */
export function resetKillSwitch(
  installation: Installation,
  asker: Asker,
  input: TurnKillSwitch,
): Promise<Outcome<KillSwitchTurned>> {
  return outcomeOf(async () => {
    const { account, reason } = parseInput(turnKillSwitchSchema, input);
    const by = await admitToBooks(installation, asker, { purpose: 'kill-switch-reset', account, content: { reason } });
    // What was engaged while Postgres was away came before.
    await bookLatches(installation);
    return turn(installation.db, by, 'RESET', reason);
  });
}
