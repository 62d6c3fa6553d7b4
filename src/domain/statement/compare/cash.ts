import { sumsOf, type BookedEntry } from '../../ledger/sums.js';
import { D, pennies, type Decimal } from '../../money.js';
import type { Statement } from '../statement.js';
import { movedBy, type LedgerFacts } from './facts.js';
import { lineOf, type StatementLine } from './line.js';
import { setAlone } from './paid.js';
import type { Window } from './window.js';

type Compared = Pick<Window, 'carried' | 'entries' | 'before' | 'from' | 'to'>;

/**
 * The cash at the end, to the penny; null where both sides are not in one currency, for a balance is never converted,
 * or the statement says none.
 */
export function cashLine(
  { currency, cash }: Statement,
  { carried, entries, to }: Compared,
  { baseCurrency }: LedgerFacts,
): StatementLine | null {
  if (currency !== baseCurrency || cash.after === null) return null;
  const booked = pennies(sumsOf([...carried, ...entries], 'Assets:Cash').get(baseCurrency) ?? D(0));
  const told = pennies(D(cash.after));
  const isSame = told.eq(booked);
  const side = (amount: string) => ({ date: to, units: null, amount, tax: null });
  const said = isSame ? 'the ledger has the same' : `the ledger has ${booked.toFixed(2)}`;
  return lineOf({
    kind: 'CASH',
    difference: isSame ? null : 'CASH_DIFFERS',
    statement: side(told.toFixed(2)),
    ledger: side(booked.toFixed(2)),
    text: `cash at the end ${told.toFixed(2)}: ${said}`,
  });
}

/**
 * The line of the cash that differs, with what explains that once all rows are booked: it did so at the start already;
 * or somebody had counted the cash, and set it by a baseline that had in it what was not booked then. Where that is the
 * difference it is taken back.
 */
export function explainCash(
  cash: StatementLine,
  statement: Statement,
  window: Compared,
  { entries, baseCurrency }: LedgerFacts,
): StatementLine {
  const first = atStart(statement, window, baseCurrency);
  const moved = (entry: BookedEntry) => movedBy(entry, 'Assets:Cash', baseCurrency);
  // A statement without rows says no cash, so that the one after it is the first that can name what was set there.
  const isOfBefore = (off: Decimal) => {
    const earlier = setAlone(window.carried, entries).filter((entry) => moved(entry).eq(off));
    const named = earlier.map((entry) => `; ${wordsOf(entry, moved(entry), 'before it')}`).join('');
    return `set right first what is of before the period${named}`;
  };
  if (first !== null) return { ...cash, text: `${cash.text}; ${first.text}: ${isOfBefore(first.over)}` };
  const over = D(cash.ledger?.amount ?? 0).minus(cash.statement?.amount ?? 0);
  const alone = setAlone(window.entries, entries);
  const found = alone.find((entry) => moved(entry).eq(over));
  if (found !== undefined)
    return {
      ...cash,
      text: `${cash.text}; ${wordsOf(found, moved(found))}, and all rows are booked without it: reverse it`,
      proposal: { kind: 'REVERSE_ENTRY', entryId: found.entryId },
    };
  const named = alone.map((entry) => wordsOf(entry, moved(entry)));
  const counted = named.length === 0 ? [] : [`${named.join('; ')}: find out at eToro what was counted there`];
  const untold =
    statement.cash.before === null ? [`the statement does not say what it was at the start: ${isOfBefore(over)}`] : [];
  return { ...cash, text: [cash.text, ...counted, ...untold].join('; ') };
}

/** What each says of the cash at the start where they differ, and by how much; null where not, or not said. */
function atStart(
  { cash, from: start }: Statement,
  window: Compared,
  baseCurrency: string,
): { text: string; over: Decimal } | null {
  const { carried, before, from } = window;
  if (cash.before === null || before > 0 || from !== start.slice(0, 10)) return null;
  const [told, had] = [pennies(D(cash.before)), pennies(sumsOf(carried, 'Assets:Cash').get(baseCurrency) ?? D(0))];
  if (told.eq(had)) return null;
  return {
    text: `at the start it was ${told.toFixed(2)}, and the ledger had ${had.toFixed(2)}`,
    over: had.minus(told),
  };
}

const wordsOf = ({ entryId, description }: BookedEntry, moved: Decimal, when = 'within the period'): string =>
  `entry ${entryId} (${description}) set it by ${moved.toFixed(2)} ${when}`;
