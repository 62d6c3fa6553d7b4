import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadRunContext } from '../activities/runs.js';
import { ticketPath } from '../artifacts/paths.js';
import { loadDecisionFacts } from '../db/decision-facts.js';
import { findTicket, lastTickets, ticketFacts, type StoredTicket } from '../db/tickets.js';
import { decideTicket } from '../domain/decide.js';
import { EXIT, faultError, refusal, usageError } from '../domain/errors.js';
import type { DecisionFacts } from '../domain/facts.js';
import { materialHash, ticketId as idOf, withSupersedes } from '../domain/ticket.js';
import { explainDifferences } from '../domain/verify.js';
import { withContext, type Context } from './context.js';
import { wholeNumber } from './run-actions.js';

/** Prints a ticket as it was written. */
export async function showTicket(id: string | undefined, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const ticket = id === undefined ? await newest(context) : await find(context, id);
    const file = path.join(context.settings.dataDir, ticketPath(ticket.ticketId, 'md'));
    const text = await readFile(file, 'utf8').catch(() => `The file ${file} is missing; the ticket is safe in the database.`);
    return { data: ticket, lines: [text.trimEnd()], next: ticket.confirmed ? `trading-ops ticket verify ${ticket.ticketId}` : confirmCommand(ticket) };
  });
}

const confirmCommand = (ticket: StoredTicket): string =>
  ticket.kind === 'TRADE' ? 'FILLS_JSON=/path/to/fills.json make confirm-fills' : 'make confirm';

async function newest({ db, account }: Context): Promise<StoredTicket> {
  const [ticket] = await lastTickets(db, account.account, 1);
  if (ticket) return ticket;
  throw refusal('NO_TICKET', `account ${account.account} has no ticket yet`, { remedy: 'make run-1400' });
}

async function find({ db }: Context, id: string): Promise<StoredTicket> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) throw usageError('TICKET_INVALID', `ticket: ${id}: must be the id of a ticket, a UUID`, { remedy: 'trading-ops tickets-last' });
  const ticket = await findTicket(db, id);
  if (ticket) return ticket;
  throw refusal('TICKET_UNKNOWN', `ticket: ${id}: there is no such ticket`, { remedy: 'trading-ops tickets-last' });
}

/**
 * Recomputes a ticket twice: from the facts pinned with it (its id and hash must come out again), and from the facts as
 * they are stored now (what was changed since is named, value by value).
 */
export async function verifyTicket(id: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const ticket = await find(context, id);
    const pinned = await ticketFacts(context.db, ticket.ticketId);
    if (!pinned) throw faultError('FACTS_MISSING', `ticket ${id} has no pinned facts`);
    const problems = [...recompute(ticket, pinned), ...explainDifferences(pinned, await factsNow(context, ticket, pinned))];
    const data = { ticketId: ticket.ticketId, verified: problems.length === 0, materialHash: ticket.materialHash, problems };
    if (problems.length === 0) {
      return { data, lines: [`TICKET_VERIFIED ${ticket.ticketId}`, `Recomputed from stored facts: ${ticket.kind}, material hash ${ticket.materialHash}`], next: 'trading-ops day' };
    }
    return { exitCode: EXIT.refused, data, lines: [`TICKET_DIFFERS ${ticket.ticketId}`, ...problems], next: 'docs/INCIDENTS.md, TICKET_DIFFERS' };
  });
}

function recompute(ticket: StoredTicket, facts: DecisionFacts): string[] {
  const material = withSupersedes(decideTicket(facts).material, ticket.material.supersedes);
  const hash = materialHash(material);
  const problems: string[] = [];
  if (hash !== ticket.materialHash) problems.push(`material hash: ${ticket.materialHash} when issued, ${hash} recomputed from the pinned facts`);
  if (materialHash(ticket.material) !== ticket.materialHash) problems.push(`stored material: does not have the hash ${ticket.materialHash}`);
  if (idOf(ticket.account, ticket.tradingDay, ticket.materialHash) !== ticket.ticketId) problems.push(`ticket id: ${ticket.ticketId} does not follow from account, trading day and hash`);
  return problems;
}

/** The market facts as they are stored now; what has moved on since by design (ledger, snapshot, open tickets) stays pinned. */
async function factsNow({ db }: Context, ticket: StoredTicket, pinned: DecisionFacts): Promise<DecisionFacts> {
  const { run, policy, universe } = await loadRunContext(db, ticket.runId);
  const now = await loadDecisionFacts(db, { account: ticket.account, run, policy, universe, mode: pinned.mode, at: pinned.at, symbols: pinned.market.histories.map(({ symbol }) => symbol) });
  return { ...pinned, policy, universe, account: now.account, market: { ...now.market, fetches: pinned.market.fetches, rulings: pinned.market.rulings } };
}

/** Lists the newest tickets, newest first. */
export async function listTickets(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const tickets = await lastTickets(db, account.account, wholeNumber('limit', command.opts<{ limit: string }>().limit));
    const { default: Table } = await import('cli-table3');
    const table = new Table({ head: ['trading day', 'kind', 'reasons', 'confirmed', 'ticket'], style: { head: [], border: [] } });
    for (const ticket of tickets) {
      const codes = [...new Set(ticket.reasons.map(({ code }) => code))].join(', ');
      table.push([ticket.tradingDay, ticket.kind + (ticket.dryRun ? ' dry run' : ''), codes, ticket.confirmed ? 'yes' : 'no', ticket.ticketId]);
    }
    return { data: tickets, lines: tickets.length > 0 ? [table.toString()] : ['There is no ticket yet.'], next: tickets.length > 0 ? 'trading-ops ticket show' : 'make run-1400' };
  });
}
