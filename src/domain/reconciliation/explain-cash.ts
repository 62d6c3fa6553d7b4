import { D, type Decimal } from '../money.js';
import type { DecimalString } from '../types.js';
import { isNoCoincidence } from './coincidence.js';
import {
  boundsOf,
  BUT_FOR_ROUNDING,
  byLikelihood,
  BY_THE_RATES,
  choicesOf,
  sumOf,
  TO_THE_PENNY,
  type Choice,
} from './dividend-sets.js';
import type { DividendCandidate } from './dividends.js';
import { dividendsOf } from './explain-dividend.js';
import { findDividends } from './find-dividends.js';
import { feeOrInterest, isRound, isSmall, nearestRound, ROUND, transfer, type MovementContext } from './movements.js';
import type { Explanation } from './proposal.js';
import { slipOf } from './slips.js';

export interface CashContext extends MovementContext {
  /** Cash as both sides have it. */
  ledger: DecimalString;
  snapshot: DecimalString;
  /** What unconfirmed fills leave open, for their cash is an estimate; zero where there are none. */
  slack: Decimal;
  /** Drift of so much passes. */
  tolerance: Decimal;
  /** Whether the broker may pay at the rate of the ex-date. */
  atExDate(): boolean;
}

/** Cash that came or went between two snapshots, with the dividends that may have been paid in between. */
export interface Arrival {
  amount: Decimal;
  candidates(): readonly DividendCandidate[];
}

/** The newest dividends are what matters; more are held by nobody. */
const CANDIDATES_MAX = 60;
/** Dividends that come together with a transfer: of more, some always leave a round amount. */
const WITH_TRANSFER_MAX = 2;
/** A fee, or interest, that comes beside a dividend is of at most so much: of more, any dividend would do. */
const BESIDE_MAX = 15;
/** So many such ways are shown. */
const BESIDE_WAYS = 2;
/** Ways that are shown; of more nobody could tell which it was. */
const WAYS_MAX = 8;

/** Things that together would explain the drift. */
type Way = Explanation[];

interface Ways {
  /** Likeliest first. */
  ways: Way[];
  /** Whether there is one, and nothing else is plausible. */
  certain: boolean;
  /** Whether dividends fit to the penny. */
  exact: boolean;
}

/**
 * Explains cash drift, arrival by arrival where snapshots tell what came when. What fits to the penny comes first:
 * dividends nobody booked, after the usual withholding, at the rate that booking them takes. Then those within what the
 * rates allow, or of which something else was withheld. Then a transfer, or a fee or interest where it is small, alone
 * or beside a dividend. Where several ways fit, or the one that does may be a coincidence, none is the next step: all
 * are numbered, and whoever reads them is told so.
 * @param whole the drift, and what may have been paid since the cash agreed last.
 * @param arrivals what it is made of; none or one where nothing tells.
 */
export function explainCash(whole: Arrival, arrivals: readonly Arrival[], context: CashContext): Explanation[] {
  const { slack, tolerance } = context;
  const { amount: drift } = whole;
  if (drift.isZero() || (slack.gt(0) && drift.abs().lte(slack.plus(tolerance)))) return [];
  const found = (arrivals.length > 1 && slack.isZero() && waysOfAll(arrivals, context)) || waysFor(whole, context);
  const typed = slipWays(context);
  // Drift that passes and that nothing fits is nobody's slip either.
  if (found.ways.length === 0 && drift.abs().lte(tolerance)) return [];
  const ways = found.exact ? [...found.ways, ...typed] : [...typed, ...found.ways];
  return numbered(ways, found.certain && typed.length === 0);
}

/**
 * What came each time, explained by itself; null where that leaves nothing. Small amounts that nothing fits are said
 * to be left over while they pass together.
 */
