import { replayBook, type BookReport } from '../../ledger/positions.js';
import { standingEntries, sumsOf, type BookedEntry } from '../../ledger/sums.js';
import { D, toText, type Decimal } from '../../money.js';
import type { IsoDate } from '../../types.js';
import type { StatementEvent } from '../statement.js';
import { settlePosition, unorderedOf, type PositionOff } from './baseline.js';
import { movedBy, type LedgerFacts } from './facts.js';
import { derivedUnits, orderedUnits, type Happened } from './held.js';
import { lineOf, type StatementLine } from './line.js';
import { setAlone } from './paid.js';
import type { Window } from './window.js';

/** What of both sides comes to a position: of the whole period, or of that before a date. */
interface Told extends Pick<Window, 'carried' | 'entries' | 'events'> {
  happened: Pick<Happened, 'splits' | 'others'>;
  /** Lines of what happened in which both sides differ. */
  different: readonly StatementLine[];
}
interface ToldWhole extends Told {
  /** Splits that wait for what was traded before them. */
  waiting: PositionOff['waiting'];
  /** Entries that took in a trade of the statement. */
  takenIn: ReadonlySet<number>;
}

/**
 * What opens less closes come to against what the ledger holds at the end: what was held before the period is the
 * ledger's word, for a statement does not say it.
 */
export function comparePositions(to: IsoDate, told: ToldWhole, facts: LedgerFacts): StatementLine[] {
  const derived = derivedUnits(told, told.happened);
  const ledger = sumsOf([...told.carried, ...told.entries], 'Assets:Units');
  const symbols = [...new Set([...derived.keys(), ...ledger.keys()])].toSorted();
  let [book, proposed]: [BookReport | null, string | null] = [null, null];
  return symbols.flatMap((symbol) => {
    const [due, booked] = [derived.get(symbol) ?? D(0), ledger.get(symbol) ?? D(0)];
    // Bought and sold again it comes to nothing, but for the cash.
    const isSettled = unorderedOf(symbol, told.different).length === 0;
    if (due.isZero() && booked.isZero() && isSettled) return [];
    const side = (units: Decimal) => ({ date: to, units: toText(units), amount: null, tax: null });
    const line = lineOf({
      kind: 'POSITION',
      symbol,
      statement: side(due),
      ledger: side(booked),
      text: told.happened.splits.some((split) => split.symbol === symbol && split.ratio === null)
        ? `${symbol} at the end: nobody can tell which way round its split is, or which it had, nor how many there are`
        : `${symbol} at the end: what was opened less what was closed is what the ledger holds`,
    });
    if (due.minus(booked).abs().lte(facts.unitsTolerance) && isSettled) return [line];
    book ??= replayBook(facts.entries, facts.baseCurrency);
    const said = settlePosition({ ...positionOff(symbol, told, facts), ...holdingNow(book, symbol) });
    const settled = said.proposal !== null && proposed !== null ? afterOther(said.text, proposed) : said;
    proposed ??= settled.proposal && symbol;
    return [{ ...line, difference: 'POSITION_DIFFERS' as const, ...settled }];
  });
}

/** What may say why units differ: what was traded before a split without a ticket is settled before that split is. */
function positionOff(
  symbol: string,
  whole: ToldWhole,
  { unitsTolerance, entries, baseCurrency, tradesBeside }: LedgerFacts,
): Omit<PositionOff, 'cash' | 'cost'> {
  const eveOf = splitAfterUnordered(symbol, whole);
  const told = eveOf === null ? whole : before(eveOf, whole);
  const compared = new Set([...told.carried, ...told.entries]);
  const different = told.different.filter((line) => line.symbol === symbol);
  const trades = [...tradesBeside, ...whole.events];
  return {
    symbol,
    eveOf,
    told: derivedUnits(told, told.happened).get(symbol) ?? D(0),
    ordered: orderedUnits(told, told.happened, told.different).get(symbol) ?? D(0),
    booked: sumsOf([...compared], 'Assets:Units').get(symbol) ?? D(0),
    tolerance: unitsTolerance,
    different,
    isProposed: whole.different.some((line) => isToBeBooked(line) && !whole.waiting.has(line)),
    unordered: unorderedOf(symbol, different),
    waiting: whole.waiting,
    strays: told.entries.filter(
      (entry) =>
        entry.kind === 'BASELINE' &&
        !whole.takenIn.has(entry.entryId) &&
        !movedBy(entry, 'Assets:Units', symbol).isZero(),
    ),
    cashAlone: setAlone(standingEntries(entries), entries),
    later: standingEntries(entries).filter((entry) => !compared.has(entry)),
    isOfTrade: (entry) => whole.takenIn.has(entry.entryId) || isOfTradeBeside(entry, symbol, trades),
    baseCurrency,
  };
}

/** Whether something is to be booked of a line: of a dividend also where it is first looked whether it is booked. */
const isToBeBooked = ({ kind, difference, proposal }: StatementLine): boolean =>
  proposal !== null || (kind === 'DIVIDEND' && difference === 'MISSING_IN_LEDGER');

/** The ex-date of the first split of a symbol that came after a trade which no ticket ordered; null where none did. */
function splitAfterUnordered(symbol: string, { happened, different }: Told): IsoDate | null {
  const first = unorderedOf(symbol, different)[0]?.statement?.date;
  if (first === undefined) return null;
  const dates = happened.splits.flatMap((split) => (split.symbol === symbol ? split.exDate : []));
  return dates.toSorted().find((exDate) => first < exDate) ?? null;
}

const dateOf = ({ statement, ledger }: StatementLine): IsoDate => statement?.date ?? ledger?.date ?? '';

/** What of both sides is from before a date. */
const before = (date: IsoDate, { carried, entries, events, happened, different }: Told): Told => ({
  carried,
  entries: entries.filter((entry) => entry.effectiveDate < date),
  events: events.filter((event) => event.date < date),
  happened: {
    splits: happened.splits.filter(({ exDate }) => exDate < date),
    others: happened.others.filter((entry) => entry.effectiveDate < date),
  },
  different: different.filter((line) => dateOf(line) < date),
});

/** Whether an entry is the baseline that took in a trade of which another statement tells: of its date and units. */
export const isOfTradeBeside = (entry: BookedEntry, symbol: string, trades: readonly StatementEvent[]): boolean =>
  entry.kind === 'BASELINE' &&
  trades.some(
    (trade) =>
      trade.symbol === symbol &&
      trade.date === entry.effectiveDate &&
      movedBy(entry, 'Assets:Units', symbol).eq(D(trade.units ?? 0).times(trade.kind === 'OPEN' ? 1 : -1)),
  );

/** Each baseline says how much cash there is: that of another symbol is reckoned once the first one is booked. */
const afterOther = (text: string, other: string): Pick<StatementLine, 'text' | 'proposal'> => ({
  text: `${text}; take in ${other} first, then import again for the baseline`,
  proposal: null,
});

/** The ledger's cash as it is now, and what it holds of a symbol cost; null where nobody named that. */
function holdingNow({ cash, positions }: BookReport, symbol: string): { cash: Decimal; cost: Decimal | null } {
  const held = positions.find((each) => each.symbol === symbol);
  return { cash: D(cash), cost: held === undefined ? D(0) : held.cost === null ? null : D(held.cost) };
}
