import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import { lockTicketOfDay } from '../../db/confirmations.js';
import { loadDecisionFacts } from '../../db/decision-facts.js';
import { recordGates } from '../../db/gates.js';
import type { Run } from '../../db/runs.js';
import { marketHash } from '../../db/pinned-facts.js';
import { insertTicket, keepAtHand, standingOf, type StoredTicket } from '../../db/tickets.js';
import { inTransaction } from '../../db/transaction.js';
import { londonTime } from '../../domain/calendar/calendar.js';
import { decideTicket } from '../../domain/decision/decide.js';
import { stampOf } from '../../domain/day/clock.js';
import { OpsError, refusal, usageError } from '../../domain/errors.js';
import type { DecisionFacts } from '../../domain/decision/facts.js';
import { accountOf, effectiveMode } from '../../domain/policy/policy.js';
import { ticketStands } from '../../domain/decision/stands.js';
import { materialHash, ticketId as idOf, withSupersedes } from '../../domain/decision/ticket.js';
import type { Account, Decision, Instant, Reason, TicketMaterial } from '../../domain/types.js';
import type { Alert } from '../../contract/alerts.js';
import { readInput, type IssueInput, type IssueReply } from '../../contract/day-messages.js';
import { wellFormed } from '../../contract/reading.js';
import { raiseAlert } from '../alerts/raise.js';
import type { Installation } from '../installation.js';
import { loadRunContext } from '../runs/context.js';
import { readKeyring } from '../signing/keyring.js';
import { brokenAfterAll } from '../guard/books-again.js';
import { tellBooks } from '../guard/tell-books.js';
import { findingsOf } from './market-findings.js';
import { refuseGroundless } from './orders-stand.js';
import { doubtsOf } from './run-configuration.js';

/**
 * Evaluates every gate on stored facts and issues the ticket; the same facts return the ticket that is there.
 * An issued TRADE ticket, and one that is confirmed, is never replaced; a TRADE that was written around the program is
 * not taken for the ticket of the day either, and the books are told to be broken. On a real account it decides for the
 * moment it decides at, however long the run, the worker or Postgres was away since it was asked for.
 * @throws OpsError MESSAGE_INVALID, RUN_UNKNOWN, RUN_OF_ANOTHER_DAY, ACCOUNT_UNKNOWN, CLAIM_IN_FUTURE, TICKET_DIFFERS
 */
export async function issueTicket(installation: Installation, input: IssueInput): Promise<IssueReply> {
  const { db, now } = installation;
  const asked = wellFormed(readInput('issue', input));
  const { run, policy, universe } = await loadRunContext(db, asked.runId);
  if (run.tradingDay !== asked.tradingDay) {
    throw refusal('RUN_OF_ANOTHER_DAY', `run ${run.runId} is of ${run.tradingDay}, not of ${asked.tradingDay}`);
  }
  const account = accountOf(policy, asked.account);
  assertOfAfternoon(run, account, asked.at);
  for (;;) {
    const { at } = stampOf(account, { claimedAt: asked.at, now: now() });
    const mode = effectiveMode(policy, asked.dryRun);
    const read = await loadDecisionFacts(db, {
      account: asked.account,
      run,
      policy,
      universe,
      mode,
      at,
      isShared: true,
      keyring: await readKeyring(installation),
    });
    const facts = await doubted(installation, run, read);
    const decision = decideTicket(facts, findingsOf(facts));
    const ticket = await toldIfGroundless(installation, { ...asked, at }, () =>
      inTransaction(db, (trx) => issueUnlessThere(trx, facts, decision, { ...asked, at })),
    );
    if (ticket?.issuedNow) keepAtHand(ticket.ticketId, facts);
    if (ticket) return ticket;
    // A reconciliation or booking came between reading the facts and taking the lock: decide again on the new facts.
  }
}

/**
 * The facts of a decision, broken where what the run pins is not what the files said when it was recorded, or where the
 * books are although somebody wrote that they are well again.
 */
async function doubted(installation: Installation, run: Run, facts: DecisionFacts): Promise<DecisionFacts> {
  const told = await Promise.all([doubtsOf(installation, run), brokenAfterAll(installation, facts)]);
  const doubts = told.flat();
  if (doubts.length === 0 || facts.books === undefined) return facts;
  return { ...facts, books: { ...facts.books, broken: [...doubts, ...(facts.books.broken ?? [])] } };
}

