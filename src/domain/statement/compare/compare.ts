import { dayNumber } from '../../dates.js';
import { standingEntries, sumsOf, type BookedEntry } from '../../ledger/sums.js';
import { D } from '../../money.js';
import type { Statement, StatementEvent } from '../statement.js';
import { cashLine, explainCash } from './cash.js';
import { leaveApart, receivedOf, type Received } from './dividends-back.js';
import { compareDividends } from './dividends.js';
import { rowDaysOf, settleEdges } from './edges.js';
import { besidePeriod, isSplitByAnother, movedBy, type LedgerFacts } from './facts.js';
import { compareSplits, takenFromLedger, inUnitsOfEnd, splitsWaiting, unorderedUnits, type Happened } from './held.js';
import type { StatementComparison, StatementLine } from './line.js';
import { matchAlike, movementsOf, settleRest } from './movements.js';
import { comparePositions, isOfTradeBeside } from './positions.js';
import { setTogether } from './paid.js';
import { groupsOf } from './split-rows.js';
import { isTakenIn, takeIn } from './taken-in.js';
import { compareTrades } from './trades.js';
import { settledWindow, windowOf, type Window } from './window.js';
import { isWithin, withoutUntold, worthsOf, type Worths } from './worth.js';

/**
 * Holds a statement against the ledger: each open and close, each dividend with what was withheld, each fee, deposit
 * and withdrawal, the splits, what is held at the end and the cash there. What differs comes with a proposal where one
 * would set it right; nothing is booked.
 * @throws OpsError STATEMENT_BEFORE_LEDGER
 */
export function compareStatement(statement: Statement, facts: LedgerFacts): StatementComparison {
  const figures = worthsOf(statement, facts);
  const window = windowOf(statement, facts, figures);
  const { baseCurrency } = facts;
  const carried = sumsOf(window.carried, 'Assets:Cash').get(baseCurrency) ?? D(0);
  const worths = withoutUntold(statement, figures, { baseCurrency, carried });
  const { happened, splits, companies } = whatHappened(statement, window, facts, worths);
  const first = [...happened.lines, ...splits.lines];
  const isTold = new Set(first.flatMap(({ statement, entryIds }) => (statement === null ? [] : entryIds)));
  const settled = { ...window, ...settledWindow(window, isTold) };
  const cameOf = (left: readonly StatementLine[]) =>
    unorderedUnits(settled, companies, [...left, ...splits.lines].filter(isDifferent));
  const taken = takeIn(happened.lines, cameOf, {
    within: settled.entries,
    later: besidePeriod(facts, settled.entries).filter(
      (entry) => entry.effectiveDate > window.to && !isOfTradeBeside(entry, entry.symbol ?? '', facts.tradesBeside),
    ),
    setWith: setTogether(facts.entries, facts.baseCurrency),
    unitsOf: inUnitsOfEnd(companies),
  });
  const cash = cashLine(statement, settled, facts);
  const isCashSame = cash !== null && !isDifferent(cash);
  const settledFees = awaitTrades(feesTakenIn(taken, window.events, isCashSame), window.events);
  const told = [...settledFees.toSorted(byTime), ...splits.lines];
  const different = told.filter(isDifferent);
  const waiting = splitsWaiting(splits.lines, told, settled.entries, facts);
  const takenIn = new Set(told.filter(isTakenIn).flatMap(({ entryIds }) => entryIds));
  const whole = { ...settled, happened: companies, different, waiting, takenIn };
  const rest = [...told.map((line) => waiting.get(line) ?? line), ...comparePositions(window.to, whole, facts)];
  const isCashAlone = cash !== null && isDifferent(cash) && !rest.some(isDifferent);
  const last = isCashAlone ? explainCash(cash, statement, settled, facts) : cash;
  const lines = [...rest, ...(last === null ? [] : [last])];
  return {
    status: lines.some(({ difference }) => difference !== null) ? 'DIFFERS' : 'AGREES',
    baseCurrency: facts.baseCurrency,
    from: window.from,
    to: window.to,
    before: window.before,
    lastEntryId: facts.entries.at(-1)?.entryId ?? null,
    lines,
    notes: [
      ...window.notes,
      ...happened.notes,
      ...splits.notes,
      ...companies.notes,
      ...notesOf(statement, facts, { lines, entries: settled.entries }),
    ],
  };
}

