import type { Knex } from 'knex';
import type { z } from 'zod';
import type { Asker } from '../../contract/asker.js';
import { parseInput } from '../../contract/reading.js';
import { journal } from '../../db/journal.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import type { EntryPlan } from '../../domain/ledger/bookings/plan.js';
import type { EntryDraft } from '../../domain/ledger/entries.js';
import { ledgerSums, type BookedEntry } from '../../domain/ledger/sums.js';
import type { DecimalString } from '../../domain/types.js';
import { admitToBooks, admitToLook } from '../accounts/admit.js';
import type { Admitted, Gatehouse, Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { movedBy, type Moved } from './moved-by.js';

/** What is said of a booking, whose account is named apart. */
type Saying = z.ZodType<{ account: string }>;
type Said<Schema extends Saying> = Omit<z.output<Schema>, 'account'>;

/** A booking that somebody may ask for: its shape, and what makes an entry of it. */
export interface Booking<Schema extends Saying> {
  /** As the signature names it. */
  operation: string;
  schema: Schema;
  /** Reads what is stored of it and only reads. @returns the rule, to be applied to the journal */
  prepare(db: Knex, by: Admitted, said: Said<Schema>): Planner | Promise<Planner>;
}

/** The entry that a journal makes of what was said, and what the audit record carries of it. */
export interface Planner {
  action: string;
  /** Beyond key and postings. */
  detail: object;
  plan(entries: BookedEntry[]): EntryPlan;
}

/** Books what somebody says, in one entry: the verb of a booking. */
export type Book<Schema extends Saying> = (
  installation: Installation,
  asker: Asker,
  input: z.input<Schema>,
) => Promise<Outcome<Booked>>;

/** The verb of a booking. */
export function booking<Schema extends Saying>(kind: Booking<Schema>): Book<Schema> {
  return (installation, asker, input) =>
    outcomeOf(async () => {
      const { account, said } = readSaying(kind, input);
      const content = { operation: kind.operation, ...said };
      const by = await admitToBooks(installation, asker, { purpose: 'booking', account, content });
      const planner = await kind.prepare(installation.db, by, said);
      return bookPlanned(installation.db, by, planner, (entries) => planner.plan(entries));
    });
}

function readSaying<Schema extends Saying>({ schema }: Booking<Schema>, input: unknown) {
  const { account, ...said } = parseInput<{ account: string }>(schema, input);
  return { account, said: said as Said<Schema> };
}

/** What a booking would do to the journal as it stands. */
export interface BookingPreview {
  draft: EntryDraft;
  /** The standing entry that books this already: then nothing would be booked. */
  standing: number | null;
  /** The ledger's cash before and after, base currency. */
  cash: { before: DecimalString; after: DecimalString };
  /** What is held before and after, and its cost. */
  moved: Moved;
}

/**
 * What a booking would do, by the very plan that it is booked by, on the journal as it stands: nothing is locked,
 * signed or stored. @returns or what the booking would be refused with, but for its signature
 */
export function previewBooking<Schema extends Saying>(
  place: Gatehouse,
  asker: Asker,
  kind: Booking<Schema>,
  input: z.input<Schema>,
): Promise<Outcome<BookingPreview>> {
  return outcomeOf(async () => {
    const { account, said } = readSaying(kind, input);
    const by = await admitToLook(place, asker, account);
    const planner = await kind.prepare(place.db, by, said);
    const entries = await journal(place.db, account);
    const planned = resultOrThrow(planner.plan(entries));
    const { draft, standing } = planned;
    const cash = cashAround(entries, standing ? [] : [draft], by.account.baseCurrency);
    const moved = await movedBy(place.db, by, entries, standing ? [] : [planned]);
    return { draft, standing: standing?.entryId ?? null, cash, moved };
  });
}

/** The ledger's cash before and after entries that may come. */
export const cashAround = (
  entries: readonly EntryDraft[],
  coming: readonly EntryDraft[],
  baseCurrency: string,
): BookingPreview['cash'] => ({
  before: ledgerSums(entries, baseCurrency).cash,
  after: ledgerSums([...entries, ...coming], baseCurrency).cash,
});
