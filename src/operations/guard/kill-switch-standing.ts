import type { Knex } from 'knex';
import { killSwitchEvents, killSwitchState } from '../../db/kill-switch.js';
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

/** The standing, and everything that is stored of it, oldest first. */
export async function killSwitchStanding(
  { db, dataDir }: { db: Knex; dataDir: string },
  account: string,
): Promise<KillSwitchStanding & { events: Awaited<ReturnType<typeof killSwitchEvents>> }> {
  const [byFiles, stored, events] = [
    await standingByFiles(dataDir, account),
    await killSwitchState(db, account),
    await killSwitchEvents(db, account),
  ];
  const waiting = byFiles?.waiting ?? [];
  const standing = !stored.engaged && byFiles ? byFiles : { account, ...stored, waiting };
  return { ...standing, events };
}
