import { DAYS_OF_PAGE, pageTicketsSchema, type PageTickets } from '../../contract/lists.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { ticketsOfDays, type ListedTicket } from '../../db/tickets.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { IsoDate } from '../../domain/types.js';

/** A page of an account's tickets, newest first. */
export interface TicketsPage {
  tickets: ListedTicket[];
  /** Before which trading day the next page begins; null on the last one. */
  older: IsoDate | null;
}

/** The tickets of the newest trading days that have any, or of those before one, a page at a time. */
export function pageTickets(db: Db, input: PageTickets): Promise<Outcome<TicketsPage>> {
  return outcomeOf(async () => {
    const { account, before } = parseInput(pageTicketsSchema, input);
    // One day more than is shown says whether there is another page.
    const found = await ticketsOfDays(db, { account, before, days: DAYS_OF_PAGE + 1 });
    const days = [...new Set(found.map(({ tradingDay }) => tradingDay))];
    const oldest = days[DAYS_OF_PAGE - 1];
    const isMore = days.length > DAYS_OF_PAGE;
    return {
      tickets: isMore ? found.filter(({ tradingDay }) => tradingDay >= (oldest as IsoDate)) : found,
      older: isMore ? (oldest ?? null) : null,
    };
  });
}
