import { faultError } from '../../domain/errors.js';
import type { EntryDraft, EntryKind } from '../../domain/ledger/entries.js';
import type { EntryPlan } from '../../domain/ledger/bookings/plan.js';
import { flowsOf, type Flows } from '../../domain/ledger/flows.js';
import { imbalances, type BookedEntry } from '../../domain/ledger/sums.js';
import type { ToldOfSplit } from '../../domain/ledger/told-splits.js';
import type { Rename } from '../../domain/market/renames.js';
import { D, toText, type Decimal } from '../../domain/money.js';
import { byText } from '../../domain/order.js';
import type { ActionRuling, CorporateAction, Instant, IsoDate, LedgerState } from '../../domain/types.js';

/** What leaves shares of another name. */
const EXCHANGES: readonly EntryKind[] = ['RENAME', 'STOCK_MERGER', 'SPIN_OFF'];

/** What an entry is booked with, beside its draft. */
export interface BookedWith {
  at: Instant;
  operator: string;
  key: string;
  ticketId?: string;
  confirmationId?: string;
}

/**
 * An account's journal in memory, append only, with the sums that the schema keeps: cash and units as they stand. It
 * holds what the schema holds: every entry comes to zero, units never go below it, a key is used once.
 */
export class MemoryBooks {
  /** In booking order. The list grows and is never changed otherwise. */
  readonly entries: readonly BookedEntry[] = [];
  private readonly splits: BookedEntry[] = [];
  private readonly exchanged: { kind: EntryKind; old: string; name: string; date: IsoDate }[] = [];
  private cash: Decimal = D(0);
  private readonly units = new Map<string, Decimal>();
  private readonly keys = new Set<string>();
  private opened: Instant | null = null;
  private stands: LedgerState | null = null;

  constructor(private readonly baseCurrency: string) {}

  /** Cash and units as they sum, and the newest entry. */
  state(): LedgerState {
    const newest = this.entries.at(-1);
    const held = [...this.units].toSorted(([a], [b]) => byText(a, b));
    return (this.stands ??= {
      cash: toText(this.cash),
      units: Object.fromEntries(held.map(([symbol, amount]) => [symbol, toText(amount)])),
      lastEntryId: newest?.entryId ?? null,
      lastBookedAt: newest?.bookedAt ?? null,
    });
  }

  /** When the ledger was opened; null while it is empty. */
  openedAt(): Instant | null {
    return this.opened;
  }

  /** Books what a rule has decided on, once. @returns the entry, also where it stood already */
  bookPlan(plan: EntryPlan & { ok: true }, by: Omit<BookedWith, 'key'>): number {
    const { draft, key, standing } = plan.result;
    return standing?.entryId ?? this.book(draft, { ...by, key });
  }

  /** Books an entry. @throws OpsError INVARIANT_BROKEN, where the schema would refuse it */
  book(draft: EntryDraft, { at, operator, key, ticketId, confirmationId }: BookedWith): number {
    this.refuseUnsound(draft, key);
    const entryId = (this.entries.at(-1)?.entryId ?? 0) + 1;
    const entry: BookedEntry = {
      ...draft,
      entryId,
      bookedAt: at,
      reversesEntryId: null,
      ticketId: ticketId ?? null,
      confirmationId: confirmationId ?? null,
      idempotencyKey: key,
      operator,
    };
    (this.entries as BookedEntry[]).push(entry);
    this.enter(entry);
    this.keys.add(key);
    for (const { account, commodity, amount } of draft.postings) {
      if (account === 'Assets:Cash' && commodity === this.baseCurrency) this.cash = this.cash.plus(D(amount));
      if (account === 'Assets:Units') this.move(commodity, D(amount));
    }
    this.opened ??= at;
    this.stands = null;
    return entryId;
  }

  private enter(entry: BookedEntry): void {
    const { kind, symbol, effectiveDate: date, postings } = entry;
    if (kind === 'SPLIT') this.splits.push(entry);
    if (!EXCHANGES.includes(kind) || symbol === null) return;
    for (const { account, commodity: name, amount } of postings)
      if (account === 'Assets:Units' && D(amount).gt(0)) this.exchanged.push({ kind, old: symbol, name, date });
  }

