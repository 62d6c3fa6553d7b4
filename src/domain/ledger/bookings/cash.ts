import { refusal, refused } from '../../errors.js';
import { D, toText } from '../../money.js';
import type { Account, DecimalString, IsoDate } from '../../types.js';
import { depositEntry, feeEntry, interestEntry, withdrawalEntry, type EntryDraft } from '../entries.js';
import { cashKey, nextKey } from '../keys.js';
import { ledgerSums, standingEntries, type BookedEntry } from '../sums.js';
import { beforeOpening, inFuture, ledgerEmpty, samePostings, unknownSymbol, type EntryPlan } from './plan.js';

export interface CashCommand {
  account: Account;
  today: IsoDate;
  kind: 'DEPOSIT' | 'WITHDRAWAL' | 'FEE' | 'INTEREST';
  /** Base currency, above zero, at most pennies. */
  amount: DecimalString;
  /** Date it happened; today when left out. */
  date: IsoDate | null;
  notes: string | null;
  /** Set when a second movement of the same date, amount and note is meant. */
  another: boolean;
  /** The symbol a fee is about. */
  symbol: string | null;
  /** Whether the universe has a symbol. */
  isKnown(symbol: string): boolean;
}

/**
 * Plans a deposit, withdrawal, fee or interest; a repeat of date, amount and note is refused unless it is said to be
 * another one.
 */
export function planCash(entries: readonly BookedEntry[], command: CashCommand): EntryPlan {
  const { account, today, kind, amount, date: given, notes, another, symbol } = command;
  const date = given ?? today;
  if (date > today) return refused(inFuture('date', date, today));
  if (entries.length === 0) return refused(ledgerEmpty(account.account));
  const early = beforeOpening(entries, 'date', date);
  if (early) return refused(early);
  const unknown = symbol === null ? null : unknownSymbol(entries, symbol, command.isKnown);
  if (unknown) return refused(unknown);
  const draft = draftOf(command, date);
  const same = standingEntries(entries).filter((entry) => isSame(entry, draft));
  if (same[0] && !another) return refused(alreadyBooked(same[0], amount, date));
  const { cash } = ledgerSums(entries, account.baseCurrency);
  if (kind === 'WITHDRAWAL' && D(amount).gt(D(cash))) return refused(notEnough(amount, cash, account.baseCurrency));
  const plain = cashKey({ kind, date, amount: toText(D(amount)), symbol, notes });
  const key = nextKey(entries, same.length === 0 ? plain : `${plain}+${same.length}`);
  return { ok: true, result: { draft, key, reversesEntryId: null, standing: null } };
}

function draftOf({ kind, account: { baseCurrency }, amount, notes, symbol }: CashCommand, date: IsoDate): EntryDraft {
  const movement = { date, baseCurrency, amount, notes };
  if (kind === 'DEPOSIT') return depositEntry(movement);
  if (kind === 'INTEREST') return interestEntry(movement);
  return kind === 'WITHDRAWAL' ? withdrawalEntry(movement) : feeEntry(movement, symbol);
}

/** The note is in the description, the amount in the postings. */
const isSame = (entry: BookedEntry, draft: EntryDraft): boolean =>
  entry.kind === draft.kind &&
  entry.effectiveDate === draft.effectiveDate &&
  entry.symbol === draft.symbol &&
  entry.description === draft.description &&
  samePostings(entry, draft);

const alreadyBooked = ({ entryId, description }: BookedEntry, amount: DecimalString, date: IsoDate) =>
  refusal('ALREADY_BOOKED', `entry ${entryId} already books this: ${description}, ${amount} on ${date}`, {
    remedy: 'nothing is to be done; if it is a second one, say so with --another, or give it a note of its own',
  });

const notEnough = (amount: DecimalString, cash: DecimalString, currency: string) =>
  refusal('CASH_WOULD_BE_NEGATIVE', `amount: ${amount}: is above the ledger's cash of ${cash} ${currency}`, {
    remedy: 'book what brought the money in first: make reconcile-daily says what is missing',
  });
