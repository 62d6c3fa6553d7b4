import type { Knex } from 'knex';
import { recordRecoveryOfAccounts } from '../../db/alerts.js';
import { appendAudit } from '../../db/audit.js';
import { isDatabaseAway, type Db } from '../../db/connect.js';
import { turnKillSwitch } from '../../db/kill-switch.js';
import { recordSteps, type RunStep } from '../../db/runs.js';
import { inTransaction, together } from '../../db/transaction.js';
import { newValuations, peakDate, type Valuation } from '../../db/valuations.js';
import { D } from '../../domain/money.js';
import { valuationSeal } from '../../domain/ledger/valuation-seal.js';
import type { DecimalString } from '../../domain/types.js';
import type { Alert } from '../../contract/alerts.js';
import { raiseAlert, raiseKillSwitchAlert } from '../alerts/raise.js';
import type { Installation } from '../installation.js';
import type { RunContext } from '../runs/context.js';
import { ensureWorkerSealKey } from '../signing/worker-key.js';

/** What the steps of a run that value an account are called, before its name. */
export const VALUATION_STEP = 'valuation:';

/** Accounts whose values are written at once. */
const AT_ONCE = 200;

/** What is recorded of one account. */
export interface Valued {
  account: string;
  step: RunStep;
  /** Of the as-of date, after those that are restated; none where the ledger is not valued: the step says why. */
  valuations: Valuation[];
  /** The fall from the peak index, where it reaches the limit. */
  stops: { drawdown: DecimalString; peak: DecimalString } | null;
  /** Held symbols without a price or rate of the as-of date: the account is not valued for them. */
  missing: string[];
}

/**
 * Records what was found, many accounts at a time. One that cannot be recorded holds up no other.
 * @returns what failed
 */
export async function recordValued(
  { db, dataDir }: Pick<Installation, 'db' | 'dataDir'>,
  context: RunContext,
  outcomes: readonly Valued[],
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const group of writtenTogether(sealed(dataDir, outcomes))) failures.push(...(await record(db, context, group)));
  return failures;
}

/** Each valuation with the seal of this worker. */
function sealed(dataDir: string, outcomes: readonly Valued[]): Valued[] {
  const key = ensureWorkerSealKey(dataDir);
  return outcomes.map((outcome) => ({
    ...outcome,
    valuations: outcome.valuations.map((each) => ({ ...each, seal: valuationSeal(key, each) })),
  }));
}

const standsAlone = ({ stops, missing, valuations }: Valued): boolean =>
  stops !== null || missing.length > 0 || valuations.length > 1;

/**
 * In the order of the accounts; one that raises an alert, or restates what was said, stands alone, for that takes
 * locks of its own.
 */
function writtenTogether(outcomes: readonly Valued[]): Valued[][] {
  const groups: Valued[][] = [];
  for (const outcome of outcomes) {
    const group = groups.at(-1);
    const joins = group?.[0] && group.length < AT_ONCE && !standsAlone(outcome) && !standsAlone(group[0]);
    if (joins) group.push(outcome);
    else groups.push([outcome]);
  }
  return groups;
}

/** Records these in one statement, or each alone where that fails. @returns what failed */
async function record(db: Knex, context: RunContext, group: readonly Valued[]): Promise<unknown[]> {
  try {
    const [first] = group as [Valued];
    if (!standsAlone(first)) await write(db, context, group);
    else
      await inTransaction(db, async (trx) => {
        await write(trx, context, group);
        for (const valuation of first.valuations) await auditRestated(trx, context, valuation);
        if (first.stops !== null) await stopOnDrawdown(trx, context, first.account, first.stops);
        for (const symbol of first.missing) await raiseAlert(trx, notValuedAlert(context, first, symbol));
      });
    return [];
  } catch (error) {
    if (group.length === 1 || isDatabaseAway(error)) return [error];
    const failures: unknown[] = [];
    for (const outcome of group) failures.push(...(await record(db, context, [outcome])));
    return failures;
  }
}

async function write(db: Db, { run }: RunContext, group: readonly Valued[]): Promise<void> {
  const valuations = group.flatMap((each) => each.valuations);
  await together(
    db,
    valuations.length === 0 ? null : newValuations(db, valuations),
    recordSteps(
      db,
      run.runId,
      group.map(({ step }) => step),
    ),
  );
  if (valuations.length === 0) return;
  const accounts = [...new Set(valuations.map(({ account }) => account))];
  const note = `The account is valued again, at ${run.asOfDate}.`;
  await recordRecoveryOfAccounts(db, { accounts, code: 'VALUATION_FAILED' }, note, run.at);
}

/** A figure that was published and is restated leaves a record of its own, with the reason. */
async function auditRestated(trx: Knex.Transaction, { run }: RunContext, valuation: Valuation): Promise<void> {
  const { account, asOfDate, equity, equityIndex, peakIndex, restatedBecause } = valuation;
  if (restatedBecause === undefined) return;
  await appendAudit(trx, {
    at: run.at,
    account,
    actor: 'system',
    action: 'valuation.restated',
    subject: asOfDate,
    detail: { runId: run.runId, equity, equityIndex, peakIndex, because: restatedBecause },
  });
}

/** One condition a symbol: it lasts until the account is valued again. */
const notValuedAlert = ({ run }: RunContext, { account, step }: Valued, symbol: string): Alert => ({
  account,
  tradingDay: run.tradingDay,
  code: 'VALUATION_FAILED',
  subject: symbol,
  at: run.at,
  message:
    `${account} is not valued: ${step.summary}. Until it is, nobody knows how far it has fallen, the kill ` +
    'switch cannot engage by itself, and every ticket is NO_TRADE.',
  evidence: { runId: run.runId, asOfDate: run.asOfDate, symbol },
});

/** The latch: a drawdown at the limit engages the kill switch; only a human resets it (docs/RULES.md 2.7). */
async function stopOnDrawdown(
  trx: Knex.Transaction,
  { run, policy }: RunContext,
  account: string,
  { drawdown, peak }: NonNullable<Valued['stops']>,
): Promise<void> {
  const limit = `${policy.risk.max_drawdown * 100} %`;
  const since = await peakDate(trx, { account, upTo: run.asOfDate, peak });
  const from = since === null ? 'the peak' : `the peak at ${since}`;
  const reason = `drawdown of ${D(drawdown).times(100).toFixed(2)} % at ${run.asOfDate}, from ${from}, limit ${limit}`;
  const event = { account, event: 'ENGAGED' as const, reason, operator: 'system', at: run.at };
  if ((await turnKillSwitch(trx, event)) === null) return;
  await raiseKillSwitchAlert(trx, {
    account,
    reason,
    by: 'the system',
    at: run.at,
    tradingDay: run.tradingDay,
  });
  await appendAudit(trx, {
    at: run.at,
    account,
    actor: 'system',
    action: 'kill_switch.engaged',
    subject: account,
    detail: { reason },
  });
}
