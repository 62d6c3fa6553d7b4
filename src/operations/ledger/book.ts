import type { Knex } from 'knex';
import { knownActionsAround, type KnownActions } from '../../db/known-actions.js';
import { ratesFrom } from '../../db/quotes.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { refusal, usageError } from '../../domain/errors.js';
import {
  depositEntry, dividendAmounts, dividendEntry, dividendFromNet, feeEntry, reversalEntry, splitEntry, US_WITHHOLDING, withdrawalEntry,
  type DividendAmounts, type EntryDraft,
} from '../../domain/ledger/entries.js';
import { dividendKey, splitKey } from '../../domain/ledger/keys.js';
import { ledgerSums, openingDate, standingEntries, unitsBefore, type BookedEntry } from '../../domain/ledger/sums.js';
import { D, toText } from '../../domain/money.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { CorporateAction, DecimalString, IsoDate } from '../../domain/types.js';
import { bookOnce, type Booked, type Bookkeeper } from './book-once.js';

export interface CashBooking {
  amount: DecimalString;
  date: IsoDate;
  notes: string | null;
  /** Set when a second movement of the same date, amount and note is meant. */
  another: boolean;
}

/** Books a deposit, withdrawal or fee; a repeat of date, amount and note is refused unless it is said to be another one. */
export async function bookCash(db: Knex, by: Bookkeeper, kind: 'DEPOSIT' | 'WITHDRAWAL' | 'FEE', booking: CashBooking, symbol: string | null = null): Promise<Booked> {
  const input = { date: booking.date, baseCurrency: by.account.baseCurrency, amount: booking.amount, notes: booking.notes };
  const draft = kind === 'DEPOSIT' ? depositEntry(input) : kind === 'WITHDRAWAL' ? withdrawalEntry(input) : feeEntry(input, symbol);
  const plain = [kind.toLowerCase(), booking.date, toText(D(booking.amount)), symbol ?? '', booking.notes ?? ''].join(':');
  const booked = await bookOnce(db, by, `${kind.toLowerCase()}.booked`, (entries) => {
    afterOpening(entries, booking.date);
    if (kind === 'WITHDRAWAL') enoughCash(entries, by, booking.amount);
    const before = standingEntries(entries).filter((entry) => entry.idempotencyKey === plain || entry.idempotencyKey.startsWith(`${plain}+`)).length;
    return { key: booking.another && before > 0 ? `${plain}+${before}` : plain, draft };
  });
  if (booked.bookedNow) return booked;
  throw refusal('ALREADY_BOOKED', `entry ${booked.entryId} already books this: ${draft.description}, ${booking.amount} on ${booking.date}`, {
    remedy: 'nothing is to be done; if it is a second one, say so with --another, or give it a note of its own',
  });
}

function afterOpening(entries: BookedEntry[], date: IsoDate): void {
  const opened = openingDate(entries);
  if (opened !== null && date < opened) {
    throw usageError('DATE_INVALID', `date: ${date}: must not be before the ledger was opened, ${opened}: what was earlier is in its opening`);
  }
}

function enoughCash(entries: BookedEntry[], { account }: Bookkeeper, amount: DecimalString): void {
  const { cash } = ledgerSums(entries, account.baseCurrency);
  if (D(amount).gt(D(cash))) {
    throw refusal('CASH_WOULD_BE_NEGATIVE', `amount: ${amount}: is above the ledger's cash of ${cash} ${account.baseCurrency}`, {
      remedy: 'book what brought the money in first: make reconcile-daily says what is missing',
    });
  }
}

export interface DividendBooking {
  symbol: string;
  exDate: IsoDate;
  /** Date it was paid; the day of booking when left out. */
  paidOn: IsoDate | null;
  /** Cash a share in listing currency; the stored action's when left out. */
  amount: DecimalString | null;
  units: DecimalString | null;
  fx: DecimalString | null;
  withholding: DecimalString | null;
  /** What arrived, base currency; replaces amount, units and fx. */
  net: DecimalString | null;
}

/** Books a dividend once a symbol and ex-date: from the stored action, or from what the operator read off the broker. */
export function bookDividend(db: Knex, by: Bookkeeper, policy: Policy, booking: DividendBooking): Promise<Booked> {
  return bookOnce(db, by, 'dividend.booked', async (entries) => {
    const { symbol, exDate } = booking;
    const amounts = booking.net === null
      ? await amountsOf(db, by, policy, booking, entries)
      : dividendFromNet(booking.net, booking.withholding ?? US_WITHHOLDING);
    if (!amounts.gross.gt(0)) throw refusal('DIVIDEND_TOO_SMALL', `the dividend of ${symbol} comes to less than a penny: nothing is booked`);
    const date = booking.paidOn ?? tradingDayOf(by.at);
    afterOpening(entries, date);
    return { key: dividendKey(symbol, exDate), draft: dividendEntry({ date, exDate, baseCurrency: by.account.baseCurrency, symbol, amounts }), detail: { ...booking } };
  });
}

