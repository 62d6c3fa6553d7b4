import type { BookReport, Position } from './positions.js';

/** A holding as the journal tells it. Amounts in base currency; null where the cost was never told. */
export type Held = Pick<Position, 'units' | 'cost' | 'realised'>;

/** A symbol of which units, cost or what was realised are others after an entry than before. */
export interface HoldingMoved {
  symbol: string;
  before: Held;
  after: Held;
}

const NOTHING: Held = { units: '0', cost: '0', realised: '0' };

/** What entries change in the positions of a book: every symbol that they move, in alphabetical order. */
export function holdingsMoved(
  { positions: before }: Pick<BookReport, 'positions'>,
  { positions: after }: Pick<BookReport, 'positions'>,
): HoldingMoved[] {
  const [then, now] = [heldBySymbol(before), heldBySymbol(after)];
  return [...new Set([...then.keys(), ...now.keys()])]
    .toSorted()
    .map((symbol) => ({ symbol, before: then.get(symbol) ?? NOTHING, after: now.get(symbol) ?? NOTHING }))
    .filter((each) => FIGURES.some((figure) => each.before[figure] !== each.after[figure]));
}

const FIGURES = ['units', 'cost', 'realised'] as const;

const heldBySymbol = (positions: readonly Position[]) =>
  new Map<string, Held>(positions.map(({ symbol, units, cost, realised }) => [symbol, { units, cost, realised }]));
