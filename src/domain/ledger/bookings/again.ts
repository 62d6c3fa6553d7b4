import { decimalOf } from '../../money.js';
import type { Account, IsoDate } from '../../types.js';
import type { EntryDraft } from '../entries.js';
import type { BookedEntry } from '../sums.js';
import { planBaseline, type BaselineCommand } from './baseline.js';
import { planCashInLieu, type CashInLieuCommand } from './cash-in-lieu.js';
import { planCashMerger, planDelisting, type CashMergerCommand } from './cash-merger.js';
import { planCash, type CashCommand } from './cash.js';
import { planDividend, type DividendCommand } from './dividend.js';
import type { ExchangeCommand } from './event.js';
import type { EntryPlan } from './plan.js';
import { planRename } from './rename.js';
import { planReversal } from './reversal.js';
import { planSplit, type SplitCommand } from './split.js';
import { planSpinOff, planStockMerger, type SpinOffCommand, type StockMergerCommand } from './stock-merger.js';

/*
 * What a booking books is a rule applied to the journal as it was and to what somebody said. Both are stored, so the
 * entry can be made again, and what stands in its place held against it.
 */

/** An entry as the rule makes it again. */
export interface MadeAgain {
  draft: EntryDraft;
  key: string;
  /** The entry that it takes back; null for all but reversals. */
  reversesEntryId: number | null;
  /**
   * Its figures rest on the market of then (a stored dividend, a rate, a close) and not on what was said alone: the
   * amounts in it only stand for others, and the audit record of then tells them.
   */
  isOpen: boolean;
}

/** The place of a booking: its account, the day on which it was booked, and the journal before it. */
export interface BookedAt {
  account: Account;
  today: IsoDate;
  before: readonly BookedEntry[];
}

/** What somebody said of a booking, as it was signed. */
interface Said {
  operation?: unknown;
  net: string | null;
  amount: string | null;
  fx: string | null;
  ratio: string | null;
  costShare: string | null;
  exDate?: IsoDate;
  entry?: number;
}

/** What a statement left out has its default. */
const LEFT_OUT = {
  date: null,
  notes: null,
  another: false,
  symbol: null,
  type: 'regular',
  paidOn: null,
  net: null,
  amount: null,
  units: null,
  fx: null,
  withholding: null,
  ratio: null,
  costShare: null,
  cash: null,
  positions: {},
  costs: {},
};

/** Stands for an amount a share that the market told: large, so that no holding earns less than a penny by it. */
const STAND_IN = '1000000000';
const RATE = { currency: '', fx: '1' };
const VALUES = { old: '1', new: '1' };
const NOTHING_KNOWN = { settled: [], holds: [] };

/** A rule, and whether its figures rest on the market of then. */
type Rule = (
  before: readonly BookedEntry[],
  said: Said,
) => readonly [plan: EntryPlan | ReturnType<typeof planBaseline>, isOpen: boolean];

/** Whether cash a share was to be converted by the stored rate. */
const isConverted = ({ net, amount, fx }: Said): boolean => net === null && amount !== null && fx === null;

/** Each rule that a statement can ask for, by the name in the statement. */
const RULES: Readonly<Record<string, Rule>> = {
  'book-cash': (before, said) => [planCash(before, said as unknown as CashCommand), false],
  'book-dividend': (before, said) => {
    const command = { ...said, amount: said.amount ?? STAND_IN } as unknown as DividendCommand;
    const isOpen = said.net === null && (said.amount === null || said.fx === null);
    return [planDividend(before, command, { known: NOTHING_KNOWN, currency: '', rateOf: () => RATE.fx }), isOpen];
  },
  'book-split': (before, said) => {
    const command = { ...said, ratio: said.ratio ?? '2' } as unknown as SplitCommand;
    return [planSplit(before, command, NOTHING_KNOWN), said.ratio === null];
  },
  'book-rename': (before, said) => [planRename(before, said as unknown as ExchangeCommand), false],
  'book-cash-merger': (before, said) => [
    planCashMerger(before, said as unknown as CashMergerCommand, RATE),
    isConverted(said),
  ],
  'book-delisting': (before, said) => [
    planDelisting(before, said as unknown as CashMergerCommand, RATE),
    isConverted(said),
  ],
  'book-stock-merger': (before, said) => [
    planStockMerger(before, said as unknown as StockMergerCommand, { rate: RATE, values: VALUES }),
    isConverted(said) || ((said.net ?? said.amount) !== null && said.costShare === null),
  ],
  'book-spin-off': (before, said) => [
    planSpinOff(before, { ...said, date: said.exDate } as unknown as SpinOffCommand, VALUES),
    said.costShare === null,
  ],
  'book-cash-in-lieu': (before, said) => [planCashInLieu(before, said as unknown as CashInLieuCommand), false],
  'reverse-entry': (before, said) => [
    planReversal(before, { ...said, entryId: said.entry } as unknown as Parameters<typeof planReversal>[1]),
    false,
  ],
  'set-baseline': (before, said) => [planBaseline(before, said as unknown as BaselineCommand), false],
};

