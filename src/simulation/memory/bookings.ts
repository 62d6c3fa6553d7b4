import { addSessions } from '../../domain/calendar/calendar.js';
import type { Outcome } from '../../domain/errors.js';
import { planCash } from '../../domain/ledger/bookings/cash.js';
import { planCashInLieu } from '../../domain/ledger/bookings/cash-in-lieu.js';
import { planCashMerger, planDelisting } from '../../domain/ledger/bookings/cash-merger.js';
import { planDividend } from '../../domain/ledger/bookings/dividend.js';
import type { EntryPlan } from '../../domain/ledger/bookings/plan.js';
import { planRename } from '../../domain/ledger/bookings/rename.js';
import { planSplit } from '../../domain/ledger/bookings/split.js';
import {
  firstValuesIn,
  planSpinOff,
  planStockMerger,
  type FirstValues,
} from '../../domain/ledger/bookings/stock-merger.js';
import { SESSIONS_AFTER } from '../../domain/market/actions.js';
import { jumpsIn, rateJumpsIn } from '../../domain/market/index.js';
import { planRuling, type RuledDay } from '../../domain/market/ruling.js';
import { pairsWanted } from '../../domain/market/wanted.js';
import { D, toText } from '../../domain/money.js';
import type { ActionRuling, Bar, Instant, IsoDate } from '../../domain/types.js';
import type { Errand } from '../operator.js';
import type { PlannedRuling } from '../rulings.js';
import type { MemoryDesk } from './desk.js';

/** Books or rules what the simulated operator has decided on, by the plans that every door books by. */
export function carryOutInMemory(desk: MemoryDesk, errand: Errand, at: Instant): Outcome<unknown> {
  if (errand.kind === 'RULE_ON_ACTION') return rule(desk, errand.ruling, at);
  const plan = planOf(desk, errand, at);
  if (!plan.ok) return plan;
  return { ok: true, result: desk.books.bookPlan(plan, { at, operator: desk.rules.operator }) };
}

function planOf(desk: MemoryDesk, errand: Exclude<Errand, { kind: 'RULE_ON_ACTION' }>, at: Instant): EntryPlan {
  if (errand.kind === 'BOOK_EVENT') return planOfEvent(desk, errand, at);
  const { books, market } = desk;
  const scope = scopeOf(desk, at);
  const { symbol, exDate } = errand;
  const isTold = errand.kind === 'BOOK_SPLIT' ? errand.ratio !== null : errand.net !== undefined;
  const known = isTold ? { settled: [], holds: [] } : market.knownActionsAround(symbol, exDate, scope.asOfDate);
  if (errand.kind === 'BOOK_SPLIT')
    return planSplit(books.entries, { ...scope, symbol, exDate, ratio: errand.ratio }, known);
  const { dividendType: type, withholding, net = null } = errand;
  const said = { symbol, exDate, ...(type && { type }), withholding, net, ...UNSAID };
  return planDividend(
    books.entries,
    { ...scope, ...said },
    {
      known,
      currency: desk.currencyOf(symbol),
      rateOf: (currency) => (isTold ? null : market.rateUpTo(scope.account.baseCurrency, currency, exDate)),
    },
  );
}

/** What the simulated operator leaves to what is stored. */
const UNSAID = { paidOn: null, amount: null, units: null, fx: null };

/** The account, its dates, and which symbols anybody can price. */
function scopeOf(desk: MemoryDesk, at: Instant) {
  const { account, universe } = desk.rules;
  const { tradingDay: today, asOfDate } = desk.dayOf(at);
  const kinds = new Map(universe.map(({ internalSymbol, kind }) => [internalSymbol, kind]));
  return {
    account,
    today,
    asOfDate,
    isKnown: (symbol: string) => kinds.has(symbol),
    isBenchmark: (symbol: string) => kinds.get(symbol) === 'benchmark',
  };
}

