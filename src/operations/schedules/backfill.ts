import type { Knex } from 'knex';
import type { RunReply } from '../../contract/runs.js';
import { parseInput } from '../../contract/reading.js';
import { backfillSchema, type Backfill } from '../../contract/schedules.js';
import { openedAccounts } from '../../db/slots.js';
import { dueRuns, type DueRun } from '../../domain/day/backfill.js';
import { schedulesOf } from '../../domain/day/schedule-times.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import { accountsOf, readConfiguration } from '../runs/configuration.js';
import type { ScheduleEntry } from './list.js';
import { entriesNamed, registeredSchedule, rehearsedAccount, type ServedInstallation } from './registered.js';
import { resultOfStarted, startedBy } from './started.js';

/** A run that was made up for, and what came of it. */
export interface MadeUp extends DueRun, RunReply {}

/** Told of each run while it is made up for; it waits for the work. */
export type Watcher = (run: DueRun, work: () => Promise<RunReply>) => Promise<RunReply>;

/** Makes up for the runs of past days in their order, each when the one before has ended. Nobody signs it, as with a trigger. */
export function backfillSchedules(
  installation: ServedInstallation,
  input: Backfill,
  watched: Watcher = (_, work) => work(),
): Promise<Outcome<MadeUp[]>> {
  const { db, client, configDir, now, assertServed } = installation;
  return outcomeOf(async () => {
    const { account, ...days } = parseInput(backfillSchema, input);
    const { policy } = await readConfiguration(configDir);
    const rehearsed = rehearsedAccount(policy, account);
    const real = rehearsed === undefined ? { now: now(), openedAt: await firstOpened(db, policy) } : null;
    const due = dueRuns(days, schedulesOf(policy), real);
    const registered = (name: string) =>
      registeredSchedule(client, entriesNamed([name])[0] as ScheduleEntry, rehearsed);
    const handles = { '0800': await registered('0800'), '1400': await registered('1400') };
    await assertServed();
    const made: MadeUp[] = [];
    for (const run of due) {
      const [handle, time] = [handles[run.slot], new Date(run.at)];
      const act = () => handle.backfill({ start: time, end: time, overlap: 'ALLOW_ALL' });
      const reply = await watched(run, async () => resultOfStarted(installation, await startedBy(handle, act, time)));
      made.push({ ...run, ...reply });
    }
    return made;
  });
}

/** When the first account that schedules are of was opened; null when none is. */
async function firstOpened(db: Knex, policy: Policy): Promise<Instant | null> {
  const real = new Set(accountsOf(policy).flatMap(({ account, clock }) => (clock === 'real' ? [account] : [])));
  const opened = (await openedAccounts(db)).filter(({ account }) => real.has(account));
  return opened.map(({ openedAt }) => openedAt).toSorted()[0] ?? null;
}
