import { isFlow } from '../ledger/flows.js';
import type { EntryKind } from '../ledger/entries.js';
import type { BookedEntry } from '../ledger/sums.js';
import { D, toText, type Decimal } from '../money.js';
import { byText } from '../order.js';
import { countWhile, firstFrom } from '../sorted.js';
import type { DecimalString, IsoDate } from '../types.js';
import type { CloseInCurrencies } from './currency.js';

/**
 * A close as it was valued last, oldest first in a list; base currency. Its figures are texts as `toText` writes them,
 * for those that stand are told as they are.
 */
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
  /** Place of the first close that has it in its value, and of the first on or after its date. */
  said: number;
  effective: number;
}

/** What was booked after a close, and did to it. */
interface Change {
  cash: Decimal;
  positions: Decimal;
  because: Set<string>;
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
  const booked = bookedOf(stored, entries);
  const changes = new Map<number, Change>();
  const placeOf = new Map<number, number>();
  for (const each of booked) {
    const place = dateBack(stored, each, { baseCurrency, unitValue, changes });
    if (place < stored.length) placeOf.set(each.entry.entryId, place);
  }
  const movesAt = movesByPlace(stored, booked, placeOf, baseCurrency);
  const closes = stored.map((one, place): Close => {
    const moves = movesAt.get(place) ?? [];
    const { value, cash, positions, late } = changedBy(one, changes.get(place));
    return {
      date: one.asOfDate,
      value,
      cash,
      positions,
      ...sumsOf(moves),
      moves,
      foreign: isForeign ? positions : '0',
      rate: one.fxRate,
      restated: restatedOf(one, value, late),
    };
  });
  return { closes, placeOf };
}

function bookedOf(stored: readonly StoredClose[], entries: readonly BookedEntry[]): Booked[] {
  const byId = new Map(entries.map((entry) => [entry.entryId, entry]));
  return entries.map((entry) => {
    const taken = entry.reversesEntryId === null ? undefined : byId.get(entry.reversesEntryId);
    return {
      entry,
      kind: taken?.kind ?? entry.kind,
      root: taken?.entryId ?? entry.entryId,
      said: countWhile(stored, ({ lastEntryId }) => lastEntryId < entry.entryId),
      effective: firstFrom(stored, entry.effectiveDate, ({ asOfDate }) => asOfDate),
    };
  });
}

/** A close as it is with what was booked after it. Nearly every close stands as it was said, in the same text. */
function changedBy({ equity, cash, positionsValue }: StoredClose, change: Change | undefined) {
  if (change === undefined) return { value: equity, cash, positions: positionsValue, late: [] };
  const more = change.cash.plus(change.positions);
  return {
    value: toText(D(equity).plus(more)),
    cash: toText(D(cash).plus(change.cash)),
    positions: toText(D(positionsValue).plus(change.positions)),
    late: more.isZero() ? [] : [...change.because],
  };
}

interface Restating {
  baseCurrency: string;
  unitValue: UnitValue;
  changes: Map<number, Change>;
}

/** The place an entry belongs to; the closes from there to where it was said are changed by it. */
function dateBack(
  stored: readonly StoredClose[],
  { entry, kind, said, effective }: Booked,
  { baseCurrency, unitValue, changes }: Restating,
): number {
  if (effective >= said || !DATED_BACK.includes(kind)) return said;
  const cash = cashOf(entry, baseCurrency);
  const effects: { place: number; units: Decimal }[] = [];
  for (let place = effective; place < said; place++) {
    const units = unitsValueOf(entry, stored[place]!.asOfDate, unitValue);
    // A day whose price is gone cannot be said better than it was.
    if (units === null) return said;
    effects.push({ place, units });
  }
  const because = `entry ${entry.entryId} of ${entry.effectiveDate} was booked after it: ${entry.description}`;
  for (const { place, units } of effects) {
    const change = changes.get(place) ?? { cash: D(0), positions: D(0), because: new Set() };
    changes.set(place, change);
    change.cash = change.cash.plus(cash);
    change.positions = change.positions.plus(units);
    change.because.add(because);
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
  return bookedOf(stored, entries).flatMap(({ entry, kind, said, effective }) => {
    if (effective >= said || !DATED_BACK.includes(kind)) return [];
    const symbols = entry.postings.flatMap((each) => (each.account === 'Assets:Units' ? [each.commodity] : []));
    return stored
      .slice(effective, said)
      .flatMap(({ asOfDate }) => symbols.map((symbol) => ({ symbol, date: asOfDate })));
  });
}

/** Flows of a close: of cash by what is taken together, and what was said of all of them at that close. */
interface FlowsAt {
  moves: Map<number, DatedMove & { sum: Decimal }>;
  saidCash: Decimal;
  hasUnits: boolean;
}

/** Flows by the place of their close. */
function movesByPlace(
  stored: readonly StoredClose[],
  booked: readonly Booked[],
  placeOf: ReadonlyMap<number, number>,
  baseCurrency: string,
): Map<number, DatedMove[]> {
  const flows = new Map<number, FlowsAt>();
  const at = (place: number): FlowsAt => {
    const found = flows.get(place) ?? { moves: new Map(), saidCash: D(0), hasUnits: false };
    flows.set(place, found);
    return found;
  };
  for (const { entry, kind, root, said } of booked) {
    if (!isFlow({ kind, reversedKind: null })) continue;
    const cash = cashOf(entry, baseCurrency);
    if (said < stored.length) {
      const ofClose = at(said);
      ofClose.saidCash = ofClose.saidCash.plus(cash);
      ofClose.hasUnits ||= entry.postings.some(({ account }) => account === 'Assets:Units');
    }
    const place = placeOf.get(entry.entryId);
    if (place === undefined) continue;
    const { moves } = at(place);
    const sum = (moves.get(root)?.sum ?? D(0)).plus(cash);
    moves.set(root, { ...moveOf(stored, place, entry, kind), sum });
  }
  return new Map([...flows].map(([place, ofClose]) => [place, movesOf(stored[place]!, ofClose)]));
}

function movesOf({ asOfDate, netFlows }: StoredClose, { moves, saidCash, hasUnits }: FlowsAt): DatedMove[] {
  const found = [...moves.values()]
    .filter(({ sum }) => !sum.isZero())
    .map(({ sum, date, kind }): DatedMove => ({ date, kind, amount: toText(sum) }));
  // What units that were set right are worth is the valuation's to say.
  const units = hasUnits ? D(netFlows).minus(saidCash) : D(0);
  if (!units.isZero()) found.push({ date: asOfDate, kind: 'set-right', amount: toText(units) });
  return found.toSorted((a, b) => byText(a.date, b.date));
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

/** What stands between the reasons of which a close is restated. */
export const BETWEEN_REASONS = '; ';

/** What of a close was said otherwise, and why; null where it stands as it was first said. */
function restatedOf(
  { published, equity, restatedBecause }: StoredClose,
  value: DecimalString,
  late: readonly string[],
): Close['restated'] {
  const isValuedAgain = published !== equity && !D(published).eq(D(equity));
  const reasons = [
    ...(isValuedAgain || restatedBecause !== null ? [restatedBecause ?? 'a later run valued it again'] : []),
    ...late,
  ];
  return reasons.length === 0 || (restatedBecause === null && D(published).eq(D(value)))
    ? null
    : { published, because: reasons.join(BETWEEN_REASONS) };
}
