import { D, toText, type Decimal } from '../money.js';
import { DIVIDEND_WORDS } from '../ledger/entries.js';
import type { DecimalString, IsoDate } from '../types.js';
import type { DividendCandidate } from './dividends.js';
import type { Explanation } from './proposal.js';
import { slipOf } from './slips.js';
import { setsOf, STEPS_MAX, type Part } from './subsets.js';

export interface CashContext {
  baseCurrency: string;
  snapshotDate: IsoDate;
  /** Cash as both sides have it. */
  ledger: DecimalString;
  snapshot: DecimalString;
  /** What unconfirmed fills leave open, for their cash is an estimate; zero where there are none. */
  slack: Decimal;
  /** Drift of so much passes. */
  tolerance: Decimal;
}

/** Transfers are usually round: a multiple of this. */
const ROUND = 50;
/**
 * What the procedure calls small (docs/RECONCILIATION_SOP.md, section 4): the broker takes fees and pays interest of
 * up to so much.
 */
export const SMALL = 50;
/** Interest on a balance is paid by the month: beyond 12 % a year of it, it is none. */
const INTEREST_MAX = '0.01';
/** The newest dividends are what matters. */
const CANDIDATES_MAX = 24;
/** Dividends that come together with a transfer: of more, some always leave a round amount. */
const WITH_TRANSFER_MAX = 2;
/** Of drift within the tolerance no more dividends than this are offered unless they fit to the penny. */
const PASSING_MAX = 1;
/** Ways that are shown; of more nobody could tell which it was. */
const WAYS_MAX = 5;

/** Things that together would explain the drift. */
type Way = Explanation[];

/**
 * Explains cash drift. What fits to the penny comes first: dividends nobody booked, after the usual withholding, at
 * the rate that booking them takes. Then those that fit but for the rounding of each, or at a rate stored since; then
 * those within what the rates since allow, or that arrived without withholding. Then dividends with a round transfer,
 * then a transfer, or a fee or interest where it is small. Among those that fit alike the fewest come first, and an old
 * one counts for three. Where several ways fit, all are given: of many dividends some always add up to the penny, so
 * fewer at a rate stored since are shown beside them.
 */
export function explainCash(
  drift: Decimal,
  candidates: readonly DividendCandidate[],
  context: CashContext,
): Explanation[] {
  const { slack, tolerance } = context;
  if (drift.isZero() || (slack.gt(0) && drift.abs().lte(slack.plus(tolerance)))) return [];
  const newest = candidates.slice(0, CANDIDATES_MAX);
  const exact = slack.gt(0) ? [] : fittingWays(drift, newest, context);
  const typed = slipWays(context);
  if (exact.length > 0) return asWays([...exact, ...typed]);
  // Drift that passes is nobody's transfer or fee: small things add up to it, and only what fits is offered.
  if (drift.abs().lte(tolerance)) return [];
  return asWays([...typed, ...likelyWays(drift, newest, context)]);
}

/** What fits to the penny, with what fewer dividends would at a rate stored since; else what fits but for such a rate. */
function fittingWays(drift: Decimal, candidates: readonly DividendCandidate[], context: CashContext): Way[] {
  const exact = choicesOf(drift, candidates, TO_THE_PENNY);
  const fewest = Math.min(...exact.map(({ chosen }) => chosen.length));
  const atRates = fewest === 1 ? [] : choicesOf(drift, candidates, AT_A_STORED_RATE);
  const most = drift.gt(context.tolerance) ? candidates.length : PASSING_MAX;
  if (exact.length > 0)
    return [
      ...cheapest(exact).slice(0, WAYS_MAX - 2),
      ...cheapest(atRates.filter(({ chosen }) => chosen.length < fewest)).slice(0, 2),
    ].map((choice) => dividendsOf(choice, context));
  const near = [...choicesOf(drift, candidates, BUT_FOR_ROUNDING), ...atRates]
    .filter(({ chosen }) => chosen.length <= most)
    .toSorted(byLikelihood);
  const names = near.map(nameOf);
  return cheapest(near.filter((_, index) => names.indexOf(names[index] ?? '') === index)).map((choice) =>
    dividendsOf(choice, context),
  );
}