function planOfEvent(
  desk: MemoryDesk,
  { event, cash: net, units }: Extract<Errand, { kind: 'BOOK_EVENT' }>,
  at: Instant,
): EntryPlan {
  const { entries } = desk.books;
  const { kind, date, costShare } = event;
  const [symbol, to, ratio] = [event.symbol ?? '', event.to ?? '', event.ratio ?? ''];
  const of = { ...scopeOf(desk, at), symbol, date };
  const paid = { ...of, net, amount: null, fx: null };
  const rate = { currency: desk.currencyOf(symbol), fx: null };
  switch (kind) {
    case 'INTEREST':
      return planCash(entries, { ...of, kind, amount: net ?? '', notes: null, another: false, symbol: null });
    case 'RENAME':
      return planRename(entries, { ...of, to, isPriced: closesOf(desk, to, of.asOfDate, of.asOfDate).length > 0 });
    case 'CASH_MERGER':
      return planCashMerger(entries, paid, rate);
    case 'DELISTING':
      return planDelisting(entries, paid, rate);
    case 'STOCK_MERGER': {
      const values = firstValues(desk, { to, date, until: of.asOfDate });
      return planStockMerger(entries, { ...paid, to, ratio, costShare }, { rate, values });
    }
    case 'SPIN_OFF': {
      const values = firstValues(desk, { from: symbol, to, date, until: of.asOfDate });
      return planSpinOff(entries, { ...of, to, ratio, costShare }, values);
    }
    case 'CASH_IN_LIEU':
      return planCashInLieu(entries, { ...of, net: net ?? '', units });
  }
}

const closesOf = ({ market }: MemoryDesk, symbol: string, from: IsoDate, to: IsoDate): Bar[] =>
  market.histories([symbol], { from, to }).histories[0]?.bars ?? [];

function firstValues(
  desk: MemoryDesk,
  { from, to, date, until }: { from?: string; to: string; date: IsoDate; until: IsoDate },
): FirstValues | null {
  if (date > until) return null;
  const { market, rules, currencyOf } = desk;
  const olds = from === undefined ? null : closesOf(desk, from, date, until);
  return firstValuesIn({ news: closesOf(desk, to, date, until), olds }, ({ symbol, session, close }) => {
    const fx = market.rateUpTo(rules.account.baseCurrency, currencyOf(symbol), session);
    return fx === null ? null : toText(D(close).div(D(fx)));
  });
}

/** Records what the operator has planned to rule on an action. */
function rule(desk: MemoryDesk, planned: PlannedRuling, at: Instant): Outcome<ActionRuling> {
  const { symbol, exDate, kind, dividendType, ruling: as, value } = planned;
  const command = { symbol, exDate, kind, ...(dividendType && { dividendType }), as, value };
  const ruled = planRuling(command, ruledDay(desk, planned, at));
  if (!ruled.ok) return ruled;
  desk.market.rule(ruled.result);
  return ruled;
}

/** What is known of the day that is ruled on. */
function ruledDay(desk: MemoryDesk, { symbol, exDate }: PlannedRuling, at: Instant): RuledDay {
  const { market, rules } = desk;
  const { tradingDay: today, asOfDate } = desk.dayOf(at);
  const isRate = pairsWanted(rules.policy, rules.universe, [rules.account.account]).includes(symbol);
  const after = addSessions(exDate, SESSIONS_AFTER, rules.policy.calendar);
  const to = after < asOfDate ? after : asOfDate;
  const facts = market.facts({
    asOfDate: to,
    symbols: isRate ? [] : [symbol],
    pair: isRate ? symbol : null,
    renames: [],
  });
  const jumps = isRate ? rateJumpsIn(facts, rules.policy) : jumpsIn(facts, rules.policy);
  return {
    published: market.actionsOf([symbol], { from: exDate, to: exDate }),
    jump: jumps.find(({ session }) => session === exDate) ?? null,
    today,
    isRate,
  };
}
