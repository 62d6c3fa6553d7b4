import type { IsoDate, Reason } from '../types.js';

/**
 * Share of the enabled stocks that may be left out before it is the source that is taken to be at fault, not the
 * symbols.
 */
const MAX_EXCLUDED = 0.5;
/**
 * Faults that leave the bar of the as-of date good: a human or a second source has still to say what moved the price.
 */
const AWAITS_RULING: ReadonlySet<string> = new Set([
  'PRICE_JUMP_UNEXPLAINED',
  'ACTION_NEEDS_REVIEW',
  'ADJUSTMENT_UNEXPLAINED',
]);

/** What the faults of single symbols come to. */
export interface SetApart {
  /** They stop the day. */
  stopping: Reason[];
  /** They leave a symbol out of the day: it is neither scored nor bought. */
  exclusions: Reason[];
  /** Enabled stocks with a good bar of the as-of date. */
  covered: number;
  /** Whether too few stocks are covered. */
  low: boolean;
}

export interface SymbolsApart {
  asOfDate: IsoDate;
  /** Enabled stocks. */
  stocks: readonly string[];
  /** Whose faults stop the day whatever the others are like: what is held, and the benchmarks. */
  essential: ReadonlySet<string>;
  /** Whether a symbol has a bar of the as-of date that can be true. */
  hasGoodBar(symbol: string): boolean;
  /** Faults that may exclude at all: by an earlier version's facts only a missing bar did (docs/RULES.md 2.2). */
  mayExclude(fault: Reason): boolean;
  /** Whether one stock may be left out however few there are: by an earlier version's facts it might not. */
  sparesOne: boolean;
  minCoverage: number;
  /** Share of the stocks; half of them when left out. */
  maxExcluded?: number | undefined;
}

/**
 * A fault of a stock that is neither held nor a benchmark is nobody's loss but its own: it leaves that stock out, and
 * the day goes on. What leaves it without a good bar of the as-of date counts against coverage; what only waits for a
 * ruling does not, for its price is there. Where more than half of the stocks would be left out, all count: then the
 * source cannot be trusted. Under the limit of coverage the faults that count stop the day with it, so that they are
 * named. A single stock left out is never under the limit, though it be more than its share: with 98 % of forty stocks
 * one fault would stop the day else. A limit of 1 means all.
 */
export function setApart(faults: readonly Reason[], scene: SymbolsApart): SetApart {
  const { asOfDate, stocks, essential, minCoverage, maxExcluded = MAX_EXCLUDED } = scene;
  const stockSet = new Set(stocks);
  const candidates = faults.filter(
    (fault) =>
      fault.subject !== null && stockSet.has(fault.subject) && !essential.has(fault.subject) && scene.mayExclude(fault),
  );
  const symbols = new Set(candidates.map(({ subject }) => subject));
  const all = symbols.size > maxExcluded * stocks.length;
  const counting = new Set(candidates.filter((fault) => all || isOfAsOfBar(fault, asOfDate)));
  const lost = new Set([...counting].map(({ subject }) => subject));
  const uncovered = stocks.filter((symbol) => !scene.hasGoodBar(symbol) || lost.has(symbol));
  const covered = stocks.length - uncovered.length;
  const [only] = uncovered;
  const isSpared =
    scene.sparesOne && minCoverage < 1 && covered > 0 && uncovered.length === 1 && lost.has(only as string);
  const low = stocks.length === 0 || (covered / stocks.length < minCoverage && !isSpared);
  const exclusions = new Set(candidates.filter((fault) => !(low && counting.has(fault))));
  return { stopping: faults.filter((fault) => !exclusions.has(fault)), exclusions: [...exclusions], covered, low };
}

/** Whether a fault says that the bar of the as-of date is not there, or is not to be believed. */
const isOfAsOfBar = ({ code, evidence }: Reason, asOfDate: IsoDate): boolean =>
  !AWAITS_RULING.has(code) &&
  (code === 'SOURCES_DISAGREE' || evidence['due'] === asOfDate || evidence['session'] === asOfDate);

/** Why each symbol is left out, in one line: every fault of it. */
export function exclusionsBySymbol(exclusions: readonly Reason[]): ReadonlyMap<string, string> {
  const bySymbol = new Map<string, string>();
  for (const { code, subject, message } of exclusions) {
    if (subject === null) continue;
    const before = bySymbol.get(subject);
    bySymbol.set(subject, `${before === undefined ? '' : `${before}; `}${code}: ${message}`);
  }
  return bySymbol;
}

/** `OXY (PRICE_JUMP_UNEXPLAINED), KO (DATA_STALE)`: each symbol with its codes. */
export function exclusionsText(exclusions: readonly Reason[]): string {
  const codes = new Map<string, Set<string>>();
  for (const { code, subject } of exclusions)
    if (subject !== null) codes.set(subject, (codes.get(subject) ?? new Set()).add(code));
  return [...codes].map(([symbol, found]) => `${symbol} (${[...found].join(', ')})`).join(', ');
}
