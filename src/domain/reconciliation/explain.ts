import { isSplitIn } from '../ledger/bookings/split.js';
import { openingDate, symbolsEverHeld, unitsBefore, type BookedEntry } from '../ledger/sums.js';
import { D, pennies, toText, type Decimal } from '../money.js';
import type { CorporateAction, DecimalString, LedgerState, TicketLine } from '../types.js';
import { arrivalsOf } from './arrivals.js';
import type { DriftLine } from './compare.js';
import { dividendCandidates } from './dividends.js';
import type { DriftContext } from './drift-context.js';
import { explainCash } from './explain-cash.js';
import { explainMoved, forgotten, isGone, unexplained, type Moved } from './explain-moved.js';
import { cashInLieuOf, delistedOf, proceedsOf } from './explain-proceeds.js';
import type { Explanation } from './proposal.js';
import { mayPayAtExDate } from './usual-rate.js';
import { oneDigitOff, slipOf, type Slip } from './slips.js';

/** Whether there is anything to explain: nothing explains drift against an empty ledger but that it is empty. */
export const isToExplain = (
  lines: readonly Pick<DriftLine, 'drift' | 'code'>[],
  { lastEntryId }: Pick<LedgerState, 'lastEntryId'>,
): boolean => lastEntryId !== null && lines.some(({ drift, code }) => code !== null || !D(drift).isZero());

/**
 * The symbols whose actions may explain it: those of the snapshot, and all that was ever held. What was sold on the
 * ex-date is held by neither side any more, and its dividend still comes.
 */
export function symbolsToExplain(
  positions: Readonly<Record<string, DecimalString>>,
  entries: readonly BookedEntry[],
): string[] {
  return [...new Set([...Object.keys(positions), ...symbolsEverHeld(entries)])];
}

/** Executed amounts differ from a ticket's reference price by market moves of the window; more is not that ticket. */
const FILL_SLACK = '0.05';

/**
 * Says what would explain the lines that are over their tolerance: slips of typing first, then splits and unconfirmed
 * fills for units, then for cash what is left: dividends, transfers, fees, interest. What nothing known explains is
 * said to be unexplained, and is to be read again. Of cash that drifts within its tolerance the dividends are told
 * that fit to the penny.
 */
export function explainDrift(lines: readonly DriftLine[], context: DriftContext): Explanation[] {
  const found = explainPositions(lines, context);
  const fills = mergeFills(found.flatMap((each) => each.fills));
  const others = found.flatMap(({ explanations }) => explanations);
  const slips = others.filter(({ kind, way }) => kind === 'SLIP' && way === undefined);
  const rest = others.filter((each) => !slips.includes(each));
  return [...slips, ...rest, ...fills, ...explainCashLine(lines, fills, found, context)];
}

/** What is left of the cash once the fills have theirs; nothing where proceeds of a position took it. */
function explainCashLine(
  lines: readonly DriftLine[],
  fills: readonly Explanation[],
  found: readonly UnitsFound[],
  context: DriftContext,
): Explanation[] {
  const line = lines.find(({ symbol }) => symbol === null);
  if (!line || found.some(({ takesCash }) => takesCash === true)) return [];
  const amounts = fills.map(({ cash }) => D(cash));
  const slack = amounts.reduce((sum, cash) => sum.plus(cash.abs()), D(0)).times(D(FILL_SLACK));
  const expected = amounts.reduce((sum, cash) => sum.plus(cash), D(0));
  if (line.code === null && fills.length > 0) return [];
  const drift = D(line.drift).minus(expected);
  const arrivals = fills.length > 0 ? [] : arrivalsOf(drift, context.earlier ?? [], context);
  const came = arrivals.map(({ amount, after: agreedOn, upTo: snapshotDate }) => ({
    amount,
    candidates: () => dividendCandidates({ ...context, agreedOn, snapshotDate }),
  }));
  return explainCash({ amount: drift, candidates: () => dividendCandidates(context) }, came, {
    baseCurrency: context.baseCurrency,
    snapshotDate: context.snapshotDate,
    ledger: line.ledger,
    snapshot: line.snapshot,
    slack,
    tolerance: D(context.cashTolerance),
    atExDate: () => mayPayAtExDate(context),
  });
}

