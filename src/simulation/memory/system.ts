import type { IssueReply } from '../../contract/day-messages.js';
import type { RunReply } from '../../contract/runs.js';
import { faultError } from '../../domain/errors.js';
import type { Decision, GateResult, Instant, IsoDate } from '../../domain/types.js';
import type { Hands } from '../operator.js';
import type { Standing } from '../standing.js';
import { issue } from './afternoon.js';
import { answerTicket } from './answer.js';
import { carryOutInMemory } from './bookings.js';
import { compareSnapshot } from './comparison.js';
import type { IssuedTicket, MemoryDesk } from './desk.js';
import { assessMorning, resetWhereDue, valueMorning } from './morning.js';

/** Tells the market what has come out up to a date; nothing of a later one can be had from what it tells. */
export interface Delivery {
  deliver(market: MemoryDesk['market'], asOfDate: IsoDate): void;
}

type OnDecision = (ticket: IssuedTicket, decision: Decision) => void;

/** The simulated operator's hands on an account in memory: the steps of a day, each by the rules of the domain. */
export function handsOn(
  desk: MemoryDesk,
  feed: Delivery,
  { onDecision = () => undefined, resetAfter = null }: { onDecision?: OnDecision; resetAfter?: number | null } = {},
): Hands {
  return {
    run: (slot, at) =>
      Promise.resolve(
        slot === '0800' ? morningRun(desk, feed, { at, resetAfter }) : afternoonRun(desk, at, onDecision),
      ),
    reconcile: (tradingDay, snapshot) => Promise.resolve(compareSnapshot(desk, tradingDay, snapshot)),
    confirm: (_, { ticket, fills, acceptDeviation, at }) => {
      const entries = answerTicket(desk, stored(desk, ticket.ticketId), { fills, acceptDeviation, at });
      const status = ticket.kind === 'TRADE' ? ('BOOKED' as const) : ('ACKNOWLEDGED' as const);
      return Promise.resolve({ status, confirmationId: null, entries, reason: null });
    },
    closed: () => Promise.resolve(),
    carryOut: (errand, at) => Promise.resolve(carryOutInMemory(desk, errand, at)),
  };
}

/** What stands in an account in memory. What the schema would refuse was refused when it was booked. */
export const standingOf = (desk: MemoryDesk): Standing => ({
  findings: () => Promise.resolve(findingsOf(desk.quality?.result)),
  entries: () => Promise.resolve(desk.books.entries),
  ledger: () => Promise.resolve(desk.books.state()),
  ticket: (ticketId) => {
    const ticket = desk.ticket(ticketId);
    return Promise.resolve(ticket ? desk.fillsTicket(ticket) : null);
  },
  brokenAfter: () => Promise.resolve([]),
});

const findingsOf = (result: GateResult | undefined) => [...(result?.reasons ?? []), ...(result?.exclusions ?? [])];

function stored(desk: MemoryDesk, ticketId: string): IssuedTicket {
  const ticket = desk.ticket(ticketId);
  if (ticket) return ticket;
  throw faultError('TICKET_UNKNOWN', `ticket ${ticketId} was issued and is not stored`);
}

function morningRun(
  desk: MemoryDesk,
  feed: Delivery,
  { at, resetAfter }: { at: Instant; resetAfter: number | null },
): RunReply {
  const { tradingDay, asOfDate } = desk.dayOf(at);
  resetWhereDue(desk, tradingDay, resetAfter);
  const runId = `morning/${tradingDay}`;
  feed.deliver(desk.market, asOfDate);
  const result = assessMorning(desk, asOfDate);
  desk.quality = { runId, result };
  valueMorning(desk, asOfDate, result);
  return { runId, outcome: result.status, summary: '', tradingDay, asOfDate, files: [], tickets: [] };
}

function afternoonRun(desk: MemoryDesk, at: Instant, onDecision: OnDecision): RunReply {
  const { tradingDay, asOfDate } = desk.dayOf(at);
  const { ticket, decision } = issue(desk, at);
  onDecision(ticket, decision);
  const { kind, dryRun, window, supersedes } = ticket.material;
  const reply: IssueReply = {
    account: desk.rules.account.account,
    ticketId: ticket.ticketId,
    kind,
    dryRun,
    reasons: decision.gates.flatMap((gate) => gate.reasons),
    issuedNow: true,
    supersedes,
    issuedAt: at,
    windowClosesAt: window?.closesAt ?? null,
    confirmed: false,
    files: [],
  };
  const runId = `afternoon/${tradingDay}`;
  return { runId, outcome: kind, summary: '', tradingDay, asOfDate, files: [], tickets: [reply] };
}
