import { refusal, refused, usageError, type OpsError, type Outcome } from '../../errors.js';
import { D, toText } from '../../money.js';
import type { Account, DecimalString, IsoDate } from '../../types.js';
import type { EntryDraft, EntryKind } from '../entries.js';
import { bookedUnder, eventKey } from '../keys.js';
import { ledgerSums, unitsTakingPart, type BookedEntry } from '../sums.js';
import { beforeOpening, inFuture, ledgerEmpty, outOfOrder, plannedOnce, type EntryPlan } from './plan.js';

/** What every booking of a company's doing says: of whom, and from which date on. */
export interface EventCommand {
  account: Account;
  today: IsoDate;
  symbol: string;
  date: IsoDate;
}

/** One that leaves shares of another symbol, which must have a price by then. */
export interface ExchangeCommand extends EventCommand {
  to: string;
  /** The date of today's prices. */
  asOfDate: IsoDate;
  /** Whether the universe has a symbol: nobody can price or name another. */
  isKnown(symbol: string): boolean;
  /** Whether a symbol is only compared with: no account may hold it (docs/RULES.md 2.9). */
  isBenchmark(symbol: string): boolean;
  /**
   * Whether the other symbol has a close of the as-of date that says what the old one is worth: as a rename leaves
   * it.
   */
  isPriced?: boolean;
}

/** Why nothing of the kind can be booked with that date; null when it can. @param field what the date is called. */
export function wrongEvent(
  entries: readonly BookedEntry[],
  { account, today, date }: EventCommand,
  field: string,
): OpsError | null {
  if (date > today) return inFuture(field, date, today);
  if (entries.length === 0) return ledgerEmpty(account.account);
  return beforeOpening(entries, field, date);
}

/** Why the shares cannot become those of the other symbol; null when they can. */
export function wrongExchange(
  entries: readonly BookedEntry[],
  command: ExchangeCommand,
  field: string,
): OpsError | null {
  const { symbol, to, date, asOfDate, isKnown, isBenchmark, isPriced = false } = command;
  const wrong = wrongEvent(entries, command, field);
  if (wrong) return wrong;
  if (to === symbol)
    return usageError('ARGUMENT_INVALID', `to: ${to}: must be another symbol than ${symbol}`, {
      remedy: 'nothing was booked',
    });
  if (!isKnown(to))
    return usageError('SYMBOL_UNKNOWN', `to: ${to}: is not in the universe`, {
      remedy:
        `nothing was booked: add a row of ${to} to universe.csv, with its name at eToro, ` +
        'then: trading-ops universe check',
    });
  if (isBenchmark(to))
    return usageError('ARGUMENT_INVALID', `to: ${to}: must be a stock: it is a benchmark of the universe, never held`, {
      remedy: 'nothing was booked: read again what the shares became',
    });
  return date > asOfDate && !isPriced ? tooEarly(command, field) : null;
}

/**
 * Shares of the other symbol have no price before it trades: the ledger could not be valued, and the ticket would be
 * sized on nothing.
 */
const tooEarly = ({ symbol, to, date, asOfDate }: ExchangeCommand, field: string) =>
  refusal(
    'EVENT_TOO_EARLY',
    `${field}: ${date}: must not be after ${asOfDate}, the date of today's prices: ` +
      `what ${symbol} becomes would be counted before ${to} has a price`,
    { remedy: 'book it on the next session; until then reconciliation fails with UNITS_DRIFT and nothing trades' },
  );

/** Units held before the date; refused when there are none, or when something was reckoned from them already. */
export function heldBefore(
  entries: readonly BookedEntry[],
  { account: { account }, symbol, date }: Pick<EventCommand, 'account' | 'symbol' | 'date'>,
  { kind, field = 'date', to = [] }: { kind: EntryKind; field?: string; to?: readonly string[] },
): Outcome<DecimalString> {
  const booked = bookedUnder(entries, eventKey(kind, symbol, date, to[0])) ?? null;
  const changed = kind === 'SPIN_OFF' ? to : [symbol, ...to];
  const wrong = outOfOrder(entries, changed, { field, date, booked, account });
  if (wrong) return refused(wrong);
  const units = unitsTakingPart(entries, symbol, date, booked);
  if (units.gt(0)) return { ok: true, result: toText(units) };
  return refused(
    refusal('NOTHING_HELD', `the ledger held no ${symbol} before ${date}`, {
      remedy: 'look at what it holds: make ledger-report',
    }),
  );
}

/** Books it once a kind, symbol and date; refused where the ledger would hold less than nothing after it. */
export function eventPlan(entries: readonly BookedEntry[], { account }: EventCommand, draft: EntryDraft): EntryPlan {
  const key = eventKey(draft.kind, draft.symbol ?? '', draft.effectiveDate, receivedIn(draft));
  const plan = plannedOnce(entries, account, { key, draft });
  if (!plan.ok || plan.result.standing) return plan;
  const { units } = ledgerSums([...entries, draft], account.baseCurrency);
  const short = Object.keys(units).find((symbol) => D(units[symbol] ?? '0').isNegative());
  if (short === undefined) return plan;
  return refused(
    refusal(
      'UNITS_WOULD_BE_NEGATIVE',
      `the ledger would hold less than no ${short}: it held less, or some was sold on ${draft.effectiveDate} or later`,
      { remedy: 'nothing was booked: look at the date, and at trading-ops ledger journal' },
    ),
  );
}

/** The symbol of the shares that came. */
const receivedIn = ({ postings }: EntryDraft): string | undefined =>
  postings.find(({ account, amount }) => account === 'Assets:Units' && D(amount).gt(0))?.commodity;
