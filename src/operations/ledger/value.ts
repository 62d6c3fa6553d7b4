import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import { ledgerState } from '../../db/journal.js';
import { turnKillSwitch } from '../../db/kill-switch.js';
import { closesAt } from '../../db/market-facts.js';
import { recordStep } from '../../db/runs.js';
import type { Db } from '../../db/connect.js';
import { inTransaction, together } from '../../db/transaction.js';
import { flowsBetween, latestValuation, newValuation } from '../../db/valuations.js';
import { nextEquityIndex, reachesLimit } from '../../domain/ledger/equity.js';
import { valueOf, type Quote } from '../../domain/ledger/valuation.js';
import { D, toText, type Decimal } from '../../domain/money.js';
import type { DecimalString } from '../../domain/types.js';
import { killSwitchAlert, raiseAlert } from '../alerts/raise.js';
import type { Installation } from '../installation.js';
import { loadRunContext, type RunContext } from '../runs/context.js';

/** Values each account's ledger at the run's as-of date, and engages the kill switch on a drawdown at the limit. */
export async function valueLedgers(
  { db }: Pick<Installation, 'db'>,
  { runId, accounts }: { runId: string; accounts: string[] },
): Promise<void> {
  const context = await loadRunContext(db, runId);
  for (const account of accounts) await valueOne(db, context, account);
}

async function valueOne(db: Knex, context: RunContext, account: string): Promise<void> {
  const { run, policy, universe } = context;
  const step = `valuation:${account}`;
  const ledger = await ledgerState(db, account);
  if (ledger.lastEntryId === null)
    return recordStep(db, run.runId, step, 'DONE', 'the ledger is empty; nothing to value');
  const previous = await latestValuation(db, account, run.asOfDate, run.asOfDate);
  const flows = previous
    ? await flowsBetween(db, account, previous.lastEntryId, ledger.lastEntryId)
    : { cash: '0', units: {} };
  const symbols = [...new Set([...Object.keys(ledger.units), ...Object.keys(flows.units)])];
  const base = policy.accounts[account]?.base_currency as string;
  const { quotes, missing } = await closesAt(db, { policy, universe, base, asOfDate: run.asOfDate, symbols });
  if (missing.length > 0)
    return recordStep(db, run.runId, step, 'FAIL', `no price or rate of ${run.asOfDate} for ${missing.join(', ')}`);

  const positions = worth(ledger.units, quotes);
  const equity = toText(D(ledger.cash).plus(positions));
  const netFlows = toText(D(flows.cash).plus(worth(flows.units, quotes)));
  const { index: equityIndex, peak: peakIndex, drawdown } = nextEquityIndex(previous, equity, netFlows);
  const fxRate = [...quotes.values()].find(({ currency }) => currency !== base)?.fx ?? null;
  const valued = (at: Db) =>
    together(
      at,
      newValuation(at, {
        account,
        asOfDate: run.asOfDate,
        runId: run.runId,
        cash: ledger.cash,
        positionsValue: toText(positions),
        equity,
        netFlows,
        equityIndex,
        peakIndex,
        fxRate,
        lastEntryId: ledger.lastEntryId as number,
      }),
      recordStep(at, run.runId, step, 'DONE', `${equity} ${base} at ${run.asOfDate}, index ${equityIndex}`, {
        equity,
        equityIndex,
        peakIndex,
      }),
    );
  if (!reachesLimit(drawdown, policy.risk.max_drawdown)) return valued(db);
  await inTransaction(db, async (trx) => {
    await valued(trx);
    await stopOnDrawdown(trx, context, account, drawdown);
  });
}

const worth = (units: Record<string, string>, quotes: Map<string, Quote>): Decimal =>
  Object.entries(units).reduce((sum, [symbol, held]) => sum.plus(valueOf(held, quotes.get(symbol) as Quote)), D(0));

/** The latch: a drawdown at the limit engages the kill switch; only a human resets it (docs/RULES.md 2.7). */
async function stopOnDrawdown(
  trx: Knex.Transaction,
  { run, policy }: RunContext,
  account: string,
  drawdown: DecimalString,
): Promise<void> {
  const fallen = D(drawdown);
  const reason = `drawdown of ${fallen.times(100).toFixed(2)} % from the peak at ${run.asOfDate}, limit ${policy.risk.max_drawdown * 100} %`;
  const event = {
    account,
    event: 'ENGAGED' as const,
    reason,
    operator: 'system',
    at: run.at,
    idempotencyKey: `drawdown/${account}/${run.asOfDate}`,
  };
  if (!(await turnKillSwitch(trx, event))) return;
  await raiseAlert(trx, killSwitchAlert(account, reason, 'the system', run.at, run.tradingDay));
  await appendAudit(trx, {
    at: run.at,
    account,
    actor: 'system',
    action: 'kill_switch.engaged',
    subject: account,
    detail: { reason },
  });
}
