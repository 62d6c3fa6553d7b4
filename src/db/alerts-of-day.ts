import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { answeredAs, rowsQuestion, withInstants, type Question } from './questions.js';
import type { CamelRow } from './tables.js';

/** The alerts of a trading day, of the account and of the installation, as they were raised. */
export const alertsOfDay = (
  db: Db,
  account: string,
  tradingDay: IsoDate,
): Question<CamelRow<'alerts', 'code' | 'message' | 'remedy' | 'raised_at'>[]> =>
  answeredAs(
    rowsQuestion<CamelRow<'alerts', 'code' | 'message' | 'remedy' | 'raised_at'>>(
      db,
      `select code, message, remedy, raised_at as "raisedAt" from alerts
    where (account = ? or account is null) and trading_day = ?::date order by raised_at, code, alert_id`,
      [account, tradingDay],
    ),
    (found) => withInstants(found, 'raisedAt'),
  );
