import { roundUnits } from '../ledger/entries.js';
import { newUnits } from '../ledger/reorganisations.js';
import { D, toText, type Decimal } from '../money.js';
import type { DecimalString } from '../types.js';
import type { DriftLine } from './compare.js';
import type { DriftContext } from './drift-context.js';
import type { Explanation } from './proposal.js';

type Named = DriftLine & { symbol: string };

/** What came for shares differs from what they were worth at the newest close by less than this fraction. */
const WORTH_OFF = '0.3';
/** A company spins off a part that is worth less than what is left: at most so much of it. */
const PART_MAX = '1';
/** Terms of an exchange have so few decimals, or are a fraction of numbers no larger than this. */
const RATIO_DECIMALS = 4;
const TERM_MAX = 20;
const EXACTLY = D('0.00001');
/** Holdings that shares may come from; of more nobody could tell. */
const PARENTS_MAX = 4;

/** As it is booked: prices of a day are there when its session is over. */
const dated = ({ snapshotDate, asOfDate }: DriftContext) => (snapshotDate > asOfDate ? asOfDate : snapshotDate);

/**
 * Shares that came while others went, and are worth about as much, with the cash that came or without it: exchanged in
 * a merger. Null where it is not so, or where nobody knows what one of them is worth.
 */
export function stockMergerOf(
  came: Named,
  gone: Named,
  cash: DriftLine | undefined,
  context: DriftContext,
): { explanation: Explanation; takesCash: boolean } | null {
  const [before, after] = [context.worthOf(gone.symbol), context.worthOf(came.symbol)];
  if (before === null || after === null || !came.inUniverse) return null;
  const value = D(gone.ledger).times(D(before));
  const shares = D(came.drift).times(D(after));
  const paid = cash && cash.code !== null && D(cash.drift).gt(0) ? D(cash.drift) : null;
  const isWorth = (sum: Decimal) =>
    sum
      .minus(value)
      .abs()
      .lte(value.times(D(WORTH_OFF)));
  const takesCash = paid !== null && isWorth(shares.plus(paid));
  if (!takesCash && !isWorth(shares)) return null;
  const ratio = ratioOf(gone.ledger, came.drift) ?? plainRatio(gone.ledger, came.drift);
  const net = takesCash ? paid.toFixed(2) : null;
  const withCash = net === null ? '' : ` and ${net} ${context.baseCurrency}`;
  return {
    takesCash,
    explanation: {
      kind: 'STOCK_MERGER',
      subject: gone.symbol,
      cash: net ?? '0',
      text:
        `${gone.symbol} is gone, and ${came.drift} ${came.symbol}${withCash} came, about what it was worth: ` +
        `exchanged ${ratio} for 1, if eToro says so`,
      proposal: { kind: 'BOOK_STOCK_MERGER', symbol: gone.symbol, date: dated(context), to: came.symbol, ratio, net },
    },
  };
}

/**
 * Shares nobody had, in a simple proportion to a holding that is worth more: spun off from it, if eToro says so. One for
 * each holding that it may be.
 */
export function spinOffsOf(came: Named, held: readonly Named[], context: DriftContext): Explanation[] {
  return held
    .filter(({ symbol, snapshot }) => symbol !== came.symbol && D(snapshot).gt(0))
    .flatMap((parent): { parent: Named; ratio: DecimalString }[] => {
      const ratio = ratioOf(parent.snapshot, came.drift);
      return ratio === null || !isPart(came, parent, context) ? [] : [{ parent, ratio }];
    })
    .toSorted((a, b) => a.ratio.length - b.ratio.length || a.parent.symbol.localeCompare(b.parent.symbol))
    .slice(0, PARENTS_MAX)
    .map(({ parent, ratio }) => ({
      kind: 'SPIN_OFF',
      subject: parent.symbol,
      cash: '0',
      text:
        `${came.drift} ${came.symbol} came, ${ratio} for each of ${parent.snapshot} ${parent.symbol}: ` +
        'spun off from it, if eToro says so',
      proposal: { kind: 'BOOK_SPIN_OFF', symbol: parent.symbol, date: dated(context), to: came.symbol, ratio },
    }));
}

function isPart(came: Named, parent: Named, { worthOf }: DriftContext): boolean {
  const [part, whole] = [worthOf(came.symbol), worthOf(parent.symbol)];
  if (part === null || whole === null) return true;
  return D(came.drift)
    .times(D(part))
    .lte(D(parent.snapshot).times(D(whole)).times(D(PART_MAX)));
}

/**
 * New shares for one old share, in simple terms that come to what is there, to the last decimals that a broker shows.
 * Null where no such terms do.
 */
function ratioOf(old: DecimalString, now: DecimalString): DecimalString | null {
  const comesTo = (ratio: Decimal) => ratio.gt(0) && newUnits(D(old), toText(ratio)).minus(D(now)).abs().lte(EXACTLY);
  const plain = D(now).div(D(old));
  for (let decimals = 0; decimals <= RATIO_DECIMALS; decimals++) {
    const ratio = plain.toDecimalPlaces(decimals);
    if (comesTo(ratio)) return toText(ratio);
  }
  for (let below = 2; below <= TERM_MAX; below++) {
    const above = plain.times(below).toDecimalPlaces(0);
    if (above.gt(0) && above.lte(TERM_MAX) && comesTo(above.div(below))) return `${toText(above)}/${below}`;
  }
  return null;
}

/** The proportion as it is, to as many decimals as give what is there. */
const plainRatio = (old: DecimalString, now: DecimalString): DecimalString =>
  toText(roundUnits(D(now)).div(D(old)).toDecimalPlaces(10));