interface FillFound {
  ticketId: string;
  line: TicketLine;
  cash: Decimal;
}

interface UnitsFound {
  explanations: Explanation[];
  fills: FillFound[];
  /** Set where the cash that drifts is explained with it. */
  takesCash?: boolean;
  /** Set where the position was not given and nothing says why. */
  isForgotten?: boolean;
}

const only = (...explanations: Explanation[]): UnitsFound => ({ explanations, fills: [] });

/** Explains the lines of positions: those typed for one another, those forgotten, then one by one. */
function explainPositions(lines: readonly DriftLine[], context: DriftContext): UnitsFound[] {
  const cash = lines.find(({ symbol }) => symbol === null);
  const positions = lines.filter(({ symbol, code }) => symbol !== null && code !== null);
  // Units that a ticket explains were traded, whatever they are called.
  const others = positions.filter(({ symbol, drift }) => findFill(symbol as string, D(drift), context) === null);
  const moved = explainMoved(others, lines, context);
  const done = new Set(moved.flatMap((each) => each.lines));
  const single = positions.filter((line) => !done.has(line));
  const found = single.map((line) => ({ line, ...explainUnits(line, cash, context) }));
  const missing = found.filter(({ isForgotten }) => isForgotten === true).map(({ line }) => line);
  // Where every position is missing there is one cause, and one sentence for it.
  const all = missing.length > 0 && lines.every(({ symbol, snapshot }) => symbol === null || D(snapshot).isZero());
  const together = missing.length > 0 ? [only(forgotten(missing, all && missing.length > 1, context))] : [];
  return [
    ...moved.map(({ explanations, takesCash = false }: Moved) => ({ ...only(...explanations), takesCash })),
    ...together,
    ...found.filter(({ isForgotten }) => isForgotten !== true),
  ];
}

function explainUnits(line: DriftLine, cash: DriftLine | undefined, context: DriftContext): UnitsFound {
  const symbol = line.symbol as string;
  const drift = D(line.drift);
  const splits = pendingSplits(symbol, context);
  for (const split of [null, ...splits]) {
    const added = split === null ? D(0) : splitUnits(split, context);
    const known = split === null ? [] : [splitExplanation(split)];
    const left = drift.minus(added);
    const fill = findFill(symbol, left, context);
    if (left.abs().lte(D(context.unitsTolerance)) || fill !== null)
      return { explanations: known, fills: fill === null ? [] : [fill] };
    const paid = cashInLieuOf({ symbol, left: toText(left), has: toText(D(line.ledger).plus(added)) }, cash, context);
    if (paid) return { ...only(...known, paid), takesCash: true };
  }
  return explainAlone(symbol, line, cash, context);
}

/** A line that nothing known explains: a slip, a position that was paid out or forgotten, a split nobody told of. */
function explainAlone(symbol: string, line: DriftLine, cash: DriftLine | undefined, context: DriftContext): UnitsFound {
  const paid = proceedsOf(line, cash, context);
  if (paid) return { ...only(...paid), takesCash: true };
  const delisted = delistedOf(line, cash, context);
  if (delisted) return { ...only(...delisted.explanations), takesCash: delisted.takesCash };
  if (isGone(line)) return { explanations: [], fills: [], isForgotten: true };
  const slip = slipOf(line.snapshot, line.ledger);
  const split = untoldSplit(symbol, line, cash, context);
  const weak = slip ?? oneDigitOff(line.snapshot, line.ledger);
  // One digit off is chance where the whole number of a split fits; where parts of one do, either may be.
  const read = split && wholeTerms(line).some((terms) => fits(line, terms, context)) ? slip : weak;
  if (read !== null && split) {
    const way = (number: number) => ({ drift: symbol, number, of: 2 });
    return only({ ...mistyped(symbol, line, read, context), way: way(1) }, { ...split, way: way(2) });
  }
  if (split) return only(split);
  return only(weak === null ? unexplained(symbol, line, context) : mistyped(symbol, line, weak, context));
}

