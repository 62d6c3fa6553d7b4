import { planBaseline, type BaselineCommand } from '../../src/domain/ledger/bookings/baseline.js';
import { planCash } from '../../src/domain/ledger/bookings/cash.js';
import { planDividend } from '../../src/domain/ledger/bookings/dividend.js';
import { planReversal } from '../../src/domain/ledger/bookings/reversal.js';
import { planSplit } from '../../src/domain/ledger/bookings/split.js';
import type { PlannedEntry } from '../../src/domain/ledger/bookings/plan.js';
import { dateOf as dateOfDay, dayNumber } from '../../src/domain/dates.js';
import type { OpsError } from '../../src/domain/errors.js';
import { fillEntry, openingEntry, reversalEntry } from '../../src/domain/ledger/entries.js';
import { ledgerSums, type BookedEntry } from '../../src/domain/ledger/sums.js';
import type { LedgerFacts, TicketOfDay } from '../../src/domain/statement/compare/facts.js';
import type { StatementComparison, StatementLine } from '../../src/domain/statement/compare/line.js';
import { compareStatement } from '../../src/domain/statement/compare/compare.js';
import type { Proposal, ProposalOf } from '../../src/domain/reconciliation/proposal.js';
import type { Statement, StatementEvent } from '../../src/domain/statement/statement.js';
import { D, toText } from '../../src/domain/money.js';
import type { CorporateAction, Side } from '../../src/domain/types.js';
import { groupBy } from '../../src/domain/group.js';
import { OPENED, RATIO, type Fact, type Story } from '../support/stories.js';
import { read } from './statement.fixture.js';

/*
 * Somebody who does what comparisons say, and nothing else: books what is proposed, by the planning functions that the
 * program books it by; looks at eToro where a line says so, which is to know the story; and imports again.
 */

/** Rounds over all statements after which nobody would go on. */
const ROUNDS = 20;
/** What is done of one statement before the next one is imported. */
const TURNS = 40;

/** Why a story is not as it has to be: the kind of it, and what was seen. */
export class StoryWrong extends Error {
  constructor(
    readonly kind: string,
    seen: string,
  ) {
    super(`${kind}\n${seen}`);
  }
}

export type Named = BookedEntry & { of: Fact | null; group: number; isWrong: boolean };
interface Told {
  statement: Statement;
  status: StatementComparison['status'] | null;
}
export interface Desk {
  story: Story;
  journal: Named[];
  groups: number;
  told: Told[];
  seen: Told[];
  log: string[];
}

/** Follows a story to its end. @throws StoryWrong where it does not end as it has to */
export async function follow(story: Story): Promise<Desk> {
  const desk = await begun(story);
  finish(desk);
  return desk;
}

/** A desk at which nothing was imported yet, with what somebody has booked. */
export async function begun(story: Story): Promise<Desk> {
  const told = await Promise.all(story.statements.map(async (each) => ({ statement: await read(each), status: null })));
  const desk: Desk = { story, journal: [], groups: 0, told, seen: [], log: [] };
  begin(desk);
  return desk;
}

/** Imports, and does what is said, until all agree. @throws StoryWrong where that does not end as it has to */
export function finish(desk: Desk): void {
  const { told, story } = desk;
  for (const index of story.order) work(desk, told[index] as Told);
  for (let round = 0; round < ROUNDS && told.some(({ status }) => status !== 'AGREES'); round += 1)
    for (const each of told) work(desk, each);
  for (const each of told) {
    const comparison = compared(desk, each);
    if (comparison.status !== 'AGREES') throw wrong(desk, 'STUCK', comparison);
  }
  refuseOtherBooks(desk);
}

/** Every statement as it is held against the books, each knowing all the others. */
export const allCompared = (desk: Desk): StatementComparison[] => {
  const seen = desk.told;
  return desk.told.map((each) => compared({ ...desk, seen }, each));
};

