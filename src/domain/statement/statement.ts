import type { DecimalString, Instant, IsoDate, Sha256 } from '../types.js';

/*
 * What the broker's account statement says, once it is read. Amounts are in its own currency (`currency`), signed as the
 * account sees them; what it says in the currency that it is displayed in stands beside them (`display`).
 */

export type EventKind =
  'OPEN' | 'CLOSE' | 'DIVIDEND' | 'DEPOSIT' | 'WITHDRAWAL' | 'FEE' | 'INTEREST' | 'SPLIT' | 'ADJUSTMENT';

/** A figure in the statement's currency, and in the one it is displayed in where it says so. */
export interface Figure {
  amount: DecimalString;
  display: DecimalString | null;
}

/** Where a position was closed, or a part of one: a part has a position id of its own, and no open of its own. */
export interface Closing {
  openedAt: Instant;
  /** What of the position's cost goes with it. */
  invested: DecimalString;
  profit: Figure;
  openRate: DecimalString;
  closeRate: DecimalString;
}

/** What arrived of a dividend of one position, and what was withheld. */
export interface Paid {
  net: Figure;
  tax: Figure;
  /** Fraction of the gross. */
  rate: DecimalString;
}

/** A row of the account's activity. */
export interface StatementEvent {
  kind: EventKind;
  /** As the statement calls it. */
  type: string;
  /** Row of the sheet. */
  row: number;
  at: Instant;
  /** The London date of `at`, which the ledger and the tax know it by. */
  date: IsoDate;
  positionId: string | null;
  /** Internal symbol of what it is about. */
  symbol: string | null;
  /** Of an open, what was bought, also where parts were sold since; of a close, what was sold. */
  units: DecimalString | null;
  /** What the balance changed by, which counts: an open's `amount` falls to what remains when a part is closed. */
  cash: DecimalString;
  amount: DecimalString;
  closing?: Closing;
  paid?: Paid;
  /** What was sent, of a deposit in whichever currency. */
  sent?: { amount: DecimalString; currency: string };
  /** Of a split, new to old as it is written; which of a reverse split stands first is nowhere said. */
  ratio?: { first: DecimalString; second: DecimalString };
}

/** A statement, read whole and consistent in itself. */
export interface Statement {
  /** Which of the broker's layouts it has, by the columns that tell them apart. */
  layout: string;
  currency: string;
  display: string | null;
  /** Tells accounts apart; the name itself is kept nowhere but in the file. */
  userHash: Sha256;
  createdAt: Instant;
  from: Instant;
  to: Instant;
  /** Labels of the summary to their figures; null where it says N/A. */
  summary: Record<string, { amount: DecimalString | null; display: DecimalString | null }>;
  /** Cash before the first and after the last event; null where the first is an open whose cost cannot be told. */
  cash: { before: DecimalString | null; after: DecimalString | null };
  /** By time, as they stand. */
  events: StatementEvent[];
  /** Sheets that prove nothing of the period: sums of others, and snapshots of whichever day. */
  unused: string[];
}
