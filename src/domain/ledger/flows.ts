import { OF_COMPANY } from './sequence.js';
import { D, toText, type Decimal } from '../money.js';
import type { DecimalString } from '../types.js';
import type { EntryKind, Posting } from './entries.js';

/** An entry as far as flows are concerned; `reversedKind` is the kind of what it takes back, for a reversal. */
export interface FlowEntry {
  kind: EntryKind;
  reversedKind: EntryKind | null;
  postings: readonly Posting[];
}

/** What comes in and goes out; a reversal of one of them too. */
export const FLOW_KINDS: readonly EntryKind[] = ['OPENING', 'DEPOSIT', 'WITHDRAWAL', 'BASELINE'];

/**
 * What comes in and goes out without being profit or loss: money paid in and out, and figures set right. Fills, dividends,
 * interest, fees and whatever a company did to a holding are what the portfolio did. A reversal is of the kind of
 * what it takes back: a deposit taken back is a flow
 * the other way, a fee taken back is none.
 */
export function isFlow({ kind, reversedKind }: Pick<FlowEntry, 'kind' | 'reversedKind'>): boolean {
  return FLOW_KINDS.includes(kind === 'REVERSAL' ? (reversedKind ?? kind) : kind);
}

/** Cash (a ledger has one currency), and units by symbol that were set right, to be valued by the caller. */
export interface Flows {
  cash: DecimalString;
  units: Record<string, DecimalString>;
}

/** The flows of these entries. */
export function flowsOf(entries: readonly FlowEntry[]): Flows {
  const units = new Map<string, Decimal>();
  let cash = D(0);
  for (const { account, commodity, amount } of entries.filter(isFlow).flatMap(({ postings }) => postings)) {
    if (account === 'Assets:Cash') cash = cash.plus(D(amount));
    if (account === 'Assets:Units') units.set(commodity, (units.get(commodity) ?? D(0)).plus(D(amount)));
  }
  const moved = [...units].filter(([, sum]) => !sum.isZero()).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { cash: toText(cash), units: Object.fromEntries(moved.map(([symbol, sum]) => [symbol, toText(sum)])) };
}

/** The same the other way: of what the earlier of two ledgers has and the later one has not. */
export const takenBack = ({ cash, units }: Flows): Flows => ({
  cash: toText(D(cash).neg()),
  units: Object.fromEntries(Object.entries(units).map(([symbol, moved]) => [symbol, toText(D(moved).neg())])),
});

/** What a company or the broker did to holdings and cash, beyond dividends, splits and fees. */
export const EVENT_KINDS: readonly EntryKind[] = [
  ...OF_COMPANY.filter((kind) => kind !== 'SPLIT'),
  'RETURN_OF_CAPITAL',
  'INTEREST',
];
