import { refusal, refused, usageError, type Outcome } from '../errors.js';
import type { ActionRuling, CorporateAction, DecimalString, DividendType, IsoDate } from '../types.js';
import { dividendTypeOf } from './dividend-types.js';
import type { Jump } from './jumps.js';

/** What somebody says an action or a jump really was. */
export interface RulingCommand {
  symbol: string;
  exDate: string;
  /** As it was published; `JUMP`: nothing was. */
  kind: ActionRuling['kind'];
  /** Which of several dividends of one ex-date; the regular one when left out. */
  dividendType?: DividendType;
  as: ActionRuling['ruling'];
  /** Cash a share, or new shares for one old share; the published figure when left out. */
  value: DecimalString | null;
}

/** What is known of the day that is ruled on. */
export interface RuledDay {
  /** What is stored of the symbol on that date, by the policy's provider. */
  published: readonly CorporateAction[];
  /** The jump of that date, of a close, an adjusted close or a rate, settled or not; null when there was none. */
  jump: Jump | null;
  /** The day on which it is ruled: nobody knows what a later one was. */
  today: IsoDate;
  /** Whether it is the rate of a pair of currencies that is ruled on: it can only have moved. */
  isRate?: boolean;
}

/**
 * The ruling, with its figure: the given one, or the published one where the ruling confirms the published kind, for
 * nobody else can know it. `genuine` is said of a jump and of nothing that was published; a jump that was a split or
 * dividend after all is ruled as that.
 */
export function planRuling(command: RulingCommand, day: RuledDay): Outcome<ActionRuling> {
  const { symbol, exDate, dividendType = 'regular', as, value } = command;
  if (exDate > day.today)
    return refused(
      usageError('DATE_INVALID', `ex-date: ${exDate}: must not be in the future: today is ${day.today}`, {
        remedy: 'nothing was ruled: give the ex-date that actions list shows',
      }),
    );
  if (as === 'genuine') return planGenuine(command, day);
  if (day.isRate === true)
    return refused(
      usageError('FLAGS_INVALID', `as: ${as}: ${symbol} is a rate, which has no splits and no dividends: say genuine`, {
        remedy: 'add --as genuine where the rate moved so; else have it put right and fetch again',
      }),
    );
  if (command.kind === 'JUMP' && as === 'ignore')
    return refused(
      usageError('FLAGS_INVALID', `as: ignore: says that a published action never happened; of a jump say genuine`, {
        remedy: 'add --as genuine, or --as split --value <new shares per old share>',
      }),
    );
  const kind = command.kind === 'JUMP' ? (as === 'split' ? 'SPLIT' : 'DIVIDEND') : command.kind;
  const typed = dividendType === 'regular' ? {} : { dividendType };
  const ruling = (figure: DecimalString | null): Outcome<ActionRuling> => ({
    ok: true,
    result: { symbol, exDate, kind, ...typed, ruling: as, value: figure },
  });
  if (as === 'ignore') return value === null ? ruling(null) : refused(unexpected(value, as));
  if (value !== null) return ruling(value);
  const confirms = (kind === 'SPLIT') === (as === 'split');
  const found = day.published.find(
    (action) =>
      action.kind === kind &&
      action.symbol === symbol &&
      action.exDate === exDate &&
      dividendTypeOf(action) === dividendType,
  );
  if (confirms && found) return ruling(found.value);
  const word = kind.toLowerCase();
  const why = confirms
    ? `no ${word} of ${symbol} on ${exDate} was published`
    : `the published ${word} is no measure of a ${as}`;
  return refused(
    usageError('VALUE_MISSING', `value: must be given: ${why}`, {
      remedy: as === 'split' ? 'add --value <new shares per old share>' : 'add --value <cash a share>',
    }),
  );
}

/** A jump of the price that happened so. One ruling settles it as long as anybody looks back to it. */
function planGenuine(
  { symbol, exDate, kind, value }: RulingCommand,
  { published, jump, isRate }: RuledDay,
): Outcome<ActionRuling> {
  if (value !== null) return refused(unexpected(value, 'genuine'));
  const found = published.find((action) => action.kind === kind);
  if (found)
    return refused(
      usageError(
        'FLAGS_INVALID',
        `as: genuine: is said of a jump, and of ${symbol} on ${exDate} a ${kind.toLowerCase()} of ${found.value} ` +
          'was published: rule it as what it was, or as ignore',
        { remedy: 'trading-ops actions list --on-hold' },
      ),
    );
  if (jump === null)
    return refused(
      refusal(
        'JUMP_UNKNOWN',
        `ex-date: ${exDate}: the stored ${isRate === true ? 'rates' : 'closes'} of ${symbol} do not jump on that day: ` +
          'nothing to call genuine',
        { remedy: `trading-ops actions list --on-hold --symbol ${symbol}` },
      ),
    );
  return { ok: true, result: { symbol, exDate, kind: 'JUMP', ruling: 'genuine', value: null } };
}

const unexpected = (value: DecimalString, as: 'ignore' | 'genuine') =>
  usageError(
    'VALUE_UNEXPECTED',
    `value: ${value}: must be left out with --as ${as}, which says that ` +
      (as === 'ignore' ? 'nothing happened' : 'the price moved so'),
  );

/** What a ruling says, in one sentence for whoever ruled. */
export function rulingText(
  { symbol, exDate, kind, dividendType, ruling, value }: ActionRuling,
  { published, jump, isRate }: Omit<RuledDay, 'today'>,
): string {
  const day = `${symbol} ${exDate}`;
  if (ruling === 'genuine') {
    const move =
      jump === null ? 'the move' : `the move from ${jump.closeBefore} to ${jump.close} (${percent(jump.move)})`;
    return `${day}: ${move} is genuine${isRate === true ? '' : ': no split and no dividend'}`;
  }
  const typed = dividendType === undefined ? '' : `${dividendType.replaceAll('_', ' ')} `;
  const word = `${typed}${kind.toLowerCase()}`;
  const what = ruling === 'cash_dividend' ? `cash dividend of ${value} a share` : `split of ${value}`;
  const found = published.find(
    (action) => action.kind === kind && dividendTypeOf(action) === dividendTypeOf({ dividendType }),
  );
  if (found)
    return ruling === 'ignore'
      ? `${day}: the published ${word} of ${found.value} is ignored: it never happened`
      : `${day}: the published ${word} of ${found.value} counts as ${what}`;
  return ruling === 'ignore'
    ? `${day}: nobody published a ${word}, and there was none`
    : `${day}: a ${what} that nobody published counts`;
}

const percent = (move: number): string => `${move > 0 ? '+' : ''}${(move * 100).toFixed(1)} %`;