/** Lines and what cannot be told of a part of what happened. */
type Settled = ReturnType<typeof settleEdges>;

/** What either side tells of trades, cash and dividends, and of splits; what is at the edges is settled. */
function whatHappened(
  statement: Statement,
  window: Window,
  facts: LedgerFacts,
  worths: Worths,
): { happened: Settled; splits: Settled; companies: ReturnType<typeof compareSplits> } {
  const received = dividendsOf(window, facts, worths);
  const movements = movementsOf(window, received.alone, facts, worths);
  const alike = matchAlike(movements);
  const fees = movements.told.filter(({ kind }) => kind === 'FEE').map(({ event }) => event);
  const trades = compareTrades(window, facts, worths, fees);
  const unbooked = new Set(movements.told.map(({ event }) => event));
  const back = { ...received, alone: received.alone.filter((row) => unbooked.has(row)) };
  const dividends = compareDividends(window, back, facts, worths);
  movements.told = movements.told.filter(
    ({ event }) => !trades.feesWithin.has(event) && !dividends.toldBack.has(event),
  );
  const unlike = settleRest(movements);
  const atEdges = {
    ...window,
    spans: [{ from: statement.from, until: window.period.until }, ...facts.others],
    toldBeside: new Set([...trades.elsewhere, ...movements.elsewhere, ...dividends.elsewhere]),
  };
  const companies = compareSplits(window, facts);
  return {
    happened: settleEdges([...trades.lines, ...dividends.lines, ...alike, ...unlike], atEdges),
    splits: settleEdges(companies.lines, { ...atEdges, toldBeside: splitsBeside(companies, facts) }),
    companies,
  };
}

/** The dividends, each that was taken back with its payment where the ledger is to have neither. */
function dividendsOf({ events, entries }: Window, facts: LedgerFacts, worths: Worths): Received {
  const isBookedBack = (row: StatementEvent) => (entry: BookedEntry) => {
    const net = worths.ofCash(row);
    return (
      entry.kind === 'FEE' &&
      entry.effectiveDate === row.date &&
      net !== null &&
      isWithin(net, movedBy(entry, 'Assets:Cash', facts.baseCurrency).abs())
    );
  };
  return leaveApart(receivedOf(events), ({ rows, paidBy }) =>
    rows.some((row, index) => {
      const payment = paidBy[index] as StatementEvent;
      return isSplitByAnother(payment.at, row.at, facts) || entries.some(isBookedBack(row));
    }),
  );
}

/** Splits of which another statement has rows, as many days from them as those may be: the nearest one of each. */
function splitsBeside({ splits }: Pick<Happened, 'splits'>, { entries, toldBeside }: LedgerFacts): Set<BookedEntry> {
  const own = new Set(splits.map(({ entry }) => entry));
  const free = new Set(standingEntries(entries).filter((entry) => entry.kind === 'SPLIT' && !own.has(entry)));
  const found = new Set<BookedEntry>();
  for (const [row] of groupsOf(toldBeside.filter(({ kind }) => kind === 'SPLIT'))) {
    const apart = ({ effectiveDate }: BookedEntry) => Math.abs(dayNumber(row.date) - dayNumber(effectiveDate));
    const near = [...free].filter((entry) => entry.symbol === row.symbol && apart(entry) <= rowDaysOf(entry.kind));
    const [nearest] = near.toSorted((a, b) => apart(a) - apart(b));
    if (nearest === undefined) continue;
    free.delete(nearest);
    found.add(nearest);
  }
  return found;
}

const isDifferent = ({ difference }: StatementLine): boolean => difference !== null;

