import { auditHeadQuestion, stateWord } from '../../db/audit.js';
import { loadDecisionFacts } from '../../db/decision-facts.js';
import { keptWhile } from '../../db/kept-while.js';
import { askTogether } from '../../db/questions.js';
import { ticketGrounds } from '../../db/ticket-grounds.js';
import { allTicketIds, findTicket, ticketFacts, ticketMark, type StoredTicket } from '../../db/tickets.js';
import type { Knex } from 'knex';
import { decideTicket } from '../../domain/decision/decide.js';
import { refusal } from '../../domain/errors.js';
import type { DecisionFacts } from '../../domain/decision/facts.js';
import { materialHash, ticketId as idOf, withSupersedes } from '../../domain/decision/ticket.js';
import { explainDifferences } from '../../domain/decision/verify.js';
import { loadRunContext } from '../runs/context.js';

/** One line for each thing that is not as it was when a ticket was issued. */
export interface TicketProblems {
  /** Its id or hash does not come out of the facts pinned with it: it was altered. */
  broken: string[];
  /** Facts that are stored otherwise now, such as a bar that was restated since. */
  moved: string[];
}

/**
 * Recomputes a ticket twice: from the facts pinned with it (its id and hash must come out again), and from the facts as
 * they are stored now (what was changed since is named, value by value).
 */
export async function ticketProblems(db: Knex, ticket: StoredTicket): Promise<TicketProblems> {
  const pinned = await ticketFacts(db, ticket.ticketId);
  if (!pinned) throw refusal('FACTS_MISSING', `ticket ${ticket.ticketId} has no pinned facts`);
  return {
    broken: [...recompute(ticket, pinned), ...(await groundless(db, ticket, pinned))],
    moved: explainDifferences(pinned, await factsNow(db, ticket, pinned)),
  };
}

/**
 * Why a TRADE cannot have been decided on what is stored: a row that was written around the program brings facts of its
 * own, from which its id and hash come out like any other's. What never changes of them is stored elsewhere too, and
 * signed by whoever said it: the entries up to the newest that it knew, its snapshot, its policy and universe.
 */
async function groundless(db: Knex, ticket: StoredTicket, pinned: DecisionFacts): Promise<string[]> {
  if (ticket.kind !== 'TRADE') return [];
  const grounds = await ticketGrounds(db, ticket.ticketId, pinned);
  if (!grounds) return ['is not stored'];
  const { policy, universe } = await loadRunContext(db, ticket.runId);
  const snapshot = pinned.snapshot && grounds.snapshot && { ...pinned.snapshot, ...grounds.snapshot };
  const stored = { ...pinned, policy, universe, snapshot, ledger: { ...pinned.ledger, ...grounds.ledger } };
  const known = new Set(pinned.openTickets.map(({ ticketId }) => ticketId));
  return [
    ...explainDifferences(pinned, stored),
    ...grounds.unanswered
      .filter((ticketId) => !known.has(ticketId))
      .map((ticketId) => `openTickets: without ${ticketId}, which nobody has answered`),
    ...(grounds.isEngaged && !pinned.killSwitch.engaged ? ['killSwitch: not engaged when issued, and it was'] : []),
  ];
}

/**
 * The same of the newest tickets, so many, without the market: I8, that the same facts make the same ticket, and that a
 * TRADE was decided on what is stored.
 */
export async function brokenTickets(db: Knex, limit: number): Promise<{ ticket: StoredTicket; problem: string }[]> {
  const broken: { ticket: StoredTicket; problem: string }[] = [];
  for (const id of (await allTicketIds(db)).slice(-limit)) {
    const ticket = await findTicket(db, id);
    if (!ticket) continue;
    broken.push(...(await problemsOf(db, ticket)).map((problem) => ({ ticket, problem })));
  }
  return broken;
}

/** What of a ticket does not come out of the facts pinned with it, or rests on what is not stored. */
async function problemsOf(db: Knex, ticket: StoredTicket): Promise<string[]> {
  const pinned = await ticketFacts(db, ticket.ticketId);
  return pinned ? [...recompute(ticket, pinned), ...(await groundless(db, ticket, pinned))] : ['has no pinned facts'];
}

