import type { Knex } from 'knex';
import { knownActionsAround } from '../../db/known-actions.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import type { KnownActions } from '../../domain/market/index.js';
import type { IsoDate } from '../../domain/types.js';
import type { Admitted } from '../installation.js';

/** Nobody has prices from before: around an older date there is nothing to look for, and Postgres knows no year 0. */
const EARLIEST = '1900-01-01';

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