/** Finds the line of the trade that a row of a fee is of, among some. */
function tradeFinder(lines: readonly StatementLine[], events: readonly StatementEvent[]) {
  const byRow = new Map(events.map((event) => [event.row, event]));
  const keyOf = (row: number) => `${byRow.get(row)?.positionId} ${byRow.get(row)?.at}`;
  const found = new Map(lines.flatMap((line) => line.rows.map((row) => [keyOf(row), line])));
  return ({ kind, difference, rows }: StatementLine): StatementLine | undefined =>
    kind === 'FEE' && difference === 'MISSING_IN_LEDGER'
      ? rows.flatMap((row) => found.get(keyOf(row)) ?? [])[0]
      : undefined;
}

/** The fee of a trade that a baseline took in is within it where the cash at the end is the same without it. */
function feesTakenIn(
  lines: readonly StatementLine[],
  events: readonly StatementEvent[],
  isCashSame: boolean,
): StatementLine[] {
  const tradeOf = tradeFinder(lines.filter(isTakenIn), events);
  return lines.map((line) => {
    const trade = isCashSame ? tradeOf(line) : undefined;
    if (trade === undefined) return line;
    const [what = ''] = line.text.split(': ');
    const { entryIds } = trade;
    return { ...line, difference: null, proposal: null, entryIds, text: `${what}: taken in with its trade` };
  });
}

/**
 * Leaves a fee to its trade where that differs: the fill's value may have it within, and whoever booked both would book
 * it twice.
 */
function awaitTrades(lines: readonly StatementLine[], events: readonly StatementEvent[]): StatementLine[] {
  const isTrade = ({ kind, difference }: StatementLine) => (kind === 'OPEN' || kind === 'CLOSE') && difference !== null;
  const tradeOf = tradeFinder(lines.filter(isTrade), events);
  return lines.map((line) => {
    const trade = tradeOf(line);
    if (trade === undefined) return line;
    const first = trade.proposal?.kind === 'CONFIRM_FILLS' ? 'confirm its trade first' : 'its trade comes first';
    return {
      ...line,
      proposal: null,
      text: `${line.text}; ${first}, whose value may have it within, then import again`,
    };
  });
}

const timeOf = ({ statement, ledger }: StatementLine): string => statement?.date ?? ledger?.date ?? '';
const byTime = (a: StatementLine, b: StatementLine): number =>
  timeOf(a) === timeOf(b) ? (a.rows[0] ?? Infinity) - (b.rows[0] ?? Infinity) || 0 : timeOf(a) < timeOf(b) ? -1 : 1;

function notesOf(
  { currency, unused, events }: Statement,
  { baseCurrency }: LedgerFacts,
  { lines, entries }: { lines: readonly StatementLine[]; entries: readonly BookedEntry[] },
): string[] {
  const estimated = lines.filter(({ isEstimated, statement }) => isEstimated && statement !== null).length;
  const unknown = lines.filter(({ statement, kind }) => statement?.amount === null && !OF_UNITS.includes(kind)).length;
  const named = new Set(lines.flatMap(({ entryIds }) => entryIds));
  const figures = entries.filter(({ kind, entryId }) => kind === 'BASELINE' && !named.has(entryId));
  return [
    ...(currency === baseCurrency
      ? []
      : [
          `The statement is in ${currency} and the account in ${baseCurrency}: the cash at the end cannot be compared.`,
          ...figures.map(takenFromLedger),
        ]),
    ...(estimated > 0
      ? [
          `Of ${estimated} lines the statement does not say the amount in ${baseCurrency}: ` +
            `it was worked out at the rate of the day, and may be 3 % off.`,
        ]
      : []),
    ...(unknown > 0 ? [`Of ${unknown} lines nothing says the amount in ${baseCurrency}: it was not compared.`] : []),
    ...(events.length === 0 ? ['The statement has no activity.'] : []),
    ...(unused.length > 0 ? [`Not used, for they prove nothing of the period: ${unused.join(', ')}.`] : []),
  ];
}

const OF_UNITS: readonly StatementLine['kind'][] = ['SPLIT', 'POSITION'];