function waysOfAll(arrivals: readonly Arrival[], context: CashContext): Ways | null {
  const each = arrivals.map((arrival) => ({ arrival, found: waysFor(arrival, context) }));
  const open = each.filter(({ found }) => found.ways.length === 0);
  const rest = open.reduce((sum, { arrival }) => sum.plus(arrival.amount), D(0));
  const passes = rest.abs().lte(context.tolerance);
  const left = passes ? leftOver(rest, context) : waysFor({ amount: rest, candidates: () => [] }, context);
  const parts = [
    ...each.map(({ found }) => found).filter(({ ways }) => ways.length > 0),
    ...(rest.isZero() ? [] : [left]),
  ];
  if (open.length === each.length) return null;
  const ways = parts.reduce<Way[]>((all, part) => combined(all, part.ways), [[]]);
  if (ways.length === 0) return null;
  return {
    ways,
    certain: ways.length === 1 && parts.every(({ certain }) => certain),
    exact: parts.every(({ exact }) => exact),
  };
}

/** What passes, and nothing explains: it is said, lest what explains the rest be taken for the whole. */
const leftOver = (rest: Decimal, { baseCurrency }: CashContext): Ways => ({
  ways: [
    [
      {
        kind: 'UNEXPLAINED',
        subject: null,
        cash: '0',
        text: `nothing known explains ${rest.toFixed(2)} ${baseCurrency} of it, which is within the tolerance`,
        proposal: null,
      },
    ],
  ],
  certain: true,
  exact: true,
});

/** Each way of the one with each of the other, as long as no dividend is paid twice. */
const combined = (ways: readonly Way[], others: readonly Way[]): Way[] =>
  ways
    .flatMap((way) => others.map((other) => [...way, ...other]))
    .filter((way) => {
      const names = way.flatMap(({ proposal }) =>
        proposal?.kind === 'BOOK_DIVIDEND'
          ? [`${proposal.symbol} ${proposal.exDate} ${proposal.dividendType ?? ''}`]
          : [],
      );
      return new Set(names).size === names.length;
    })
    .slice(0, WAYS_MAX);

function waysFor({ amount, candidates }: Arrival, context: CashContext): Ways {
  const newest = candidates().slice(0, CANDIDATES_MAX);
  if (context.slack.gt(0)) return besideFills(amount, newest, context);
  const found = findDividends(amount, newest, context);
  const dividends = found.choices.map((choice) => dividendsOf(choice, amount, context.baseCurrency));
  const { exact, certain } = found;
  // Drift that passes is nobody's transfer or fee: small things add up to it, and only what fits is offered.
  if (exact || amount.abs().lte(context.tolerance)) return { ways: dividends.slice(0, WAYS_MAX), certain, exact };
  if (dividends.length > 0) {
    const round = isRound(amount) ? [[transfer(amount, context)]] : [];
    const byRate = found.choices.every(({ fit }) => fit.rates !== 'EX_DATE');
    const small = byRate && isSmall(amount, D(context.ledger)) ? [[feeOrInterest(amount, context)]] : [];
    const most = WAYS_MAX - round.length - small.length;
    return { ways: [...round, ...dividends.slice(0, most), ...small], certain: certain && round.length === 0, exact };
  }
  const both = withTransfer(amount, newest, context);
  if (both.toThePenny) return { ways: both.ways, certain: both.certain, exact };
  const ways = [...both.ways, ...movements(amount, context), ...besideSmall(amount, newest, context)];
  return { ways: ways.slice(0, WAYS_MAX), certain: ways.length === 1 && isRound(amount), exact };
}

/** Beside unconfirmed fills, whose cash is an estimate: what is left over may be as much as that leaves open. */
function besideFills(amount: Decimal, candidates: readonly DividendCandidate[], context: CashContext): Ways {
  const over = context.slack.plus(context.tolerance);
  const near = choicesOf(
    amount,
    candidates,
    { ...TO_THE_PENNY, over },
    { budget: { steps: 20_000 }, most: candidates.length, more: 1 },
  );
  const choices = near.choices.filter(({ cost }) => cost <= (near.choices[0]?.cost ?? 0) + 1).slice(0, WAYS_MAX);
  const ways = choices.map((choice) => dividendsOf(choice, null, context.baseCurrency));
  if (ways.length > 0) return { ways, certain: false, exact: false };
  return { ways: [[transfer(amount, context)]], certain: false, exact: false };
}

