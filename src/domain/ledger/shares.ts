import { cleanRatio } from '../market/ratio.js';
import { D, Decimal, toText } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import { roundUnits, type EntryKind } from './entries.js';
import { isFlow } from './flows.js';
import { grownIndex } from './grown.js';
import { actsBefore, isOfCompany } from './sequence.js';
import type { BookedEntry } from './sums.js';

/** A split that prices show from its ex-date on; `ratio` is new shares for one old share. */
export interface ShareSplit {
  symbol: string;
  exDate: IsoDate;
  ratio: DecimalString;
}

/** Units with the splits that stand in them, oldest first, each with what it multiplies by. */
export interface Shares {
  units: Decimal;
  factors: { exDate: IsoDate; factor: Decimal }[];
}

/** After every date. */
const EVER: IsoDate = '9999-12-31';

/**
 * Units of a symbol in the shares that a price is in: the journal's, and what the known splits make of them from
 * their ex-dates on, whether they are booked or not. A booked one counts once, and without the journal's rounding to
 * a millionth, which is no loss. A baseline states what the broker shows: splits of before it are in its figure.
 * Shares that became those of another name or company (rename, merger, spin-off) bring along what they were: a split
 * that nobody booked under the old name, and what rounding left out.
 * @param entries the journal up to the entry that counts, in booking order.
 * @param splits known ones, one a symbol and ex-date, of after the opening; of former names too.
 * @param pricedIn the last date whose splits the price shows; what was booked of later ones is taken out again.
 */
export function sharesOf(
  entries: readonly BookedEntry[],
  symbol: string,
  splits: readonly ShareSplit[],
  pricedIn: IsoDate = EVER,
): Shares {
  const { plain } = counting(entries).get(symbol) ?? NOT_MOVED;
  if (plain !== null && splits.every((split) => split.symbol !== symbol)) return { units: plain, factors: [] };
  return pricedAt(held({ ...journalOf(entries), splits }, [symbol], null), pricedIn);
}

/**
 * What of a change of units is neither trade nor split: set right by hand, in the shares that prices are in now. By
 * it a valuation leaves out of the index what nobody earned (docs/RULES.md 2.7): the units there are, less those there
 * would be had nothing been set right since.
 * @param afterEntryId the newest entry in the valuation before.
 */
export function unitFlow(
  entries: readonly BookedEntry[],
  symbol: string,
  splits: readonly ShareSplit[],
  { afterEntryId, pricedIn = EVER }: { afterEntryId: number; pricedIn?: IsoDate | undefined },
): Decimal {
  const kindOf = (entryId: number) => entries.find((entry) => entry.entryId === entryId)?.kind ?? null;
  const isSetRight = ({ kind, reversesEntryId }: BookedEntry) =>
    isFlow({ kind, reversedKind: reversesEntryId === null ? null : kindOf(reversesEntryId) });
  const since = entries.slice(entries.findLastIndex(({ entryId }) => entryId <= afterEntryId) + 1);
  const setRight = new Set(since.filter(isSetRight));
  if (setRight.size === 0) return D(0);
  const rest = entries.filter((entry) => !setRight.has(entry));
  const now = held({ ...journalOf(entries), splits }, [symbol], null);
  const without = held({ ...journalOf(rest), all: entries, splits }, [symbol], null);
  return pricedAt(now, pricedIn).units.minus(pricedAt(without, pricedIn).units);
}

/** A journal as it is read here. */
interface Journal {
  /** Every entry: what a split was reckoned from is told by what stood when it was booked. */
  all: readonly BookedEntry[];
  /** Those of a symbol that count, in booking order: neither taken back nor taking back. */
  standing(symbol: string): readonly BookedEntry[];
  splits: readonly ShareSplit[];
}

const journalOf = (entries: readonly BookedEntry[]): Pick<Journal, 'all' | 'standing'> => ({
  all: entries,
  standing: (symbol) => (counting(entries).get(symbol) ?? NOT_MOVED).entries,
});

interface Counting {
  entries: BookedEntry[];
  /** What they come to, where they only bring and take units; null where one of them makes others of them. */
  plain: Decimal | null;
}

const NOT_MOVED: Counting = { entries: [], plain: D(0) };

/** By symbol, the entries that move units of it and were neither taken back nor take back what is there. */
const counting = grownIndex<BookedEntry, Map<string, Counting>>(
  () => new Map(),
  (bySymbol, entry, numbers) => {
    if (entry.reversesEntryId !== null && numbers.has(entry.reversesEntryId)) return;
    const symbols = entry.postings.flatMap(({ account, commodity }) => (account === 'Assets:Units' ? commodity : []));
    const isPlain = entry.kind !== 'SPLIT' && !LEAVES.includes(entry.kind) && !COMES.includes(entry.kind);
    for (const symbol of new Set(symbols)) {
      const { entries, plain } = bySymbol.get(symbol) ?? { entries: [], plain: D(0) };
      entries.push(entry);
      bySymbol.set(symbol, { entries, plain: plain && isPlain ? plain.plus(unitsIn(entry, symbol)) : null });
    }
  },
);

