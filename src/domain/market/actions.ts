import { D, toText } from '../money.js';
import { firstFrom } from '../sorted.js';
import type { ActionRuling, Bar, CorporateAction, IsoDate, PriceBasis, SymbolHistory } from '../types.js';
import { dividendTypeOf } from './dividend-types.js';
import { cleanRatio, wholeRatio } from './ratio.js';
import { groupBy } from '../group.js';

/** A split or dividend that nobody may act on before a human has ruled on it, and why. */
export interface Hold {
  action: CorporateAction;
  why: string;
  evidence: Record<string, string | number | boolean | null>;
}

/** Splits and dividends that may be booked, and those that a human must rule on first. */
export interface KnownActions {
  settled: CorporateAction[];
  holds: Hold[];
}

/** What is out of proportion; the policy's `data_quality` section has both. */
export interface HoldLimits {
  max_dividend_fraction: number;
  max_jump: number;
}

const keyOf = ({
  symbol,
  exDate,
  kind,
  dividendType,
}: Pick<ActionRuling, 'symbol' | 'exDate' | 'kind' | 'dividendType'>): string =>
  `${symbol} ${exDate} ${kind} ${dividendTypeOf({ dividendType })}`;

/**
 * The actions that a human must look at first. A dividend above `max_dividend_fraction` of the previous close (a
 * spin-off or share distribution written as cash, a special dividend). A split whose ratio is no small whole one, or
 * that the closes around its ex-date do not show. Both actions of a day on which the dividend is out of proportion.
 * What has been ruled on is never on hold; a dividend without a bar before its ex-date cannot be judged.
 * @param histories any number of symbols' histories, each ascending by session.
 * @param basis of the histories that do not say their own.
 */
export function detectHolds(
  histories: readonly { symbol: string; bars: readonly Bar[]; basis?: PriceBasis }[],
  actions: readonly CorporateAction[],
  rulings: readonly ActionRuling[],
  limits: HoldLimits,
  basis: PriceBasis,
): Hold[] {
  const ruled = new Set(rulings.map(keyOf));
  const series = new Map(histories.map((history) => [history.symbol, history]));
  return groupedByDay(actions).flatMap((ofDay) => {
    const history = series.get(ofDay[0]?.symbol ?? '');
    const holds = judgeDay(ofDay, history?.bars ?? [], limits, history?.basis ?? basis);
    return holds.filter(({ action }) => !ruled.has(keyOf(action)));
  });
}

/**
 * What really happened, as far as humans have ruled: the newest ruling on an action (the last of the list) replaces or
 * removes it, and ratios lose their provider's noise. A split or dividend that a human has ruled on though nobody
 * published it counts too: a jump in a series that came without actions is explained that way. One of each kind for a
 * symbol and date, of dividends one of each type: the last one published.
 * @param rulings oldest first.
 */
export function effectiveActions(
  actions: readonly CorporateAction[],
  rulings: readonly ActionRuling[],
): CorporateAction[] {
  const newest = new Map(rulings.map((ruling) => [keyOf(ruling), ruling]));
  const published = new Map(actions.map((action) => [keyOf(action), action]));
  const unpublished = [...newest].filter(([key]) => !published.has(key)).map(([, ruling]) => ruling);
  return [
    ...[...published.values()].flatMap((action) => settled(action, newest.get(keyOf(action)))),
    ...unpublished.flatMap((ruling) => {
      const { symbol, exDate, kind, dividendType, value } = ruling;
      // Of a jump it is said that there was no action at all.
      if (kind === 'JUMP') return [];
      const typed = dividendType === undefined ? {} : { dividendType };
      return settled({ symbol, exDate, kind, ...typed, value: value ?? '', currency: null, source: 'ruling' }, ruling);
    }),
  ];
}

/** As `effectiveActions`, without what is still on hold: these may be booked. */
export function settledActions(
  actions: readonly CorporateAction[],
  rulings: readonly ActionRuling[],
  holds: readonly Hold[],
): CorporateAction[] {
  const onHold = new Set(holds.map(({ action }) => keyOf(action)));
  return effectiveActions(
    actions.filter((action) => !onHold.has(keyOf(action))),
    rulings,
  );
}

