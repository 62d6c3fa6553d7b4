import type { Knex } from 'knex';
import { inView } from '../../db/transaction.js';
import { auditBreaks, auditHashOf, auditHead } from '../../db/audit.js';
import {
  answersBookedWrong,
  daysWithoutOneTicket,
  missedUntold,
  sumsThatDiffer,
  surprisesIn,
  tradesWithoutGates,
  type Broken,
} from '../../db/invariants.js';
import { schemaProof } from '../../db/schema-proof.js';
import { ask } from '../../db/questions.js';
import { liveTickets, openedAccounts, slotRuns } from '../../db/slots.js';
import { MOST_TOLD, toldQuestion, type ToldValuation } from '../../db/valuations-told.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import { isBelieved, type SchemaProof } from '../../domain/audit/schema.js';
import { groupBy } from '../../domain/group.js';
import { SELL_UNITS_TOLERANCE } from '../../domain/confirmation/checks.js';
import { SIZE_TOLERANCE } from '../../domain/confirmation/deviations.js';
import { isPastWindow, slotStandings, type SlotPolicy } from '../../domain/day/slots.js';
import type { GateName, Instant } from '../../domain/types.js';
import { valuationFaults, type ValuationFault } from '../ledger/value-again.js';
import { provedBreaks, type FactsScope } from './prove-facts.js';

/** What must never be broken, whatever fails when (docs/RULES.md 8). */
export type InvariantName = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10';

export interface Violation {
  invariant: InvariantName;
  /** Account and what it is about: a day, a ticket, a commodity, an audit record. */
  subject: string;
  problem: string;
}

export interface AuditHead {
  seq: number;
  hash: string;
}

/** Every gate that a TRADE ticket needs a PASS of. */
const REQUIRED: readonly GateName[] = [
  'calendar',
  'data_quality',
  'reconciliation',
  'confirmation',
  'books',
  'universe',
  'ledger',
  'kill_switch',
  'cadence',
  'risk',
  'trading_mode',
  'sizing',
];

/** I6: every slot whose window is over has an outcome. */
async function slotsSettled(db: Knex, { account, policy, now }: SlotScope): Promise<Violation[]> {
  const opened = (await openedAccounts(db)).find((known) => known.account === account);
  if (!opened) return [];
  const from = tradingDayOf(opened.openedAt);
  const [stored, tickets] = [await slotRuns(db, opened, from), await liveTickets(db, account, from)];
  const runs = stored.map((run) => ({ ...run, dead: false, failure: null }));
  return slotStandings({ account, openedAt: opened.openedAt, policy, runs, tickets, now })
    .filter((slot) => isPastWindow(slot, now, policy) && (slot.outcome === null || !slot.recorded))
    .map(({ tradingDay, slot, state }) => ({
      subject: `${account} ${tradingDay} ${slot}`,
      problem: `is ${state} after its window, without a record of its outcome`,
    }))
    .map(named('I6'));
}

/** So many of each account's newest valuations are valued again where somebody looks after each day. */
const VALUED_AGAIN = 3;

/** I3: what an account was worth comes out of its ledger and the closes of then, its index out of the one before. */
async function valuationsOff(
  db: Knex,
  most: number,
  { configDir, dataDir }: Pick<InvariantScope, 'configDir' | 'dataDir'>,
): Promise<Violation[]> {
  const told = await ask(db, toldQuestion(db));
  const byAccount = groupBy(told, ({ account }) => account);
  const valued = new Set([...byAccount.values()].flatMap((of) => of.slice(-most)));
  const faults = await valuationFaults(db, told, { again: (each) => valued.has(each), configDir, dataDir });
  return [...faults.map(violationOf), ...tooMany(told)];
}

/** I3: of which account there are so many valuations that whatever is beneath them was not read. */
export const tooMany = (told: readonly Pick<ToldValuation, 'account'>[]): Violation[] =>
  [...groupBy(told, ({ account }) => account)]
    .filter(([, of]) => of.length >= MOST_TOLD)
    .map(([account]) => ({ subject: `${account} valuations`, problem: `are ${MOST_TOLD} or more: no others are read` }))
    .map(named('I3'));

/** A valuation that is not what it should be, as what is broken. */
export const violationOf = ({ account, asOfDate, problem }: ValuationFault): Violation =>
  named('I3')({ subject: `${account} valuation of ${asOfDate}`, problem });