export function wrong(
  { log, journal, story }: Desk,
  kind: string,
  comparison?: StatementComparison,
  why = '',
): StoryWrong {
  const lines = (comparison?.lines ?? []).filter(({ difference }) => difference !== null);
  const facts = story.facts.map(
    ({ what, symbol, date, amount, units, as }) => `${date} ${what} ${symbol} ${units} ${amount} ${as}`,
  );
  const standing = standingOf(journal).map(
    ({ entryId, description, effectiveDate, postings }) =>
      `${entryId} ${effectiveDate} ${description} ` +
      `${postings.map(({ amount, commodity }) => `${amount} ${commodity}`)[0]}`,
  );
  const ofPeriod = comparison ? [`${comparison.from} to ${comparison.to}`] : [];
  const said = lines.map(({ text, proposal }) => `${text} ${proposal ? JSON.stringify(proposal) : ''}`);
  return new StoryWrong(
    kind,
    [why, story.base, ...facts, '-- done', ...log, '-- books', ...standing, '-- said', ...ofPeriod, ...said].join('\n'),
  );
}

export const standingOf = (journal: readonly Named[]): Named[] => {
  const reversed = new Set(journal.map(({ reversesEntryId }) => reversesEntryId));
  return journal.filter(({ kind, entryId }) => kind !== 'REVERSAL' && !reversed.has(entryId));
};

/** What is held against a statement: of the others, those that were imported. */
function compared(desk: Desk, { statement }: Told): StatementComparison {
  const { story, journal, seen } = desk;
  const others = seen.map((each) => each.statement).filter((each) => each !== statement);
  const events = onlyOnce(others).filter(({ at }) => at < statement.from || at > statement.to);
  const near = (days: number) => (event: StatementEvent) =>
    event.date >= dateOfDay(dayNumber(statement.from.slice(0, 10)) - days) &&
    event.date <= dateOfDay(dayNumber(statement.to.slice(0, 10)) + days);
  const isTrade = ({ kind }: StatementEvent) => kind === 'OPEN' || kind === 'CLOSE';
  const facts: LedgerFacts = {
    account: 'main',
    baseCurrency: story.base,
    entries: [...journal],
    rateOn: () => '1.25',
    actions: story.actions as CorporateAction[],
    tickets: ticketsOf(desk),
    unitsTolerance: '0.0001',
    others: others.map(({ from, to }) => ({ from, until: to })),
    toldBeside: events.filter((event) => !isTrade(event)).filter(near(5)),
    tradesBeside: events.filter(isTrade),
  };
  return compareStatement(statement, facts);
}

/** A ticket a day on which something was ordered, and one of each other that a fill names; a line a symbol and side. */
function ticketsOf({ story, journal }: Desk): TicketOfDay[] {
  if (!story.isOrdered) return [];
  const fills = journal.filter(({ kind }) => kind === 'FILL');
  const ordered = story.facts
    .filter(isTrade)
    .map(({ date, symbol, what }) => ({ tradingDay: date, symbol, side: what as Side }));
  const others = fills.flatMap(({ ticketId, symbol, postings }): typeof ordered => {
    const tradingDay = ticketId ?? '';
    const side = postings.some(({ account, amount }) => account === 'Assets:Units' && D(amount).gt(0)) ? 'BUY' : 'SELL';
    return ordered.some((each) => each.tradingDay === tradingDay) ? [] : [{ tradingDay, symbol: symbol ?? '', side }];
  });
  return [...groupBy([...ordered, ...others], ({ tradingDay }) => tradingDay)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([tradingDay, lines]) => ({
      ticketId: tradingDay,
      tradingDay,
      isConfirmed: fills.some(({ ticketId }) => ticketId === tradingDay),
      lines: lines.map(({ symbol, side }, index) => ({ sequence: index + 1, symbol, side })),
    }));
}

