import { asOfDate as asOfDateOf, tradingDayOf } from '../../domain/calendar/calendar.js';
import type { FillsTicket } from '../../domain/confirmation/ticket.js';
import { maxPriceDeviationOf, type Policy } from '../../domain/policy/policy.js';
import { listingCurrency } from '../../domain/policy/universe.js';
import type { EarlierDrift } from '../../domain/reconciliation/arrivals.js';
import type {
  Account,
  GateResult,
  Instant,
  IsoDate,
  Sha256,
  Snapshot,
  TicketMaterial,
  TradingMode,
  UniverseRow,
} from '../../domain/types.js';
import type { ValuedBefore } from '../../domain/ledger/value-day.js';
import type { Reset } from '../../domain/walk/report.js';
import { MemoryBooks } from './books.js';
import { KnownMarket } from './market.js';

/** What a walk decides by: an account, the rules, and in whose name. */
export interface Rules {
  account: Account;
  policy: Policy;
  policyHash: Sha256;
  universe: UniverseRow[];
  universeHash: Sha256;
  mode: TradingMode;
  operator: string;
}

/** A ticket that was issued. */
export interface IssuedTicket {
  ticketId: string;
  material: TicketMaterial;
  materialHash: Sha256;
  issuedAt: Instant;
  isConfirmed: boolean;
}

/** The facts of one account in memory: what the tables of an installation would hold. */
export class MemoryDesk {
  readonly market: KnownMarket;
  readonly books: MemoryBooks;
  /** All that were issued. */
  readonly tickets: IssuedTicket[] = [];
  /** Those of them that nobody had answered when it was last asked. */
  private unanswered: IssuedTicket[] = [];
  snapshot: Snapshot | null = null;
  /** Comparisons of the account, oldest first. */
  readonly compared: EarlierDrift[] = [];
  /** The newest valuation, and the one before it of an earlier date. */
  valued: ValuedBefore = null;
  killSwitch: { engaged: boolean; reason: string | null } = { engaged: false, reason: null };
  /** Mornings that have begun since the kill switch was engaged. */
  morningsStopped = 0;
  /** When it was reset, oldest first. */
  readonly resets: Reset[] = [];
  /** The data-quality gate of the newest morning. */
  quality: { runId: string; result: GateResult } | null = null;

  constructor(readonly rules: Rules) {
    this.market = new KnownMarket(rules.policy);
    this.books = new MemoryBooks(rules.account.baseCurrency);
  }

  /** The trading day of an instant and the date of its prices. */
  dayOf(at: Instant): { tradingDay: IsoDate; asOfDate: IsoDate } {
    const tradingDay = tradingDayOf(at);
    return { tradingDay, asOfDate: asOfDateOf(tradingDay, this.rules.policy.calendar) };
  }

  /** Issues a ticket, which is open until it is answered. */
  issue(ticket: IssuedTicket): void {
    this.tickets.push(ticket);
    this.unanswered.push(ticket);
  }

  /** Tickets that nobody has answered. */
  open(): readonly IssuedTicket[] {
    this.unanswered = this.unanswered.filter(({ isConfirmed }) => !isConfirmed);
    return this.unanswered;
  }

  ticket(ticketId: string): IssuedTicket | undefined {
    return this.tickets.findLast((one) => one.ticketId === ticketId);
  }

  /** A ticket as its fills are checked against it. */
  readonly fillsTicket = ({ material, issuedAt }: IssuedTicket): FillsTicket => ({
    ...material,
    issuedAt,
    maxPriceDeviation: maxPriceDeviationOf(this.rules.policy),
  });

  /** The currency that a symbol is listed in. */
  readonly currencyOf = (symbol: string): string => listingCurrency(this.rules.universe, symbol);
}