/** Dividends that leave a round amount, which then is a transfer; the pennies are the broker's rate. */
function withTransfer(
  amount: Decimal,
  candidates: readonly DividendCandidate[],
  context: CashContext,
): { ways: Way[]; toThePenny: boolean; certain: boolean } {
  const found = candidates
    .filter(({ old }) => !old)
    .flatMap((candidate, index, all) => [[candidate], ...all.slice(index + 1).map((other) => [candidate, other])])
    .filter((chosen) => chosen.length <= WITH_TRANSFER_MAX)
    .map((chosen): Choice => {
      const left = amount.minus(sumOf(chosen, BY_THE_RATES));
      return { chosen, fit: BY_THE_RATES, cost: chosen.length, left };
    })
    .map((choice) => ({ choice, round: nearestRound(choice.left) }))
    .filter(({ choice, round }) => !round.isZero() && fitsBut(choice, round))
    .map(({ choice, round }) => ({ choice: { ...choice, left: choice.left.minus(round) }, round }));
  const penny = found.filter(({ choice }) => choice.left.abs().lte(PENNY.times(choice.chosen.length)));
  const ways = (penny.length > 0 ? penny : found)
    .toSorted((a, b) => byLikelihood(a.choice, b.choice))
    .filter(({ choice }, _at, [first]) => choice.cost === first?.choice.cost)
    .slice(0, TRANSFER_WAYS)
    .map(({ choice, round }) => [
      ...dividendsOf(choice, amount.minus(round), context.baseCurrency),
      transfer(round, context),
    ]);
  const [first] = penny;
  const certain =
    first !== undefined &&
    penny.length === 1 &&
    isNoCoincidence({ ...first.choice, fit: BUT_FOR_ROUNDING }, candidates, amount, ROUND * 100) &&
    context.atExDate();
  return { ways, toThePenny: penny.length > 0, certain };
}

const PENNY = D('0.01');
const TRANSFER_WAYS = 3;

/** Whether what is beside the round amount is within what the rates allow. */
function fitsBut({ chosen, left }: Choice, round: Decimal): boolean {
  const off = left.minus(round);
  const total = (which: 0 | 1) =>
    chosen.reduce((sum, each) => sum.plus(boundsOf(each, BY_THE_RATES)[which]).minus(each.net), D(0));
  return off.gte(total(0)) && off.lte(total(1));
}

/** What moves cash without any dividend: a transfer; a fee, or interest, first where it is small and not round. */
const movements = (amount: Decimal, context: CashContext): Way[] =>
  isSmall(amount, D(context.ledger))
    ? [[feeOrInterest(amount, context)], [transfer(amount, context)]]
    : [[transfer(amount, context)]];

/** A dividend, and a small fee or interest with it. */
const besideSmall = (amount: Decimal, candidates: readonly DividendCandidate[], context: CashContext): Way[] =>
  candidates
    .filter(({ old }) => !old)
    .map((candidate) => ({ candidate, left: amount.minus(candidate.net) }))
    .filter(({ left }) => amount.gt(0) && left.abs().lte(BESIDE_MAX))
    .toSorted((a, b) => a.left.abs().comparedTo(b.left.abs()))
    .slice(0, BESIDE_WAYS)
    .map(({ candidate, left }) => [
      ...dividendsOf({ chosen: [candidate], fit: TO_THE_PENNY, cost: 1, left }, null, context.baseCurrency),
      feeOrInterest(left, context),
    ]);

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

/** Numbers the ways, but for one that is certain. */
function numbered(ways: readonly Way[], certain: boolean): Explanation[] {
  const shown = ways.slice(0, WAYS_MAX);
  if (certain) return shown.flat();
  return shown.flatMap((way, index) =>
    way.map((each) => ({ ...each, way: { drift: null, number: index + 1, of: shown.length } })),
  );
}
