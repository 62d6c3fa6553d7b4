import { isOfCompany } from '../../ledger/sequence.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, toText, type Decimal } from '../../money.js';
import type { IsoDate } from '../../types.js';
import { movedBy } from './facts.js';
import type { StatementLine } from './line.js';
import { costsOf, isPaid } from './paid.js';

/*
 * Whether a baseline may set right the units of a position that differs. It takes units in or out without a cause, so
 * it is for one cause alone: trades that the broker tells of and that no ticket ordered, for nothing else books those.
 */

/**
 * What becomes of a line that moves units: something sets it right; somebody has to look first, for nobody can tell
 * what happened; or it is a trade without a ticket. Null of a line that moves none.
 */
type Cause = 'SET_RIGHT' | 'LOOK' | 'UNORDERED';

export function causeOf({ kind, difference, proposal }: StatementLine): Cause | null {
  if (kind === 'SPLIT') return proposal === null ? 'LOOK' : 'SET_RIGHT';
  if (kind !== 'OPEN' && kind !== 'CLOSE') return null;
  if (difference === 'AMOUNT_DIFFERS' || difference === 'DATE_DIFFERS') return null;
  if (proposal !== null) return 'SET_RIGHT';
  return difference === 'MISSING_IN_LEDGER' ? 'UNORDERED' : 'LOOK';
}

/** Rows of trades that the broker tells of, that no ticket ordered and no entry books. */
export const unorderedRows = (different: readonly StatementLine[]): ReadonlySet<number> =>
  new Set(different.filter((line) => causeOf(line) === 'UNORDERED').flatMap(({ rows }) => rows));

/** The trades of a symbol among those, a line each, as they happened. */
export const unorderedOf = (symbol: string, different: readonly StatementLine[]): StatementLine[] =>
  different
    .filter((line) => line.symbol === symbol && causeOf(line) === 'UNORDERED')
    .toSorted((a, b) => (a.rows[0] ?? 0) - (b.rows[0] ?? 0));

/** A position whose units differ, and all that may say why. */
export interface PositionOff {
  symbol: string;
  /** What was opened less what was closed, on top of what the ledger held before. */
  told: Decimal;
  /** The same without trades that no ticket ordered. */
  ordered: Decimal;
  booked: Decimal;
  /** On whose eve that is, where it was split then after a trade that no ticket ordered; else the end. */
  eveOf: IsoDate | null;
  tolerance: string;
  /** Lines of what happened to it in which both sides differ, and whether anything is to be booked of any line. */
  different: readonly StatementLine[];
  isProposed: boolean;
  /** Trades that no ticket ordered, as they happened. */
  unordered: readonly StatementLine[];
  /** Splits that wait for what was traded before them. */
  waiting: Pick<ReadonlySet<StatementLine>, 'has'>;
  /** Baselines of the period that took in no trade of the statement, and standing entries from after it. */
  strays: readonly BookedEntry[];
  later: readonly BookedEntry[];
  /** Standing baselines that set the cash and no units beside it. */
  cashAlone: readonly BookedEntry[];
  /** Whether one of later took in a trade of which another statement tells. */
  isOfTrade(entry: BookedEntry): boolean;
  /** The ledger's cash now, base currency, which has a name. */
  cash: Decimal;
  baseCurrency: string;
  /** What the ledger's holding cost, as it is now; null where nobody knows. */
  cost: Decimal | null;
}

/** What is said of such a position, with the baseline where that is what would set it right. */
export function settlePosition(off: PositionOff): Pick<StatementLine, 'text' | 'proposal'> {
  const { symbol, told, booked, eveOf } = off;
  const text =
    `${symbol} ${eveOf === null ? 'at the end' : `before its split of ${eveOf}`}: what was opened less what was ` +
    `closed is ${toText(told)}, and the ledger holds ${toText(booked)}`;
  const causes = off.different.map((line) => (off.waiting.has(line) ? 'SET_RIGHT' : causeOf(line)));
  const unbooked = (rest: string) => ({ text: `${text}${rest}`, proposal: null });
  if (causes.includes('SET_RIGHT')) return unbooked(`: set right first what differs of ${symbol}, then import again`);
  if (causes.includes('LOOK')) return unbooked(`: look at eToro first for what differs of ${symbol}`);
  const rest = off.ordered.minus(booked);
  const isExplained = rest.abs().lte(off.tolerance);
  if (!isExplained || off.strays.length > 0) return unbooked(unexplained(off, isExplained ? null : rest));
  // It says how much cash there is: whatever is booked before it would be taken back by it.
  if (off.isProposed)
    return unbooked('; set right first what is said of other lines, then import again for the baseline');
  return baselineOf(off, text);
}

/**
 * Why nothing is proposed: a baseline of what nobody can explain would only hide it.
 * @param rest units that nothing explains; null where baselines that no trade explains come to none together
 */
function unexplained({ strays }: PositionOff, rest: Decimal | null): string {
  const why = strays
    .map(({ entryId, description }) => `; entry ${entryId} (${description}) set it within the period`)
    .join('');
  const later =
    strays.length === 0
      ? ''
      : '; if it took in a trade of an earlier date, reverse it with what it set of the cash, and take that trade in ' +
        'with --date that of the trade';
  const what = rest === null ? '' : `; of ${toText(rest.abs())} nothing tells why`;
  return `${what}${why}: find out at eToro before anything is booked${later}`;
}

/**
 * Sets the units right as they are now: a statement is of a time past, and what was traded since stays. Nothing does
 * where a company did something since, or somebody set them, for that changed what the difference is counted in: a
 * split that was booked before what was traded before it is taken back first, and booked again after that.
 * With the units goes what was paid for them, or they would be a gift: where the statement does not say that in the
 * currency of the account, nothing is proposed either. Several trades are taken in one after the other, each as of its
 * own date, so that a statement of any of them alone knows it again.
 */
