import { WORKFLOWS } from '../../contract/workflows.js';
import { isInstant } from '../../domain/dates.js';
import { usageError } from '../../domain/errors.js';
import type { Account, Instant, RunSlot } from '../../domain/types.js';

/** The operator of what nobody typed; accepted from a schedule alone. */
export const SCHEDULE = 'schedule';

/** The workflow of each slot, and what its ids begin with. */
export const RUN_WORKFLOWS: Readonly<Record<RunSlot, { type: string; id: string }>> = {
  '0800': { type: WORKFLOWS.morningRun, id: 'morning-run' },
  '1400': { type: WORKFLOWS.afternoonRun, id: 'afternoon-run' },
  ops: { type: WORKFLOWS.opsRun, id: 'ops-run' },
};

/** An instant as ids have it: to the second, in UTC, as the server writes that of a scheduled run. */
export const idInstant = (at: Instant): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * The id of a run's workflow. The instant makes it, as the server makes that of a scheduled run, so that whoever asks
 * second gets the first one's result.
 * @param account named when the run is of one account alone.
 */
export const runWorkflowId = (slot: RunSlot, account: string | null, at: Instant): string =>
  `${RUN_WORKFLOWS[slot].id}${account === null ? '' : `/${account}`}-${idInstant(at)}`;

/** What the id of a run's workflow says of it: its slot, and the instant that it is of; null for any other id. */
export function runOfId(workflowId: string): { slot: RunSlot; at: Instant } | null {
  const at = workflowId.slice(-idInstant('2018-05-07T08:00:00Z').length);
  const slots = Object.keys(RUN_WORKFLOWS) as RunSlot[];
  const slot = slots.find((each) => workflowId.startsWith(RUN_WORKFLOWS[each].id));
  return slot === undefined || !isInstant(at) ? null : { slot, at };
}

/**
 * The accounts that a run is of: the one asked for, or all that share the clock of the one that is meant.
 * @param isInstantGiven whether the sender says what time it is: then every account must share that clock.
 * @throws OpsError CLOCKS_DIFFER
 */
export function accountsOfRun(
  meant: Account,
  all: readonly Account[],
  { asked, isInstantGiven }: { asked: boolean; isInstantGiven: boolean },
): string[] {
  if (asked) return [meant.account];
  if (isInstantGiven) oneClock(all);
  return all.filter(({ clock }) => clock === meant.clock).map(({ account }) => account);
}

/** These accounts, when they share a clock: one instant cannot be both real and simulated. @throws OpsError CLOCKS_DIFFER */
export function oneClock(accounts: readonly Account[]): readonly Account[] {
  const [first] = accounts;
  const other = accounts.find(({ clock }) => clock !== first?.clock);
  if (other === undefined) return accounts;
  throw usageError(
    'CLOCKS_DIFFER',
    `account: not every account has clock ${first?.clock}: ${other.account} has clock ${other.clock}`,
    { remedy: 'name one with --account' },
  );
}
