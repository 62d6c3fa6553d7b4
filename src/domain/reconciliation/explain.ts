import { dividendAmounts } from '../ledger/entries.js';
import { bookedUnder, dividendKey, splitKey } from '../ledger/keys.js';
import { openingDate, unitsBefore, type BookedEntry } from '../ledger/sums.js';
import { D, pennies, toText, type Decimal } from '../money.js';
import type { CorporateAction, DecimalString, IsoDate, TicketLine } from '../types.js';
import { explainCash, type DividendCandidate } from './explain-cash.js';
import type { DriftLine } from './compare.js';
import type { Explanation } from './proposal.js';

export interface DriftContext {
  baseCurrency: string;
  snapshotDate: IsoDate;
  /** Date of the prices that today's ticket is made from. */
  asOfDate: IsoDate;
  /** The ledger's journal, in booking order. */
  entries: readonly BookedEntry[];
  /** Splits and dividends as ruled, none that is still held for review. */
  actions: readonly CorporateAction[];
  /** Listing currency for one of base on a date: the newest rate up to it; null when there is none. */
  fxOn(currency: string, date: IsoDate): DecimalString | null;
  /** Issued TRADE tickets that nobody has confirmed and that book to the ledger. */
  openTickets: readonly { ticketId: string; lines: readonly TicketLine[]; fx: DecimalString }[];
  cashTolerance: DecimalString;
  unitsTolerance: DecimalString;
}

/** Dividends are paid up to some weeks after the ex-date; older ones are not offered. */
const DIVIDEND_DAYS = 100;
/** Executed amounts differ from a ticket's reference price by market moves of the window; more is not that ticket. */
const FILL_SLACK = '0.05';

/**
 * Says what would explain the lines that are over their tolerance: splits and unconfirmed fills for units, then
 * dividends and transfers for the cash that is left. What nothing known explains is said to be unexplained.
 */
export function explainDrift(lines: readonly DriftLine[], context: DriftContext): Explanation[] {
  const units = lines
    .filter((line) => line.symbol !== null && line.code !== null)
    .flatMap((line) => explainUnits(line, context));
  const fills = mergeFills(units.flatMap((found) => found.fills));
  const cashLine = lines.find((line) => line.symbol === null && line.code !== null);
  const others = units.flatMap((found) => found.explanations);
  if (!cashLine) return [...others, ...fills];
  const expected = fills.reduce((sum, fill) => sum.plus(D(fill.cash)), D(0));
  const slack = fills
    .reduce((sum, fill) => sum.plus(D(fill.cash).abs()), D(0))
    .times(D(FILL_SLACK))
    .plus(D(context.cashTolerance));
  return [
    ...others,
    ...fills,
    ...explainCash(D(cashLine.drift).minus(expected), slack, dividendCandidates(context), context),
  ];
}

interface FillFound {
  ticketId: string;
  line: TicketLine;
  cash: Decimal;
}

interface UnitsFound {
  explanations: Explanation[];
  fills: FillFound[];
}

function explainUnits(line: DriftLine, context: DriftContext): UnitsFound {
  const symbol = line.symbol as string;
  const drift = D(line.drift);
  if (!line.inUniverse) return { explanations: [notInUniverse(symbol, line)], fills: [] };
  const splits = pendingSplits(symbol, context);
  for (const split of [null, ...splits]) {
    const added = split === null ? D(0) : splitUnits(split, context);
    const left = drift.minus(added);
    const fill = findFill(symbol, left, context);
    const explained = left.abs().lte(D(context.unitsTolerance)) || fill !== null;
    if (explained) {
      return { explanations: split === null ? [] : [splitExplanation(split)], fills: fill === null ? [] : [fill] };
    }
  }
  return { explanations: [wholeRatio(symbol, line, context) ?? unexplained(symbol, line)], fills: [] };
}

/** Splits since the ledger was opened (its opening has the earlier ones in it) that nobody has booked. */
const pendingSplits = (symbol: string, context: DriftContext): CorporateAction[] =>
  context.actions
    .filter((action) => action.kind === 'SPLIT' && action.symbol === symbol && action.exDate <= context.snapshotDate)
    .filter((action) => action.exDate >= (openingDate(context.entries) ?? ''))
    .filter((action) => bookedUnder(context.entries, splitKey(symbol, action.exDate)) === undefined);

const splitUnits = (split: CorporateAction, { entries }: DriftContext): Decimal =>
  unitsBefore(entries, split.symbol, split.exDate).times(D(split.value).minus(1)).toDecimalPlaces(6);

const splitExplanation = ({ symbol, exDate, value }: CorporateAction): Explanation => ({
  kind: 'SPLIT',
  subject: symbol,
  cash: '0',
  text: `${symbol} split ${value} for 1 on ${exDate}, not booked yet`,
  proposal: { kind: 'BOOK_SPLIT', symbol, exDate, ratio: value, published: true },
});