/** What several statements tell is one row. */
function onlyOnce(statements: readonly Statement[]): StatementEvent[] {
  const found = new Map<string, StatementEvent>();
  for (const { events } of statements)
    for (const event of events) found.set(JSON.stringify({ ...event, row: 0 }), event);
  return [...found.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** Imports a statement, and does what it says: the first thing, or all there is. */
function work(desk: Desk, told: Told): void {
  if (!desk.seen.includes(told)) desk.seen.push(told);
  refuseSilence(desk, told);
  for (let turn = 0; turn < (desk.story.isPatient ? TURNS : 1); turn += 1) {
    const comparison = compared(desk, told);
    refuseContradictions(desk, comparison);
    told.status = comparison.status;
    if (comparison.status === 'AGREES') return;
    const before = desk.journal.length;
    act(desk, told.statement, comparison);
    if (desk.journal.length === before) return;
    refuseSilence(desk, told);
  }
}

/** After each step: what agreed before it does so still, or names what to do, and is imported again. */
function refuseSilence(desk: Desk, by: Told): void {
  for (const told of desk.seen) {
    if (told === by || told.status !== 'AGREES') continue;
    const comparison = compared(desk, told);
    if (comparison.status === 'AGREES') continue;
    told.status = null;
    if (!namesWhatToDo(desk, told, comparison)) throw wrong(desk, 'AGREED_AND_SAYS_NOTHING', comparison);
  }
}

/** Words that send to another statement; to one that was not imported while there is any. */
const ELSEWHERE = /set right first what is of before|reverse first what was booked after|another statement tells/;
const NOT_IMPORTED = /import the statement that tells/;

/** Whether a comparison proposes something, says something that can be done, or where it is that something is to be. */
function namesWhatToDo(desk: Desk, { statement }: Told, comparison: StatementComparison): boolean {
  const texts = comparison.lines.flatMap(({ difference, text }) => (difference === null ? [] : text)).join('\n');
  if (ELSEWHERE.test(texts) || (desk.seen.length < desk.told.length && NOT_IMPORTED.test(texts))) return true;
  const trial = { ...desk, journal: [...desk.journal], log: [] };
  act(trial, statement, comparison);
  return trial.journal.length > desk.journal.length;
}

/** No row, and no entry, has two proposals. */
function refuseContradictions(desk: Desk, comparison: StatementComparison): void {
  const proposing = comparison.lines.filter(({ proposal, kind }) => proposal !== null && kind !== 'POSITION');
  const rows = proposing.flatMap((line) => line.rows);
  const entries = proposing.flatMap(({ proposal }) => (proposal?.kind === 'REVERSE_ENTRY' ? [proposal.entryId] : []));
  if (new Set(rows).size < rows.length || new Set(entries).size < entries.length)
    throw wrong(desk, 'CONTRADICTION', comparison);
}

function act(desk: Desk, statement: Statement, comparison: StatementComparison): void {
  const different = comparison.lines.filter(({ difference }) => difference !== null);
  const proposing = different.find(({ proposal }) => proposal !== null);
  if (proposing?.proposal) {
    desk.log.push(`${statement.from.slice(0, 10)} ${JSON.stringify(proposing.proposal)}`);
    propose(desk, { statement, line: proposing, comparison }, proposing.proposal);
    return;
  }
  for (const line of different) {
    const before = desk.journal.length;
    look(desk, line);
    if (desk.journal.length > before) {
      desk.log.push(`${statement.from.slice(0, 10)} by words: ${line.text}`);
      return;
    }
  }
}

interface Said {
  statement: Statement;
  line: StatementLine;
  comparison: StatementComparison;
}

function propose(desk: Desk, said: Said, proposal: Proposal): void {
  switch (proposal.kind) {
    case 'REVERSE_ENTRY':
      return reverse(desk, wrongAmong(desk, proposal.entryId) ?? refuseRight(desk, said.comparison));
    case 'CONFIRM_FILLS':
      return confirm(desk, proposal.ticketId);
    case 'BOOK_DEPOSIT':
    case 'BOOK_WITHDRAWAL':
    case 'BOOK_FEE':
    case 'BOOK_INTEREST': {
      const fact = factOf(desk, said);
      const { date, another = false } = proposal;
      const kind = proposal.kind.replace('BOOK_', '') as 'DEPOSIT';
      return bookCash(desk, fact, { kind, date, another, amount: proposal.amount ?? fact.amount });
    }
    case 'BOOK_DIVIDEND':
      return bookDividend(desk, factOf(desk, said), { ...proposal, net: proposal.net ?? '0' });
    case 'BOOK_PAID_DIVIDEND': {
      const fact = factOf(desk, said);
      const { symbol, exDate = fact.exDate, net = fact.amount, paidOn } = proposal;
      return bookDividend(desk, fact, { symbol, exDate, net, paidOn });
    }
    case 'BOOK_SPLIT':
      return bookSplit(desk, factOf(desk, said), proposal);
    case 'SET_BASELINE':
      return takeIn(desk, proposal);
    default:
      throw wrong(desk, `PROPOSES ${proposal.kind}`, said.comparison);
  }
}

/** What a line is of, as the broker knows it. */
function factOf(desk: Desk, { statement, line, comparison }: Said): Fact {
  const at = statement.events.find(({ row }) => row === line.rows[0])?.at;
  const fact = desk.story.facts.find((each) => each.at === at);
  if (fact === undefined) throw wrong(desk, 'PROPOSES_OF_NOTHING', comparison);
  return fact;
}

/**
 * Looks at eToro for what a line says: an entry that it names and that is wrong is taken back; what it spells is
 * booked.
 */
function look(desk: Desk, line: StatementLine): void {
  const named = [...[...line.text.matchAll(/entry (\d+)/g)].map(([, id]) => Number(id)), ...fillsOf(desk, line)];
  for (const id of named) {
    const wrongOne = wrongAmong(desk, id);
    if (wrongOne !== undefined) return reverse(desk, wrongOne);
  }
  const set = /set a baseline of --position (\w+)=([\d.]+) with --cash and --cost(?: and --date ([\d-]+))?/.exec(
    line.text,
  );
  if (set) return takeInAsRead(desk, { symbol: set[1] ?? '', units: set[2] ?? '', date: set[3] ?? null });
  const dividend = /trading-ops ledger dividend --symbol (\w+) .*--paid-on ([\d-]+)/.exec(line.text);
  const fact = dividend && desk.story.facts.find((each) => each.what === 'DIVIDEND' && each.symbol === dividend[1]);
  if (fact) bookDividend(desk, fact, { net: fact.amount, paidOn: fact.date, exDate: fact.exDate, symbol: fact.symbol });
}

const fillsOf = ({ journal }: Desk, { entryIds }: StatementLine): number[] =>
  entryIds.filter((id) => journal.some(({ entryId, kind }) => entryId === id && kind === 'FILL'));

/** What is wrong of an entry and those that nobody could tell from it. */
const wrongAmong = (desk: Desk, id: number): number | undefined =>
  alikeOf(desk, id).find(({ entryId }) => !isRight(desk, entryId))?.entryId;

function refuseRight(desk: Desk, comparison: StatementComparison): never {
  throw wrong(desk, 'REVERSES_WHAT_IS_RIGHT', comparison);
}

/** A standing entry with those that nobody could tell from it. */
function alikeOf({ journal }: Desk, entryId: number): Named[] {
  const figures = ({ kind, effectiveDate, postings }: Named) => JSON.stringify([kind, effectiveDate, postings]);
  const standing = standingOf(journal);
  const named = standing.find((entry) => entry.entryId === entryId);
  return named === undefined ? [] : [named, ...standing.filter((entry) => figures(entry) === figures(named))];
}

/** Whether an entry says what happened. */
function isRight(desk: Desk, entryId: number): boolean {
  const { journal, story } = desk;
  const entry = journal.find((each) => each.entryId === entryId);
  if (!entry || entry.kind === 'OPENING') return true;
  const { of } = entry;
  if (of === null || !story.facts.includes(of)) return false;
  if (of.what === 'SPLIT') return !entry.isWrong && isReckonedRight(desk, entry, of);
  return !entry.isWrong && entry.effectiveDate === of.date;
}

/** Whether a split moved what it has to, and all that was traded before it is booked as it was. */
function isReckonedRight(desk: Desk, { postings }: Named, { symbol, date, units }: Fact): boolean {
  const booked = new Set(
    standingOf(desk.journal).map(({ of, effectiveDate }) => (of?.date === effectiveDate ? of : null)),
  );
  const before = desk.story.facts.filter(
    (each) => isTrade(each) && each.symbol === symbol && each.date < date && !booked.has(each),
  );
  // What is wrong before it was counted in.
  const isAmong = (entry: Named) =>
    entry.kind !== 'OPENING' && entry.symbol === symbol && entry.effectiveDate < date && !isRight(desk, entry.entryId);
  if (standingOf(desk.journal).some(isAmong)) return false;
  return before.length === 0 && postings.some(({ amount }) => D(amount).eq(units));
}

/* Bookings, each by its planning function. */

const scopeOf = ({ story }: Desk) => ({
  account: { account: 'main', baseCurrency: story.base, clock: 'real' as const },
  today: story.today,
  isKnown: () => true,
});
const MARKET = { known: { settled: [], holds: [] }, currency: 'USD', rateOf: () => null };

function enter(
  desk: Desk,
  drafts: readonly Pick<PlannedEntry, 'draft' | 'key' | 'reversesEntryId'>[],
  of: Named['of'],
  ticketId: string | null = null,
): void {
  desk.groups += 1;
  for (const { draft, key, reversesEntryId } of drafts) {
    const entryId = (desk.journal.at(-1)?.entryId ?? 0) + 1;
    const common = { bookedAt: `${desk.story.today}T08:00:00.000Z`, ticketId, confirmationId: null, operator: 'ann' };
    desk.journal.push({
      ...draft,
      ...common,
      entryId,
      reversesEntryId,
      idempotencyKey: key,
      of,
      group: desk.groups,
      isWrong: false,
    });
  }
}

/** Confirms a ticket, or again: each line as it was executed at the broker. */
function confirm(desk: Desk, ticketId: string): void {
  const fills = standingOf(desk.journal).filter((entry) => entry.kind === 'FILL' && entry.ticketId === ticketId);
  enter(
    desk,
    fills.map((fill) => ({
      draft: reversalEntry(fill, 'amended'),
      key: `reversal:${fill.entryId}`,
      reversesEntryId: fill.entryId,
    })),
    null,
  );
  for (const fact of desk.story.facts) if (isTrade(fact) && fact.date === ticketId) fill(desk, fact);
  const { units } = ledgerSums(desk.journal, desk.story.base);
  if (Object.values(units).some((held) => D(held).lt(0))) throw wrong(desk, 'REFUSED LESS_THAN_NONE');
}

function fill(desk: Desk, fact: Fact): void {
  const { date, symbol, units, amount, what } = fact;
  const common = { date, symbol, side: what as Side, baseCurrency: desk.story.base };
  const draft = fillEntry({ ...common, units: D(units).abs().toString(), value: amount });
  enter(desk, [{ draft, key: `fill:${fact.at}`, reversesEntryId: null }], fact, date);
}

type Planned = { ok: true; result: PlannedEntry } | { ok: false; refusal: unknown };
function enterPlanned(desk: Desk, planned: () => Planned, of: Named['of']): void {
  const plan = planned();
  if (plan.ok) {
    if (plan.result.standing !== null) throw wrong(desk, 'PROPOSES_WHAT_IS_BOOKED');
    enter(desk, [plan.result], of);
    return;
  }
  refusedBy(desk, plan.refusal);
  enterPlanned(desk, planned, of);
}

/** A booking that has to wait for another one to be taken back says which, and is asked for again after that. */
function refusedBy(desk: Desk, refusal: unknown): void {
  const { code, remedy, message } = refusal as OpsError;
  const short = /less than no (\w+)/.exec(message)?.[1];
  // What was sold of it was taken in by hand too, and is told by a statement once what it was bought by is right.
  const sold = standingOf(desk.journal).findLast(
    ({ kind, symbol, of }) => kind === 'BASELINE' && symbol === short && of?.what === 'SELL',
  );
  const first = /reverse --entry (\d+)/.exec(remedy ?? '')?.[1] ?? (short && sold?.entryId);
  desk.log.push(`refused: ${code}`);
  if (first === undefined) throw wrong(desk, `REFUSED ${code}`, undefined, message);
  reverse(desk, Number(first));
}

/** Takes an entry back, a baseline whole. */
function reverse(desk: Desk, entryId: number): void {
  const { group, kind, ticketId } = desk.journal.find((entry) => entry.entryId === entryId) as Named;
  if (kind === 'FILL' && ticketId !== null) return confirm(desk, ticketId);
  const all = standingOf(desk.journal).filter(
    (entry) => entry.entryId === entryId || (kind === 'BASELINE' && entry.group === group),
  );
  for (const each of all) {
    const plan = () => planReversal(desk.journal, { ...scopeOf(desk), entryId: each.entryId, reason: 'wrong' });
    enterPlanned(desk, () => plan() as Planned, null);
  }
}

interface Cash {
  kind: 'DEPOSIT' | 'WITHDRAWAL' | 'FEE' | 'INTEREST';
  date: string;
  amount: string;
  another: boolean;
}
function bookCash(desk: Desk, of: Fact, cash: Cash): void {
  const command = { ...scopeOf(desk), ...cash, notes: null, symbol: null };
  enterPlanned(desk, () => planCash(desk.journal, command) as Planned, of);
}

type Paid = Pick<Fact, 'symbol' | 'exDate'> & { net: string; paidOn?: string | null };
function bookDividend(desk: Desk, of: Fact, { symbol, exDate, net, paidOn = null }: Paid): void {
  const figures = { symbol, exDate, net, paidOn, amount: null, units: null, fx: null, withholding: null };
  enterPlanned(desk, () => planDividend(desk.journal, { ...scopeOf(desk), ...figures }, MARKET) as Planned, of);
}

function bookSplit(
  desk: Desk,
  of: Fact,
  { symbol, exDate, ratio }: Pick<ProposalOf<'BOOK_SPLIT'>, 'symbol' | 'exDate' | 'ratio'>,
): void {
  const command = { ...scopeOf(desk), asOfDate: desk.story.today, symbol, exDate, ratio };
  enterPlanned(desk, () => planSplit(desk.journal, command, MARKET.known) as Planned, of);
}

type Figures = Pick<BaselineCommand, 'date' | 'cash' | 'positions' | 'costs'>;
function setBaseline(desk: Desk, figures: Figures, of: Named['of']): void {
  const plan = planBaseline(desk.journal, { ...scopeOf(desk), ...figures, reason: 'by hand' });
  if (!plan.ok) {
    refusedBy(desk, (plan as { refusal: unknown }).refusal);
    return setBaseline(desk, figures, of);
  }
  enter(
    desk,
    plan.result.entries.map((entry) => ({ ...entry, reversesEntryId: null })),
    of,
  );
}

const isTrade = ({ what }: Fact): boolean => what === 'BUY' || what === 'SELL';

/** A trade of a date and units that no standing entry is of. */
function tradeOf(desk: Desk, symbol: string, units: string, date: string | null): Fact | null {
  const taken = new Set(standingOf(desk.journal).map(({ of, entryId }) => (isRight(desk, entryId) ? of : null)));
  const free = desk.story.facts.filter((fact) => isTrade(fact) && !taken.has(fact) && fact.symbol === symbol);
  return free.find((fact) => fact.date === date && D(fact.units).eq(units)) ?? null;
}

const unitsNow = ({ journal, story }: Desk, symbol: string): string =>
  ledgerSums(journal, story.base).units[symbol] ?? '0';

interface Baseline {
  symbol: string;
  units: string;
  date?: string | null;
  cash?: string | null;
  cost?: string | null;
}
function takeIn(desk: Desk, { symbol, units, date = null, cash = null, cost = null }: Baseline): void {
  const moved = toText(D(units).minus(unitsNow(desk, symbol)));
  const fact = tradeOf(desk, symbol, moved, date);
  if (fact === null) throw wrong(desk, 'TAKES_IN_WHAT_NEVER_WAS');
  const costs = cost === null ? {} : { [symbol]: cost };
  setBaseline(desk, { date, cash, positions: { [symbol]: units }, costs }, fact);
}

/** What was paid, as eToro has it. */
function takeInAsRead(
  desk: Desk,
  { symbol, units, date }: { symbol: string; units: string; date: string | null },
): void {
  const moved = toText(D(units).minus(unitsNow(desk, symbol)));
  const fact = tradeOf(desk, symbol, moved, date);
  if (fact === null) throw wrong(desk, 'TAKES_IN_WHAT_NEVER_WAS');
  const paid = D(fact.amount).times(D(fact.units).gt(0) ? 1 : -1);
  const cash = D(ledgerSums(desk.journal, desk.story.base).cash).minus(paid);
  takeIn(desk, { symbol, units, date, cash: cash.toFixed(2) });
}

/* The ledger that a story begins with. */

function begin(desk: Desk): void {
  const { date, cash, symbol, units } = OPENED;
  const opening = openingEntry({
    date,
    cash: String(cash),
    positions: { [symbol]: String(units) },
    baseCurrency: desk.story.base,
  });
  if (opening) enter(desk, [{ draft: opening, key: 'opening', reversesEntryId: null }], null);
  const late = (fact: Fact) =>
    fact.as === 'LATE' && fact.what !== 'SPLIT' ? lateOf(fact, desk.story.today) : fact.date;
  for (const fact of desk.story.facts.toSorted((a, b) => (late(a) < late(b) ? -1 : 1)))
    if (fact.as !== 'LEFT_OUT') bookAsSomebody(desk, fact, late(fact));
  if (desk.story.countedOn !== null) countCash(desk, desk.story.countedOn);
}

/** By a baseline of the cash alone, whatever it is that was not booked. */
function countCash(desk: Desk, date: string): void {
  const { journal, story } = desk;
  const cashOf = (entries: readonly BookedEntry[]) => D(ledgerSums(entries, story.base).cash);
  const due = cashDue(story.facts.filter((fact) => fact.date <= date));
  const off = due.minus(cashOf(standingOf(journal).filter(({ effectiveDate }) => effectiveDate <= date)));
  setBaseline(desk, { date, cash: cashOf(journal).plus(off).toFixed(2), positions: {}, costs: {} }, null);
}

/** What cash there is at the broker once all that happened. */
const cashDue = (facts: readonly Fact[]) =>
  facts.reduce((sum, { what, amount, units }) => {
    const isIn = ['DEPOSIT', 'INTEREST', 'DIVIDEND'].includes(what) || (what === 'SELL' && D(units).lt(0));
    return sum.plus(D(amount).times(isIn ? 1 : -1));
  }, D(OPENED.cash));

const lateOf = ({ date, what }: Fact, today: string): string =>
  dateOfDay(Math.min(dayNumber(date) + (what === 'BUY' || what === 'SELL' ? 20 : 3), dayNumber(today) - 3));

/** As somebody booked it who slipped there; what cannot be booked so was left out. */
function bookAsSomebody(desk: Desk, fact: Fact, date: string): void {
  const before = desk.journal.length;
  const isWrong = fact.as === 'WRONG';
  try {
    if (fact.what === 'SPLIT') {
      bookSplit(desk, fact, { symbol: fact.symbol, exDate: fact.date, ratio: isWrong ? '3' : String(RATIO) });
    } else if (fact.what === 'DIVIDEND') {
      const net = D(fact.amount)
        .plus(isWrong ? '0.5' : 0)
        .toFixed(2);
      bookDividend(desk, fact, { symbol: fact.symbol, exDate: fact.exDate, paidOn: date, net });
    } else if (isTrade(fact) && desk.story.isOrdered) fill(desk, fact);
    else if (isTrade(fact)) tookIn(desk, fact, date);
    else {
      const amount = D(fact.amount)
        .times(isWrong ? '1.1' : 1)
        .plus(isWrong ? 1 : 0)
        .toFixed(2);
      bookCash(desk, fact, { kind: fact.what as Cash['kind'], date, amount, another: true });
    }
  } catch (error) {
    if (!(error instanceof StoryWrong)) throw error;
    desk.journal.length = before;
  }
  for (const entry of desk.journal.slice(before)) entry.isWrong = isWrong && !isTrade(fact);
}

/** By a baseline, in units of when it was booked. */
function tookIn(desk: Desk, fact: Fact, date: string): void {
  const { symbol, amount } = fact;
  const isSplit = desk.story.facts.some(
    (each) => each.what === 'SPLIT' && each.symbol === symbol && each.date > fact.date && each.date <= date,
  );
  const units = D(unitsNow(desk, symbol)).plus(D(fact.units).times(isSplit ? RATIO : 1));
  if (units.lt(0)) return;
  const paid = D(amount).times(D(fact.units).gt(0) ? 1 : -1);
  const cash = D(ledgerSums(desk.journal, desk.story.base).cash).minus(paid).toFixed(2);
  setBaseline(desk, { date, cash, positions: { [symbol]: toText(units) }, costs: {} }, fact);
}

/** In the end the books say what the broker has. */
function refuseOtherBooks(desk: Desk): void {
  const { story, journal } = desk;
  const { cash, units } = ledgerSums(journal, story.base);
  const due = cashDue(story.facts);
  if (!due.eq(cash)) throw wrong(desk, 'CASH', undefined, `${toText(due)} at the broker, ${cash} in the ledger`);
  for (const [symbol, held] of story.units)
    if (!D(units[symbol] ?? 0).eq(held))
      throw wrong(desk, 'UNITS', undefined, `${symbol}: ${held} at the broker, ${units[symbol]}`);
}
