import { isOfCompany } from '../../ledger/sequence.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, toText, type Decimal } from '../../money.js';
import { movedBy } from './facts.js';
import type { StatementLine } from './line.js';

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
  /** When the last of what no ticket ordered happened, or was split since. */
  unorderedOn: string | null;
  tolerance: string;
  /** Lines of what happened in which both sides differ. */
  different: readonly StatementLine[];
  /** Those of trades that no ticket ordered, as they happened, and whether a split came after one of them. */
  unordered: readonly StatementLine[];
  isSplitSince: boolean;
  /** Standing entries of the period, and those from after it. */
  within: readonly BookedEntry[];
  later: readonly BookedEntry[];
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
  const { symbol, told, booked } = off;
  const text =
    `${symbol} at the end: what was opened less what was closed is ${toText(told)}, ` +
    `and the ledger holds ${toText(booked)}`;
  const causes = off.different.filter((line) => line.symbol === symbol).map(causeOf);
  const unbooked = (rest: string) => ({ text: `${text}${rest}`, proposal: null });
  if (causes.includes('SET_RIGHT')) return unbooked(`: set right first what differs of ${symbol}, then import again`);
  if (causes.includes('LOOK')) return unbooked(`: look at eToro first for what differs of ${symbol}`);
  const rest = off.ordered.minus(booked);
  if (rest.abs().gt(off.tolerance)) return unbooked(unexplained(off, rest));
  // It says how much cash there is: whatever is booked before it would be taken back by it.
  if (off.different.some(({ proposal }) => proposal !== null))
    return unbooked('; set right first what is proposed of other lines, then import again for the baseline');
  return baselineOf(off, text);
}

/** Why nothing is proposed: a baseline of what nobody can explain would only hide it. */
function unexplained({ symbol, within }: PositionOff, rest: Decimal): string {
  const set = within.filter((entry) => entry.kind === 'BASELINE' && !movedBy(entry, 'Assets:Units', symbol).isZero());
  const why = set
    .map(({ entryId, description }) => `; entry ${entryId} (${description}) set it within the period`)
    .join('');
  const later =
    set.length === 0
      ? ''
      : '; if it took in a trade of an earlier date, reverse it with what it set of the cash, and take that trade in ' +
        'with --date that of the trade';
  return `; of ${toText(rest.abs())} nothing tells why${why}: find out at eToro before anything is booked${later}`;
}

/**
 * Sets the units right as they are now: a statement is of a time past, and what was traded since stays. Nothing does
 * where a company did something since, or somebody set them, for that changed what the difference is counted in.
 * With the units goes what was paid for them, or they would be a gift: where the statement does not say that in the
 * currency of the account, nothing is proposed either. Several trades are taken in one after the other, each as of its
 * own date, so that a statement of any of them alone knows it again; but for what was split since, whose units of then
 * are those of now no more.
 */
function baselineOf(off: PositionOff, text: string): Pick<StatementLine, 'text' | 'proposal'> {
  const { symbol, booked, later, baseCurrency, unordered, isSplitSince } = off;
  const moving = later.filter((entry) => !movedBy(entry, 'Assets:Units', symbol).isZero());
  const [changed] = moving.filter(
    (entry) => isOfCompany(entry.kind) || (entry.kind === 'BASELINE' && !off.isOfTrade(entry)),
  );
  const none = (rest: string) => ({ text: `${text}${rest}`, proposal: null });
  if (changed)
    return none(
      `; entry ${changed.entryId} (${changed.description}) came after it: hold the units of now against eToro`,
    );
  const trades = isSplitSince ? unordered : unordered.slice(0, 1);
  const date = isSplitSince ? off.unorderedOn : (trades[0]?.statement?.date ?? null);
  const now = moving.reduce((sum, entry) => sum.plus(movedBy(entry, 'Assets:Units', symbol)), booked);
  const units = now.plus(isSplitSince || trades[0] === undefined ? off.told.minus(booked) : unitsOf(trades[0]));
  const since =
    (moving.length === 0 ? '' : `; with what was booked since it would be ${toText(units)}`) +
    (trades.length < unordered.length ? `; take them in one after the other, first that of ${date}` : '');
  if (units.lt(0)) return none(since);
  const paid = paidFor(trades);
  if (paid === null)
    return none(
      `${since}; the statement does not say in ${baseCurrency} what was paid: read it at eToro, and set a baseline ` +
        `of --position ${symbol}=${toText(units)} with --cash and --cost` +
        (date === null ? '' : ` and --date ${date}`),
    );
  const cash = off.cash.minus(paid.all);
  if (cash.lt(0)) return none(`${since}; what was paid is more than the ledger's cash: set that right first`);
  const cost = paid.isBoughtAlone && off.cost !== null ? off.cost.plus(paid.all) : null;
  const beside =
    paid.isBoughtAlone && cost === null
      ? `; ${paid.all.toFixed(2)} was paid, and nobody named a cost of what was held: --cost says that of both`
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

/** Units that a trade moved; less than nothing where it sold. */
const unitsOf = ({ kind, statement }: StatementLine): Decimal =>
  D(statement?.units ?? 0).times(kind === 'OPEN' ? 1 : -1);

/** Whether trades brought what they cost. */
export const isForNothing = (trades: readonly StatementLine[]): boolean => paidFor(trades)?.all.isZero() ?? false;

/** What trades of a symbol that no ticket ordered cost the account, less what they brought. */
interface PaidFor {
  all: Decimal;
  /** Of what was sold the pool's cost goes by itself. */
  isBoughtAlone: boolean;
}

/** Null where the statement does not say it in the account's currency. */
function paidFor(trades: readonly StatementLine[]): PaidFor | null {
  if (trades.some(({ isEstimated, statement }) => isEstimated || !statement?.amount)) return null;
  const all = trades.reduce(
    (sum, { kind, statement }) => sum.plus(D(statement?.amount ?? 0).times(kind === 'OPEN' ? 1 : -1)),
    D(0),
  );
  return { all, isBoughtAlone: trades.every(({ kind }) => kind === 'OPEN') };
}
