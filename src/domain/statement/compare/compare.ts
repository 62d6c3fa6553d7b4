import { sumsOf } from '../../ledger/sums.js';
import { D, pennies } from '../../money.js';
import type { Statement, StatementEvent } from '../statement.js';
import { compareDividends } from './dividends.js';
import { settleEdges } from './edges.js';
import type { LedgerFacts } from './facts.js';
import { comparePositions, compareSplits } from './held.js';
import { lineOf, type StatementComparison, type StatementLine } from './line.js';
import { matchAlike, movementsOf, settleRest } from './movements.js';
import { compareTrades } from './trades.js';
import { settledWindow, windowOf, type Window } from './window.js';
import { worthsOf } from './worth.js';

/**
 * Holds a statement against the ledger: each open and close, each dividend with what was withheld, each fee, deposit
 * and withdrawal, the splits, what is held at the end and the cash there. What differs comes with a proposal where one
 * would set it right; nothing is booked.
 * @throws OpsError STATEMENT_BEFORE_LEDGER
 */
export function compareStatement(statement: Statement, facts: LedgerFacts): StatementComparison {
  const worths = worthsOf(statement, facts);
  const window = windowOf(statement, facts, worths);
  const movements = movementsOf(window, facts, worths);
  const alike = matchAlike(movements);
  const fees = movements.told.filter(({ kind }) => kind === 'FEE').map(({ event }) => event);
  const trades = compareTrades(window, facts, worths, fees);
  movements.told = movements.told.filter(({ event }) => !trades.feesWithin.has(event));
  const happened = settleEdges(
    [...trades.lines, ...compareDividends(window, facts, worths), ...alike, ...settleRest(movements)],
    window,
  );
  const companies = compareSplits(window, facts);
  const splits = settleEdges(companies.lines, window);
  const told = [...awaitTrades(happened.lines, window.events).toSorted(byTime), ...splits.lines];
  const isTold = new Set(told.flatMap(({ statement, entryIds }) => (statement === null ? [] : entryIds)));
  const settled = { ...window, ...settledWindow(window, isTold) };
  const different = told.filter(({ difference }) => difference !== null);
  const lines = [
    ...told,
    ...comparePositions(settled, facts, companies, different),
    ...cashLines(statement, settled, facts),
  ];
  return {
    status: lines.some(({ difference }) => difference !== null) ? 'DIFFERS' : 'AGREES',
    baseCurrency: facts.baseCurrency,
    from: window.from,
    to: window.to,
    before: window.before,
    lastEntryId: facts.entries.at(-1)?.entryId ?? null,
    lines,
    notes: [...happened.notes, ...splits.notes, ...companies.notes, ...notesOf(statement, facts, lines)],
  };
}

/**
 * Leaves a fee to its trade where that differs: the fill's value may have it within, and whoever booked both would book
 * it twice.
 */
function awaitTrades(lines: readonly StatementLine[], events: readonly StatementEvent[]): StatementLine[] {
  const byRow = new Map(events.map((event) => [event.row, event]));
  const keyOf = (row: number) => `${byRow.get(row)?.positionId} ${byRow.get(row)?.at}`;
  const isTrade = ({ kind, difference }: StatementLine) => (kind === 'OPEN' || kind === 'CLOSE') && difference !== null;
  const differing = new Map(lines.filter(isTrade).flatMap((line) => line.rows.map((row) => [keyOf(row), line])));
  return lines.map((line) => {
    const trade =
      line.kind === 'FEE' && line.difference === 'MISSING_IN_LEDGER'
        ? line.rows.map(keyOf).flatMap((key) => differing.get(key) ?? [])[0]
        : undefined;
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

/** The cash at the end, to the penny, where both sides are in one currency: a balance is never converted. */
function cashLines(
  { currency, cash }: Statement,
  window: Pick<Window, 'carried' | 'entries' | 'to'>,
  { baseCurrency }: LedgerFacts,
): StatementLine[] {
  if (currency !== baseCurrency || cash.after === null) return [];
  const booked = pennies(sumsOf([...window.carried, ...window.entries], 'Assets:Cash').get(baseCurrency) ?? D(0));
  const told = pennies(D(cash.after));
  const isSame = told.eq(booked);
  const side = (amount: string) => ({ date: window.to, units: null, amount, tax: null });
  const said = isSame ? 'the ledger has the same' : `the ledger has ${booked.toFixed(2)}`;
  return [
    lineOf({
      kind: 'CASH',
      difference: isSame ? null : 'CASH_DIFFERS',
      statement: side(told.toFixed(2)),
      ledger: side(booked.toFixed(2)),
      text: `cash at the end ${told.toFixed(2)}: ${said}`,
    }),
  ];
}

function notesOf(
  { currency, unused, events }: Statement,
  { baseCurrency }: LedgerFacts,
  lines: readonly StatementLine[],
): string[] {
  const estimated = lines.filter(({ isEstimated, statement }) => isEstimated && statement !== null).length;
  const unknown = lines.filter(({ statement, kind }) => statement?.amount === null && !OF_UNITS.includes(kind)).length;
  return [
    ...(currency === baseCurrency
      ? []
      : [
          `The statement is in ${currency} and the account in ${baseCurrency}: the cash at the end cannot be compared.`,
        ]),
    ...(estimated > 0
      ? [
          `Of ${estimated} lines the statement does not say the amount in ${baseCurrency}: ` +
            `it was worked out at the rate of the day, and may be 3 % off.`,
        ]
      : []),
    ...(unknown > 0 ? [`Of ${unknown} lines no rate is known: their amounts were not compared.`] : []),
    ...(events.length === 0 ? ['The statement has no activity.'] : []),
    ...(unused.length > 0 ? [`Not used, for they prove nothing of the period: ${unused.join(', ')}.`] : []),
  ];
}

const OF_UNITS: readonly StatementLine['kind'][] = ['SPLIT', 'POSITION'];