/** What is known of the actions in a window of the market: those that may be booked, and those on hold. */
export function knownActionsIn(
  {
    histories,
    actions,
    rulings,
    basis,
  }: {
    histories: readonly SymbolHistory[];
    actions: readonly CorporateAction[];
    rulings: readonly ActionRuling[];
    basis: PriceBasis;
  },
  limits: HoldLimits,
): KnownActions {
  const holds = detectHolds(histories, actions, rulings, limits, basis);
  return { settled: settledActions(actions, rulings, holds), holds };
}

/** Sessions after an ex-date that are looked at with it: the closes after it tell whether a split is in them. */
export const SESSIONS_AFTER = 5;

function settled(action: CorporateAction, ruling: ActionRuling | undefined): CorporateAction[] {
  if (ruling?.ruling === 'ignore') return [];
  const kind = ruling === undefined ? action.kind : ruling.ruling === 'split' ? 'SPLIT' : 'DIVIDEND';
  const value = ruling?.value ?? action.value;
  return [{ ...action, kind, value: kind === 'SPLIT' ? cleanRatio(value) : value }];
}

function groupedByDay(actions: readonly CorporateAction[]): CorporateAction[][] {
  const once = new Map(actions.map((one) => [keyOf(one), one])).values();
  return [...groupBy(once, ({ symbol, exDate }) => `${symbol} ${exDate}`).values()];
}

function judgeDay(
  actions: readonly CorporateAction[],
  bars: readonly Bar[],
  limits: HoldLimits,
  basis: PriceBasis,
): Hold[] {
  const split = actions.find(({ kind }) => kind === 'SPLIT');
  const dividends = actions.filter(({ kind }) => kind === 'DIVIDEND');
  const around = closesAround(bars, actions[0]?.exDate ?? '');
  const ratio = split && basis === 'raw' ? Number(cleanRatio(split.value)) : 1;
  const before = around.before === null ? null : around.before / ratio;
  const dividendHolds = dividends.flatMap((one) => (before === null ? [] : (judgeDividend(one, before, limits) ?? [])));
  const splitHold = split ? judgeSplit(split, around, limits, basis) : null;
  const [first] = dividendHolds;
  if (!split || !first) return [splitHold, ...dividendHolds].filter((hold) => hold !== null);
  const beside = {
    action: split,
    why: 'on its ex-date there is also a dividend that is out of proportion',
    evidence: { dividend: first.action.value },
  };
  return [splitHold ?? beside, ...dividendHolds];
}

/** @param before the close before the ex-date, in the shares that the dividend is paid on. */
function judgeDividend(action: CorporateAction, before: number, limits: HoldLimits): Hold | null {
  const fraction = Number(action.value) / before;
  if (fraction <= limits.max_dividend_fraction) return null;
  const why = `a dividend of ${action.value} is ${percent(fraction)} of the close before it, ${rounded(before)}; above ${percent(limits.max_dividend_fraction)} it may be a spin-off or a share distribution`;
  return {
    action,
    why,
    evidence: {
      value: action.value,
      closeBefore: rounded(before),
      fraction: rounded(fraction),
      limit: limits.max_dividend_fraction,
    },
  };
}

function judgeSplit(
  action: CorporateAction,
  { before, after }: Closes,
  limits: HoldLimits,
  basis: PriceBasis,
): Hold | null {
  const evidence = { ratio: action.value, closeBefore: before, closeAfter: after };
  if (!wholeRatio(action.value)) {
    return {
      action,
      why: `a split of ${action.value} is no whole ratio such as 2, 3:2 or 1:4; it may be a spin-off or a stock dividend`,
      evidence,
    };
  }
  if (basis !== 'raw' || before === null || after === null) return null;
  const ratio = Number(cleanRatio(action.value));
  const moveWith = (after * ratio) / before;
  const fitsWorse = Math.abs(Math.log(moveWith)) > Math.abs(Math.log(after / before));
  if (Math.abs(moveWith - 1) <= limits.max_jump && !fitsWorse) return null;
  const why = `a split of ${toText(D(cleanRatio(action.value)).toDecimalPlaces(6))} does not agree with the closes around it, ${before} and ${after}`;
  return { action, why, evidence };
}

interface Closes {
  before: number | null;
  after: number | null;
}

/** The last close before the ex-date and the first one from it on. */
function closesAround(bars: readonly Bar[], exDate: IsoDate): Closes {
  const at = firstFrom(bars, exDate, ({ session }) => session);
  return { before: positive(bars[at - 1]), after: positive(bars[at]) };
}

const positive = (bar: Bar | undefined): number | null => (bar && Number(bar.close) > 0 ? Number(bar.close) : null);
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
const percent = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
