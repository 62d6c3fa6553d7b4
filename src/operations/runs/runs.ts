import type { Knex } from 'knex';
import { openAccount } from '../../db/accounts.js';
import type { Db } from '../../db/connect.js';
import { heldSymbols } from '../../db/holdings.js';
import { loadMarketFacts } from '../../db/market-facts.js';
import type { Alert } from '../../contract/alerts.js';
import type { IssueReply } from '../../contract/day-messages.js';
import type { BeginRun, RunPlan } from '../../contract/runs.js';
import { loadPolicy, loadUniverse, storeConfiguration } from '../../db/configurations.js';
import { finishRun, findRun, newRun, recordGates, recordStep, type Run } from '../../db/runs.js';
import { inTransaction, together } from '../../db/transaction.js';
import { asOfDate, isSession, tradingDayOf } from '../../domain/calendar/calendar.js';
import { faultError, usageError } from '../../domain/errors.js';
import { alertsOf } from '../../domain/policy/alerts.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Idle } from '../../domain/day/scheduled-start.js';
import { assessQuality } from '../../domain/market/index.js';
import type { GateResult, Instant, UniverseRow } from '../../domain/types.js';
import { raiseAlert } from '../alerts/raise.js';
import { accountsOf, readConfiguration, type Configuration } from './configuration.js';
import { startOfScheduled, type ScheduledStart } from './idle.js';

/** Everything pinned by a run: its row, and the policy and universe it was begun with. */
export interface RunContext {
  run: Run;
  policy: Policy;
  universe: UniverseRow[];
}

/** Contexts that a worker remembers: those of the runs under way, and a few before. */
const CONTEXTS_MAX = 16;
const contextsOf = new WeakMap<Knex, Map<string, RunContext>>();

/**
 * The run and its pinned configuration: an edit of policy.yml after the run began does not reach it. Neither ever
 * changes once stored, so the activities of one run read them once.
 */
export async function loadRunContext(db: Knex, runId: string): Promise<RunContext> {
  const known = contextsOf.get(db) ?? new Map<string, RunContext>();
  contextsOf.set(db, known);
  const context = known.get(runId) ?? await readRunContext(db, runId);
  known.set(runId, context);
  const [oldest] = known.keys();
  if (known.size > CONTEXTS_MAX && oldest !== undefined) known.delete(oldest);
  return context;
}

async function readRunContext(db: Knex, runId: string): Promise<RunContext> {
  const run = await findRun(db, runId);
  if (!run) throw faultError('RUN_UNKNOWN', `run ${runId} is not stored`);
  const [policy, universe] = await Promise.all([
    loadPolicy(db, run.policyHash), loadUniverse(db, run.universeHash)]);
  return { run, policy, universe };
}

/** Currency pairs needed to turn the listing currencies of the universe into the accounts' base currencies. */
export function pairsOf(policy: Policy, universe: UniverseRow[], accounts: string[]): string[] {
  const pairs = accounts.flatMap((account) => {
    const base = policy.accounts[account]?.base_currency;
    return universe.filter((row) => row.kind === 'stock' && row.listingCurrency !== base).map((row) => `${base}${row.listingCurrency}`);
  });
  return [...new Set(pairs)].toSorted();
}

/** Enabled stocks, benchmarks and whatever is held, each once, sorted. */
export function symbolsOf(universe: UniverseRow[], held: string[]): string[] {
  const wanted = universe.filter((row) => row.kind === 'benchmark' || (row.kind === 'stock' && row.enabled));
  return [...new Set([...wanted.map((row) => row.internalSymbol), ...held])].toSorted();
}

/** The symbols in lists of at most `size`. */
export function batchesOf(symbols: string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(symbols.length / size) }, (_, i) => symbols.slice(i * size, (i + 1) * size));
}