/** People hear at once of a ticket that stands and was not decided on what is stored: the next look is an hour away. */
async function toldIfGroundless<Done>(
  installation: Installation,
  { account, tradingDay, at }: Pick<IssueInput, 'account' | 'tradingDay' | 'at'>,
  issue: () => Promise<Done>,
): Promise<Done> {
  try {
    return await issue();
  } catch (error) {
    if (error instanceof OpsError && error.code === 'TICKET_DIFFERS') {
      const subject = `${account} ticket of ${tradingDay}`;
      await tellBooks(installation, [{ invariant: 'I8', subject, problem: error.message }], at);
    }
    throw error;
  }
}

/**
 * A ticket is an afternoon run's, which somebody signed or a schedule started, and is of its instant: whoever may speak
 * to a day could have one made of a morning's run otherwise, at an hour of their own.
 * @throws OpsError MESSAGE_INVALID
 */
function assertOfAfternoon({ runId, slot, at: ofRun }: Run, { clock }: Account, at: Instant): void {
  if (slot !== '1400') throw usageError('MESSAGE_INVALID', `runId: ${runId}: must be of a 1400 run, not of ${slot}`);
  if (clock === 'simulated' && Date.parse(at) !== Date.parse(ofRun))
    throw usageError('MESSAGE_INVALID', `at: ${at}: must be the instant of its run, ${ofRun}`);
}

async function issueUnlessThere(
  trx: Knex.Transaction,
  facts: DecisionFacts,
  decision: Decision,
  input: IssueInput,
): Promise<IssueReply | null> {
  await lockTicketOfDay(trx, input.account, input.tradingDay);
  const market = marketHash(facts.market);
  const { live, isMarketPinned, ...newest } = await standingOf(trx, input.account, input.tradingDay, market);
  if (newest.lastEntryId !== facts.ledger.lastEntryId || newest.snapshotId !== (facts.snapshot?.snapshotId ?? null))
    return null;
  if (live) await refuseGroundless(trx, live);

  const stands = live && ticketStands(live, { runId: input.runId, material: decision.material });
  const run = { runId: input.runId, tradingDay: input.tradingDay, asOfDate: facts.asOfDate };
  const gates = recordGates(trx, run, input.account, decision.gates);
  if (stands) {
    await gates;
    return reply(live, false);
  }

  const material = withSupersedes(decision.material, live?.ticketId ?? null);
  const hash = materialHash(material);
  const ticketId = idOf(input.account, input.tradingDay, hash);
  const reasons: Reason[] = decision.gates.flatMap((gate) => gate.reasons);
  const ticket = await insertTicket(
    trx,
    { ticketId, material, materialHash: hash, reasons, runId: input.runId, issuedAt: input.at, facts, isMarketPinned },
    gates,
  );
  if (material.kind === 'TRADE') await raiseAlert(trx, tradeAlert(ticketId, material, input.at));
  await appendAudit(trx, {
    at: input.at,
    account: input.account,
    actor: 'system',
    action: 'ticket.issued',
    subject: ticketId,
    detail: {
      kind: material.kind,
      dryRun: material.dryRun,
      materialHash: hash,
      supersedes: material.supersedes,
      runId: input.runId,
    },
  });
  return reply(ticket, true);
}

/** A TRADE must be executed by a human within its window, so it is told and not only written. */
function tradeAlert(
  ticketId: string,
  { account, tradingDay, lines, window, dryRun }: TicketMaterial,
  at: Instant,
): Alert {
  const when = window ? ` between ${londonTime(window.opensAt)} and ${londonTime(window.closesAt)} UK time` : '';
  const count = `${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`;
  return {
    account,
    tradingDay,
    code: 'TICKET_TRADE',
    subject: ticketId,
    at,
    message: `${dryRun ? 'DRY RUN, for the paper book: ' : ''}TRADE ticket ${ticketId} of ${tradingDay}: ${count} to execute${when}.`,
  };
}

function reply(ticket: StoredTicket, issuedNow: boolean): IssueReply {
  return {
    account: ticket.account,
    ticketId: ticket.ticketId,
    kind: ticket.kind,
    dryRun: ticket.dryRun,
    reasons: ticket.reasons,
    issuedNow,
    supersedes: ticket.material.supersedes,
    issuedAt: ticket.issuedAt,
    windowClosesAt: ticket.windowClosesAt,
    confirmed: ticket.confirmed,
    files: [],
  };
}
