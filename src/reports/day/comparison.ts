import type { PriceSeries } from '../../db/known-prices.js';
import type { DayFacts } from './facts.js';
import { D, toText } from '../../domain/money.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';
import { chartBlock, paragraph, table, type Block } from '../render/document.js';
import { signedPercent } from '../render/format.js';

/** Sessions compared: a week, a month and a quarter of trading, as the score counts them. */
const SPANS = [5, 21, 63];

interface Track {
  name: string;
  points: { date: IsoDate; value: DecimalString }[];
}

/**
 * The account against its benchmarks over the last sessions; the account's index has deposits and withdrawals taken
 * out.
 */
export function comparisonBlocks(facts: DayFacts): Block[] {
  const tracks = tracksOf(facts);
  if (tracks.length < 2) return [paragraph('No benchmark of the universe has prices; nothing to compare with.')];
  const sessions = tracks[1]!.points.map(({ date }) => date);
  return [
    table(
      ['', ...SPANS.map((span) => `${span} sessions#`)],
      tracks.map((track) => [
        track.name,
        ...SPANS.map((span) => change(track, sessions.at(-1 - span), sessions.at(-1))),
      ]),
    ),
    paragraph(
      'The account is measured by its index, which leaves deposits and withdrawals out. Benchmarks are price indices, ' +
        `without dividends, in ${facts.account.baseCurrency} at the rate of each session.`,
    ),
    ...rebasedChart(tracks),
  ];
}

function tracksOf(facts: DayFacts): Track[] {
  const { account, equity, benchmarks, prices } = facts;
  const own = {
    name: account.account,
    points: equity.map((point) => ({ date: point.asOfDate, value: point.equityIndex })),
  };
  const others = benchmarks.flatMap((row): Track[] => {
    const series = prices.find(({ symbol }) => symbol === row.internalSymbol);
    return series
      ? [
          {
            name: `${row.internalSymbol} (PRICE INDEX)`,
            points: inBase(facts, series),
          },
        ]
      : [];
  });
  return [own, ...others];
}

/**
 * Closes of a series in the account's currency, each at the newest rate up to its session: the account is measured in
 * that currency, and so is what it is compared with. A session before the first rate is left out, for no rate is made
 * up.
 */
function inBase({ account, rateSeries }: DayFacts, { currency, points }: PriceSeries): Track['points'] {
  if (currency === account.baseCurrency)
    return points.map(({ session, adjusted }) => ({ date: session, value: adjusted }));
  const rates = rateSeries.filter(({ pair }) => pair === `${account.baseCurrency}${currency}`);
  return points.flatMap(({ session, adjusted }) => {
    const rate = rates.findLast(({ date }) => date <= session)?.rate;
    return rate === undefined ? [] : [{ date: session, value: toText(D(adjusted).div(rate)) }];
  });
}

/** Change of a track between two dates, each by its newest value up to then; `n/a` before its first value. */
function change({ points }: Track, from: IsoDate | undefined, to: IsoDate | undefined): string {
  const valueAt = (date: IsoDate | undefined) =>
    date === undefined ? undefined : points.findLast((point) => point.date <= date)?.value;
  const [start, end] = [valueAt(from), valueAt(to)];
  return start === undefined || end === undefined || D(start).isZero()
    ? 'n/a'
    : signedPercent(toText(D(end).div(D(start)).minus(1)));
}

/** All tracks on one scale: 100 on the first date that the account and a benchmark share. */
function rebasedChart([own, ...others]: Track[]): Block[] {
  const first = own?.points.find(({ date }) => date >= (others[0]?.points[0]?.date ?? ''))?.date;
  if (!own || first === undefined) return [];
  const rebased = [own, ...others].map(({ name, points }) => {
    const from = points.filter(({ date }) => date >= first);
    const start = Number(from[0]?.value ?? '1');
    return { name, points: from.map(({ date, value }) => ({ date, value: (Number(value) / start) * 100 })) };
  });
  if (rebased[0]!.points.length < 2) return [];
  return chartBlock({
    title: `Account and benchmarks, ${first} = 100`,
    series: rebased,
    width: 720,
    height: 280,
    yFormat: (value) => value.toFixed(1),
  });
}