/** Activities that begin, check and conclude a run. */
export function createRunActivities({ db, configDir, now }: { db: Knex; configDir: string; now(): Instant }) {
  /**
   * Checks policy and universe, stores them by content hash, opens accounts that are new, and records the run. A scheduled run
   * that has nothing to do is not recorded yet: its plan says why.
   */
  async function beginRun(input: BeginRun): Promise<RunPlan> {
    if (!(await findRun(db, input.runId))) {
      const configuration = await readConfiguration(configDir);
      const { accounts, idle } = await startOf(input, configuration);
      if (idle) return idlePlan(input, configuration.policy, accounts, idle);
      await recordNewRun(input, configuration, accounts);
    }
    const { run, policy, universe } = await loadRunContext(db, input.runId);
    const accounts = run.accounts ?? [];
    return {
      runId: run.runId, tradingDay: run.tradingDay, asOfDate: run.asOfDate, accounts,
      isSession: isSession(run.tradingDay, policy.calendar), ping: run.slot !== 'ops' && alertsOf(policy).ping_url !== null,
      batches: run.slot === '1400' ? [] : batchesOf(symbolsOf(universe, await heldSymbols(db)), policy.market_data.batch_size),
      pairs: run.slot === '1400' ? [] : pairsOf(policy, universe, accounts),
    };
  }

  async function startOf(input: BeginRun, configuration: Configuration): Promise<ScheduledStart> {
    const known = Object.keys(configuration.policy.accounts);
    const unknown = input.accounts.find((account) => !known.includes(account));
    if (unknown) throw usageError('ACCOUNT_UNKNOWN', `account: ${unknown}: is not in the policy`);
    const { slot } = input;
    if (input.scheduled && slot !== 'ops') return startOfScheduled(db, { ...input, slot }, configuration, now());
    return { accounts: input.accounts.length > 0 ? input.accounts : known, idle: null };
  }

  async function recordNewRun(input: BeginRun, { policy, policyHash, universe, universeHash }: Configuration, accounts: string[]): Promise<void> {
    // Runs may be started by hand in the Web UI too, so the name is checked here and not only by the command line.
    if (input.operator !== 'schedule' && !policy.operators.includes(input.operator)) {
      throw usageError('OPERATOR_UNKNOWN', `operator: ${input.operator}: must be one of ${policy.operators.join(', ')}`);
    }
    const tradingDay = tradingDayOf(input.at);
    await inTransaction(db, async (trx) => {
      for (const account of accountsOf(policy)) await openAccount(trx, account, input.operator, input.at);
      const run = newRun(trx, {
        runId: input.runId, slot: input.slot, tradingDay, asOfDate: asOfDate(tradingDay, policy.calendar), at: input.at,
        workflowId: input.workflowId, operator: input.operator, policyHash, universeHash,
        accounts,
      });
      await together(trx, run, storeConfiguration(trx, 'policy', policyHash, policy), storeConfiguration(trx, 'universe', universeHash, universe),
        recordStep(trx, input.runId, 'configuration', 'DONE', `policy ${policyHash.slice(0, 12)}, universe ${universeHash.slice(0, 12)}, ${universe.length} symbols`));
    });
  }

  /** Runs the data-quality gate over stored facts and records its result. */
  async function assess({ runId }: { runId: string }): Promise<{ status: GateResult['status']; codes: string[] }> {
    const { run, policy, universe } = await loadRunContext(db, runId);
    const held = await heldSymbols(db);
    const [pair = null] = pairsOf(policy, universe, Object.keys(policy.accounts));
    const market = await loadMarketFacts(db, { policy, asOfDate: run.asOfDate, symbols: symbolsOf(universe, held), pair });
    const result = assessQuality(market, universe, held, policy, pair !== null);
    const codes = [...new Set(result.reasons.map(({ code }) => code))];
    const judged = (at: Db) => together(at, recordGates(at, run, null, [result]),
      recordStep(at, runId, 'data_quality', result.status, codes.join(', ') || 'every check passed', result.evidence));
    const alarming = result.status === 'FAIL' && run.slot === '0800' && isSession(run.tradingDay, policy.calendar);
    if (!alarming) await judged(db);
    else await inTransaction(db, async (trx) => {
      await judged(trx);
      await raiseAlert(trx, dataGateAlert(run, result, codes));
    });
    return { status: result.status, codes };
  }

  /** Records how the run ended, in the words that summary, command line and Web UI share. */
  async function recordOutcome({ runId, tickets }: { runId: string; tickets: IssueReply[] }): Promise<{ outcome: string; summary: string }> {
    const { run, policy } = await loadRunContext(db, runId);
    const result = run.slot === '1400' ? ticketOutcome(tickets) : await gateOutcome(run, policy);
    await finishRun(db, runId, result.outcome, result.summary, { tickets: tickets.map(({ ticketId }) => ticketId) });
    return result;
  }

  async function gateOutcome(run: Run, { calendar }: Policy): Promise<{ outcome: string; summary: string }> {
    const gates = await db('gate_results').where({ run_id: run.runId }).select<{ gate: string; status: string; reasons: { code: string }[] }[]>('gate', 'status', 'reasons');
    const failed = gates.filter(({ status }) => status === 'FAIL');
    const words = failed.map(({ gate, reasons }) => `${gate}: ${[...new Set(reasons.map(({ code }) => code))].join(', ')}`);
    const closed = run.slot === '0800' && !isSession(run.tradingDay, calendar) ? `New York is closed on ${run.tradingDay}, no day was opened; ` : '';
    return failed.length > 0
      ? { outcome: 'FAIL', summary: closed + words.join('; ') }
      : { outcome: 'PASS', summary: `${closed}prices of ${run.asOfDate} are complete and sound` };
  }

  return { beginRun, assessQuality: assess, recordOutcome };
}

/** Only the 08:00 run of a session tells: whoever asks for another run reads its answer. */
function dataGateAlert(run: Run, { reasons }: GateResult, codes: string[]): Alert {
  const review = codes.includes('ACTION_NEEDS_REVIEW') ? ' A split or dividend waits for a human\'s ruling: trading-ops actions list.' : '';
  return {
    account: null, tradingDay: run.tradingDay, code: 'DATA_GATE_FAILED', subject: run.tradingDay, at: run.at,
    message: `The prices of ${run.asOfDate} are not good enough, so the ticket of ${run.tradingDay} will be NO_TRADE: ${codes.join(', ')}; first: ${(reasons[0]?.message ?? '').replace(/\.$/, '')}.${review}`,
    evidence: { runId: run.runId, codes },
  };
}

function idlePlan({ runId, at }: BeginRun, policy: Policy, accounts: string[], idle: Idle): RunPlan {
  const tradingDay = tradingDayOf(at);
  return { runId, tradingDay, asOfDate: asOfDate(tradingDay, policy.calendar), isSession: isSession(tradingDay, policy.calendar), ping: idle.outcome === 'CLOSED' && alertsOf(policy).ping_url !== null, accounts, batches: [], pairs: [], idle };
}

function ticketOutcome(tickets: IssueReply[]): { outcome: string; summary: string } {
  const words = tickets.map(({ account, kind, dryRun, reasons, ticketId }) => {
    const codes = [...new Set(reasons.map(({ code }) => code))].join(', ');
    return `${account}: ${kind}${dryRun ? ' (dry run)' : ''}${codes ? ` (${codes})` : ''}, ticket ${ticketId}`;
  });
  return { outcome: tickets.some(({ kind }) => kind === 'TRADE') ? 'TRADE' : 'NO_TRADE', summary: words.join('; ') };
}
