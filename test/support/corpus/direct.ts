import { signedRun, signerOf } from '../signing.js';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Asker } from '../../../src/contract/asker.js';
import type { IssueReply } from '../../../src/contract/day-messages.js';
import type { RunReply } from '../../../src/contract/runs.js';
import { connect } from '../../../src/db/connect.js';
import { findTicket } from '../../../src/db/tickets.js';
import { londonInstant } from '../../../src/domain/calendar/calendar.js';
import { parsePolicy } from '../../../src/domain/policy/policy.js';
import type { Instant, IsoDate } from '../../../src/domain/types.js';
import { recoverDataAlerts } from '../../../src/operations/alerts/raise.js';
import { closeDay } from '../../../src/operations/day/close.js';
import { confirm } from '../../../src/operations/day/confirm.js';
import { issueTicket } from '../../../src/operations/day/issue-ticket.js';
import { openDay } from '../../../src/operations/day/open.js';
import { reconcile } from '../../../src/operations/day/reconcile.js';
import { valueLedgers } from '../../../src/operations/ledger/value.js';
import { fetchPrices } from '../../../src/operations/market/fetch-prices.js';
import { fetchRates } from '../../../src/operations/market/fetch-rates.js';
import { assessRun } from '../../../src/operations/runs/assess.js';
import { beginRun } from '../../../src/operations/runs/begin.js';
import { concludeRun } from '../../../src/operations/runs/conclude.js';
import { resolveAddresses } from '../../../src/runtime/addresses.js';
import { CASH, confirmCommand, type TestSeat } from '../day.js';
import { runCli, type Installation } from '../stack.js';

/** Whoever plays a case: a seat at Temporal and its worker, or the operations themselves. */
export type Hands = Pick<TestSeat, 'db' | 'reconcile' | 'issue' | 'confirm' | 'ticket' | 'cli'> & {
  run(slot: '0800' | 'ops', day: IsoDate, choices?: RunChoices): Promise<RunReply>;
};
export interface RunChoices {
  /** Fetch the whole history again. */
  full?: boolean;
}

const ACCOUNT = 'main';

/**
 * Asks the operations of an installation in the order in which the workflows ask them, without Temporal: what they
 * store and answer is the same, and a day takes a tenth of the time.
 * @param env where providers find their keys and, for tests, their addresses.
 */
export function directHands(
  installation: Installation,
  env: NodeJS.ProcessEnv,
): { hands: Hands; stop(): Promise<void> } {
  const { configDir, dataDir, settings } = installation;
  const policy = parsePolicy(readFileSync(join(configDir, 'policy.yml'), 'utf8'), 'policy.yml');
  const operator = policy.operators[0] ?? 'demo';
  const db = connect(resolveAddresses(settings).databaseUrl, 2);
  const place = { db, configDir, dataDir, env, now: (): Instant => new Date().toISOString() };
  const sign = signerOf(dataDir);
  const askerAt = (at: Instant): Asker => ({ operator, door: 'update', claimedAt: at, sign });
  const opened = (tradingDay: IsoDate, at: Instant) => openDay(place, { account: ACCOUNT, tradingDay, at });

  const begin = async (slot: '0800' | '1400' | 'ops', at: Instant) => {
    const asked = await signedRun(sign, slot, { at, operator, accounts: [ACCOUNT] });
    return beginRun(place, { ...asked, runId: randomUUID(), slot, workflowId: `corpus-${slot}-${randomUUID()}` });
  };

  const hands: Hands = {
    db,
    async run(slot, day, { full = false } = {}) {
      const at = londonInstant(day, '08:00');
      const plan = await begin(slot, at);
      const { runId, tradingDay, asOfDate, accounts, isSession } = plan;
      for (const symbols of plan.batches) await fetchPrices(place, { runId, symbols, full });
      for (const pair of plan.pairs) await fetchRates(place, { runId, pair });
      await assessRun(db, { runId });
      await valueLedgers(place, { runId, accounts });
      const reply = await concludeRun(db, { runId });
      if (slot === '0800' && isSession) await opened(tradingDay, at);
      // The worker looks at it every few seconds.
      await recoverDataAlerts(db);
      return { runId, tradingDay, asOfDate, tickets: [], files: [], ...reply };
    },
    async reconcile(day, { cash = CASH, positions = {}, time = '09:00', notes = null, id = randomUUID() } = {}) {
      const at = londonInstant(day, time);
      await opened(day, at);
      const snapshot = { snapshotDate: day, cash, positions, notes };
      return reconcile(place, askerAt(at), { account: ACCOUNT, tradingDay: day, commandId: id, ...snapshot });
    },
    async issue(day, { time = '14:00', dryRun = false } = {}): Promise<IssueReply> {
      const at = londonInstant(day, time);
      const { runId, tradingDay } = await begin('1400', at);
      await opened(day, at);
      const ticket = await issueTicket(place, { account: ACCOUNT, tradingDay, runId, dryRun, at });
      await concludeRun(db, { runId });
      return ticket;
    },
    async confirm(ticketId, choices = {}) {
      const { material } = await hands.ticket(ticketId);
      const { operator: by, at, ...answer } = confirmCommand(ticketId, material, { operator, ...choices });
      const day = { account: ACCOUNT, tradingDay: material.tradingDay };
      await opened(day.tradingDay, at);
      const reply = await confirm(place, { ...askerAt(at), operator: by }, { ...day, ...answer });
      if (reply.status !== 'REFUSED') await closeDay(place, { ...day, at });
      return reply;
    },
    async ticket(ticketId) {
      const ticket = await findTicket(db, ticketId);
      if (!ticket) throw new Error(`ticket ${ticketId} is not stored`);
      return ticket;
    },
    cli: (args, options) => runCli(installation, args, { ...options, env: { ...env, ...options?.env } }),
  };
  return { hands, stop: () => db.destroy() };
}