/** Those that cost least, and those of one dividend more. */
const cheapest = (choices: readonly Choice[]): Choice[] =>
  choices.filter(({ cost }) => cost <= least(choices) + 1).slice(0, WAYS_MAX);

const nameOf = ({ chosen }: Choice): string =>
  chosen.map(({ action }) => `${action.symbol} ${action.exDate} ${action.dividendType ?? ''}`).join();

function likelyWays(drift: Decimal, candidates: readonly DividendCandidate[], context: CashContext): Way[] {
  const { slack, tolerance } = context;
  if (slack.gt(0)) {
    const near = dividendWays(drift, candidates, context, within(slack.plus(tolerance)));
    return near.length > 0 ? near : [[transfer(drift, context)]];
  }
  const round = isRound(drift) ? [[transfer(drift, context)]] : [];
  const fitting = [
    ...dividendWays(drift, candidates, context, BY_THE_RATES),
    ...dividendWays(drift, candidates, context, GROSS_TO_THE_PENNY),
  ].toSorted((a, b) => a.length - b.length);
  if (fitting.length + round.length > 0) return [...round, ...fitting];
  const more = dividendWays(drift, candidates, context, GROSS_BY_THE_RATES);
  if (more.length > 0) return more;
  const both = withTransfer(drift, candidates, context);
  if (both.length > 0) return both;
  return [...movements(drift, context), ...dividendWays(drift, candidates, context, within(tolerance)).slice(0, 1)];
}

/** How a dividend may have come to what arrived. */
interface Fit {
  as: 'net' | 'gross';
  low(candidate: DividendCandidate): Decimal;
  high(candidate: DividendCandidate): Decimal;
  /** What may be left over in all. */
  over: Decimal;
}

const PENNY = D('0.01');
const NOTHING = D(0);
const TO_THE_PENNY: Fit = { as: 'net', low: ({ net }) => net, high: ({ net }) => net, over: NOTHING };
/** Gross and tax are each rounded once, and a broker may round otherwise: a penny of each dividend. */
const BUT_FOR_ROUNDING: Fit = {
  as: 'net',
  low: ({ net }) => net.minus(PENNY),
  high: ({ net }) => net.plus(PENNY),
  over: NOTHING,
};
const byTheRates = (as: Fit['as'], loose: boolean): Fit => ({
  as,
  low: ({ bounds }) => bounds(loose).least[as].minus(PENNY),
  high: ({ bounds }) => bounds(loose).most[as].plus(PENNY),
  over: NOTHING,
});
const AT_A_STORED_RATE = byTheRates('net', false);
const BY_THE_RATES = byTheRates('net', true);
const GROSS_BY_THE_RATES = byTheRates('gross', true);
const GROSS_TO_THE_PENNY: Fit = {
  as: 'gross',
  low: ({ gross }) => gross.minus(PENNY),
  high: ({ gross }) => gross.plus(PENNY),
  over: NOTHING,
};
const within = (over: Decimal): Fit => ({ ...TO_THE_PENNY, over });

interface Choice {
  chosen: DividendCandidate[];
  as: Fit['as'];
  /** How many there are, an old one counting for three. */
  cost: number;
  /** What they leave of the drift at the rates of their ex-dates. */
  left: Decimal;
}

/** The ways that fit so: those that cost least, and those of one dividend more. */
function dividendWays(drift: Decimal, candidates: readonly DividendCandidate[], context: CashContext, fit: Fit): Way[] {
  return cheapest(choicesOf(drift, candidates, fit)).map((choice) => dividendsOf(choice, context));
}

interface DividendPart extends Part {
  candidate: DividendCandidate;
}

/** Every set that fits, the cheapest first, as far as the search may go. */
function choicesOf(
  drift: Decimal,
  candidates: readonly DividendCandidate[],
  fit: Fit,
  sizes = candidates.length,
): Choice[] {
  if (!drift.gt(0)) return [];
  const parts = partsOf(candidates, fit);
  const budget = { steps: STEPS_MAX };
  const found: Choice[] = [];
  const [target, over] = [inPennies(drift), inPennies(fit.over)];
  for (let size = 1; size <= sizes && size <= least(found) + 1 && budget.steps > 0; size++) {
    const sets = setsOf(parts, size, target, budget, over);
    found.push(
      ...sets.map((set) =>
        choiceOf(
          set.map(({ candidate }) => candidate),
          fit.as,
          drift,
        ),
      ),
    );
  }
  return found.toSorted(byLikelihood);
}