/** A ratio that no source has told, but that a split would leave behind: 2 to 30 for 1, or 1 for 2 to 30. */
function wholeRatio(symbol: string, line: DriftLine, context: DriftContext): Explanation | null {
  const [ledger, snapshot] = [D(line.ledger), D(line.snapshot)];
  if (!ledger.gt(0) || !snapshot.gt(0)) return null;
  const up = snapshot.gt(ledger);
  const times = (up ? snapshot.div(ledger) : ledger.div(snapshot)).toDecimalPlaces(0);
  const there = up ? ledger.times(times) : ledger.div(times);
  if (times.lt(2) || times.gt(30) || there.minus(snapshot).abs().gt(D(context.unitsTolerance))) return null;
  const exDate = context.snapshotDate;
  const looks = `${symbol} looks split ${up ? `${times} for 1` : `1 for ${times}`}, but no source has told of it`;
  const guess = { kind: 'SPLIT', subject: symbol, cash: '0' } as const;
  return exDate > context.asOfDate
    ? {
        ...guess,
        text: `${looks}: wait for the prices of ${exDate}, which the next session has; a split is never booked before them`,
        proposal: null,
      }
    : {
        ...guess,
        text: `${looks}: look at eToro before booking it`,
        proposal: {
          kind: 'BOOK_SPLIT',
          symbol,
          exDate,
          ratio: up ? toText(times) : `1/${toText(times)}`,
          published: false,
        },
      };
}

function findFill(symbol: string, drift: Decimal, context: DriftContext): FillFound | null {
  for (const ticket of context.openTickets) {
    for (const line of ticket.lines.filter((candidate) => candidate.symbol === symbol)) {
      const price = D(line.referencePrice).div(D(ticket.fx));
      const expected = line.side === 'BUY' ? D(line.valueBase ?? '0').div(price) : D(line.units ?? '0').neg();
      const within = drift.abs().lte(expected.abs().times(D(FILL_SLACK).plus(1)));
      if (!drift.isZero() && drift.isNegative() === expected.isNegative() && within) {
        return { ticketId: ticket.ticketId, line, cash: pennies(drift.times(price).neg()) };
      }
    }
  }
  return null;
}

function mergeFills(found: FillFound[]): Explanation[] {
  const tickets = [...new Set(found.map((fill) => fill.ticketId))];
  return tickets.map((ticketId) => {
    const fills = found.filter((fill) => fill.ticketId === ticketId);
    const words = fills.map(({ line }) => `line ${line.sequence} ${line.side} ${line.symbol}`).join(', ');
    const cash = fills.reduce((sum, fill) => sum.plus(fill.cash), D(0));
    return {
      kind: 'FILLS',
      subject: ticketId,
      cash: toText(cash),
      text: `ticket ${ticketId} was executed but not confirmed: ${words}`,
      proposal: { kind: 'CONFIRM_FILLS', ticketId, sequences: fills.map(({ line }) => line.sequence) },
    };
  });
}

const notInUniverse = (symbol: string, line: DriftLine): Explanation => ({
  kind: 'UNEXPLAINED',
  subject: symbol,
  cash: '0',
  proposal: { kind: 'CHECK_UNIVERSE', symbol },
  text: `${symbol} (${line.snapshot}) is not in the universe: correct the symbol, or add its row to universe.csv and reconcile again`,
});

const unexplained = (symbol: string, line: DriftLine): Explanation => ({
  kind: 'UNEXPLAINED',
  subject: symbol,
  cash: '0',
  proposal: { kind: 'SET_BASELINE', symbol, units: line.snapshot },
  text: `nothing known explains ${symbol}: ${line.drift}. Read eToro again; if it is right and you know why, set the baseline with a reason`,
});

/** Dividends that have gone ex, of units that were held, and that nobody has booked; newest first. */
function dividendCandidates(context: DriftContext): DividendCandidate[] {
  const earliest = new Date(Date.parse(`${context.snapshotDate}T00:00:00Z`) - DIVIDEND_DAYS * 86_400_000)
    .toISOString()
    .slice(0, 10);
  return context.actions
    .filter(
      (action) => action.kind === 'DIVIDEND' && action.exDate <= context.snapshotDate && action.exDate >= earliest,
    )
    .filter((action) => bookedUnder(context.entries, dividendKey(action.symbol, action.exDate)) === undefined)
    .toSorted((a, b) => (a.exDate === b.exDate ? (a.symbol < b.symbol ? -1 : 1) : a.exDate < b.exDate ? 1 : -1))
    .flatMap((action) => dividendCandidate(action, context));
}

function dividendCandidate(
  action: CorporateAction,
  { entries, fxOn, baseCurrency }: DriftContext,
): DividendCandidate[] {
  const units = unitsBefore(entries, action.symbol, action.exDate);
  const fx = action.currency === null || action.currency === baseCurrency ? '1' : fxOn(action.currency, action.exDate);
  if (!units.gt(0) || fx === null) return [];
  const { gross, net } = dividendAmounts({ units: toText(units), amount: action.value, fx });
  return gross.gt(0) ? [{ action, units, fx, gross, net }] : [];
}