function baselineOf(off: PositionOff, text: string): Pick<StatementLine, 'text' | 'proposal'> {
  const { symbol, booked, later, baseCurrency, unordered } = off;
  const moving = later.filter((entry) => !movedBy(entry, 'Assets:Units', symbol).isZero());
  const none = (rest: string) => ({ text: `${text}${rest}`, proposal: null });
  const inTheWay = changedBy(off, moving);
  // Of trades that came to nothing the split moved what it had to: it stays until one of them is taken in.
  if (inTheWay?.kind === 'SPLIT' && !off.told.eq(booked)) return takenBack(text, inTheWay);
  if (inTheWay && inTheWay.kind !== 'SPLIT')
    return none(
      `; entry ${inTheWay.entryId} (${inTheWay.description}) came after it: hold the units of now against eToro` +
        (inTheWay.kind === 'BASELINE' ? ', or import the statement that tells what it took in' : ''),
    );
  const now = moving.reduce((sum, entry) => sum.plus(movedBy(entry, 'Assets:Units', symbol)), booked);
  // What was sold of those that are not taken in yet waits for them: there is never less than none.
  const trade = unordered.find((each) => now.plus(unitsOf(each)).gte(0)) ?? unordered[0];
  if (trade === undefined) return none('');
  const date = trade.statement?.date ?? null;
  const units = now.plus(unitsOf(trade));
  const isBought = trade.kind === 'OPEN';
  const since =
    (moving.length === 0 ? '' : `; with what was booked since it would be ${toText(units)}`) +
    (unordered.length > 1 ? `; take them in one after the other, first that of ${date}` : '') +
    (isBought ? '' : '; of what was sold no profit or loss will be counted, for a baseline has none');
  if (units.lt(0)) return none(`${since}; that is less than none: ${lessThanNone(off.eveOf, moving)}`);
  const set = cashSetFor(trade, off);
  if (set)
    return none(
      `${since}; entry ${set.entryId} (${set.description}) set the cash of then by as much: reverse it, or what ` +
        'was paid would be counted twice, then import again and take it in whole',
    );
  const paid = paidFor(trade);
  if (paid === null)
    return none(
      `${since}; the statement does not say in ${baseCurrency} what was paid: read it at eToro, and set a baseline ` +
        `of --position ${symbol}=${toText(units)} with --cash and --cost` +
        (date === null ? '' : ` and --date ${date}`),
    );
  const cash = off.cash.minus(paid);
  if (cash.lt(0)) return none(`${since}; what was paid is more than the ledger's cash: set that right first`);
  // Of what was sold the pool's cost goes by itself.
  const cost = isBought && off.cost !== null ? off.cost.plus(paid) : null;
  const beside =
    isBought && cost === null
      ? `; ${paid.toFixed(2)} was paid, and nobody named a cost of what was held: --cost says that of both`
      : '';
  return {
    text: `${text}${since}${beside}`,
    proposal: {
      kind: 'SET_BASELINE',
      symbol,
      units: toText(units),
      cash: cash.toFixed(2),
      ...(cost !== null && { cost: cost.toFixed(2) }),
      ...(date !== null && { date }),
    },
  };
}

/** What set the cash alone on the date of a trade, by what that may have cost. */
const cashSetFor = (trade: StatementLine, { cashAlone, baseCurrency }: PositionOff): BookedEntry | undefined =>
  cashAlone.find(
    (entry) =>
      entry.effectiveDate === trade.statement?.date &&
      isPaid(costsOf([trade], D(0)), movedBy(entry, 'Assets:Cash', baseCurrency)),
  );

/** What comes first where there would be less than none: of before a split, what was booked after it. */
const lessThanNone = (eveOf: IsoDate | null, moving: readonly BookedEntry[]): string => {
  const after = moving.map(({ entryId, effectiveDate }) => `entry ${entryId} of ${effectiveDate}`).join(', ');
  return eveOf === null || after === ''
    ? 'set right first what is of before the period'
    : `reverse first what was booked after the split (${after}, with what it set of the cash), and book it anew after it`;
};

/** What came after and changed what units are counted in: of several what is not a split, else the last of them. */
function changedBy(off: PositionOff, moving: readonly BookedEntry[]): BookedEntry | undefined {
  const changed = moving.filter(
    (entry) => isOfCompany(entry.kind) || (entry.kind === 'BASELINE' && !off.isOfTrade(entry)),
  );
  return changed.find(({ kind }) => kind !== 'SPLIT') ?? changed.at(-1);
}

/** A split moved as many units as the ledger held before it, and what was traded then was not among them. */
const takenBack = (text: string, { entryId, description }: BookedEntry): Pick<StatementLine, 'text' | 'proposal'> => ({
  text:
    `${text}; entry ${entryId} (${description}) was reckoned without it: reverse it, then import again, and book it ` +
    'anew once what was traded before it is taken in',
  proposal: { kind: 'REVERSE_ENTRY', entryId },
});

/** Units that a trade moved; less than nothing where it sold. */
const unitsOf = ({ kind, statement }: StatementLine): Decimal =>
  D(statement?.units ?? 0).times(kind === 'OPEN' ? 1 : -1);

/** What a trade that no ticket ordered cost; less than nothing where it brought that; null where nobody says it. */
function paidFor({ kind, isEstimated, statement }: StatementLine): Decimal | null {
  if (isEstimated || !statement?.amount) return null;
  return D(statement.amount).times(kind === 'OPEN' ? 1 : -1);
}
