import { reason } from '../decision/gates/result.js';
import type { MarketFacts, RateFacts } from '../decision/facts.js';
import type { Policy } from '../policy/policy.js';
import type { DecimalString, IsoDate, Reason } from '../types.js';
import { groupBy } from '../group.js';

/**
 * Largest move of a rate from one published day to the next that nobody needs to look at. The pound's greatest fall in
 * a day, on 2016-06-24, was 8.1 %; nothing between 10 % and a hundredfold slip has ever been a day's trading in a
 * currency of the policy.
 */
const MAX_RATE_JUMP = 0.1;
/**
 * Two sources fix their rate at different hours of the day: 0.16 % apart in the middle, 1.9 % on a night of elections
 * (docs/RULES.md 6.6). Within this fraction they say the same.
 */
const RATES_AGREE = 0.03;
// As with bars: a provider's float noise is no fault.
const FLOAT_NOISE = 1e-7;
/** Answers that cannot be read; without another rate of the day the reason is theirs. */
const UNREADABLE = new Set(['TRUNCATED', 'BAD_NUMBER', 'BAD_LAYOUT', 'BAD_DATE', 'BAD_CURRENCY', 'SYMBOL_MISMATCH']);

/** Where rates come from, the first source first. */
export const rateSources = ({
  market_data: { fx_provider: first, second_fx_provider: second },
}: RatePolicy): string[] => (second === null || second === undefined ? [first] : [first, second]);

type RatePolicy = { market_data: Pick<Policy['market_data'], 'fx_provider' | 'second_fx_provider'> };

/** What one pair is judged by. */
export type PairFacts = Pick<MarketFacts, 'asOfDate' | 'fx' | 'rates' | 'rulings'>;

/** A rate as a provider's row has it: the figure that is taken, and the day's range where the row gives one. */
export interface RateRow {
  date: IsoDate;
  rate: DecimalString;
  open?: DecimalString;
  high?: DecimalString;
  low?: DecimalString;
}

/** What is odd about a date of an answer. */
export interface RateFinding {
  code: 'FX_INVALID' | 'FX_DUPLICATE';
  session: IsoDate;
  message: string;
}

/**
 * The rates of an answer that may be stored, one a date, oldest first. A date with two different rates has none, for
 * nobody knows which is right; a rate outside its own day's range cannot be true. Both are told.
 */
export function soundRates(rows: readonly RateRow[]): {
  rates: { date: IsoDate; rate: DecimalString }[];
  findings: RateFinding[];
} {
  const byDate = groupBy(rows, ({ date }) => date);
  const findings: RateFinding[] = [];
  const rates: { date: IsoDate; rate: DecimalString }[] = [];
  for (const [date, ofDate] of [...byDate].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [first] = ofDate as [RateRow];
    const other = ofDate.find(({ rate }) => Number(rate) !== Number(first.rate));
    const fault = other ? null : (ofDate.map(rateFault).find((found) => found !== null) ?? null);
    if (other)
      findings.push({
        code: 'FX_DUPLICATE',
        session: date,
        message: `two different rates on ${date}, ${first.rate} and ${other.rate}; neither is stored`,
      });
    else if (fault !== null)
      findings.push({ code: 'FX_INVALID', session: date, message: `${fault}; it is not stored` });
    else rates.push({ date, rate: first.rate });
  }
  return { rates, findings };
}

/** Why a rate cannot be true, in words; null when nothing speaks against it. */
function rateFault({ date, rate, open, high, low }: RateRow): string | null {
  const figures = { rate, open, high, low };
  for (const [name, figure] of Object.entries(figures))
    if (figure !== undefined && !(Number(figure) > 0)) return `the ${name} of ${date} is ${figure}, not above 0`;
  if (high === undefined || low === undefined) return null;
  if (Number(high) < Number(low)) return `high ${high} is below low ${low} on ${date}`;
  const [ceiling, floor] = [Number(high) * (1 + FLOAT_NOISE), Number(low) * (1 - FLOAT_NOISE)];
  for (const [name, figure] of [
    ['open', open],
    ['close', rate],
  ] as const)
    if (figure !== undefined && (Number(figure) > ceiling || Number(figure) < floor))
      return `the ${name} of ${date}, ${figure}, is outside ${low} to ${high}`;
  return null;
}

/**
 * What is wrong with the rates of the look-back, as with a held symbol's bars: dates whose rows contradict each other,
 * rates that cannot be true, an answer that cannot be read and leaves the day without a rate, and moves beyond the
 * limit that neither a ruling on the pair nor a second source confirms. Facts of earlier versions have no rates to
 * judge.
 * @param from first date of the look-back.
 */
