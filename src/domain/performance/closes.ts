import { isFlow } from '../ledger/flows.js';
import type { EntryKind } from '../ledger/entries.js';
import type { BookedEntry } from '../ledger/sums.js';
import { D, toText, type Decimal } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import type { CloseInCurrencies } from './currency.js';

/** A close as it was valued last, oldest first in a list; base currency. */
export interface StoredClose {
  asOfDate: IsoDate;
  equity: DecimalString;
  cash: DecimalString;
  positionsValue: DecimalString;
  /** Cash and units that came in or went out since the close before. */
  netFlows: DecimalString;
  fxRate: DecimalString | null;
  /** The newest entry that the value has in it. */
  lastEntryId: number;
  /** What was said first of this close. */
  published: DecimalString;
  restatedBecause: string | null;
}

/** Money that came in (above 0) or went out (below 0), on its own date. */
export interface DatedMove {
  date: IsoDate;
  amount: DecimalString;
  /** Paid in or out; or a figure that was set right by hand. */
  kind: 'transfer' | 'set-right';
}

/** A close with what is known today: what was booked later and belongs to it stands in it. */
export interface Close extends CloseInCurrencies {
  cash: DecimalString;
  positions: DecimalString;
  moves: DatedMove[];
  restated: { published: DecimalString; because: string } | null;
}

/** What of the journal belongs to which close. */
export interface AttributedCloses {
  closes: Close[];
  /** Place of the close that an entry belongs to, by its number; none of what came after the last. */
  placeOf: ReadonlyMap<number, number>;
}

/**
 * Base value of one unit of a symbol as it was traded on `tradedOn`, at a later close; null without a price or rate.
 */
export type UnitValue = (symbol: string, tradedOn: IsoDate, at: IsoDate) => Decimal | null;

/**
 * What may have been booked later than it took effect. What companies did is left to the valuation, which counts splits
 * from their ex-dates on; a figure set right by hand says what is so from when it is said.
 */
const DATED_BACK: readonly EntryKind[] = [
  'DEPOSIT',
  'WITHDRAWAL',
  'FEE',
  'INTEREST',
  'DIVIDEND',
  'RETURN_OF_CAPITAL',
  'FILL',
];

/** An entry as it is attributed: a reversal is of the kind of what it takes back. */
interface Booked {
  entry: BookedEntry;
  kind: EntryKind;
  /** What is taken together: an entry and what took it back. */
  root: number;
}

/**
 * Puts the journal and the valued closes together. An entry belongs to the first close that has it in its value, or,
 * when it was booked later than it took effect, to the first close on or after its date: the closes between are
 * restated by what it did to cash and units. Flows are what `isFlow` says; an entry and its reversal that belong to one
 * close are none.
 * @param stored oldest first. @param entries the whole journal, in booking order
 */
export function attributedCloses(
  stored: readonly StoredClose[],
  entries: readonly BookedEntry[],
  { baseCurrency, isForeign, unitValue }: { baseCurrency: string; isForeign: boolean; unitValue: UnitValue },
): AttributedCloses {
  const booked = bookedOf(entries);
  const changes = stored.map(() => ({ cash: D(0), positions: D(0), because: new Set<string>() }));
  const placeOf = new Map<number, number>();
  for (const each of booked) {
    const said = firstPlace(stored, ({ lastEntryId }) => lastEntryId >= each.entry.entryId);
    const place = dateBack(stored, each, said, { baseCurrency, unitValue, changes });
    if (place < stored.length) placeOf.set(each.entry.entryId, place);
  }
  const moves = movesByPlace(stored, booked, placeOf, baseCurrency);
  const closes = stored.map((one, place): Close => {
    const { cash, positions, because } = changes[place]!;
    const isLate = because.size > 0 && !cash.plus(positions).isZero();
    const plus = (amount: DecimalString, more: Decimal) => toText(because.size > 0 ? D(amount).plus(more) : D(amount));
    const value = plus(one.equity, cash.plus(positions));
    const held = plus(one.positionsValue, positions);
    return {
      date: one.asOfDate,
      value,
      cash: plus(one.cash, cash),
      positions: held,
      ...sumsOf(moves[place] ?? []),
      moves: moves[place] ?? [],
      foreign: isForeign ? held : '0',
      rate: one.fxRate,
      restated: restatedOf(one, value, isLate ? [...because] : []),
    };
  });
  return { closes, placeOf };
}

const bookedOf = (entries: readonly BookedEntry[]): Booked[] => {
  const byId = new Map(entries.map((entry) => [entry.entryId, entry]));
  return entries.map((entry) => {
    const taken = entry.reversesEntryId === null ? undefined : byId.get(entry.reversesEntryId);
    return { entry, kind: taken?.kind ?? entry.kind, root: taken?.entryId ?? entry.entryId };
  });
};

