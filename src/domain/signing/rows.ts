import { tradingDayOf } from '../calendar/calendar.js';
import { entryDiffers, figuresDiffer, isEqual, type MadeAgain } from '../ledger/bookings/again.js';
import type { EntryDraft } from '../ledger/entries.js';
import type { BookedEntry } from '../ledger/sums.js';
import type { Jump } from '../market/jumps.js';
import { planRuling, type RulingCommand } from '../market/ruling.js';
import type { ActionRuling, CorporateAction, DecimalString, Instant } from '../types.js';

/*
 * A signature says what was asked for, and a row what came of it: whether the row is what the rules make of what was
 * signed. What they took from the market of then the audit record of the signature tells.
 */

/** The audit record that carries the hash of a signature. */
export interface SignedRecord {
  at: Instant;
  detail: unknown;
}

const NOT_TOLD = 'the audit log has no record of what was booked by it';

/**
 * Why an entry is not what its statement books; null when it is.
 * @param made what the rules make of the statement, or why they make nothing of it
 */
export function entryFault(
  stored: BookedEntry | undefined,
  { account, made, record }: { account: string; made: MadeAgain | string | undefined; record: SignedRecord | null },
): string | null {
  if (stored === undefined) return `it is not in the ledger of ${account}`;
  if (typeof made !== 'object') return `what was signed does not book it: ${made ?? 'it books less'}`;
  const other = entryDiffers(stored, made);
  if (other !== null) return other;
  // A date that was not said is that of the booking, which the entry says of itself.
  const isToldByRecord = made.isOpen || stored.effectiveDate === tradingDayOf(stored.bookedAt);
  if (record === null) return isToldByRecord ? NOT_TOLD : null;
  return timeDiffers(stored.bookedAt, record) ?? recordDiffers(stored, record);
}

/**
 * Figures that are others than the audit log recorded. The record of a baseline, which is several entries, has none;
 * and those of earlier versions have no share of the cost where nobody had said one.
 */
function recordDiffers({ postings, costShare }: BookedEntry, { detail }: SignedRecord): string | null {
  const record = (detail ?? {}) as { postings?: EntryDraft['postings']; costShare?: DecimalString | null };
  if (!Array.isArray(record.postings)) return null;
  const share = record.costShare ?? costShare;
  const why = figuresDiffer(
    { postings, ...(costShare !== undefined && { costShare }) },
    { postings: record.postings, ...(share !== undefined && { costShare: share }) },
  );
  return why && `${why}, as the audit log recorded it`;
}

const timeDiffers = (at: Instant, record: SignedRecord): string | null =>
  Date.parse(at) === Date.parse(record.at) ? null : `it is of ${at}, and was recorded at ${record.at}`;

/** A ruling as it is stored. */
export interface RulingTold extends ActionRuling {
  reason: string;
  ruledAt: Instant;
}

/** What somebody said of a ruling, as it was signed. */
interface SaidOfRuling extends Omit<RulingCommand, 'dividendType' | 'value'> {
  type?: RulingCommand['dividendType'];
  value?: DecimalString | null;
  reason: string;
}

/** Why a ruling is not what its statement rules; null when it is. */
export function rulingFault(
  stored: RulingTold | undefined,
  content: unknown,
  record: SignedRecord | null,
): string | null {
  if (stored === undefined) return 'it is not stored';
  const { type = 'regular', reason, value: said = null, ...command } = (content ?? {}) as SaidOfRuling;
  const ruled = planRuling({ ...command, dividendType: type, value: said }, asPublished(command, type, stored.value));
  if (!ruled.ok) return `what was signed does not rule it: ${ruled.refusal.message}`;
  const { result } = ruled;
  const told: [what: string, found: string | null, made: string | null][] = [
    ['symbol', stored.symbol, result.symbol],
    ['ex-date', stored.exDate, result.exDate],
    ['kind', stored.kind, result.kind],
    ['type', stored.dividendType ?? 'regular', result.dividendType ?? 'regular'],
    ['ruling', stored.ruling, result.ruling],
    ['reason', stored.reason, reason],
  ];
  const other = told.find(([, found, made]) => found !== made);
  if (other) return `its ${other[0]} is ${other[1]}, not ${other[2]}`;
  const { value = result.value } = (record?.detail ?? {}) as Partial<ActionRuling>;
  const figure = [result.value, value].find((one) => !isEqual(stored.value, one));
  if (figure !== undefined) return `its value is ${stored.value ?? 'none'}, not ${figure ?? 'none'}`;
  if (record === null) return said === null && stored.value !== null ? NOT_TOLD : null;
  return timeDiffers(stored.ruledAt, record);
}

/** The day of a ruling, on which the figure that was not said had been published as it is stored. */
function asPublished(
  { symbol, exDate, as }: Pick<RulingCommand, 'symbol' | 'exDate' | 'as'>,
  dividendType: CorporateAction['dividendType'],
  value: DecimalString | null,
): Parameters<typeof planRuling>[1] {
  const action = { symbol, exDate, value: value ?? '', currency: null, source: '' };
  const published: CorporateAction[] = [
    { ...action, kind: 'SPLIT' },
    { ...action, kind: 'DIVIDEND', ...(dividendType && { dividendType }) },
  ];
  // Whether the price had jumped was asked when it was ruled.
  const jump = { symbol, session: exDate } as Jump;
  return { published: as === 'genuine' ? [] : published, jump, today: exDate };
}

/** A reset of a kill switch as it is stored. */
export interface ResetTold {
  account: string;
  event: string;
  reason: string;
  at: Instant;
  /** Its key, which ends with how many events of the account there were before it; and how many there are now. */
  key: string;
  before: number;
}

/** Why an event of a kill switch is not the reset that its statement asks for; null when it is. */
export function resetFault(
  stored: ResetTold | undefined,
  { account, content, record }: { account: string | null; content: unknown; record: SignedRecord | null },
): string | null {
  if (stored === undefined) return 'it is not stored';
  const { reason = '' } = (content ?? {}) as { reason?: string };
  if (stored.event !== 'RESET') return `it is ${stored.event}, not RESET`;
  if (stored.account !== account) return `it is of ${stored.account}, not of ${account ?? 'none'}`;
  if (stored.reason !== reason) return `its reason is another than was signed`;
  const [, before] = /\/(\d+)$/.exec(stored.key) ?? [];
  if (before !== undefined && Number(before) !== stored.before)
    return `it comes after ${stored.before} events of the switch, and came after ${before}`;
  return record === null ? NOT_TOLD : timeDiffers(stored.at, record);
}
