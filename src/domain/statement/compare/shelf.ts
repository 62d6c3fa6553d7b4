import { dayNumber } from '../../dates.js';
import { groupBy } from '../../group.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { toText, type Decimal } from '../../money.js';
import type { StatementEvent } from '../statement.js';
import type { Worth } from './worth.js';

/*
 * Movements of cash that the ledger books, as they are looked for by those of a statement: by kind, way and day, for
 * there may be years of them and each is looked for by itself.
 */

/** What moves cash beside trades and dividends. */
export type Kind = 'DEPOSIT' | 'WITHDRAWAL' | 'FEE' | 'INTEREST';

/** A movement of cash as the statement tells it. */
export interface Told {
  kind: Kind;
  /** Whether money came. */
  isIn: boolean;
  event: StatementEvent;
  worth: Worth | null;
}
/** The same as an entry books it; the amount is above zero. */
export interface Booked {
  kind: Kind;
  isIn: boolean;
  entry: BookedEntry;
  amount: Decimal;
}

/** Movements of the ledger of which none was taken yet. */
export interface Shelf {
  /** The first of the very day and amount, than which none is nearer. */
  same(told: Told): Booked | undefined;
  /** Those of so many days before and after, in the order of the journal. */
  around(told: Told, days: number): Booked[];
  take(booked: Booked): void;
  /** What nobody took, in the order of the journal. */
  left(): Booked[];
}

/** @param booked in the order of the journal */
export function shelfOf(booked: readonly Booked[]): Shelf {
  const byDay = groupBy(booked, dayOf);
  const byAmount = groupBy(booked, amountOf);
  const of = (told: Told, day: number): Booked[] => byDay.get(wayOf(told, day)) ?? [];
  return {
    same: (told) => {
      const { worth, event } = told;
      if (worth === null) return undefined;
      return byAmount.get(`${wayOf(told, dayNumber(event.date))} ${toText(worth.amount)}`)?.[0];
    },
    around: (told, days) => {
      const day = dayNumber(told.event.date);
      if (days === 0) return [...of(told, day)];
      return Array.from({ length: 2 * days + 1 }, (_, by) => of(told, day - days + by))
        .flat()
        .toSorted(byEntry);
    },
    take: (one) => {
      for (const group of [byDay.get(dayOf(one)), byAmount.get(amountOf(one))]) group?.splice(group.indexOf(one), 1);
    },
    left: () => [...byDay.values()].flat().toSorted(byEntry),
  };
}

const wayOf = ({ kind, isIn }: Pick<Booked, 'kind' | 'isIn'>, day: number): string => `${kind} ${isIn} ${day}`;
const dayOf = (booked: Booked): string => wayOf(booked, dayNumber(booked.entry.effectiveDate));
const amountOf = (booked: Booked): string => `${dayOf(booked)} ${toText(booked.amount)}`;
const byEntry = (a: Booked, b: Booked): number => a.entry.entryId - b.entry.entryId;
