import { refusal, refused, type Outcome } from '../../errors.js';
import { DIVIDEND_WORDS } from '../entries.js';
import type { KnownActions } from '../../market/actions.js';
import type { CorporateAction, DividendType, IsoDate } from '../../types.js';

/** The stored action that may be booked; refused while it is on hold, or when no source has told of it. */
export function knownAction(
  { settled, holds }: KnownActions,
  kind: CorporateAction['kind'],
  symbol: string,
  exDate: IsoDate,
  type: DividendType = 'regular',
): Outcome<CorporateAction> {
  const found = settled.find((action) => action.kind === kind && isOf(action, symbol, exDate, type));
  if (found) return { ok: true, result: found };
  const hold = holds.find(({ action }) => isOf(action, symbol, exDate, type));
  if (hold) {
    const { kind: published } = hold.action;
    return refused(
      refusal('ACTION_NEEDS_REVIEW', `${published} of ${symbol}, ${exDate}, is on hold: ${hold.why}`, {
        remedy:
          `rule on it first: trading-ops actions rule --symbol ${symbol} --ex-date ${exDate} --kind ${published.toLowerCase()} ` +
          `${typeFlag(type)}--as cash_dividend|split|ignore --value <value> --reason "<why>"`,
      }),
    );
  }
  return refused(
    refusal(
      'ACTION_UNKNOWN',
      `no ${wordOf(kind, type)} of ${symbol} with ex-date ${exDate} is stored, up to the as-of date`,
      {
        remedy:
          kind === 'SPLIT'
            ? 'make market-fetch, or give the ratio you read off the broker with --ratio'
            : 'make market-fetch, or give what arrived with --net',
      },
    ),
  );
}

const isOf = (action: CorporateAction, symbol: string, exDate: IsoDate, type: DividendType): boolean =>
  action.symbol === symbol && action.exDate === exDate && (action.kind === 'SPLIT' || typeOf(action) === type);

const typeOf = ({ dividendType = 'regular' }: CorporateAction): DividendType => dividendType;
const wordOf = (kind: CorporateAction['kind'], type: DividendType): string =>
  (kind === 'DIVIDEND' ? DIVIDEND_WORDS[type] : kind).toLowerCase();
const typeFlag = (type: DividendType): string => (type === 'regular' ? '' : `--type ${type} `);