/** Splits since the ledger was opened (its opening has the earlier ones in it) that nobody has booked. */
const pendingSplits = (symbol: string, context: DriftContext): CorporateAction[] =>
  context.actions
    .filter((action) => action.kind === 'SPLIT' && action.symbol === symbol && action.exDate <= context.snapshotDate)
    .filter((action) => action.exDate >= (openingDate(context.entries) ?? ''))
    .filter((action) => !isSplitIn(context.entries, symbol, action.exDate));

const splitUnits = (split: CorporateAction, { entries }: DriftContext): Decimal =>
  unitsBefore(entries, split.symbol, split.exDate).times(D(split.value).minus(1)).toDecimalPlaces(6);

const splitExplanation = ({ symbol, exDate, value }: CorporateAction): Explanation => ({
  kind: 'SPLIT',
  subject: symbol,
  cash: '0',
  text: `${symbol} split ${value} for 1 on ${exDate}, not booked yet`,
  proposal: { kind: 'BOOK_SPLIT', symbol, exDate, ratio: value, published: true },
});

interface Terms {
  /** New shares for so many old ones. */
  news: number;
  olds: number;
}

/** Beside whole numbers companies split in these. */
const PARTS: readonly Terms[] = [
  { news: 3, olds: 2 },
  { news: 4, olds: 3 },
  { news: 5, olds: 4 },
];
const WHOLE_MAX = 30;

/** A ratio that no source has told, but that a split would leave behind: 2 to 30 for 1, or 1 for 2 to 30. */
function wholeTerms({ ledger, snapshot }: DriftLine): Terms[] {
  const [has, shows] = [D(ledger), D(snapshot)];
  const times = (shows.gt(has) ? shows.div(has) : has.div(shows)).toDecimalPlaces(0).toNumber();
  if (times < 2 || times > WHOLE_MAX) return [];
  return [shows.gt(has) ? { news: times, olds: 1 } : { news: 1, olds: times }];
}

const fits = ({ ledger, snapshot }: DriftLine, { news, olds }: Terms, { unitsTolerance }: DriftContext): boolean =>
  D(ledger).times(news).div(olds).minus(D(snapshot)).abs().lte(D(unitsTolerance));

/**
 * The split that would leave behind what the broker shows, told by nobody. One in parts only where no cash drifts and
 * no ticket of it is open: half as many units again may have been bought.
 */
function untoldSplit(
  symbol: string,
  line: DriftLine,
  cash: DriftLine | undefined,
  context: DriftContext,
): Explanation | null {
  if (!D(line.ledger).gt(0) || !D(line.snapshot).gt(0)) return null;
  const ordered = context.openTickets.some(({ lines }) => lines.some((ticketLine) => ticketLine.symbol === symbol));
  const parts = (cash?.code ?? null) === null && !ordered ? PARTS : [];
  const terms = [...wholeTerms(line), ...parts].find((each) => fits(line, each, context));
  return terms === undefined ? null : looksSplit(symbol, terms, context);
}

function looksSplit(symbol: string, { news, olds }: Terms, context: DriftContext): Explanation {
  const exDate = context.snapshotDate;
  const ratio = olds === 1 ? String(news) : `${news}/${olds}`;
  const looks = `${symbol} looks split ${news} for ${olds}, but no source has told of it`;
  const guess = { kind: 'SPLIT', subject: symbol, cash: '0' } as const;
  return exDate > context.asOfDate
    ? {
        ...guess,
        text:
          `${looks}: if eToro dates it ${exDate}, wait for the prices of that day, which the next session has; ` +
          `if earlier, book it with its own ex-date and the ratio ${ratio}`,
        proposal: null,
      }
    : {
        ...guess,
        text: `${looks}: look at eToro before booking it`,
        proposal: { kind: 'BOOK_SPLIT', symbol, exDate, ratio, published: false },
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

const mistyped = (symbol: string, line: DriftLine, slip: Slip, { snapshotDate }: DriftContext): Explanation => ({
  kind: 'SLIP',
  subject: symbol,
  cash: '0',
  text: `read ${symbol} again: ${line.snapshot} was given and the ledger has ${line.ledger}: ${slip}?`,
  proposal: { kind: 'READ_AGAIN', symbols: [symbol], likely: { symbol, figure: line.ledger }, snapshotDate },
});
