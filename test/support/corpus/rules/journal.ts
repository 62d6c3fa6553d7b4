import { previousSession } from '../../../../src/domain/calendar/calendar.js';
import type { Outcome } from '../../../../src/domain/errors.js';
import { planCashInLieu } from '../../../../src/domain/ledger/bookings/cash-in-lieu.js';
import { planCashMerger, planDelisting } from '../../../../src/domain/ledger/bookings/cash-merger.js';
import { planCash } from '../../../../src/domain/ledger/bookings/cash.js';
import { planDividend } from '../../../../src/domain/ledger/bookings/dividend.js';
import type { PlannedEntry } from '../../../../src/domain/ledger/bookings/plan.js';
import { planReversal } from '../../../../src/domain/ledger/bookings/reversal.js';
import { planSplit } from '../../../../src/domain/ledger/bookings/split.js';
import { fillEntry, openingEntry, type EntryDraft } from '../../../../src/domain/ledger/entries.js';
import { imbalances, ledgerSums, type BookedEntry } from '../../../../src/domain/ledger/sums.js';
import { settledActions, type KnownActions } from '../../../../src/domain/market/actions.js';
import type { Proposal } from '../../../../src/domain/reconciliation/proposal.js';
import type {
  Account,
  ActionRuling,
  CorporateAction,
  DecimalString,
  DividendType,
  IsoDate,
} from '../../../../src/domain/types.js';
import type { Booking, Books } from './shape.js';

/** A booking as it is typed; a proposal says of a dividend what was withheld, and which of several it is. */
type Typed = Booking & { withholding?: DecimalString; dividendType?: DividendType };

/** What was booked; `refused` where a rule said no, and then nothing was. */
export type Said = Outcome<PlannedEntry>;

/** The books of a case: entries as the journal holds them, each booked by the rules that the commands book by. */
export class Journal {
  readonly entries: BookedEntry[] = [];
  readonly account: Account;

  constructor(private readonly of: Books) {
    this.account = { account: 'main', baseCurrency: of.base, clock: 'simulated' };
    const { opened: date, base: baseCurrency, cash, positions } = of;
    const opening = openingEntry({ date, baseCurrency, cash, positions });
    if (opening === null) throw new Error('books are opened with something');
    this.append(opening, 'opening');
  }

  sums = () => ledgerSums(this.entries, this.of.base);

  /** What is known of companies' doings, as people have ruled. */
  get known(): KnownActions {
    const { actions, rulings } = this.of.market;
    const published = actions.map(({ currency = null, dividendType, ...action }): CorporateAction => ({
      ...action,
      currency,
      source: 'csv',
      ...(dividendType && { dividendType }),
    }));
    const ruled = rulings.map(({ value = null, ...ruling }): ActionRuling => ({ ...ruling, value }));
    return { settled: settledActions(published, ruled, []), holds: [] };
  }

  listedIn = (symbol: string): string => this.of.market.listed[symbol] ?? 'USD';

  /** Listing currency for one of base: the newest rate up to a date. */
  fxOn = (currency: string, date: IsoDate): DecimalString | null => {
    const rates = Object.entries(this.of.market.rates[`${this.of.base}${currency}`] ?? {});
    return rates.filter(([day]) => day <= date).toSorted(([a], [b]) => (a < b ? 1 : -1))[0]?.[1] ?? null;
  };

  /** Books what a case says, as it would be typed on the day. */
  book(asked: Typed): Said {
    const plan = this.planOf(asked);
    if (plan.ok && plan.result.standing === null)
      this.append(plan.result.draft, plan.result.key, plan.result.reversesEntryId);
    return plan;
  }

  /** Books a proposal as the command that is printed for it does: figures that it leaves out come from what is stored. */
  follow(proposal: Proposal, on: IsoDate): Said {
    return this.book(bookingOf(proposal, on));
  }