/**
 * The entries that a statement books, by the rules that booked them. That the universe names a symbol, and that it had
 * a price by then, was asked when it was booked.
 * @param content of the statement. @returns or why the rules book nothing of the kind
 */
export function bookedAgain(content: unknown, { account, today, before }: BookedAt): MadeAgain[] | string {
  const asked = { account, today, asOfDate: today, isKnown: () => true, isBenchmark: () => false, isPriced: true };
  const said: Said = { ...LEFT_OUT, ...(content as Partial<Said> | null), ...asked };
  const rule = Object.entries(RULES).find(([operation]) => operation === said.operation)?.[1];
  if (rule === undefined) return 'no booking was asked for';
  try {
    const [plan, isOpen] = rule(before, said);
    if (!plan.ok) return plan.refusal.message;
    if ('entries' in plan.result) return plan.result.entries.map((one) => ({ ...one, reversesEntryId: null, isOpen }));
    const { standing, ...planned } = plan.result;
    return standing ? `entry ${standing.entryId} booked it` : [{ ...planned, isOpen }];
  } catch (error) {
    // Whoever holds a key can sign anything: a figure that is none is no figure of a booking.
    if (error instanceof Error) return error.message;
    throw error;
  }
}

/** What of an entry tells whether it is the one that was made again. */
export type EntryTold = EntryDraft & Pick<BookedEntry, 'idempotencyKey' | 'reversesEntryId' | 'confirmationId'>;

/** What an entry says otherwise than it was made again, in words; null where it says the same. */
export function entryDiffers(stored: EntryTold, { draft, key, reversesEntryId, isOpen }: MadeAgain): string | null {
  const told: [what: string, made: string | number | null, found: string | number | null][] = [
    ['its kind', draft.kind, stored.kind],
    ['its date', draft.effectiveDate, stored.effectiveDate],
    ['its symbol', draft.symbol, stored.symbol],
    ['its key', key, stored.idempotencyKey],
    ['what it takes back', reversesEntryId, stored.reversesEntryId],
    ['its confirmation', null, stored.confirmationId],
  ];
  const other = told.find(([, made, found]) => made !== found);
  if (other) return `${other[0]} is ${other[2]}, not ${other[1]}`;
  return isOpen ? placesDiffer(stored, draft) : figuresDiffer(stored, draft);
}

/** Amounts and split of a cost that are others than were made. */
export function figuresDiffer(
  { postings, costShare }: Pick<EntryDraft, 'postings' | 'costShare'>,
  made: Pick<EntryDraft, 'postings' | 'costShare'>,
): string | null {
  if (postings.length !== made.postings.length)
    return `it has ${postings.length} postings, not ${made.postings.length}`;
  for (const [index, { account, commodity, amount }] of made.postings.entries()) {
    const found = postings[index];
    const isSame = found?.account === account && found.commodity === commodity && isEqual(found.amount, amount);
    if (!isSame) return `a posting is ${inWords(found)}, not ${account} ${commodity} ${amount}`;
  }
  const [found, meant] = [costShare ?? null, made.costShare ?? null];
  return isEqual(found, meant) ? null : `its share of the cost is ${found}, not ${meant}`;
}

/** A posting of another account or of another thing than the rule moves; of tax that comes to nothing there is none. */
function placesDiffer({ postings }: Pick<EntryDraft, 'postings'>, made: EntryDraft): string | null {
  const places = made.postings.map(({ account, commodity }) => `${account} ${commodity}`);
  const other = postings.find(({ account, commodity }) => !places.includes(`${account} ${commodity}`));
  return other ? `a posting is ${inWords(other)}, which it does not move` : null;
}

const inWords = (posting: EntryDraft['postings'][number] | undefined): string =>
  posting ? `${posting.account} ${posting.commodity} ${posting.amount}` : 'missing';

/** Whether two figures are the same, however they are written; none equals none, and what is no figure itself. */
export function isEqual(a: string | null, b: string | null): boolean {
  if (a === b || a === null || b === null) return a === b;
  const [one, other] = [decimalOf(a), decimalOf(b)];
  return one !== null && other !== null && one.eq(other);
}