const partsOf = (candidates: readonly DividendCandidate[], fit: Fit): DividendPart[] =>
  candidates
    .map((candidate) => ({
      candidate,
      low: inPennies(fit.low(candidate)),
      high: inPennies(fit.high(candidate)),
    }))
    .filter(({ low, high }) => low > 0n && high > 0n)
    .toSorted((a, b) => (a.high < b.high ? 1 : a.high > b.high ? -1 : 0));

const least = (choices: readonly Choice[]): number => Math.min(...choices.map(({ cost }) => cost));

function choiceOf(set: DividendCandidate[], as: Fit['as'], drift: Decimal): Choice {
  const chosen = set.toSorted(newestFirst);
  const sum = chosen.reduce((total, candidate) => total.plus(candidate[as]), D(0));
  const cost = chosen.reduce((total, { old }) => total + (old ? 3 : 1), 0);
  return { chosen, as, cost, left: drift.minus(sum) };
}

const newestFirst = ({ action: a }: DividendCandidate, { action: b }: DividendCandidate): number =>
  b.exDate.localeCompare(a.exDate) ||
  a.symbol.localeCompare(b.symbol) ||
  (a.dividendType ?? '').localeCompare(b.dividendType ?? '');

const newestOf = ({ chosen }: Choice): IsoDate =>
  chosen
    .map(({ action }) => action.exDate)
    .toSorted()
    .at(-1) ?? '';
const oldestOf = ({ chosen }: Choice): IsoDate => chosen.map(({ action }) => action.exDate).toSorted()[0] ?? '';

/** The cheapest, then what leaves least, then what went ex last. */
const byLikelihood = (a: Choice, b: Choice): number =>
  a.cost - b.cost ||
  a.left.abs().comparedTo(b.left.abs()) ||
  oldestOf(b).localeCompare(oldestOf(a)) ||
  newestOf(b).localeCompare(newestOf(a));

/** Dividends that leave a round amount, which then is a transfer; the pennies are the broker's rate. */
function withTransfer(drift: Decimal, candidates: readonly DividendCandidate[], context: CashContext): Way[] {
  const ways = candidates
    .filter(({ old }) => !old)
    .flatMap((candidate, index, all) => [[candidate], ...all.slice(index + 1).map((other) => [candidate, other])])
    .filter((chosen) => chosen.length <= WITH_TRANSFER_MAX)
    .map((chosen) => choiceOf(chosen, 'net', drift))
    .map((choice) => ({ choice, round: nearestRound(choice.left) }))
    .filter(({ choice, round }) => !round.isZero() && fitsBut(choice, round));
  const penny = ways.filter(({ choice, round }) =>
    choice.left.minus(round).abs().lte(PENNY.times(choice.chosen.length)),
  );
  return (penny.length > 0 ? penny : ways)
    .toSorted((a, b) =>
      byLikelihood(
        { ...a.choice, left: a.choice.left.minus(a.round) },
        { ...b.choice, left: b.choice.left.minus(b.round) },
      ),
    )
    .filter(({ choice }, _at, [first]) => choice.cost === first?.choice.cost)
    .slice(0, WAYS_MAX)
    .map(({ choice, round }) => [...dividendsOf(choice, context), transfer(round, context)]);
}

/** Whether what is beside the round amount is within what the rates allow. */
function fitsBut({ chosen, left }: Choice, round: Decimal): boolean {
  const off = left.minus(round);
  const [low, high] = [BY_THE_RATES.low, BY_THE_RATES.high].map((bound) =>
    chosen.reduce((sum, candidate) => sum.plus(bound(candidate)).minus(candidate.net), D(0)),
  ) as [Decimal, Decimal];
  return off.gte(low) && off.lte(high);
}

const nearestRound = (left: Decimal): Decimal => left.div(ROUND).toDecimalPlaces(0).times(ROUND);
const isRound = (amount: Decimal): boolean => amount.mod(ROUND).isZero();
const inPennies = (amount: Decimal): bigint => BigInt(amount.times(100).toFixed(0));