export function rateDefects(market: PairFacts, from: IsoDate, limit = MAX_RATE_JUMP): Reason[] {
  const { fx, asOfDate, rates } = market;
  if (rates === undefined) return [];
  const findings = rates.fetch?.findings.filter(({ session }) => session >= from && session <= asOfDate) ?? [];
  const failure = rates.fetch?.status === 'FAILED' && fx?.date !== asOfDate ? rates.fetch : null;
  return [
    ...(failure && UNREADABLE.has(failure.code ?? '')
      ? [
          reason(
            'FX_INVALID',
            rates.pair,
            `${rates.pair}: the answer cannot be read: ${failure.code}: ${failure.message}`,
            {
              due: asOfDate,
              fetchCode: failure.code,
            },
          ),
        ]
      : []),
    ...(['FX_INVALID', 'FX_DUPLICATE'] as const).flatMap((code) => newestOf(code, rates.pair, findings)),
    ...rateJumps(market, rates, { from, limit }),
  ];
}

function newestOf(
  code: RateFinding['code'],
  pair: string,
  findings: readonly { code: string; session: IsoDate; message: string }[],
): Reason[] {
  const found = findings
    .filter((finding) => finding.code === code)
    .toSorted((a, b) => (a.session < b.session ? -1 : 1));
  const newest = found.at(-1);
  if (!newest) return [];
  const others = found.length === 1 ? '' : ` (and ${found.length - 1} more)`;
  return [reason(code, pair, `${pair}: ${newest.message}${others}`, { date: newest.session, dates: found.length })];
}

/** A move of a rate from one published day to the next, beyond the limit. */
export interface RateMove {
  date: IsoDate;
  rate: DecimalString;
  dateBefore: IsoDate;
  rateBefore: DecimalString;
  /** 0.52 is up by 52 %. */
  move: number;
  /** The second source, where it shows both rates. */
  confirmedBy: string | null;
  /** The rates around it, oldest first: three before, its own, two after. */
  around: { date: IsoDate; rate: DecimalString }[];
}

/** The moves beyond the limit between the rates that count, each date's of the first source that has one, settled or not. */
export function rateMoves(
  { first, second }: RateFacts,
  { from, to, limit = MAX_RATE_JUMP }: { from: IsoDate; to: IsoDate; limit?: number | undefined },
): RateMove[] {
  const firsts = new Map(first.rates.map(({ date, rate }) => [date, rate]));
  const seconds = new Map((second?.rates ?? []).map(({ date, rate }) => [date, rate]));
  const series = [...new Map([...seconds, ...firsts])]
    .map(([date, rate]) => ({ date, rate }))
    .filter(({ date }) => date >= from && date <= to)
    .toSorted((a, b) => (a.date < b.date ? -1 : 1));
  const isConfirmed = (date: IsoDate): boolean => {
    const [own, other] = [firsts.get(date), seconds.get(date)];
    return own !== undefined && other !== undefined && Math.abs(Number(own) / Number(other) - 1) <= RATES_AGREE;
  };
  return series.flatMap(({ date, rate }, at) => {
    const before = series[at - 1];
    if (!before) return [];
    const move = Number(rate) / Number(before.rate) - 1;
    if (Math.abs(move) <= limit) return [];
    const confirmedBy = isConfirmed(date) && isConfirmed(before.date) ? (second?.source ?? null) : null;
    const around = series.slice(Math.max(0, at - 3), at + 3);
    return [{ date, rate, dateBefore: before.date, rateBefore: before.rate, move, confirmedBy, around }];
  });
}

/** `FX_JUMP_UNEXPLAINED`: those that neither a ruling on the pair nor a second source confirms. */
function rateJumps(
  { asOfDate, rulings }: PairFacts,
  rates: RateFacts,
  { from, limit }: { from: IsoDate; limit: number },
): Reason[] {
  const { pair } = rates;
  const settled = new Set(rulings.filter(({ symbol }) => symbol === pair).map(({ exDate }) => exDate));
  const moves = rateMoves(rates, { from, to: asOfDate, limit });
  return moves
    .filter(({ date, confirmedBy }) => confirmedBy === null && !settled.has(date))
    .map(({ date, rate, dateBefore, rateBefore, move }) => {
      const percent = `${move > 0 ? '+' : ''}${(move * 100).toFixed(1)} %`;
      const shown = `${rateBefore} of ${dateBefore} to ${rate} of ${date} (${percent})`;
      const message = `${pair}: ${shown}, more than a rate moves in a day; is it right?`;
      const rounded = Math.round(move * 1e6) / 1e6;
      return reason('FX_JUMP_UNEXPLAINED', pair, message, { date, rateBefore, dateBefore, rate, move: rounded, limit });
    });
}
