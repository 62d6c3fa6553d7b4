import type { Knex } from 'knex';
import { stateWord, type AuditHead } from '../../db/audit.js';
import { keptWhile } from '../../db/kept-while.js';
import { engagedAccounts, killSwitchEvents, killSwitchState } from '../../db/kill-switch.js';
import type { Installation } from '../installation.js';
import { configurationInForce } from '../runs/configuration-in-force.js';
import { isStopping, standingLatches, type StandingLatch } from './latch.js';

/** How the kill switch of an account stands: a latch that is not booked yet stops like one that is. */
export interface KillSwitchStanding {
  account: string;
  engaged: boolean;
  /** Of what happened last; null where nothing ever did. */
  reason: string | null;
  /** Latches that are not booked yet. */
  waiting: StandingLatch[];
}

/** The standing by the files alone, for while Postgres does not answer: engaged, or null where no latch stops it. */
export async function standingByFiles(dataDir: string, account: string): Promise<KillSwitchStanding | null> {
  const waiting = (await standingLatches(dataDir)).filter((latch) => isStopping(latch, account));
  const [first] = waiting;
  return first ? { account, engaged: true, reason: first.reason, waiting } : null;
}

/** The standing by what is stored and by the files. */
export async function killSwitchStands(
  { db, dataDir }: { db: Knex; dataDir: string },
  account: string,
): Promise<KillSwitchStanding> {
  const [byFiles, stored] = await Promise.all([standingByFiles(dataDir, account), killSwitchState(db, account)]);
  const waiting = byFiles?.waiting ?? [];
  return !stored.engaged && byFiles ? byFiles : { account, ...stored, waiting };
}

/** The standing, and everything that is stored of it, oldest first. */
export async function killSwitchStanding(
  place: { db: Knex; dataDir: string },
  account: string,
): Promise<KillSwitchStanding & { events: Awaited<ReturnType<typeof killSwitchEvents>> }> {
  const [standing, events] = [await killSwitchStands(place, account), await killSwitchEvents(place.db, account)];
  return { ...standing, events };
}

/**
 * Names of the accounts of the policy in force whose trading is stopped: by what is stored, which is read anew only
 * when a fact was stored meanwhile, and by the files, which are looked at each time.
 * @param head the newest audit record, read just before
 */
export async function stoppedAccounts(
  place: Pick<Installation, 'db' | 'dataDir' | 'configDir'>,
  head: AuditHead | null,
): Promise<string[]> {
  const { db, dataDir } = place;
  const [{ policy }, engaged, latches] = await Promise.all([
    configurationInForce(place),
    keptWhile(db, { key: 'engaged', word: stateWord(head) }, () => engagedAccounts(db)),
    standingLatches(dataDir),
  ]);
  const isStopped = (account: string) => engaged.has(account) || latches.some((latch) => isStopping(latch, account));
  return Object.keys(policy.accounts).filter(isStopped);
}
