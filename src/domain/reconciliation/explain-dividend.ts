import { DIVIDEND_WORDS } from '../ledger/entries.js';
import { D, pennies, toText, type Decimal } from '../money.js';
import { sumOf, type Choice } from './dividend-sets.js';
import { arrivedOf, type DividendCandidate } from './dividends.js';
import type { Explanation } from './proposal.js';

/**
 * The dividends of a choice, each with what books it. Where they do not come to the amount at the rates of their
 * ex-dates, each is given the net amount that would have arrived, so that booking them agrees to the penny.
 * @param amount that they explain; null where they leave something over that others explain.
 */
export function dividendsOf(choice: Choice, amount: Decimal | null, baseCurrency: string): Explanation[] {
  const nets = amount === null ? null : netsOf(choice, amount);
  return choice.chosen.map((candidate, index) =>
    dividendExplanation(candidate, nets?.[index] ?? null, choice, baseCurrency),
  );
}

/** The net amounts that add up to the amount, each moved by as much as the others; null where nothing has moved. */
function netsOf({ chosen, fit }: Choice, amount: Decimal): Decimal[] | null {
  const sum = sumOf(chosen, fit);
  if (sum.eq(amount) || !fit.over.isZero()) return null;
  const nets = chosen.map((candidate) => pennies(arrivedOf(candidate, fit.withholding).times(amount).div(sum)));
  const left = nets.reduce((rest, net) => rest.minus(net), amount);
  const largest = nets.reduce((most, net, index) => (net.gt(nets[most] ?? D(0)) ? index : most), 0);
  return nets.map((net, index) => (index === largest ? net.plus(left) : net));
}

const percent = (fraction: string): string => `${toText(D(fraction).times(100))} %`;

function dividendExplanation(
  candidate: DividendCandidate,
  net: Decimal | null,
  { fit }: Choice,
  baseCurrency: string,
): Explanation {
  const { action, units, currency, fx } = candidate;
  const { symbol, exDate, value, dividendType } = action;
  const withholding = fit.withholding ?? candidate.withholding;
  const atExDate = arrivedOf(candidate, fit.withholding).toFixed(2);
  const arrived = net?.toFixed(2) ?? atExDate;
  const sum = `${toText(units)} × ${value} ${currency}${fx === '1' ? '' : ` / ${fx}`}`;
  const tax = withholding === '0' ? 'without withholding' : `less ${percent(withholding)} US withholding`;
  const moved = arrived === atExDate ? '' : `, or ${arrived} at the rate that it was paid at`;
  return {
    kind: 'DIVIDEND',
    subject: symbol,
    cash: arrived,
    text:
      `${DIVIDEND_WORDS[dividendType ?? 'regular'].toLowerCase()} of ${symbol}, ex-date ${exDate}, not booked: ` +
      `${sum} ${tax} = ${atExDate} ${baseCurrency}${moved}`,
    proposal: {
      kind: 'BOOK_DIVIDEND',
      symbol,
      exDate,
      ...(dividendType !== undefined && dividendType !== 'regular' && { dividendType }),
      units: toText(units),
      amount: value,
      currency,
      fx,
      withholding,
      ...(arrived !== atExDate && { net: arrived }),
    },
  };
}
