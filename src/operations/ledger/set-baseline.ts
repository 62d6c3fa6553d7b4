import type { z } from 'zod';
import type { Asker } from '../../contract/asker.js';
import { setBaselineSchema, type SetBaseline } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { appendAudit } from '../../db/audit.js';
import { storeConfiguration } from '../../db/configurations.js';
import { bookEntry, journal, lockJournal } from '../../db/journal.js';
import { inTransaction } from '../../db/transaction.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import { planBaseline, type BaselineCommand } from '../../domain/ledger/bookings/baseline.js';
import type { EntryDraft } from '../../domain/ledger/entries.js';
import { admitToBooks, admitToLook, claimOf } from '../accounts/admit.js';
import type { Admitted, Gatehouse, Installation, Proven } from '../installation.js';
import { recordSignature } from '../signing/prove.js';
import { cashAround, type BookingPreview } from './booking.js';
import { movedBy } from './moved-by.js';
import { scopeOf } from './event-market.js';

export interface BaselineSet {
  opened: boolean;
  /** Entries booked; none when the ledger already says all this. */
  entries: { entryId: number; draft: EntryDraft }[];
}

/**
 * Sets the ledger to figures the operator vouches for, with a written reason: opens it when it is empty, otherwise
 * books one BASELINE entry for each figure that differs. A repeat finds nothing left to correct.
 */
export function setBaseline(
  installation: Installation,
  asker: Asker,
  input: SetBaseline,
): Promise<Outcome<BaselineSet>> {
  return outcomeOf(async () => {
    const { account, ...figures } = parseInput(setBaselineSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'baseline',
      account,
      content: { operation: 'set-baseline', ...figures },
    });
    return book(installation, by, commandOf(by, figures));
  });
}

/** What a baseline would do to the journal as it stands: see `previewBooking`. */
export interface BaselinePreview extends Pick<BookingPreview, 'cash' | 'moved'> {
  opens: boolean;
  drafts: EntryDraft[];
}

/** What a baseline would do, by the plan that it is booked by; nothing is locked, signed or stored. */
export function previewBaseline(place: Gatehouse, asker: Asker, input: SetBaseline): Promise<Outcome<BaselinePreview>> {
  return outcomeOf(async () => {
    const { account, ...figures } = parseInput(setBaselineSchema, input);
    const by = await admitToLook(place, asker, account);
    const entries = await journal(place.db, account);
    const plan = resultOrThrow(planBaseline(entries, commandOf(by, figures)));
    const drafts = plan.entries.map(({ draft }) => draft);
    const moved = await movedBy(place.db, by, entries, plan.entries);
    return { opens: plan.opens, drafts, cash: cashAround(entries, drafts, by.account.baseCurrency), moved };
  });
}

function commandOf(by: Admitted, figures: Omit<z.output<typeof setBaselineSchema>, 'account'>): BaselineCommand {
  const { account, today, isKnown } = scopeOf(by);
  return { ...figures, account, today, isKnown };
}

function book({ db }: Installation, by: Proven, command: BaselineCommand): Promise<BaselineSet> {
  const {
    operator,
    at,
    account: { account },
  } = by;
  return inTransaction(db, async (trx) => {
    await lockJournal(trx, account);
    const plan = resultOrThrow(planBaseline(await journal(trx, account), command));
    const entries: BaselineSet['entries'] = [];
    // What it was admitted by: a symbol that is new in the file is in no run's universe yet.
    const { universe, universeHash } = by.configuration;
    if (plan.entries.length > 0) await storeConfiguration(trx, 'universe', universeHash, universe);
    for (const { draft, key } of plan.entries) {
      const { entryId } = await bookEntry(trx, draft, { account, bookedAt: at, operator, idempotencyKey: key });
      entries.push({ entryId, draft });
    }
    if (entries.length > 0) {
      const { date, cash, positions, costs, reason, today } = command;
      const ids = entries.map(({ entryId }) => String(entryId));
      const signature = await recordSignature(trx, by.proof, { fact: 'journal_entries', ids });
      await appendAudit(trx, {
        at,
        account,
        actor: operator,
        action: plan.opens ? 'ledger.opened' : 'ledger.baseline',
        subject: ids.join(','),
        detail: { date: date ?? today, cash, positions, costs, reason, ...claimOf(by), ...signature },
      });
    }
    return { opened: plan.opens, entries };
  });
}