/** What moves cash without any dividend: a transfer; a fee, or interest, first where it is small and not round. */
function movements(drift: Decimal, context: CashContext): Way[] {
  const interestMax = D(context.ledger).times(INTEREST_MAX);
  const small = drift.abs().lte(SMALL) || (drift.gt(0) && drift.lte(interestMax));
  if (!small) return [[transfer(drift, context)]];
  return [[feeOrInterest(drift, context)], [transfer(drift, context)]];
}

/** The cash as it was typed may be the ledger's with a slip. */
function slipWays({ ledger, snapshot, baseCurrency, snapshotDate }: CashContext): Way[] {
  const slip = slipOf(D(snapshot).toFixed(2), D(ledger).toFixed(2));
  if (slip === null) return [];
  const likely = D(ledger).toFixed(2);
  return [
    [
      {
        kind: 'SLIP',
        subject: null,
        cash: '0',
        text:
          `read the cash again: ${D(snapshot).toFixed(2)} ${baseCurrency} was given and the ledger has ${likely}: ` +
          `${slip}?`,
        proposal: { kind: 'READ_AGAIN', symbols: [], likely: { symbol: null, figure: likely }, snapshotDate },
      },
    ],
  ];
}

/** Numbers the ways where there are several. */
function asWays(ways: readonly Way[]): Explanation[] {
  const shown = ways.slice(0, WAYS_MAX);
  if (shown.length < 2) return shown.flat();
  return shown.flatMap((way, index) =>
    way.map((each) => ({ ...each, way: { drift: null, number: index + 1, of: shown.length } })),
  );
}

const dividendsOf = ({ chosen, as }: Choice, { baseCurrency }: CashContext): Way =>
  chosen.map((candidate) => dividendExplanation(candidate, as, baseCurrency));

function dividendExplanation(
  { action, units, currency, fx, withholding, ...amounts }: DividendCandidate,
  as: Fit['as'],
  baseCurrency: string,
): Explanation {
  const { symbol, exDate, value, dividendType } = action;
  const amount = amounts[as].toFixed(2);
  const sum = `${toText(units)} × ${value} ${currency}${fx === '1' ? '' : ` / ${fx}`}`;
  const taken = as === 'net' && withholding !== '0';
  const tax = taken ? 'less 15 % US withholding' : 'without withholding';
  return {
    kind: 'DIVIDEND',
    subject: symbol,
    cash: amount,
    text:
      `${DIVIDEND_WORDS[dividendType ?? 'regular'].toLowerCase()} of ${symbol}, ex-date ${exDate}, not booked: ` +
      `${sum} ${tax} = ${amount} ${baseCurrency}`,
    proposal: {
      kind: 'BOOK_DIVIDEND',
      symbol,
      exDate,
      ...(dividendType !== undefined && dividendType !== 'regular' && { dividendType }),
      units: toText(units),
      amount: value,
      currency,
      fx,
      withholding: taken ? withholding : '0',
    },
  };
}

function transfer(left: Decimal, { baseCurrency, snapshotDate }: CashContext): Explanation {
  const kind = left.gt(0) ? 'DEPOSIT' : 'WITHDRAWAL';
  const amount = left.abs().toFixed(2);
  return {
    kind,
    subject: null,
    cash: left.toFixed(2),
    proposal: { kind: `BOOK_${kind}`, amount, date: snapshotDate },
    text:
      `a ${kind.toLowerCase()} of ${amount} ${baseCurrency} that was not booked would explain the ` +
      `${kind === 'DEPOSIT' ? 'surplus' : 'shortfall'} of cash`,
  };
}

function feeOrInterest(left: Decimal, { baseCurrency, snapshotDate }: CashContext): Explanation {
  const kind = left.gt(0) ? 'INTEREST' : 'FEE';
  const amount = left.abs().toFixed(2);
  const what = kind === 'FEE' ? 'a fee' : 'interest';
  return {
    kind,
    subject: null,
    cash: left.toFixed(2),
    proposal: { kind: `BOOK_${kind}`, amount, date: snapshotDate },
    text:
      `${what} of ${amount} ${baseCurrency} that was not booked would explain the ` +
      `${kind === 'FEE' ? 'shortfall' : 'surplus'} of cash; it counts in performance, a transfer does not`,
  };
}
