import { brokenBooks, violationText } from '../../src/operations/guard/verify-books.js';
import type { FactsScope } from '../../src/operations/guard/invariants.js';
import { installationPaths } from '../../src/runtime/paths.js';
import type { IsoDate } from '../../src/domain/types.js';
import type { House } from './house.js';

/** What the system said is done: it must be found again, whatever happened since. */
export interface Acknowledged {
  /** Ticket ids by trading day, in the order they were answered. */
  tickets: Map<IsoDate, string[]>;
  confirmations: { day: IsoDate; confirmationId: string }[];
}

export const nothingAcknowledged = (): Acknowledged => ({ tickets: new Map(), confirmations: [] });

/** Everything that does not hold after a day, a line each. */
export async function brokenAfterDay(
  house: House,
  { day, isUp, acknowledged, facts }: { day: IsoDate; isUp: boolean; acknowledged: Acknowledged; facts: FactsScope },
): Promise<string[]> {
  const { db, installation } = house;
  const { dataDir } = installation;
  const kept = { dataDir, backups: installationPaths(dataDir).backups };
  const violations = (await brokenBooks({ db, kept, slots: null, facts })).map(violationText);
  return [...violations, ...(await lostAnswers(house, acknowledged)), ...(isUp ? await liveTicket(house, day) : [])];
}

/** Nothing that was acknowledged is lost. */
async function lostAnswers({ db }: House, { tickets, confirmations }: Acknowledged): Promise<string[]> {
  const stored = new Set<string>(await db('tickets').pluck('ticket_id'));
  const booked = new Set<string>(await db('confirmations').pluck('confirmation_id'));
  return [
    ...[...tickets].flatMap(([day, ids]) =>
      ids.filter((id) => !stored.has(id)).map((id) => `LOST: ticket ${id} of ${day} was answered and is not stored`),
    ),
    ...confirmations
      .filter(({ confirmationId }) => !booked.has(confirmationId))
      .map(
        ({ day, confirmationId }) => `LOST: confirmation ${confirmationId} of ${day} was answered and is not stored`,
      ),
  ];
}

/** Exactly one live ticket, and it is confirmed. */
async function liveTicket({ db }: House, day: IsoDate): Promise<string[]> {
  const rows = await db('live_tickets').where({ trading_day: day }).select('ticket_id');
  return rows.length === 1 ? [] : [`ONE TICKET: ${day} has ${rows.length} live tickets`];
}