async function slotsOfAll(db: Knex, scopes: readonly SlotScope[]): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const scope of scopes) found.push(...(await slotsSettled(db, scope)));
  return found;
}

/** I4: records are only ever added, and each carries the hash of the one before. */
async function auditIntact(db: Knex, known: AuditHead | null, isAsked: boolean): Promise<Violation[]> {
  const breaks = isAsked ? await auditBreaks(db) : [];
  const kept = known && (await auditHashOf(db, known.seq));
  const lost =
    known !== null && kept !== known.hash
      ? [{ subject: `audit record ${known.seq}`, problem: 'is not the record that was there' }]
      : [];
  return [...breaks.map(({ seq, problem }) => ({ subject: `audit record ${seq}`, problem })), ...lost].map(named('I4'));
}

/** I4: every fact is as the audit log has it, by a schema that is as the migrations make it. */
async function factsIntact(db: Knex, scope: FactsScope, schema: SchemaProof): Promise<Violation[]> {
  const breaks = await provedBreaks(db, scope, schema);
  return breaks.map(({ fact, key, problem }) => ({ subject: `${fact} ${key}`.trim(), problem })).map(named('I4'));
}

/** The schema of a restored backup may be of an earlier version, which is no break of its facts. */
async function schemaOf(trx: Knex, isOfThisVersion: boolean): Promise<SchemaProof> {
  const proof = await schemaProof(trx);
  return isOfThisVersion ? proof : { ...proof, missing: [] };
}

const named =
  (invariant: InvariantName) =>
  ({ subject, problem }: Broken): Violation => ({ invariant, subject, problem });

export interface InvariantScope {
  /** Symbols that may be held. */
  universe: readonly string[];
  /** The newest audit record at an earlier check, to see that it is still there; null the first time. */
  known: AuditHead | null;
  /** Where runs are scheduled: every slot of the account must have an outcome once its window is over. */
  slots?: readonly SlotScope[];
  /** Whether every fact is compared with its digest too: as long as there are facts, so not after each of many days. */
  facts?: FactsScope;
  /** Whether an older schema is told, as where somebody works on it; false for a backup. `true` when left out. */
  isOfThisVersion?: boolean;
  /** How many of each account's newest valuations are valued again. The three newest when left out. */
  valuedAgain?: number;
  /** Where the files are that say by which rules a run values; null, as when left out, where nobody asks. */
  configDir?: string | null;
  /** Where the worker's key is, whose seal valuations bear; null, as when left out, where nobody asks. */
  dataDir?: string | null;
}

export interface SlotScope {
  account: string;
  policy: SlotPolicy;
  /** By the account's clock. */
  now: Instant;
}

/**
 * Everything that is broken in the database now; empty when all invariants hold. Reads only. Call it in a transaction.
 */
export async function violationsIn(
  trx: Knex,
  {
    universe,
    known,
    slots,
    facts,
    isOfThisVersion = true,
    valuedAgain = VALUED_AGAIN,
    configDir = null,
    dataDir = null,
  }: InvariantScope,
): Promise<Violation[]> {
  const schema = facts ? await schemaOf(trx, isOfThisVersion) : null;
  return [
    ...(await daysWithoutOneTicket(trx)).map(named('I1')),
    ...(await tradesWithoutGates(trx, REQUIRED)).map(named('I2')),
    ...(await sumsThatDiffer(trx)).map(named('I3')),
    ...(await valuationsOff(trx, valuedAgain, { configDir, dataDir })),
    ...(await auditIntact(trx, known, schema === null || isBelieved(schema))),
    ...(facts && schema ? await factsIntact(trx, facts, schema) : []),
    ...(await answersBookedWrong(trx)).map(named('I5')),
    ...(await missedUntold(trx)).map(named('I6')),
    ...(await slotsOfAll(trx, slots ?? [])),
    ...(
      await surprisesIn(trx, {
        symbols: universe,
        unitsOver: SELL_UNITS_TOLERANCE,
        over: SIZE_TOLERANCE,
      })
    ).map(named('I7')),
  ];
}

/**
 * Checks every invariant in one consistent view; also says which audit record is the newest now, for the next check.
 */
export async function brokenInvariants(
  db: Knex,
  scope: InvariantScope,
): Promise<{ violations: Violation[]; head: AuditHead | null }> {
  return inView(db, async (trx) => ({ violations: await violationsIn(trx, scope), head: await auditHead(trx) }));
}
