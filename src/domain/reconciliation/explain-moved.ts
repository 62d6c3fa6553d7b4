import { D } from '../money.js';
import type { DriftLine } from './compare.js';
import type { DriftContext } from './drift-context.js';
import type { Explanation } from './proposal.js';
import { spinOffsOf, stockMergerOf } from './explain-shares.js';
import { nearSymbols } from './slips.js';

/** Units that one symbol lost and another got: typed for one another, renamed, or exchanged. */
export interface Moved {
  lines: DriftLine[];
  explanations: Explanation[];
  /** Set where the cash that drifts is explained with it. */
  takesCash?: boolean;
}

type Named = DriftLine & { symbol: string };

/** A position the ledger has and the broker does not show. */
export const isGone = (line: DriftLine): boolean => D(line.snapshot).isZero() && D(line.ledger).gt(0);
/** A position that the ledger has none of, or that nobody can price. */
const isNew = (line: DriftLine): boolean => (D(line.ledger).isZero() || !line.inUniverse) && D(line.snapshot).gt(0);
const named = (line: DriftLine): line is Named => line.symbol !== null;

/**
 * Pairs what is new with what is gone. A near symbol is a slip of typing. As many units under quite another name are a
 * rename, where the new one can be priced; about as much worth is a merger; what is in a simple proportion to a holding
 * was spun off from it. What is left alone is for others to explain.
 * @param lines of positions that drift. @param all lines, of what agrees too.
 */
export function explainMoved(lines: readonly DriftLine[], all: readonly DriftLine[], context: DriftContext): Moved[] {
  const gone = lines.filter(named).filter(isGone);
  const cash = all.find(({ symbol }) => symbol === null);
  const taken = new Set<string>();
  return lines
    .filter(named)
    .filter((line) => isNew(line) || (line.inUniverse && D(line.drift).gt(0) && gone.length > 0))
    .flatMap((line): Moved[] => {
      const free = gone.filter(({ symbol }) => !taken.has(symbol));
      if (!isNew(line)) return merged(line, free, taken, cash, context);
      const near = free.filter(({ symbol }) => nearSymbols(line.symbol, [symbol]).length > 0);
      const same = free.filter(({ ledger }) => isSame(ledger, line.snapshot, context));
      const meant = near.find((each) => same.includes(each)) ?? near[0];
      if (meant) {
        taken.add(meant.symbol);
        return [{ lines: [line, meant], explanations: mistyped(line, meant, same.includes(meant), context) }];
      }
      const [before] = same;
      if (before && same.length === 1 && line.inUniverse) {
        taken.add(before.symbol);
        return [{ lines: [line, before], explanations: [renamed(line, before, context)] }];
      }
      if (!line.inUniverse) return [{ lines: [line], explanations: [notInUniverse(line, before, context)] }];
      const exchanged = merged(line, free, taken, cash, context);
      return exchanged.length > 0 ? exchanged : spunOff(line, all.filter(named), context);
    });
}

/** Shares that stand for a position that is gone: exchanged for it, or that one was forgotten. */
function merged(
  line: Named,
  free: readonly Named[],
  taken: Set<string>,
  cash: DriftLine | undefined,
  context: DriftContext,
): Moved[] {
  for (const before of free) {
    const found = stockMergerOf(line, before, cash, context);
    if (found === null) continue;
    taken.add(before.symbol);
    const way = (number: number) => ({ drift: before.symbol, number, of: 2 });
    const explanations = [
      { ...found.explanation, way: way(1) },
      { ...forgotten([before], false, context), way: way(2) },
    ];
    return [{ lines: [line, before], explanations, takesCash: found.takesCash }];
  }
  return [];
}

/** Shares that nobody had: of each holding that they may come from, or nothing known explains them. */
function spunOff(line: Named, held: readonly Named[], context: DriftContext): Moved[] {
  const parents = spinOffsOf(line, held, context);
  if (parents.length === 0) return [];
  const ways = [...parents, unexplained(line.symbol, line, context)];
  return [
    {
      lines: [line],
      explanations: ways.map((each, index) => ({
        ...each,
        way: { drift: line.symbol, number: index + 1, of: ways.length },
      })),
    },
  ];
}