async function amountsOf(db: Knex, by: Bookkeeper, policy: Policy, booking: DividendBooking, entries: BookedEntry[]): Promise<DividendAmounts> {
  const { symbol, exDate } = booking;
  const units = booking.units ?? toText(unitsBefore(entries, symbol, exDate));
  if (!D(units).gt(0)) {
    throw refusal('NOTHING_HELD', `the ledger held no ${symbol} before ${exDate}`, { remedy: 'give what eToro paid with --net, or the units with --units' });
  }
  const asOf = asOfDate(tradingDayOf(by.at), policy.calendar);
  const action = booking.amount === null ? knownAction(await knownActionsAround(db, policy, symbol, exDate, asOf), 'DIVIDEND', symbol, exDate) : null;
  const fx = booking.fx ?? (await ratesFrom(db, policy.market_data.fx_provider, by.account.baseCurrency, exDate))(action?.currency ?? 'USD', exDate);
  if (fx === null) throw refusal('FX_MISSING', `no rate of ${exDate} or before is stored`, { remedy: 'make market-fetch, or give the rate with --fx, or what arrived with --net' });
  return dividendAmounts({ units, amount: booking.amount ?? (action as CorporateAction).value, fx, withholding: booking.withholding ?? US_WITHHOLDING });
}

/** The stored action that may be booked; refused while it is held for review, or when no source has told of it. */
function knownAction({ settled, holds }: KnownActions, kind: CorporateAction['kind'], symbol: string, exDate: IsoDate): CorporateAction {
  const found = settled.find((action) => action.kind === kind && action.symbol === symbol && action.exDate === exDate);
  if (found) return found;
  const hold = holds.find(({ action }) => action.symbol === symbol && action.exDate === exDate);
  if (hold) {
    throw refusal('ACTION_NEEDS_REVIEW', `${hold.action.kind} of ${symbol}, ${exDate}, is held for review: ${hold.why}`, {
      remedy: `rule on it first: trading-ops actions rule --symbol ${symbol} --ex-date ${exDate} --kind ${hold.action.kind.toLowerCase()} --as cash_dividend|split|ignore --value <value> --reason "<why>"`,
    });
  }
  throw refusal('ACTION_UNKNOWN', `no ${kind.toLowerCase()} of ${symbol} with ex-date ${exDate} is stored, up to the as-of date`, {
    remedy: kind === 'SPLIT' ? 'make market-fetch, or give the ratio you read off the broker with --ratio' : 'make market-fetch, or give what arrived with --net',
  });
}

export interface SplitBooking {
  symbol: string;
  exDate: IsoDate;
  /** New shares for one old share; the stored action's when left out. */
  ratio: DecimalString | null;
}

/** Books a split once a symbol and ex-date, up to the as-of date: a stored one, or one whose ratio the operator gives. */
export function bookSplit(db: Knex, by: Bookkeeper, policy: Policy, { symbol, exDate, ratio }: SplitBooking): Promise<Booked> {
  return bookOnce(db, by, 'split.booked', async (entries) => {
    const today = tradingDayOf(by.at);
    const opened = openingDate(entries);
    if (exDate > today) throw usageError('DATE_INVALID', `ex-date: ${exDate}: must not be in the future: today is ${today}`);
    if (opened !== null && exDate < opened) throw refusal('SPLIT_BEFORE_OPENING', `the ledger was opened on ${opened}, with the split of ${exDate} in its units`);
    const pricedAt = asOfDate(today, policy.calendar);
    if (exDate > pricedAt) throw tooEarly(symbol, exDate, pricedAt);
    const known = ratio ?? knownAction(await knownActionsAround(db, policy, symbol, exDate, pricedAt), 'SPLIT', symbol, exDate).value;
    const draft = splitEntry({ exDate, symbol, units: toText(unitsBefore(entries, symbol, exDate)), ratio: known });
    if (!draft) throw refusal('NOTHING_HELD', `the ledger held no ${symbol} before ${exDate}: the split changes nothing`);
    return { key: splitKey(symbol, exDate), draft, detail: { ratio: known, source: ratio === null ? 'stored action' : 'operator' } };
  });
}

/** Units after a split at a price from before it would be worth a multiple of what they are, and the ticket would sell them. */
const tooEarly = (symbol: string, exDate: IsoDate, pricedAt: IsoDate) =>
  refusal('SPLIT_TOO_EARLY', `ex-date: ${exDate}: must not be after ${pricedAt}, the date of today's prices: ${symbol} would be counted after the split and priced before it`, {
    remedy: 'book it on the next session; until then reconciliation fails with UNITS_DRIFT and nothing trades',
  });

/** Takes an entry back. Fills are amended and openings corrected by a baseline instead, each with its own command. */
export function reverseEntry(db: Knex, by: Bookkeeper, entryId: number, reason: string): Promise<Booked> {
  return bookOnce(db, by, 'entry.reversed', (entries) => {
    const entry = entries.find((candidate) => candidate.entryId === entryId);
    if (!entry) throw refusal('ENTRY_UNKNOWN', `entry: ${entryId}: is not in the ledger of ${by.account.account}`, { remedy: 'trading-ops ledger journal' });
    const other = notReversible[entry.kind];
    if (other) throw refusal('ENTRY_NOT_REVERSIBLE', `entry ${entryId} is ${entry.kind}: ${other}`);
    if (entries.some((candidate) => candidate.reversesEntryId === entryId)) throw refusal('ALREADY_REVERSED', `entry ${entryId} is reversed already`);
    return { key: `reversal:${entryId}`, draft: reversalEntry(entry, reason), reversesEntryId: entryId, detail: { reason } };
  });
}

const notReversible: Partial<Record<EntryDraft['kind'], string>> = {
  OPENING: 'correct it with trading-ops ledger-baseline',
  FILL: 'correct it by confirming its ticket again with --amend',
  REVERSAL: 'book what was reversed again instead',
};
