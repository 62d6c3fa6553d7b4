import { D, type Decimal } from '../money.js';
import { isCancelled, isConversion } from './activity-types.js';
import type { ActivityRow } from './activity-row.js';

/*
 * Money that is converted on its way may leave the balance as it is in its own row, and move it in the row of the fee
 * of that conversion, by both together.
 */

/** Roundings to a cent, one on each side of each of two rows. */
const PAIR_TOLERANCE = '0.04';

export interface CashChanges {
  /** Cash before the first row; null where that does not tell what it changed. */
  before: Decimal | null;
  /** What each row changed the cash by; null of a first one that does not tell it. */
  changes: (Decimal | null)[];
}

/**
 * What rows changed the cash by, from one balance to the next; of money that a conversion's fee carried with it, each
 * of both by itself.
 * @param rows in the order in which they stand
 * @param cashBefore what the first row tells of the cash before it
 */
export function changesOf(
  rows: readonly ActivityRow[],
  cashBefore: (first: ActivityRow) => Decimal | null,
): CashChanges {
  const [first] = rows;
  if (first === undefined) return { before: null, changes: [] };
  const stated = cashBefore(first);
  const changes = rows.map((row, index) => {
    const from = index === 0 ? stated : (rows[index - 1] as ActivityRow).balance;
    return from && row.balance.minus(from);
  });
  const carried = carriedIn(rows, changes);
  // Of a first row that the fee carried nobody had taken the money before: its balance is that of before it.
  let before = carried.has(0) ? first.balance : stated;
  for (const [index, fee] of carried) {
    const moved = signed(rows[index] as ActivityRow);
    changes[index] = moved;
    changes[fee] = (changes[fee] ?? moved).minus(moved);
  }
  if (isConversion(first.type) && changes[0] === null) {
    const money = unmovedBy(rows, changes, { fee: 0, carried });
    if (money !== undefined) {
      changes[money] = signed(rows[money] as ActivityRow);
      changes[0] = D(first.amount);
      before = first.balance.minus(changes[0]).minus(changes[money]);
    }
  }
  return { before, changes };
}

/** Rows that a fee may stand from its money: both are written when it arrives. */
const ROWS_APART = 20;

/** Rows whose money the row of a fee carries: by place, the place of the fee. */
function carriedIn(rows: readonly ActivityRow[], changes: readonly (Decimal | null)[]): Map<number, number> {
  const carried = new Map<number, number>();
  for (const [fee, row] of rows.entries()) {
    const change = changes[fee] ?? null;
    const rest = change?.minus(row.amount);
    if (rest === undefined || !isConversion(row.type) || rest.abs().lte(PAIR_TOLERANCE)) continue;
    const found = unmovedBy(rows, changes, { fee, carried, rest });
    if (found !== undefined) carried.set(found, fee);
  }
  return carried;
}

/**
 * The place of the money nearest to a fee that left the balance as it was and that no other fee carries.
 * @param rest what of the fee's change is not its own amount; left out where the first row does not tell its change
 */
function unmovedBy(
  rows: readonly ActivityRow[],
  changes: readonly (Decimal | null)[],
  { fee, carried, rest }: { fee: number; carried: ReadonlyMap<number, number>; rest?: Decimal },
): number | undefined {
  const isCarried = (index: number): boolean => {
    const money = rows[index];
    return (
      money !== undefined &&
      money.kind === kindCarried(rows[fee] as ActivityRow) &&
      !carried.has(index) &&
      isUnmoved(money, changes[index] ?? null, index) &&
      (rest === undefined || signed(money).minus(rest).abs().lte(PAIR_TOLERANCE))
    );
  };
  return Array.from({ length: ROWS_APART }, (_, by) => [fee - by - 1, fee + by + 1])
    .flat()
    .find(isCarried);
}

/** Money that a fee is of may have left the balance as it was; of a first row nobody can tell by itself. */
const isUnmoved = ({ kind, type, amount }: ActivityRow, change: Decimal | null, index: number): boolean =>
  (kind === 'DEPOSIT' || kind === 'WITHDRAWAL') &&
  !isCancelled(type) &&
  !D(amount).isZero() &&
  (index === 0 || change?.isZero() === true);

const kindCarried = ({ type }: ActivityRow): ActivityRow['kind'] => (/^deposit/i.test(type) ? 'DEPOSIT' : 'WITHDRAWAL');

/** What a row moves, as the account sees it: a withdrawal's amount may be written without its sign. */
const signed = ({ kind, amount }: ActivityRow): Decimal => (kind === 'WITHDRAWAL' ? D(amount).abs().neg() : D(amount));
