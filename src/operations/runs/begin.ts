import type { Knex } from 'knex';
import { wellFormed } from '../../contract/reading.js';
import { readBeginRun, type BeginRun, type RunPlan } from '../../contract/runs.js';
import { accountsQuestion, openAccount, refuseIfDifferent } from '../../db/accounts.js';
import { storeConfiguration } from '../../db/configurations.js';
import type { Db } from '../../db/connect.js';
import { askTogether } from '../../db/questions.js';
import { heldSymbols } from '../../db/holdings.js';
import { newRun, recordStep, runOf, runQuestion, type Run } from '../../db/runs.js';
import type { Row } from '../../db/tables.js';
import { inTransaction, together } from '../../db/transaction.js';
import { asOfDate, isSession, tradingDayOf } from '../../domain/calendar/calendar.js';
import { stampOfToday } from '../../domain/day/clock.js';
import type { Idle } from '../../domain/day/scheduled-start.js';
import { usageError } from '../../domain/errors.js';
import { pairsWanted, symbolsWanted } from '../../domain/market/wanted.js';
import { alertsOf } from '../../domain/policy/alerts.js';
import { accountOf, type Policy } from '../../domain/policy/policy.js';
import type { Account, Instant, Slot } from '../../domain/types.js';
import { operatorOf, type Gatehouse } from '../installation.js';
import { oneClock, SCHEDULE } from './ask.js';
import { accountsOf, readConfiguration, type Configuration } from './configuration.js';
import { contextOfRun, loadRunContext } from './context.js';
import { startOfScheduled } from './scheduled-start.js';
import { readAhead } from './read-ahead.js';
import { prove, replayed, signatureInsert, toldOfForgery, type Proof } from '../signing/prove.js';
import { batchesOf } from './symbols.js';
import { actOf, runOrder } from '../../domain/signing/act.js';
import { counted } from '../../reports/render/format.js';

/** Where a run begins; without `isScheduled` nobody's is. */
export interface StartingPlace extends Gatehouse {
  /** Whether a schedule has started the run, as the server knows: what the sender says of it decides nothing. */
  isScheduled?(run: { slot: Slot; accounts: readonly string[] }): Promise<boolean>;
}

/** The accounts that a run is of, the instant that counts, and why it does nothing, if so. */
interface Start {
  accounts: string[];
  at: Instant;
  idle: Idle | null;
}

/**
 * Checks what the run was started with, policy and universe, stores these by content hash, opens accounts that are
 * new, and records the run. A scheduled run that has nothing to do is not recorded yet: its plan says why. Whoever
 * starts a run in the Web UI comes here too, so every rule stands here and not only in the command line.
 * @throws OpsError MESSAGE_INVALID, ACCOUNT_UNKNOWN, OPERATOR_UNKNOWN, CLOCKS_DIFFER, CLAIM_IN_FUTURE, CLAIM_NOT_TODAY,
 * AT_IN_FUTURE, NO_REAL_ACCOUNT, ACCOUNT_NOT_OPEN, CLAIM_BEFORE_ACCOUNT
 */
export async function beginRun(place: StartingPlace, given: BeginRun): Promise<RunPlan> {
  const { db } = place;
  const input = wellFormed(readBeginRun(given));
  // Read while the database answers; what is wrong with it matters to a run alone that is not recorded yet.
  const configured = readConfiguration(place.configDir);
  configured.catch(() => undefined);
  const [found, opened] = await askTogether(db, runQuestion(db, input.runId), accountsQuestion(db));
  let known = found;
  if (known) refuseAnothersRun(known, input);
  else {
    const configuration = await configured;
    const asked = await withTruth(place, input);
    const start = await toldOfClaims(place, asked, () => startOf(place, asked, configuration));
    const proof = asked.scheduled ? null : await signedRun(place, asked);
    if (start.idle) return idlePlan(input, configuration.policy, start.accounts, start.idle);
    known = await recordNewRun(place, { input, start, proof, opened }, configuration);
  }
  // Another attempt may have recorded it a moment ago: what is stored stands.
  const { run, policy, universe } = await (known ? contextOfRun(db, known) : loadRunContext(db, input.runId));
  const accounts = run.accounts ?? [];
  if (run.slot === '1400') readAhead(db, { run, policy, universe });
  return {
    runId: run.runId,
    tradingDay: run.tradingDay,
    asOfDate: run.asOfDate,
    accounts,
    isSession: isSession(run.tradingDay, policy.calendar),
    ping: run.slot !== 'ops' && alertsOf(policy).ping_url !== null,
    batches:
      run.slot === '1400'
        ? []
        : batchesOf(symbolsWanted(universe, await heldSymbols(db)), policy.market_data.batch_size),
    pairs: run.slot === '1400' ? [] : pairsWanted(policy, universe, accounts),
  };
}

/** Where no schedule started the run, whoever says so is a person like any other. None runs the gates alone. */
async function withTruth({ isScheduled }: StartingPlace, { slot, scheduled, ...input }: BeginRun): Promise<BeginRun> {
  const { accounts } = input;
  const isTrue = scheduled === true && slot !== 'ops' && (await isScheduled?.({ slot, accounts })) === true;
  return { ...input, slot, scheduled: isTrue };
}

/**
 * The signature of a run that a person typed; those of schedules carry none.
 * @throws OpsError SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_OF_ANOTHER, SIGNATURE_REPLAYED
 */