/** Units of one symbol, after some of its steps. */
interface Running {
  /** As the journal sums them. */
  ledger: Decimal;
  /** In the shares of the newest split. */
  exact: Decimal;
  /** What splits multiplied by, by ex-date. */
  factors: Map<IsoDate, Decimal>;
}

function pricedAt({ exact, factors }: Running, pricedIn: IsoDate): Shares {
  const all = [...factors].map(([exDate, factor]) => ({ exDate, factor }));
  const later = all.filter(({ exDate }) => exDate > pricedIn);
  return {
    units: later.reduce((units, { factor }) => units.div(factor), exact),
    factors: all.filter(({ exDate }) => exDate <= pricedIn).toSorted((a, b) => (a.exDate < b.exDate ? -1 : 1)),
  };
}

/** Something that changes the units of a symbol, in the order in which it took effect. */
type Step =
  | { kind: 'moved'; date: IsoDate; place: number; entry: BookedEntry; amount: Decimal }
  | { kind: 'split'; date: IsoDate; place: number; factor: Decimal; amount: Decimal };

/**
 * What is held of a symbol.
 * @param names the symbol, and what it is called later: a source may tell the splits of a name under a later one.
 * @param until what took the shares away; only what acts before it counts. Null: everything counts.
 */
function held(journal: Journal, names: readonly string[], until: BookedEntry | null): Running {
  const state: Running = { ledger: D(0), exact: D(0), factors: new Map() };
  for (const step of stepsOf(journal, names, until)) {
    if (step.kind === 'moved') moveUnits(state, step, journal, names);
    else {
      state.ledger = state.ledger.plus(step.amount);
      state.exact = state.exact.times(step.factor);
      state.factors.set(step.date, step.factor);
    }
  }
  return state;
}

function stepsOf(journal: Journal, names: readonly string[], until: BookedEntry | null): Step[] {
  const symbol = names[0] as string;
  const counted = journal.standing(symbol).filter((entry) => until === null || actsBefore(entry, until));
  const moved = counted.flatMap((entry): Step[] => {
    const amount = unitsIn(entry, symbol);
    if (entry.kind === 'SPLIT' || amount.isZero()) return [];
    return [{ kind: 'moved', date: entry.effectiveDate, place: placeOf(entry), entry, amount }];
  });
  const booked = counted.filter((entry) => entry.kind === 'SPLIT' && !unitsIn(entry, symbol).isZero());
  const renamings = moved.filter((step) => step.kind === 'moved' && step.entry.kind === 'RENAME' && step.amount.gt(0));
  const known = knownOf(journal, names, { until, renamings });
  const splits = booked.map((entry): Step => {
    const amount = unitsIn(entry, symbol);
    const factor = bookedFactor(heldAtBooking(journal.all, symbol, entry), amount, known.get(entry.effectiveDate));
    return { kind: 'split', date: entry.effectiveDate, place: placeOf(entry), factor, amount };
  });
  const dates = new Set(booked.map(({ effectiveDate }) => effectiveDate));
  const unbooked = [...known]
    .filter(([exDate]) => !dates.has(exDate) && !isBookedUnderFormer(journal, renamings, exDate))
    .map(([exDate, ratio]): Step => {
      const renamed = renamings.filter(({ date }) => date === exDate).map(({ place }) => place);
      // Shares that were renamed on the day itself take part in its split.
      return { kind: 'split', date: exDate, place: Math.max(0, ...renamed) + 0.5, factor: D(ratio), amount: D(0) };
    });
  return [...moved, ...splits, ...unbooked].toSorted(inOrder);
}

const inOrder = (a: Step, b: Step): number => (a.date === b.date ? a.place - b.place : a.date < b.date ? -1 : 1);

/**
 * On one date the opening and what companies did come first, in the order of their booking; then trades and the rest.
 */
const AFTER_COMPANIES = 1e15;
const placeOf = (entry: BookedEntry): number =>
  isOfCompany(entry.kind) || entry.kind === 'OPENING' ? entry.entryId : AFTER_COMPANIES + entry.entryId;

/**
 * Known splits of a name by ex-date: those told under it or under a later name, up to the day on which it ended; and
 * of a former name those of the very day of the rename, which the old name no longer sees.
 */
