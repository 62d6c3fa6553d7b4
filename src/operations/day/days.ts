import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { inTransaction } from '../../db/transaction.js';
import { historyPath } from '../../reports/paths.js';
import { writeArtifacts } from '../../reports/write.js';
import { appendAudit } from '../../db/audit.js';
import { recallDay, recordDayEvent } from '../../db/days.js';
import type { AlertCode } from '../../domain/alerts/codes.js';
import type { StoredDay } from '../../domain/day/state.js';
import { accountOf } from '../../domain/policy/policy.js';
import type { Instant, IsoDate } from '../../domain/types.js';
import { DAY_MESSAGES, type IssueReply, type TradingDayInput } from '../../contract/day-messages.js';
import { recoverAlertsOfDay } from '../alerts/raise.js';
import { loadRunContext } from '../runs/context.js';
import { askTradingDay, openTradingDay, tradingDayId, tradingDayInput } from './ask.js';

/** Alerts about a day that has not ended; its close is what they wait for. */
const OF_THE_DAY: AlertCode[] = ['CONFIRMATION_DUE', 'CONFIRMATION_OVERDUE', 'TICKET_TRADE', 'MESSAGE_REFUSED'];

interface DayKey {
  account: string;
  tradingDay: IsoDate;
}

/** Activities around a trading day: opening and recalling it, prompting it, announcing, closing. */
export function createDayActivities(
  { db, dataDir, client, taskQueue, now }: { db: Knex; dataDir: string; client: Client; taskQueue: string; now(): Instant },
) {
  /** Records that the day is open (the first time stands) and recalls where it stands. */
  async function openDay({ account, tradingDay, at }: DayKey & { at: Instant }): Promise<StoredDay> {
    await inTransaction(db, async (trx) => {
      const opened = await recordDayEvent(trx, { account, tradingDay }, 'OPENED', at);
      if (opened) await appendAudit(trx, { at, account, actor: 'system', action: 'day.opened', subject: tradingDay, detail: {} });
    });
    return recallDay(db, { account, tradingDay });
  }

  async function dayInput(account: string, runId: string): Promise<TradingDayInput> {
    const { run, policy } = await loadRunContext(db, runId);
    const owner = accountOf(policy, account);
    // A run may begin long after the instant it was scheduled for: what a real account's day does happens now.
    return tradingDayInput(owner, run.tradingDay, policy, owner.clock === 'real' ? now() : run.at);
  }

  /** Opens the account's day as a workflow of its own, or leaves it as it is. */
  async function openDayWorkflow({ account, runId }: { account: string; runId: string }): Promise<void> {
    await openTradingDay(client, taskQueue, await dayInput(account, runId));
  }

  /** Has the account's day issue its ticket; the run's id makes a repeat the same request. */
  async function promptTicket({ account, runId, dryRun }: { account: string; runId: string; dryRun: boolean }): Promise<IssueReply> {
    const input = await dayInput(account, runId);
    return askTradingDay<IssueReply>(client, taskQueue, input, DAY_MESSAGES.issueUpdate, `issue-${runId}`, { runId, dryRun, at: input.at });
  }

  /** Closes the day: the first time stands. */
  async function closeDay({ account, tradingDay, at }: DayKey & { at: Instant }): Promise<{ closedAt: Instant }> {
    await inTransaction(db, async (trx) => {
      const closed = await recordDayEvent(trx, { account, tradingDay }, 'CLOSED', at);
      if (!closed) return;
      await recoverAlertsOfDay(trx, { account, tradingDay, codes: OF_THE_DAY, message: `${tradingDay} of ${account} is confirmed and closed.`, at });
      await appendAudit(trx, { at, account, actor: 'system', action: 'day.closed', subject: tradingDay, detail: {} });
    });
    const { closedAt } = await recallDay(db, { account, tradingDay });
    return { closedAt: closedAt as Instant };
  }

  /** Keeps the day's history as an artifact, for the server forgets it after its retention. */
  async function archiveHistory({ account, tradingDay }: DayKey): Promise<string> {
    const { historyToJSON } = await import('@temporalio/common/lib/proto-utils.js');
    const history = await client.workflow.getHandle(tradingDayId(account, tradingDay)).fetchHistory();
    const file = { path: historyPath(account, tradingDay), text: historyToJSON(history) };
    await writeArtifacts(dataDir, [file], { durable: true });
    return file.path;
  }

  return { openDay, openTradingDay: openDayWorkflow, promptTicket, closeDay, archiveHistory };
}