async function signedRun(place: StartingPlace, input: BeginRun): Promise<Proof> {
  const order = runOrder(input.slot, input);
  const asker = askerOf(input);
  const proof = await prove(place, asker, actOf(order), order.content);
  if (proof.earlier && !proof.earlier.ids.includes(input.runId))
    await toldOfForgery(place, { asker, said: actOf(order) }, () =>
      Promise.reject(replayed(`its statement was used before, for run ${proof.earlier?.ids.join(', ')}`)),
    );
  return proof;
}

/** Where a name or a time is refused that no schedule and no command ever sends, a person is told, once a slot. */
function toldOfClaims(place: StartingPlace, asked: BeginRun, work: () => Promise<Start>): Promise<Start> {
  // Whoever asks in this process hears it themselves.
  if (asked.scheduled || !place.isScheduled) return work();
  const { account, purpose } = runOrder(asked.slot, asked);
  const said = { account, purpose };
  return toldOfForgery(place, { asker: askerOf(asked), said, subject: `run ${asked.slot}` }, work);
}

/** Whoever starts a run in the server says so themselves: without a signature it is one that is missing. */
const askerOf = ({ operator, at, signature = null }: BeginRun) =>
  ({ operator, door: 'direct', claimedAt: at, signature }) as const;

/** A run is its workflow's: a step that is tried again finds it, and nobody goes on with somebody else's. */
function refuseAnothersRun(begun: Run, { runId, workflowId }: BeginRun): void {
  if (begun.workflowId === workflowId) return;
  throw usageError('MESSAGE_INVALID', `runId: ${runId}: must be a new one: it is the run of ${begun.workflowId}`);
}

async function startOf({ db, now }: StartingPlace, input: BeginRun, configuration: Configuration): Promise<Start> {
  const { slot, scheduled, at } = input;
  const known = accountsOf(configuration.policy);
  for (const name of input.accounts) accountOf(configuration.policy, name);
  refuseOperator(input, configuration);
  if (scheduled && slot !== 'ops')
    return { at, ...(await startOfScheduled(db, { ...input, slot }, configuration, now())) };
  const accounts = input.accounts.length > 0 ? known.filter(({ account }) => input.accounts.includes(account)) : known;
  const [first] = oneClock(accounts);
  const stamp = stampOfToday(first as Account, { claimedAt: at, now: now() });
  // The order in which they were named is kept: it is that of the answer.
  return {
    accounts: input.accounts.length > 0 ? input.accounts : accounts.map(({ account }) => account),
    at: stamp.at,
    idle: null,
  };
}

/** A schedule signs with its own name; everybody else with one of the policy. */
function refuseOperator({ operator, scheduled }: BeginRun, configuration: Configuration): void {
  if (!scheduled || operator !== SCHEDULE) operatorOf(configuration, { operator });
}

/** A run that may be recorded. */
interface NewRun {
  input: BeginRun;
  start: Start;
  proof: Proof | null;
  /** The accounts that are open. */
  opened: readonly Account[];
}

/**
 * Records the run, and opens accounts that are new.
 * @returns the run as it is stored; undefined when it was there already.
 */
async function recordNewRun(
  { db, now }: Gatehouse,
  { input, start: { accounts, at }, proof, opened }: NewRun,
  { policy, policyHash, universe, universeHash }: Configuration,
): Promise<Run | undefined> {
  const tradingDay = tradingDayOf(at);
  // An account of the real clock is opened now, whatever a run says that it is: its slots are missed from then on.
  const openedAt = ({ clock }: Account): Instant => (clock === 'real' ? now() : at);
  const row: Run = {
    runId: input.runId,
    slot: input.slot,
    tradingDay,
    asOfDate: asOfDate(tradingDay, policy.calendar),
    at,
    workflowId: input.workflowId,
    operator: input.operator,
    policyHash,
    universeHash,
    accounts,
  };
  const record = async (place: Db): Promise<Run | undefined> => {
    const run = newRun(place, row);
    const summary = `policy ${policyHash.slice(0, 12)}, universe ${universeHash.slice(0, 12)}, ${counted(universe.length, 'symbol')}`;
    const [stored] = await together<Row<'runs'>>(
      place,
      run,
      storeConfiguration(place, 'policy', policyHash, policy),
      storeConfiguration(place, 'universe', universeHash, universe),
      recordStep(place, input.runId, 'configuration', 'DONE', summary),
      proof && (signatureInsert(place, proof, { fact: 'runs', ids: [input.runId] }) as Knex.QueryBuilder),
    );
    return stored && runOf(stored);
  };
  const fresh = newAccounts(opened, accountsOf(policy));
  // One statement is all or nothing by itself.
  if (fresh.length === 0) return record(db);
  return inTransaction(db, async (trx) => {
    for (const account of fresh) await openAccount(trx, account, input.operator, openedAt(account));
    return record(trx);
  });
}

/** Those of the policy's accounts that are not open yet. @throws OpsError ACCOUNT_DIFFERS */
function newAccounts(opened: readonly Account[], accounts: readonly Account[]): Account[] {
  const open = new Map(opened.map((account) => [account.account, account]));
  return accounts.filter(
    (account) => !open.has(account.account) || refuseIfDifferent(open.get(account.account), account),
  );
}

function idlePlan({ runId, at }: BeginRun, policy: Policy, accounts: string[], idle: Idle): RunPlan {
  const tradingDay = tradingDayOf(at);
  return {
    runId,
    tradingDay,
    asOfDate: asOfDate(tradingDay, policy.calendar),
    isSession: isSession(tradingDay, policy.calendar),
    ping: idle.outcome === 'CLOSED' && alertsOf(policy).ping_url !== null,
    accounts,
    batches: [],
    pairs: [],
    idle,
  };
}
