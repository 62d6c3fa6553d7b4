import fc from 'fast-check';
import { dateOf as dateOfDay, dayNumber } from '../../src/domain/dates.js';
import {
  baselineCashEntry,
  baselinePositionEntry,
  depositEntry,
  dividendEntry,
  dividendFromNet,
  feeEntry,
  fillEntry,
  interestEntry,
  splitEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { D, toText, type Decimal } from '../../src/domain/money.js';
import { movedBy } from '../../src/domain/statement/compare/facts.js';
import type { StatementComparison, StatementLine } from '../../src/domain/statement/compare/line.js';
import { dateOf, storyOf, WHAT, type Drawn, type Fact, type Story } from '../support/stories.js';
import {
  allCompared,
  begun,
  finish,
  standingOf,
  StoryWrong,
  wrong,
  type Desk,
  type Named,
} from './statement-stories.fixture.js';

/*
 * Books with which all statements agree, with one thing in them that is not as it happened. What nobody could know by
 * any statement is not forged; each of those has its reason where it is left out.
 */

export const FORGERIES = ['LEFT_OUT', 'TWICE', 'BOGUS', 'TENTH', 'PENNIES', 'SYMBOL', 'SIGN', 'DAY'] as const;
export type Forgery = (typeof FORGERIES)[number];

export interface Forged {
  drawn: Drawn;
  /** Which entry, which way, and of which day. */
  pick: number;
  isMore: boolean;
  day: number;
  symbol: 'AAA' | 'BBB' | 'CCC';
  cents: number;
  bogus: (typeof BOGUS)[number];
}

const BOGUS = ['DEPOSIT', 'WITHDRAWAL', 'FEE', 'INTEREST', 'DIVIDEND', 'TRADE', 'SPLIT', 'UNITS', 'CASH'] as const;

/** Days of both months, of which the first and the last ones of each are many. */
const days = fc.oneof(fc.integer({ min: 1, max: 59 }), fc.constantFrom(1, 31, 32, 59));
const CENTS = [10_000, 5_000, 12_345];
const facts = fc.array(
  fc.record({
    day: days,
    // An hour before midnight in UTC is the next day in London, in summer.
    time: fc.constantFrom('15:00', '15:00', '00:30', '23:30'),
    what: fc.constantFrom(...WHAT),
    symbol: fc.constantFrom('AAA' as const, 'BBB' as const),
    cents: fc.constantFrom(...CENTS),
    units: fc.integer({ min: 1, max: 3 }),
    pick: fc.nat({ max: 9 }),
    as: fc.constant('RIGHT' as const),
  }),
  { minLength: 1, maxLength: 8 },
);

/** Stories of which everything is booked as it was, and what is to be forged. */
export const forgeries: fc.Arbitrary<Forged> = fc.record({
  drawn: fc
    .record({
      base: fc.constantFrom('USD' as const, 'GBP' as const),
      season: fc.constantFrom('WINTER' as const, 'SUMMER' as const),
      isOrdered: fc.boolean(),
      facts,
      ledger: fc.constant('EVERYTHING' as const),
      periods: fc.nat({ max: 3 }),
      order: fc.array(fc.nat({ max: 2 }), { maxLength: 3 }),
      isPatient: fc.boolean(),
      isPublished: fc.boolean(),
      counted: fc.constant(null),
    })
    .map(withoutNights),
  pick: fc.nat({ max: 30 }),
  isMore: fc.boolean(),
  day: days,
  symbol: fc.constantFrom('AAA' as const, 'BBB' as const, 'CCC' as const),
  cents: fc.constantFrom(...CENTS),
  bogus: fc.constantFrom(...BOGUS),
});

/** Where something is split nobody trades at night: on its eve in UTC that would be of its date in London. */
function withoutNights(drawn: Drawn): Drawn {
  if (!drawn.facts.some(({ what }) => what === 'SPLIT')) return drawn;
  const isTrade = ({ what }: Drawn['facts'][number]) => what === 'BUY' || what === 'SELL';
  return { ...drawn, facts: drawn.facts.map((fact) => (isTrade(fact) ? { ...fact, time: '15:00' } : fact)) };
}

/** What was forged: what has to be named of it. */
export interface Traces {
  said: string;
  entries: Named[];
  facts: Fact[];
  symbols: string[];
}

/** Forges the books of a desk. @returns null where there is nothing to forge so that anybody could know it */
export function forge(desk: Desk, forgery: Forgery, forged: Forged): Traces | null {
  const before = [...desk.journal];
  const traces = forgery === 'BOGUS' ? bookBogus(desk, forged) : change(desk, forgery, forged);
  if (traces !== null && isPossible(desk)) return traces;
  desk.journal = before;
  return null;
}

/** There is never less than none of anything. */
function isPossible({ journal }: Desk): boolean {
  const held = new Map<string, Decimal>();
  return journal.every(({ postings }) =>
    postings.every(({ account, commodity, amount }) => {
      if (account !== 'Assets:Units') return true;
      const units = (held.get(commodity) ?? D(0)).plus(amount);
      held.set(commodity, units);
      return units.gte(0);
    }),
  );
}

const CHANGES: Record<Exclude<Forgery, 'BOGUS'>, (entry: Named, desk: Desk, forged: Forged) => Named[] | null> = {
  LEFT_OUT: () => [],
  TWICE: (entry, desk) => [entry, ...againOf(entry, desk)],
  TENTH: (entry, desk, { isMore }) => {
    // Of a penny or two a tenth is less than may be rounded, and than what is estimated may be off.
    if (entry.postings.every(({ amount }) => D(amount).abs().lt(1)) || isCostUntold(entry, desk)) return null;
    const { story } = desk;
    return [wrongOf(scaled(entry, isMore ? '1.1' : '0.9', story.base))];
  },
  PENNIES: (entry, desk) => {
    if (!isExact(entry, desk.story) || isCostUntold(entry, desk)) return null;
    return [wrongOf(withPennies(entry, desk.story.base))];
  },
  SYMBOL: (entry, _, { symbol }) =>
    entry.symbol === null || entry.symbol === symbol ? null : [wrongOf(ofSymbol(entry, entry.symbol, symbol))],
  SIGN: (entry, { story }) => {
    const other = otherSign(entry, story.base);
    return other && [wrongOf({ ...entry, ...other })];
  },
  DAY: (entry, _, { isMore }) => {
    // A baseline says when somebody counted: it took in what was before.
    if (entry.kind === 'BASELINE' && isMore) return null;
    const effectiveDate = dateOfDay(dayNumber(entry.effectiveDate) + (isMore ? 6 : -6));
    // A split is known by its row up to a week from it.
    return entry.kind === 'SPLIT' ? null : [wrongOf({ ...entry, effectiveDate })];
  },
};

const wrongOf = (entry: Named): Named => ({ ...entry, of: null });

/**
 * What a first row that is an open cost is said by nothing in another currency, or where a part of it was sold; nor in
 * summer, where the statement before it tells of the same day in London: the cash then tells alone.
 */
function isCostUntold({ of }: Named, { story, told }: Desk): boolean {
  if (of?.what !== 'BUY') return false;
  return told.every(({ statement: { events } }) => {
    const [first] = events;
    const isPlain = story.base === 'USD' && story.season === 'WINTER';
    const isSaid = isPlain && first !== undefined && D(first.amount).abs().eq(of.amount);
    return events.findIndex(({ at }) => at === of.at) < (isSaid ? 0 : 1);
  });
}

/**
 * Whether no statement tells of a whole day: in summer the first one begins an hour after that day began in London.
 */
const isOfUntoldDay = ({ effectiveDate: date }: Pick<Named, 'effectiveDate'>, { season }: Story): boolean =>
  date < dateOf(season === 'SUMMER' ? 2 : 1, season) || date > dateOf(59, season);

/** A baseline by the same command; what a company does is booked once an ex-date, so that it is of another one. */
function againOf(entry: Named, { journal }: Desk): Named[] {
  const { kind, effectiveDate, idempotencyKey, group } = entry;
  if (kind === 'BASELINE') return journal.filter((each) => each.group === group).map(wrongOf);
  const next = dateOfDay(dayNumber(effectiveDate) + 1);
  if (kind === 'SPLIT') return [wrongOf({ ...entry, effectiveDate: next, idempotencyKey: `again:${idempotencyKey}` })];
  return [wrongOf(entry)];
}

function change(desk: Desk, forgery: Exclude<Forgery, 'BOGUS'>, forged: Forged): Traces | null {
  const { journal } = desk;
  const standing = standingOf(journal).filter(({ kind }) => kind !== 'OPENING');
  const entry = standing[forged.pick % Math.max(standing.length, 1)];
  const changed = entry && CHANGES[forgery](entry, desk, forged);
  if (!entry || !changed || changed.some((each) => isOfUntoldDay(each, desk.story))) return null;
  const last = (journal.at(-1)?.entryId ?? 0) + 1;
  // Out of its order only what is booked a second time: that is booked last.
  const [first, second] = [changed.slice(0, 1), changed.slice(1)];
  const more = second.map((each, index) => ({
    ...each,
    entryId: last + index,
    group: desk.groups + 1,
    idempotencyKey: each.kind === 'BASELINE' ? `baseline:${last}:${each.symbol}` : `again:${each.idempotencyKey}`,
  }));
  desk.groups += 1;
  // Of a baseline, half of it is wrong where the other half is.
  const rest = (each: Named) => (each.group === entry.group && forgery !== 'TWICE' ? wrongOf(each) : each);
  desk.journal = [...journal.flatMap((each) => (each === entry ? first : [rest(each)])), ...more];
  const alike = desk.story.facts.filter(({ date, what, symbol }) => {
    const { of } = entry;
    const isOfSymbol = entry.symbol === null && entry.kind !== 'BASELINE' ? true : of?.symbol === symbol;
    return of !== null && of.date === date && of.what === what && isOfSymbol;
  });
  return {
    said: `${forgery} ${entry.entryId} ${entry.kind} ${entry.description}: ${JSON.stringify(changed[0] ?? null)}`,
    entries: [entry, ...first, ...more],
    facts: alike,
    symbols: [entry, ...changed].flatMap(({ symbol }) => symbol ?? []),
  };
}

const rescaled = (entry: Named, by: (amount: Decimal, commodity: string) => Decimal): Named => ({
  ...entry,
  postings: entry.postings.map((posting) => ({
    ...posting,
    amount: toText(by(D(posting.amount), posting.commodity)),
  })),
});

/** Of a fill the amount, of what has no amount the units. */
function scaled(entry: Named, by: string, base: string): Named {
  const isOfMoney = !movedBy(entry, 'Assets:Cash', base).isZero();
  return rescaled(entry, (amount, commodity) => {
    if ((commodity === base) !== isOfMoney) return amount;
    return amount.times(by).toDecimalPlaces(isOfMoney ? 2 : 6);
  });
}

const withPennies = (entry: Named, base: string): Named =>
  rescaled(entry, (amount, commodity) => (commodity === base ? amount.plus(amount.gt(0) ? '0.05' : '-0.05') : amount));

/** Whether a statement says the amount in the account's currency; of a baseline in pounds it says none. */
function isExact({ of, postings }: Named, { base }: Story): boolean {
  if (!postings.some(({ account, commodity }) => account === 'Assets:Cash' && commodity === base)) return false;
  return base === 'USD' || of?.what === 'DEPOSIT' || of?.what === 'DIVIDEND';
}

function ofSymbol(entry: Named, symbol: string, other: string): Named {
  const named = (text: string) => text.replaceAll(symbol, other);
  return {
    ...entry,
    symbol: other,
    description: named(entry.description),
    idempotencyKey: named(entry.idempotencyKey),
    postings: entry.postings.map((posting) => ({ ...posting, commodity: named(posting.commodity) })),
  };
}

/** What of the other sign nobody can book, has none. */
function otherSign(entry: Named, baseCurrency: string): EntryDraft | Pick<EntryDraft, 'postings'> | null {
  const { effectiveDate: date, kind } = entry;
  const amount = toText(movedBy(entry, 'Assets:Cash', baseCurrency).abs());
  const movement = { date, baseCurrency, amount };
  if (kind === 'DEPOSIT') return withdrawalEntry(movement);
  if (kind === 'WITHDRAWAL') return depositEntry(movement);
  if (kind === 'FEE') return interestEntry(movement);
  if (kind === 'INTEREST') return feeEntry(movement);
  if (kind === 'FILL' || kind === 'BASELINE') return rescaled(entry, (each) => each.neg());
  return null;
}

/** Books what never happened. */
function bookBogus(desk: Desk, forged: Forged): Traces | null {
  const { story } = desk;
  const date = dateOf(forged.day, story.season);
  if (isOfUntoldDay({ effectiveDate: date }, story)) return null;
  const drafts = bogusOf(forged, { date, baseCurrency: story.base });
  const entries = drafts.map((draft, index): Named => {
    const entryId = (desk.journal.at(-1)?.entryId ?? 0) + 1 + index;
    return {
      ...draft,
      entryId,
      reversesEntryId: null,
      bookedAt: `${story.today}T08:00:00.000Z`,
      ticketId: draft.kind === 'FILL' ? date : null,
      confirmationId: null,
      operator: 'ann',
      idempotencyKey: draft.kind === 'BASELINE' ? `baseline:0:${draft.symbol}` : `bogus:${entryId}`,
      of: null,
      group: desk.groups + 1,
      isWrong: true,
    };
  });
  if (drafts.some(({ kind }) => kind === 'FILL') && !story.isOrdered) return null;
  // A statement in dollars tells nothing of the cash of pounds, and one without rows of none.
  const isCashTold = desk.told.some(({ statement: { events, to } }) => events.length > 0 && date <= to.slice(0, 10));
  if (forged.bogus === 'CASH' && !(story.base === 'USD' && isCashTold)) return null;
  desk.groups += 1;
  desk.journal = [...desk.journal, ...entries];
  const symbols = entries.flatMap(({ symbol }) => symbol ?? []);
  return { said: `BOGUS ${JSON.stringify(drafts)}`, entries, facts: [], symbols };
}

function bogusOf({ bogus, cents, symbol, isMore }: Forged, when: { date: string; baseCurrency: string }): EntryDraft[] {
  const isSmall = bogus === 'FEE' || bogus === 'INTEREST';
  const amount = D(cents)
    .div(isSmall ? 10_000 : 100)
    .toFixed(2);
  const movement = { ...when, amount };
  const description = 'Baseline: by hand';
  const units = isMore ? '2' : '-2';
  const set = () => [
    baselineCashEntry({ ...when, delta: toText(D(amount).times(isMore ? -1 : 1)), description }),
    baselinePositionEntry({ ...when, symbol, units, cost: null, description }),
  ];
  switch (bogus) {
    case 'DEPOSIT':
      return [depositEntry(movement)];
    case 'WITHDRAWAL':
      return [withdrawalEntry(movement)];
    case 'FEE':
      return [feeEntry(movement)];
    case 'INTEREST':
      return [interestEntry(movement)];
    case 'DIVIDEND':
      return [
        dividendEntry({
          ...when,
          symbol,
          exDate: dateOfDay(dayNumber(when.date) - 5),
          amounts: dividendFromNet(amount),
        }),
      ];
    case 'TRADE':
      return [fillEntry({ ...when, symbol, side: isMore ? 'BUY' : 'SELL', units: '2', value: amount })];
    case 'SPLIT':
      return [splitEntry({ exDate: when.date, symbol, units: '3', ratio: '2' })].flatMap((draft) => draft ?? []);
    case 'UNITS':
      return set();
    case 'CASH':
      return set().slice(0, 1);
  }
}

/** Whether a line that differs is of what was forged: of its entry, of its row, or of the units that it moved. */
function isOf({ entryIds, text, rows, kind, symbol }: StatementLine, traces: Traces, isRow: (row: number) => boolean) {
  const named = new Set([...entryIds, ...[...text.matchAll(/entry (\d+)/g)].map(([, id]) => Number(id))]);
  return (
    traces.entries.some(({ entryId }) => named.has(entryId)) ||
    rows.some(isRow) ||
    (kind === 'POSITION' && traces.symbols.includes(symbol ?? ''))
  );
}

/** What comparisons say of a forgery: that they name it, that the cash differs and nothing else, or nothing. */
export function saidOf(desk: Desk, traces: Traces, comparisons: readonly StatementComparison[]): Said {
  const different = comparisons.flatMap(({ lines }, index) => {
    const { events } = desk.told[index]?.statement ?? { events: [] };
    const instants = new Set(traces.facts.map(({ at }) => at));
    const own = new Set(events.filter(({ at }) => instants.has(at)).map(({ row }) => row));
    return lines.filter(({ difference }) => difference !== null).map((line) => ({ line, own }));
  });
  if (different.length === 0) return 'AGREES';
  if (different.some(({ line, own }) => isOf(line, traces, (row) => own.has(row)))) return 'NAMED';
  return different.every(({ line }) => line.kind === 'CASH') ? 'CASH_ALONE' : 'OTHER_LINES';
}
export type Said = 'AGREES' | 'NAMED' | 'CASH_ALONE' | 'OTHER_LINES';

/**
 * Forges books that agree, imports everything again, and does what is said until all agree.
 * @returns whether there was anything to forge
 * @throws StoryWrong where the forgery is not named, or does not end in books that agree
 */
export async function followForged(forgery: Forgery, forged: Forged): Promise<boolean> {
  const desk = await begun(storyOf(forged.drawn));
  const plain = allCompared(desk).find(({ status }) => status !== 'AGREES');
  if (plain) throw wrong(desk, 'RIGHT_BOOKS_DIFFER', plain);
  const traces = forge(desk, forgery, forged);
  if (traces === null) return false;
  const comparisons = allCompared(desk);
  const said = saidOf(desk, traces, comparisons);
  if (said !== 'NAMED')
    throw wrong(
      desk,
      `FORGED ${said}`,
      comparisons.find(({ status }) => status !== 'AGREES'),
      traces.said,
    );
  try {
    finish(desk);
  } catch (error) {
    // Of what was split since and sold by a ticket a split is not taken back: the refusal sends to a baseline.
    const isSold = error instanceof StoryWrong && error.kind === 'REFUSED UNITS_WOULD_BE_NEGATIVE';
    if (isSold && desk.story.isOrdered && desk.story.facts.some(({ what }) => what === 'SPLIT')) return true;
    if (error instanceof StoryWrong) error.message = `${traces.said}\n${error.message}`;
    throw error;
  }
  return true;
}