function knownOf(
  { splits }: Journal,
  names: readonly string[],
  { until, renamings }: { until: BookedEntry | null; renamings: readonly Step[] },
): Map<IsoDate, DecimalString> {
  const own = splits.filter(
    ({ symbol, exDate }) => names.includes(symbol) && (until === null || exDate < until.effectiveDate),
  );
  const former = splits.filter(({ symbol, exDate }) =>
    renamings.some((step) => step.kind === 'moved' && step.entry.symbol === symbol && step.date === exDate),
  );
  return new Map([...former, ...own].map(({ exDate, ratio }) => [exDate, ratio]));
}

/** Whether the split of the day of a rename was booked before it, under the old name. */
const isBookedUnderFormer = ({ standing }: Journal, renamings: readonly Step[], exDate: IsoDate): boolean =>
  renamings.some(
    (step) =>
      step.kind === 'moved' &&
      step.date === exDate &&
      standing(step.entry.symbol ?? '').some(
        (entry) =>
          entry.kind === 'SPLIT' &&
          entry.symbol === step.entry.symbol &&
          entry.effectiveDate === exDate &&
          entry.entryId < step.entry.entryId,
      ),
  );

const unitsIn = ({ postings }: BookedEntry, symbol: string): Decimal =>
  postings
    .filter(({ account, commodity }) => account === 'Assets:Units' && commodity === symbol)
    .reduce((sum, posting) => sum.plus(D(posting.amount)), D(0));

/** Kinds by which a holding goes as a whole, or the part of it that the entry says. */
const LEAVES: readonly EntryKind[] = ['RENAME', 'CASH_MERGER', 'STOCK_MERGER', 'DELISTING'];
/** Kinds by which shares of another name come. */
const COMES: readonly EntryKind[] = ['RENAME', 'STOCK_MERGER', 'SPIN_OFF'];

function moveUnits(
  state: Running,
  { entry, amount }: { entry: BookedEntry; amount: Decimal },
  journal: Journal,
  names: readonly string[],
): void {
  const before = state.ledger;
  state.ledger = before.plus(amount);
  if (entry.kind === 'BASELINE') state.exact = state.ledger;
  else if (LEAVES.includes(entry.kind) && amount.isNegative() && before.gt(0))
    state.exact = state.exact.minus(state.exact.times(partOf(amount.neg(), before)));
  else if (COMES.includes(entry.kind) && amount.gt(0)) bring(state, { entry, amount }, journal, names);
  else state.exact = state.exact.plus(amount);
}

const partOf = (units: Decimal, of: Decimal): Decimal => Decimal.min(1, units.div(of));

/** Adds what the shares of the old name have become, with the splits that stand in them. */
function bring(
  state: Running,
  { entry, amount }: { entry: BookedEntry; amount: Decimal },
  journal: Journal,
  names: readonly string[],
): void {
  const from = entry.symbol ?? '';
  const old = held(journal, entry.kind === 'RENAME' ? [from, ...names] : [from], entry);
  if (!old.ledger.gt(0)) {
    state.exact = state.exact.plus(amount);
    return;
  }
  // A spin-off leaves the old shares where they are.
  const out = entry.kind === 'SPIN_OFF' ? old.ledger : unitsIn(entry, from).neg();
  const taking = old.exact.times(partOf(out, old.ledger));
  state.exact = state.exact.plus(taking.times(amount).div(out));
  if (entry.kind !== 'RENAME') return;
  for (const [exDate, factor] of old.factors) state.factors.set(exDate, factor);
}

const unitsOfSplits = new WeakMap<BookedEntry, Map<string, Decimal>>();

/**
 * The units that a split was booked for: what stood when it was booked, of before it. What was booked later changes
 * nothing of that.
 */
function heldAtBooking(entries: readonly BookedEntry[], symbol: string, split: BookedEntry): Decimal {
  const known = unitsOfSplits.get(split) ?? new Map<string, Decimal>();
  unitsOfSplits.set(split, known);
  const units =
    known.get(symbol) ??
    journalOf(entries.filter(({ entryId }) => entryId < split.entryId))
      .standing(symbol)
      .filter((entry) => actsBefore(entry, split))
      .reduce((sum, entry) => sum.plus(unitsIn(entry, symbol)), D(0));
  known.set(symbol, units);
  return units;
}

/**
 * The ratio that a booked split was made of: the known or the whole one where it gives the booked units, else what was
 * booked.
 */
function bookedFactor(before: Decimal, amount: Decimal, known: DecimalString | undefined): Decimal {
  if (!before.gt(0)) return D(1);
  const plain = before.plus(amount).div(before);
  const candidates = [...(known === undefined ? [] : [known]), cleanRatio(toText(plain))].map((ratio) => D(ratio));
  return candidates.find((ratio) => roundUnits(before.times(ratio.minus(1))).eq(amount)) ?? plain;
}
