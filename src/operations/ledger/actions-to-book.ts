import type { Knex } from 'knex';
import { knownActionsAround } from '../../db/known-actions.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import type { KnownActions } from '../../domain/market/index.js';
import type { IsoDate } from '../../domain/types.js';
import type { Admitted } from '../installation.js';
import { EARLIEST } from '../market/ruled-day.js';

/** The stored actions of a symbol around an ex-date, up to the as-of date; none for a date that is still to come. */
export async function actionsToBook(
  db: Knex,
  { at, configuration: { policy } }: Admitted,
  symbol: string,
  exDate: IsoDate,
): Promise<KnownActions> {
  const today = tradingDayOf(at);
  if (exDate > today || exDate < EARLIEST) return { settled: [], holds: [] };
  return knownActionsAround(db, policy, symbol, exDate, asOfDate(today, policy.calendar));
}
