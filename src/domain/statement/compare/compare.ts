import { sumsOf } from '../../ledger/sums.js';
import { D } from '../../money.js';
import type { Statement } from '../statement.js';
import { compareDividends } from './dividends.js';
import type { LedgerFacts } from './facts.js';
import { compareHeld } from './held.js';
import { lineOf, type StatementComparison, type StatementLine } from './line.js';
import { matchAlike, movementsOf, settleRest } from './movements.js';
import { compareTrades } from './trades.js';
import { windowOf, type Window } from './window.js';
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
  const movements = movementsOf(window, facts.baseCurrency, worths);
  const alike = matchAlike(movements);
  const fees = movements.told.filter(({ kind }) => kind === 'FEE').map(({ event }) => event);
  const trades = compareTrades(window, facts, worths, fees);
  movements.told = movements.told.filter(({ event }) => !trades.feesWithin.has(event));
  const held = compareHeld(window, facts);
  const lines = [
    ...[...trades.lines, ...compareDividends(window, facts, worths), ...alike, ...settleRest(movements)].toSorted(
      byTime,
    ),
    ...held.lines,
    ...cashLines(statement, window, facts),
  ];
  return {
    status: lines.some(({ difference }) => difference !== null) ? 'DIFFERS' : 'AGREES',
    baseCurrency: facts.baseCurrency,
    from: window.from,
    to: window.to,
    before: window.before,
    lastEntryId: facts.entries.at(-1)?.entryId ?? null,
    lines,
    notes: [...held.notes, ...notesOf(statement, facts, lines)],
  };
}

const timeOf = ({ statement, ledger }: StatementLine): string => statement?.date ?? ledger?.date ?? '';
const byTime = (a: StatementLine, b: StatementLine): number =>
  timeOf(a) === timeOf(b) ? (a.rows[0] ?? Infinity) - (b.rows[0] ?? Infinity) || 0 : timeOf(a) < timeOf(b) ? -1 : 1;

/** The cash at the end, where both sides are in one currency: each row may be off by half a penny. */
function cashLines({ currency, cash }: Statement, window: Window, { baseCurrency }: LedgerFacts): StatementLine[] {
  if (currency !== baseCurrency || cash.after === null) return [];
  const booked = sumsOf([...window.carried, ...window.entries], 'Assets:Cash').get(baseCurrency) ?? D(0);
  const told = D(cash.after);
  const leeway = D('0.005').times(window.events.length + 1);
  const isSame = told.minus(booked).abs().lte(leeway);
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
