import type { Knex } from 'knex';
import { v5 as uuidv5 } from 'uuid';
import { appendAudit } from '../../db/audit.js';
import { storeConfiguration } from '../../db/configurations.js';
import { finishRun } from '../../db/run-results.js';
import { insertRun } from '../../db/runs.js';
import { slotHasRun } from '../../db/slots.js';
import { inTransaction } from '../../db/transaction.js';
import { asOfDate } from '../../domain/calendar/calendar.js';
import type { Instant, IsoDate, Slot } from '../../domain/types.js';
import type { Configuration } from './configuration.js';

const MISSED_NAMESPACE = '8f0c2a52-5f0e-4c9a-9c3e-6d1b5a7e4b10';

export interface MissedSlot {
  account: string;
  tradingDay: IsoDate;
  slot: Slot;
  /** When the slot should have run. */
  dueAt: Instant;
  /** When it was found, by the account's clock. */
  at: Instant;
  /** Who found it. */
  workflowId: string;
  summary: string;
  evidence: object;
  /** Who found it: the watch, or the scheduled run itself when it began too late. */
  operator?: 'watch' | 'schedule';
}

/** The id of the one record of a missed slot: whoever finds it, and however often, writes the same row. */
export const missedRunId = ({
  account,
  tradingDay,
  slot,
}: Pick<MissedSlot, 'account' | 'tradingDay' | 'slot'>): string =>
  uuidv5(`${account}/${tradingDay}/${slot}`, MISSED_NAMESPACE);

/**
 * Records that a slot never ran: a run with the outcome MISSED and an audit record, once. A slot that has a run of any
 * kind by now is left alone.
 * @returns the id of the record, and whether it was made now.
 */
export async function recordMissed(
  db: Knex,
  missed: MissedSlot,
  configuration: Configuration,
): Promise<{ runId: string; recordedNow: boolean }> {
  const { account, tradingDay, slot, at } = missed;
  const runId = missedRunId(missed);
  const { policy, policyHash, universe, universeHash } = configuration;
  const recordedNow = await inTransaction(db, async (trx) => {
    if (await slotHasRun(trx, account, missed)) return false;
    await storeConfiguration(trx, 'policy', policyHash, policy);
    await storeConfiguration(trx, 'universe', universeHash, universe);
    const inserted = await insertRun(trx, {
      runId,
      slot,
      tradingDay,
      asOfDate: asOfDate(tradingDay, policy.calendar),
      at: missed.dueAt,
      workflowId: missed.workflowId,
      operator: missed.operator ?? 'watch',
      policyHash,
      universeHash,
      accounts: [account],
    });
    if (!inserted) return false;
    await finishRun(trx, runId, 'MISSED', missed.summary, { foundAt: at, ...missed.evidence });
    await appendAudit(trx, {
      at,
      account,
      actor: 'system',
      action: 'slot.missed',
      subject: `${tradingDay}/${slot}`,
      detail: { runId, dueAt: missed.dueAt },
    });
    return true;
  });
  return { runId, recordedNow };
}