  /** As the table does it: no key is ever used twice, and an entry balances. */
  private append(draft: EntryDraft, key: string, reversesEntryId: number | null = null): void {
    if (this.entries.some(({ idempotencyKey }) => idempotencyKey === key)) throw new Error(`${key}: is used already`);
    if (Object.keys(imbalances(draft)).length > 0) throw new Error(`${key}: does not balance`);
    this.entries.push({
      ...draft,
      entryId: this.entries.length + 1,
      bookedAt: `${draft.effectiveDate}T15:00:00.000Z`,
      reversesEntryId,
      ticketId: null,
      confirmationId: null,
      idempotencyKey: key,
      operator: 'ana',
    });
  }

  private planOf(asked: Typed): Said {
    const { account, entries, known } = this;
    const { on: today, amount = null, net = null, units = null, symbol = '' } = asked;
    const event = { account, today, symbol, date: today };
    const rate = { currency: this.listedIn(symbol), fx: this.fxOn(this.listedIn(symbol), today) };
    switch (asked.book) {
      case 'deposit':
      case 'withdrawal':
      case 'fee':
      case 'interest':
        return planCash(entries, {
          account,
          today,
          kind: asked.book.toUpperCase() as 'DEPOSIT',
          amount: needed(amount),
          date: today,
          notes: null,
          another: asked.another ?? false,
          symbol: asked.symbol ?? null,
          isKnown: () => true,
        });
      case 'dividend': {
        const exDate = asked.exDate ?? today;
        const { withholding = null, dividendType: type } = asked;
        const command = { account, today, symbol, exDate, paidOn: today, amount, units, fx: null, withholding, net };
        const isKnown = () => true;
        const rateOf = (currency: string) => (currency === this.of.base ? '1' : this.fxOn(currency, exDate));
        const market = { known, currency: this.listedIn(symbol), rateOf };
        return planDividend(entries, { ...command, isKnown, ...(type && { type }) }, market);
      }
      case 'split': {
        const asOfDate = previousSession(today);
        const { exDate = today, ratio = null } = asked;
        return planSplit(entries, { account, today, asOfDate, symbol, exDate, ratio }, known);
      }
      case 'cash-merger':
        return planCashMerger(entries, { ...event, net, amount, fx: null }, rate);
      case 'delisting':
        return planDelisting(entries, { ...event, net, amount, fx: null }, rate);
      case 'cash-in-lieu':
        return planCashInLieu(entries, { ...event, net: needed(net), units });
      case 'reversal':
        return planReversal(entries, { account, entryId: asked.entry ?? 0, reason: 'typed wrongly' });
      case 'fill': {
        const { side = 'BUY' } = asked;
        const fill = {
          date: today,
          baseCurrency: this.of.base,
          symbol,
          side,
          units: needed(units),
          value: needed(net),
        };
        const key = `fill:${entries.length}`;
        return { ok: true, result: { draft: fillEntry(fill), key, reversesEntryId: null, standing: null } };
      }
    }
  }
}

function needed(text: string | null): string {
  if (text === null) throw new Error('a figure is missing');
  return text;
}

function bookingOf(proposal: Proposal, on: IsoDate): Typed {
  switch (proposal.kind) {
    case 'BOOK_DIVIDEND': {
      const { symbol, exDate, withholding, dividendType, net } = proposal;
      const more = { ...(dividendType && { dividendType }), ...(net && { net }) };
      return { book: 'dividend', on, symbol, exDate, withholding, ...more };
    }
    case 'BOOK_SPLIT': {
      const { symbol, exDate, published, ratio } = proposal;
      return { book: 'split', on, symbol, exDate, ...(!published && { ratio }) };
    }
    case 'BOOK_DEPOSIT':
    case 'BOOK_WITHDRAWAL':
    case 'BOOK_FEE':
    case 'BOOK_INTEREST': {
      const book = proposal.kind.slice('BOOK_'.length).toLowerCase() as 'deposit';
      return { book, on: proposal.date, amount: proposal.amount };
    }
    case 'BOOK_CASH_MERGER':
      return { book: 'cash-merger', on: proposal.date, symbol: proposal.symbol, net: proposal.net };
    case 'BOOK_CASH_IN_LIEU': {
      const { symbol, date, units, net } = proposal;
      return { book: 'cash-in-lieu', on: date, symbol, units, net };
    }
    default:
      throw new Error(`${proposal.kind} books nothing`);
  }
}