  private move(symbol: string, amount: Decimal): void {
    const units = (this.units.get(symbol) ?? D(0)).plus(amount);
    if (units.isZero()) this.units.delete(symbol);
    else this.units.set(symbol, units);
  }

  private refuseUnsound({ postings, ...draft }: EntryDraft, key: string): void {
    const refuse = (why: string) => faultError('INVARIANT_BROKEN', `${draft.description}: ${why}`);
    if (this.keys.has(key)) throw refuse(`${key} was booked before`);
    const off = Object.entries(imbalances({ ...draft, postings }));
    if (off.length > 0) throw refuse(`does not come to zero: ${off.map((each) => each.join(' ')).join(', ')}`);
    for (const { account, commodity, amount } of postings)
      if (account === 'Assets:Units' && (this.units.get(commodity) ?? D(0)).plus(D(amount)).isNegative())
        throw refuse(`would leave less than no ${commodity}`);
  }

  /** What came in and went out without being profit or loss since an entry. */
  flowsSince(entryId: number): Flows {
    const since = this.entries.slice(this.entries.findLastIndex((entry) => entry.entryId <= entryId) + 1);
    return flowsOf(since.map((entry) => ({ ...entry, reversedKind: null })));
  }

  /** The renames that were booked, oldest first. */
  renames(upTo: IsoDate): Rename[] {
    return this.exchanged
      .filter(({ kind, date }) => kind === 'RENAME' && date <= upTo)
      .map(({ old, name, date }) => ({ from: old, to: name, date }))
      .toSorted((a, b) => byText(a.date, b.date) || byText(a.from, b.from));
  }

  /**
   * The splits that somebody told of since the opening, of what is counted and of what it was before: a source, a
   * ruling, a booking. None has been judged.
   */
  splitsTold(
    counted: readonly string[],
    told: { actionsOf(symbol: string): readonly CorporateAction[]; rulings: readonly ActionRuling[]; upTo: IsoDate },
  ): ToldOfSplit[] {
    const opening = this.entries.find(({ kind }) => kind === 'OPENING')?.effectiveDate;
    const found = new Map<string, ToldOfSplit>();
    for (const [symbol, until] of this.namesOf(counted)) {
      const published = told.actionsOf(symbol).filter(({ kind }) => kind === 'SPLIT');
      const ruled = told.rulings.filter((ruling) => ruling.symbol === symbol && ruling.ruling === 'split');
      const booked = this.splits.filter((entry) => entry.symbol === symbol);
      const dates = [...published, ...ruled]
        .map(({ exDate }) => exDate)
        .filter((exDate) => opening !== undefined && exDate > opening && exDate <= told.upTo);
      for (const exDate of [...dates, ...booked.map(({ effectiveDate }) => effectiveDate)]) {
        if (exDate > until) continue;
        const isOf = { symbol, exDate };
        found.set(`${symbol} ${exDate}`, {
          ...isOf,
          published: published.findLast((action) => action.exDate === exDate)?.value ?? null,
          booked: booked.some(({ effectiveDate }) => effectiveDate === exDate),
        });
      }
    }
    return [...found].toSorted(([a], [b]) => byText(a, b)).map(([, split]) => split);
  }

  /** What is counted and every name it had, each with the day on which that one ended. */
  private namesOf(counted: readonly string[]): Map<string, IsoDate> {
    const names = new Map<string, IsoDate>(counted.map((symbol) => [symbol, '9999-12-31']));
    const became = this.exchanged;
    if (became.length === 0) return names;
    for (let more = true; more;) {
      more = false;
      for (const { old, name, date } of became) {
        const until = names.get(name);
        const known = names.get(old);
        if (until === undefined || date > until || (known !== undefined && known >= date)) continue;
        names.set(old, date);
        more = true;
      }
    }
    return names;
  }
}
