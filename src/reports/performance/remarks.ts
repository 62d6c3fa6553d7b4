import type { PerformanceClose, PerformanceReport } from '../../contract/performance.js';
import { D } from '../../domain/money.js';
import { BETWEEN_REASONS } from '../../domain/performance/closes.js';
import { RATES_LOOKED_AT } from '../../domain/performance/names.js';
import type { CorporateAction, IsoDate } from '../../domain/types.js';
import { counted } from '../render/format.js';

/** What a reader of the figures must know, in sentences: the worst first. */
export function remarksOf(
  report: Omit<PerformanceReport, 'remarks'>,
  { without, isMixed, onHold }: { without: readonly string[]; isMixed: boolean; onHold: readonly CorporateAction[] },
): string[] {
  const { period, closes, gaps, benchmark, moneyWeighted } = report;
  const restated = closes.filter((close) => close.restated !== null);
  const nothing = closes.slice(1).filter((close) => close.return === null);
  const missing = gaps.flatMap(({ sessions }) => sessions);
  const flows = gaps.flatMap((gap) => gap.flows.map(({ date }) => date));
  const held = benchmark === null ? [] : onHold.filter(({ symbol }) => symbol === benchmark.symbol);
  return [
    ...(restated.length > 0
      ? [
          `Restated: ${restated.length} of ${closes.length} closes, the first of ${restated[0]!.date}, were said ` +
            `otherwise before (${whyRestated(restated)}); the figures here have it in them.`,
        ]
      : []),
    ...(flows.length > 0
      ? [
          `Money came in or went out on a day without a value (${[...new Set(flows)].join(', ')}): when in the ` +
            'stretch it worked is not known. The time-weighted return and the same deposits count it as of the next ' +
            'close, IRR and Modified Dietz on its own date.',
        ]
      : []),
    ...(gaps.length > 0
      ? [
          `${counted(missing.length, 'session')} without a value (${missingText(missing)}): none is filled in, and the ` +
            'return over each gap is one return.',
        ]
      : []),
    ...(nothing.length > 0
      ? [
          `On ${counted(nothing.length, 'close')}, the first of ${nothing[0]!.date}, there was less than a penny to ` +
            'earn on: no change.',
        ]
      : []),
    ...(period.isYear ? [] : ['Under one year: nothing is annualised.']),
    ...rootRemarks(moneyWeighted),
    ...benchmarkRemarks(benchmark),
    ...(held.length > 0
      ? [
          `What ${held.map(({ symbol, exDate }) => `${symbol} did on ${exDate}`).join(', ')} waits for a ruling: ` +
            'it is not in the benchmark.',
        ]
      : []),
    ...(without.length > 0
      ? [`No close or rate of ${without.join(', ')} at an end of the period: what they brought is in the residual.`]
      : []),
    ...(isMixed ? ['What is held is listed in several currencies: local return and currency are not told apart.'] : []),
    ...unknownRemarks(report, isMixed),
    ...(D(report.contributions.residual.gain).isZero()
      ? []
      : ['The residual is what the parts leave of the whole: figures set right by hand, corrected closes, pennies.']),
  ];
}

/** So much of a reason is told; of a close that many entries changed the CSV has them all. */
const REASON_MAX = 200;
/** Sessions that are named one by one. */
const MISSING_NAMED = 10;

const missingText = (sessions: readonly IsoDate[]): string =>
  sessions.slice(0, MISSING_NAMED).join(', ') +
  (sessions.length > MISSING_NAMED ? ` and ${sessions.length - MISSING_NAMED} more, in the CSV` : '');

/** Why closes are restated: the first reason whole, and how many others there are. */
function whyRestated(restated: readonly Pick<PerformanceClose, 'restated'>[]): string {
  const reasons = new Set(restated.flatMap((close) => close.restated?.because.split(BETWEEN_REASONS) ?? []));
  const [first = '', ...others] = reasons;
  return reasonText(first) + (others.length === 0 ? '' : `; and ${counted(others.length, 'reason')} more, in the CSV`);
}

/** Why a close is restated, as far as a line has room. */
export const reasonText = (because: string): string =>
  because.length <= REASON_MAX
    ? because
    : `${because.slice(0, Math.max(60, because.lastIndexOf(BETWEEN_REASONS, REASON_MAX)))} and more, in the CSV`;

/** Why a figure is `n/a` or unknown, for each that is and has not been told above. */
function unknownRemarks(
  { modifiedDietz, currency, risk: { volatility }, years, hands }: Omit<PerformanceReport, 'remarks'>,
  isMixed: boolean,
): string[] {
  const missed = hands.missed.filter((line) => line.missed === null).length;
  const why: [isUnknown: boolean, text: string][] = [
    [
      modifiedDietz.total === null,
      'Over the time nothing was invested on average: there is no Modified Dietz return and no part of it.',
    ],
    [
      currency.local === null && !isMixed,
      'Something foreign was held on a close whose rate is not known: local return and currency are not told apart.',
    ],
    [volatility.daily === null, 'Fewer than two returns: there is no volatility.'],
    [
      volatility.daily !== null && volatility.period === null,
      'On a day everything was lost: the volatility of the period, which is one of logarithms, means nothing.',
    ],
    [
      years.some(({ realised }) => realised === null),
      'Of something that was sold nobody said the cost: what was realised is not known.',
    ],
    [
      years.some(({ unrealised }) => unrealised === null),
      'Of something that is held nobody said the cost: what is unrealised is not known.',
    ],
    [missed > 0, `No close or rate of ${counted(missed, 'line')} left out: what that cost is not known.`],
  ];
  return why.flatMap(([isUnknown, text]) => (isUnknown ? [text] : []));
}

const rootRemarks = ({ roots }: PerformanceReport['moneyWeighted']): string[] =>
  roots === 'one'
    ? []
    : roots === 'none'
      ? [
          `No rate in ${RATES_LOOKED_AT} makes the flows worth nothing: there is no money-weighted return, or it is ` +
            'beyond what is told.',
        ]
      : ['Several rates make the flows worth nothing: none of them is the money-weighted return alone.'];

function benchmarkRemarks(benchmark: PerformanceReport['benchmark']): string[] {
  if (benchmark === null) return ['The universe has no benchmark: there is nothing to compare with.'];
  const { symbol, kind, label, missing, sameDeposits } = benchmark;
  return [
    ...(kind === 'price-index'
      ? [`${label}: no dividend of ${symbol} is stored, so it lags what holding it would have brought.`]
      : []),
    ...(missing.length > 0
      ? [
          `${label} has no close or rate of ${counted(missing.length, 'close')} of the account, the first of ` +
            `${missing[0]}; nothing is carried over.`,
        ]
      : []),
    ...(sameDeposits !== null && D(sameDeposits.end).isNegative()
      ? ['The benchmark would not have paid for all withdrawals: what the same deposits came to is below nothing.']
      : []),
  ];
}