/**
 * Why no order of a TRADE that waits for its answer is to be placed although it is stored.
 * @returns as `writtenAround`; null of one that has its answer too, of which nothing is to be placed any more
 */
export const groundlessWhy = async (
  db: Knex,
  ticket: Pick<StoredTicket, 'ticketId' | 'kind' | 'confirmed'>,
): Promise<string | null> => (ticket.confirmed ? null : writtenAround(db, ticket));

/**
 * In what a TRADE that is stored was not decided on what is stored, whether it has its answer or not: a row that was
 * written around the program, between one look at the books and the next. Looked at anew whenever a fact was stored or
 * the ticket's own rows were written again, of which no record need tell.
 * @returns what differs, a line each; null of a ticket that was decided on what is stored, or orders nothing
 */
export async function writtenAround(db: Knex, ticket: Pick<StoredTicket, 'ticketId' | 'kind'>): Promise<string | null> {
  if (ticket.kind !== 'TRADE') return null;
  const [head, mark] = await askTogether(db, auditHeadQuestion(db), ticketMark(db, ticket.ticketId));
  const word = `${stateWord(head)} ${mark}`;
  const problems = await keptWhile(db, { key: `grounds/${ticket.ticketId}`, word }, async () => {
    const stored = await findTicket(db, ticket.ticketId);
    return stored ? problemsOf(db, stored) : ['is not stored'];
  });
  return problems.length === 0 ? null : problems.join('\n');
}

/** Those of which no order is to be placed, by id, with what differs. */
export async function groundlessAmong(
  db: Knex,
  tickets: readonly Pick<StoredTicket, 'ticketId' | 'kind' | 'confirmed'>[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const ticket of tickets) {
    const why = await groundlessWhy(db, ticket);
    if (why !== null) found.set(ticket.ticketId, why);
  }
  return found;
}

/**
 * Recomputes every ticket that was ever issued.
 * @param told how many of how many are done, after each.
 * @returns the problems of those that do not come out as they were, by id.
 */
export async function verifyAllTickets(
  db: Knex,
  told: (done: number, of: number) => void = () => undefined,
): Promise<{ tickets: number; problems: Map<string, TicketProblems> }> {
  const ids = await allTicketIds(db);
  const problems = new Map<string, TicketProblems>();
  for (const [index, id] of ids.entries()) {
    const ticket = await findTicket(db, id);
    const found = ticket ? await ticketProblems(db, ticket) : { broken: ['it is gone'], moved: [] };
    if (found.broken.length + found.moved.length > 0) problems.set(id, found);
    told(index + 1, ids.length);
  }
  return { tickets: ids.length, problems };
}

function recompute(ticket: StoredTicket, facts: DecisionFacts): string[] {
  const material = withSupersedes(decideTicket(facts).material, ticket.material.supersedes);
  const hash = materialHash(material);
  const problems: string[] = [];
  if (hash !== ticket.materialHash)
    problems.push(`material hash: ${ticket.materialHash} when issued, ${hash} recomputed from the pinned facts`);
  if (materialHash(ticket.material) !== ticket.materialHash)
    problems.push(`stored material: does not have the hash ${ticket.materialHash}`);
  if (idOf(ticket.account, ticket.tradingDay, ticket.materialHash) !== ticket.ticketId)
    problems.push(`ticket id: ${ticket.ticketId} does not follow from account, trading day and hash`);
  return problems;
}

/** The market facts as they are stored now; what has moved on since by design (ledger, snapshot, open tickets) stays pinned. */
async function factsNow(db: Knex, ticket: StoredTicket, pinned: DecisionFacts): Promise<DecisionFacts> {
  const { run, policy, universe } = await loadRunContext(db, ticket.runId);
  const now = await loadDecisionFacts(db, {
    account: ticket.account,
    run,
    policy,
    universe,
    mode: pinned.mode,
    at: pinned.at,
    symbols: pinned.market.histories.map(({ symbol }) => symbol),
  });
  return {
    ...pinned,
    policy,
    universe,
    account: now.account,
    market: { ...now.market, fetches: pinned.market.fetches, rulings: pinned.market.rulings },
  };
}
