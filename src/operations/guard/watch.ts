import { unfinishedDays } from '../../db/days.js';
import { newestInstantQuestion } from '../../db/newest-instant.js';
import { ask } from '../../db/questions.js';
import { openedAccounts, type OpenedAccount } from '../../db/slots.js';
import { refuseLeap, stampOfToday } from '../../domain/day/clock.js';
import { slotStandings } from '../../domain/day/slots.js';
import { accountOf } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import { wellFormed } from '../../contract/reading.js';
import { readWatchSlots, type WatchReply, type WatchSlots } from '../../contract/runs.js';
import { backupsDirectory } from '../../backup/directory.js';
import type { Policy } from '../../domain/policy/policy.js';
import { tellBooks } from './tell-books.js';
import { brokenBooks } from './verify-books.js';
import { watchBackups } from '../backup/watch.js';
import { oneClock } from '../runs/ask.js';
import { configurationInForce } from '../runs/configuration-in-force.js';
import { loadSlotFacts, unrecordedStarts } from './watch-facts.js';
import { closeMissedDays, recordOutcome } from './watch-record.js';
import { tellDeadlines, tellSchedules, tellSlots } from './watch-tell.js';
import type { Moment, Watcher } from './watcher.js';

/**
 * Finds what every slot since the accounts' opening became, and records once what nobody else did: a slot that never
 * came to a result is MISSED, and each that is late, stopped or missed, and each deadline that a ticket is past, is an
 * alert. May be repeated at any time, also by two at once.
 * @throws OpsError MESSAGE_INVALID, ACCOUNT_UNKNOWN, CLOCKS_DIFFER, CLAIM_IN_FUTURE, CLAIM_NOT_TODAY
 */
export async function watchSlots(watcher: Watcher, given: WatchSlots): Promise<WatchReply> {
  const asked = wellFormed(readWatchSlots(given));
  const { accounts, workflowId } = asked;
  const configuration = await configurationInForce(watcher);
  // An account that the policy names no more has no runs, and nobody who would miss them; one that nobody ever named is a slip.
  const everOpened = await openedAccounts(watcher.db);
  const kept = everOpened.filter(({ account }) => Object.hasOwn(configuration.policy.accounts, account));
  for (const name of accounts)
    if (!everOpened.some(({ account }) => account === name)) accountOf(configuration.policy, name);
  const opened = kept.filter(({ account, clock }) =>
    accounts.length > 0 ? accounts.includes(account) : clock === 'real',
  );
  const at = instantOf(watcher, opened, asked);
  const reply: WatchReply = {
    at,
    accounts: opened.map(({ account }) => account),
    missed: [],
    late: [],
    stopped: [],
    overdue: [],
    backups: [],
  };
  for (const account of opened) await refuseFarAway(watcher, account, at);
  const moment = { at, workflowId, configuration, unfinished: await unfinishedDays(watcher.db) };
  for (const account of opened) await watchAccount(watcher, account, reply, moment);
  // Schedules and files are of the machine's own time, whatever the clock of a simulated account says.
  const since = opened
    .filter(({ clock }) => clock === 'real')
    .map(({ openedAt }) => openedAt)
    .toSorted()[0];
  if (since === undefined) return reply;
  await tellSchedules(watcher, configuration.policy, at);
  await watchBooks(watcher, configuration.policy, at);
  reply.backups = await watchBackups(watcher, { policy: configuration.policy, since, at });
  return reply;
}

/**
 * Every invariant of the books, looked at as often as the slots are: a broken one stops trading until it is put
 * right.
 */
async function watchBooks(watcher: Watcher, policy: Policy, at: Instant): Promise<void> {
  const { db, dataDir, env } = watcher;
  const kept = { dataDir, backups: backupsDirectory(dataDir) };
  const files = { env, policy, recent: true };
  await tellBooks(watcher, await brokenBooks({ db, kept, keys: watcher, slots: { policy, now: at }, files }), at);
}

/**
 * On a real account it is now: a sender's word is refused where it is not of today, and the time that the workflow
 * ran at, which may have waited for its worker, is nobody's word.
 */
function instantOf({ now }: Watcher, opened: readonly OpenedAccount[], { at, claimed }: WatchSlots): Instant {
  const [real] = oneClock(opened).filter(({ clock }) => clock === 'real');
  return real ? stampOfToday(real, { claimedAt: claimed === true ? at : null, now: now() }).at : at;
}

/** What is recorded of a slot stays: a clock that leaps years is refused before the first. */
async function refuseFarAway({ db }: Watcher, account: OpenedAccount, at: Instant): Promise<void> {
  const newest = await ask(db, newestInstantQuestion(db, account.account));
  refuseLeap(account, { at, since: newest?.at ?? account.openedAt });
}

async function watchAccount(
  watcher: Watcher,
  account: OpenedAccount,
  reply: WatchReply,
  moment: Moment,
): Promise<void> {
  const { db, client } = watcher;
  const facts = await loadSlotFacts(db, client, account, { policy: moment.configuration.policy, now: moment.at });
  const unexplained = slotStandings(facts).find(({ runId, state }) => runId === null && state !== 'UNDER_WAY');
  const unrecorded = unexplained ? await unrecordedStarts(client, facts, unexplained.dueAt) : [];
  const standings = slotStandings({ ...facts, runs: [...facts.runs, ...unrecorded] });
  for (const slot of standings.filter(({ recorded, outcome }) => !recorded && outcome !== null)) {
    await recordOutcome(watcher, account.account, slot, moment);
    if (slot.state === 'MISSED') reply.missed.push(`${account.account} ${slot.tradingDay} ${slot.slot}`);
  }
  await closeMissedDays(watcher, account, standings, moment);
  await tellSlots(watcher, account.account, standings, reply, moment.at);
  await tellDeadlines(watcher, account.account, facts.open, reply, moment.at);
}