/** A line that nothing known explains is to be read again before anything is booked. */
export const unexplained = (symbol: string, line: DriftLine, { snapshotDate }: DriftContext): Explanation => ({
  kind: 'UNEXPLAINED',
  subject: symbol,
  cash: '0',
  proposal: { kind: 'READ_AGAIN', symbols: [symbol], likely: null, snapshotDate },
  text:
    `nothing known explains ${symbol}: ${line.drift}. ` +
    'Read eToro again, and find out in its history what changed it, before anything is booked',
});

const isSame = (one: string, other: string, { unitsTolerance }: DriftContext): boolean =>
  D(one).minus(D(other)).abs().lte(D(unitsTolerance));

function mistyped(line: Named, meant: Named, same: boolean, context: DriftContext): Explanation[] {
  const slip = nearSlip(
    [line.symbol, meant.symbol],
    `${line.symbol} ${line.snapshot} was given, and ${meant.symbol}, of which the ledger has ${meant.ledger}, was not: ` +
      `was ${meant.symbol} meant?`,
    { symbol: meant.symbol, figure: line.snapshot },
    context,
  );
  if (!same || !line.inUniverse) return [slip];
  const number = (at: number) => ({ drift: line.symbol, number: at, of: 2 });
  return [
    { ...slip, way: number(1) },
    { ...renamed(line, meant, context), way: number(2) },
  ];
}

const nearSlip = (
  symbols: string[],
  text: string,
  likely: { symbol: string; figure: string } | null,
  { snapshotDate }: DriftContext,
): Explanation => ({
  kind: 'SLIP',
  subject: symbols[0] ?? null,
  cash: '0',
  text: `read eToro again: ${text}`,
  proposal: { kind: 'READ_AGAIN', symbols, likely, snapshotDate },
});

const renamed = (line: Named, before: Named, { snapshotDate }: DriftContext): Explanation => ({
  kind: 'RENAME',
  subject: before.symbol,
  cash: '0',
  text: `${before.symbol} is gone and ${line.symbol} is there with as many units: it looks renamed`,
  proposal: { kind: 'BOOK_RENAME', symbol: before.symbol, to: line.symbol, date: snapshotDate },
});

/** A symbol that nobody can price: near another one it is mistyped, else its row is missing. */
function notInUniverse(line: Named, before: Named | undefined, context: DriftContext): Explanation {
  const near = nearSymbols(line.symbol, context.known);
  if (near.length > 0) {
    const likely = near.length === 1 ? { symbol: near[0] ?? '', figure: line.snapshot } : null;
    const meant = near.slice(0, 5).join(' or ');
    const text = `${line.symbol} (${line.snapshot}) is not in the universe: was ${meant} meant?`;
    return nearSlip([line.symbol], text, likely, context);
  }
  const perhaps = before ? ` (it has as many units as ${before.symbol} had: perhaps that was renamed)` : '';
  return {
    kind: 'UNEXPLAINED',
    subject: line.symbol,
    cash: '0',
    proposal: { kind: 'CHECK_UNIVERSE', symbol: line.symbol },
    text:
      `${line.symbol} (${line.snapshot}) is not in the universe${perhaps}: ` +
      'correct the symbol, or add its row to universe.csv and reconcile again',
  };
}

/** Positions that were not given, told in one sentence. @param all whether none was given at all. */
export function forgotten(lines: readonly DriftLine[], all: boolean, context: DriftContext): Explanation {
  const symbols = lines.filter(named).map(({ symbol }) => symbol);
  const [first] = lines.filter(named);
  const one = symbols.length === 1;
  const held = lines.map(({ symbol, ledger }) => `${symbol} ${ledger}`).join(', ');
  const text = all
    ? `no positions were given at all, and the ledger has ${lines.length} (${held}): were they left out?`
    : `${symbols.join(', ')} ${one ? 'was' : 'were'} not given, and the ledger has ${held}: forgotten?`;
  const likely = first && symbols.length === 1 ? { symbol: first.symbol, figure: first.ledger } : null;
  return { ...nearSlip(symbols, text, likely, context), subject: symbols.length === 1 ? (symbols[0] ?? null) : null };
}
