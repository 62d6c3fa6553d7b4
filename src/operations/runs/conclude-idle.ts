import { wellFormed } from '../../contract/reading.js';
import { readScheduledRun, type ScheduledRun } from '../../contract/runs.js';
import { openAccount } from '../../db/accounts.js';
import { storeConfiguration } from '../../db/configurations.js';
import { finishRun } from '../../db/run-results.js';
import { insertRun } from '../../db/runs.js';
import { newestRunOfSlot } from '../../db/slots.js';
import { inTransaction } from '../../db/transaction.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import type { Idle } from '../../domain/day/scheduled-start.js';
import { slotWindow } from '../../domain/day/slots.js';
import { usageError } from '../../domain/errors.js';
import { tellAlert, type Herald } from '../alerts/tell.js';
import { renderRun } from '../files/render/run.js';
import type { Installation } from '../installation.js';
import { SCHEDULE } from './ask.js';
import { accountsOf, readConfiguration, type Configuration } from './configuration.js';
import { missedRunId, recordMissed } from './record-missed.js';
import { startOfScheduled } from './scheduled-start.js';

interface SlotRecord {
  runId: string;
  outcome: string;
  summary: string;
}

type IdlePlace = Installation & Herald;

/**
 * Records a run that does nothing, and says why. A slot that is `MISSED` has one record and one alert, the watch's own where
 * that was quicker; one that has a run already keeps it. Whether there is nothing to do is found here, not believed.
 */
export async function concludeIdle(place: IdlePlace, given: ScheduledRun): Promise<SlotRecord & { files: string[] }> {
  const { db, configDir, now } = place;
  const asked = wellFormed(readScheduledRun(given));
  const configuration = await readConfiguration(configDir);
  const { accounts, idle } = await startOfScheduled(db, asked, configuration, now());
  if (!idle) throw usageError('MESSAGE_INVALID', `at: ${asked.at}: must be of a run that has nothing to do`);
  const run = { ...asked, accounts };
  if (idle.outcome === 'CLOSED') {
    await recordClosed(place, run, idle, configuration);
    return { runId: run.runId, ...idle, files: await renderRun(place, run) };
  }
  const found: SlotRecord[] = [];
  for (const account of run.accounts) found.push(await missed(place, account, run, idle, configuration));
  const [first = { runId: run.runId, ...idle }] = found;
  return { ...first, files: await renderRun(place, first) };
}

async function recordClosed(
  { db, now }: IdlePlace,
  run: ScheduledRun,
  { outcome, summary }: Idle,
  { policy, policyHash, universe, universeHash }: Configuration,
): Promise<void> {
  const tradingDay = tradingDayOf(run.at);
  await inTransaction(db, async (trx) => {
    await storeConfiguration(trx, 'policy', policyHash, policy);
    await storeConfiguration(trx, 'universe', universeHash, universe);
    // A real account is opened when it is, whatever day the schedule is of: slots before that are nobody's.
    for (const account of accountsOf(policy))
      await openAccount(trx, account, SCHEDULE, account.clock === 'real' ? now() : run.at);
    await insertRun(trx, {
      ...run,
      tradingDay,
      asOfDate: asOfDate(tradingDay, policy.calendar),
      operator: SCHEDULE,
      policyHash,
      universeHash,
    });
    await finishRun(trx, run.runId, outcome, summary);
  });
}

async function missed(
  place: IdlePlace,
  account: string,
  { slot, at, workflowId }: ScheduledRun,
  { summary }: Idle,
  configuration: Configuration,
): Promise<SlotRecord> {
  const tradingDay = tradingDayOf(at);
  const { dueAt, endsAt } = slotWindow(tradingDay, slot, configuration.policy) ?? { dueAt: at, endsAt: at };
  const { db, now } = place;
  const foundAt = now();
  await recordMissed(
    db,
    {
      account,
      tradingDay,
      slot,
      dueAt,
      at: foundAt,
      workflowId,
      summary,
      operator: SCHEDULE,
      evidence: { dueAt, endsAt, beganAt: foundAt },
    },
    configuration,
  );
  const run = await newestRunOfSlot(db, account, { tradingDay, slot });
  // The same alert as the watch's, so that a human hears of it once whoever was quicker.
  if (run?.outcome === 'MISSED')
    await tellAlert(place, {
      account,
      tradingDay,
      code: 'RUN_MISSED',
      subject: `${tradingDay}/${slot}`,
      at: endsAt,
      message: run.summary ?? summary,
    });
  return {
    runId: run?.runId ?? missedRunId({ account, tradingDay, slot }),
    outcome: run?.outcome ?? 'UNDER_WAY',
    summary: run?.summary ?? summary,
  };
}