/** Place of the first that holds; closes are in order, and so are their entries and dates. */
function firstPlace(stored: readonly StoredClose[], holds: (close: StoredClose) => boolean): number {
  let [low, high] = [0, stored.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(stored[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Restating {
  baseCurrency: string;
  unitValue: UnitValue;
  changes: { cash: Decimal; positions: Decimal; because: Set<string> }[];
}

/** The place an entry belongs to; the closes from there to where it was said are changed by it. */
function dateBack(
  stored: readonly StoredClose[],
  { entry, kind }: Booked,
  said: number,
  { baseCurrency, unitValue, changes }: Restating,
): number {
  const effective = firstPlace(stored, ({ asOfDate }) => asOfDate >= entry.effectiveDate);
  if (effective >= said || !DATED_BACK.includes(kind)) return said;
  const cash = cashOf(entry, baseCurrency);
  const effects: { place: number; units: Decimal }[] = [];
  for (let place = effective; place < said; place++) {
    const units = unitsValueOf(entry, stored[place]!.asOfDate, unitValue);
    // A day whose price is gone cannot be said better than it was.
    if (units === null) return said;
    effects.push({ place, units });
  }
  for (const { place, units } of effects) {
    const change = changes[place]!;
    change.cash = change.cash.plus(cash);
    change.positions = change.positions.plus(units);
    change.because.add(`entry ${entry.entryId} of ${entry.effectiveDate} was booked after it: ${entry.description}`);
  }
  return effective;
}

const cashOf = ({ postings }: BookedEntry, baseCurrency: string): Decimal =>
  postings
    .filter(({ account, commodity }) => account === 'Assets:Cash' && commodity === baseCurrency)
    .reduce((sum, { amount }) => sum.plus(D(amount)), D(0));

function unitsValueOf({ postings, effectiveDate }: BookedEntry, at: IsoDate, unitValue: UnitValue): Decimal | null {
  let value = D(0);
  for (const { account, commodity, amount } of postings) {
    if (account !== 'Assets:Units') continue;
    const each = unitValue(commodity, effectiveDate, at);
    if (each === null) return null;
    value = value.plus(D(amount).times(each));
  }
  return value.toDecimalPlaces(2);
}

/** The prices that `attributedCloses` needs: of shares that were traded before a close and booked after it. */
export function unitValuesNeeded(
  stored: readonly StoredClose[],
  entries: readonly BookedEntry[],
): { symbol: string; date: IsoDate }[] {
  return bookedOf(entries).flatMap(({ entry, kind }) => {
    if (!DATED_BACK.includes(kind)) return [];
    const symbols = entry.postings.flatMap((each) => (each.account === 'Assets:Units' ? [each.commodity] : []));
    if (symbols.length === 0) return [];
    const effective = firstPlace(stored, ({ asOfDate }) => asOfDate >= entry.effectiveDate);
    const said = firstPlace(stored, ({ lastEntryId }) => lastEntryId >= entry.entryId);
    const late = stored.slice(effective, Math.max(effective, said));
    return late.flatMap(({ asOfDate }) => symbols.map((symbol) => ({ symbol, date: asOfDate })));
  });
}

/** Flows by the place of their close. */
function movesByPlace(
  stored: readonly StoredClose[],
  booked: readonly Booked[],
  placeOf: ReadonlyMap<number, number>,
  baseCurrency: string,
): DatedMove[][] {
  const byPlace = stored.map(() => new Map<number, DatedMove & { sum: Decimal }>());
  const saidCash = stored.map(() => D(0));
  const hasUnits = new Set<number>();
  for (const { entry, kind, root } of booked) {
    if (!isFlow({ kind, reversedKind: null })) continue;
    const said = firstPlace(stored, ({ lastEntryId }) => lastEntryId >= entry.entryId);
    const cash = cashOf(entry, baseCurrency);
    if (said < stored.length) {
      saidCash[said] = saidCash[said]!.plus(cash);
      if (entry.postings.some(({ account }) => account === 'Assets:Units')) hasUnits.add(said);
    }
    const place = placeOf.get(entry.entryId);
    if (place === undefined) continue;
    const moves = byPlace[place]!;
    const sum = (moves.get(root)?.sum ?? D(0)).plus(cash);
    moves.set(root, { ...moveOf(stored, place, entry, kind), sum });
  }
  return byPlace.map((moves, place) => {
    const found = [...moves.values()]
      .filter(({ sum }) => !sum.isZero())
      .map(({ sum, date, kind }): DatedMove => ({ date, kind, amount: toText(sum) }));
    // What units that were set right are worth is the valuation's to say.
    const units = hasUnits.has(place) ? D(stored[place]!.netFlows).minus(saidCash[place]!) : D(0);
    if (!units.isZero()) found.push({ date: stored[place]!.asOfDate, kind: 'set-right', amount: toText(units) });
    return found.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
  });
}

/** On its own date where that lies between the close before and its own; on its close where it does not. */
function moveOf(
  stored: readonly StoredClose[],
  place: number,
  { effectiveDate }: BookedEntry,
  kind: EntryKind,
): Pick<DatedMove, 'date' | 'kind' | 'amount'> {
  const [before, own] = [stored[place - 1]?.asOfDate ?? '', stored[place]!.asOfDate];
  const isBetween = effectiveDate > before && effectiveDate <= own;
  return {
    date: isBetween ? effectiveDate : own,
    kind: kind === 'DEPOSIT' || kind === 'WITHDRAWAL' ? 'transfer' : 'set-right',
    amount: '0',
  };
}

function sumsOf(moves: readonly DatedMove[]): { inflow: DecimalString; outflow: DecimalString } {
  if (moves.length === 0) return { inflow: '0', outflow: '0' };
  const sum = (isIn: boolean) =>
    moves
      .map(({ amount }) => D(amount))
      .filter((amount) => amount.gt(0) === isIn)
      .reduce((total, amount) => total.plus(amount.abs()), D(0));
  return { inflow: toText(sum(true)), outflow: toText(sum(false)) };
}

/** What of a close was said otherwise, and why; null where it stands as it was first said. */
function restatedOf(
  { published, equity, restatedBecause }: StoredClose,
  value: DecimalString,
  late: readonly string[],
): Close['restated'] {
  // Nearly every close stands as it was said, in the same text.
  const isValuedAgain = published !== equity && !D(published).eq(D(equity));
  const reasons = [
    ...(isValuedAgain || restatedBecause !== null ? [restatedBecause ?? 'a later run valued it again'] : []),
    ...late,
  ];
  return reasons.length === 0 || (restatedBecause === null && D(published).eq(D(value)))
    ? null
    : { published, because: reasons.join('; ') };
}
