import type { DividendType, IsoDate } from '../types.js';
import { everIndex, grownIndex } from './grown.js';
import type { BookedEntry } from './sums.js';

/*
 * Idempotency keys: what can be right only once. A reversed booking frees its key for one more try, which gets the key
 * with a counter, for the journal keeps every key it ever used.
 */
/** Several dividends of one ex-date have a key each; the regular one has the plain key. */
export const dividendKey = (symbol: string, exDate: IsoDate, type: DividendType = 'regular'): string =>
  `dividend:${symbol}:${exDate}${type === 'regular' ? '' : `:${type}`}`;
/** What a company did to a holding, once a kind, symbol and date; of spin-offs one a new company. */
export const eventKey = (kind: string, symbol: string, date: IsoDate, to?: string): string =>
  [kind.toLowerCase(), symbol, date, ...(kind === 'SPIN_OFF' && to !== undefined ? [to] : [])].join(':');
export const splitKey = (symbol: string, exDate: IsoDate): string => `split:${symbol}:${exDate}`;
export const reversalKey = (entryId: number): string => `reversal:${entryId}`;

/**
 * A movement of cash; `amount` in canonical text. A second one of the same day, amount and note has a key with its
 * number.
 */
export const cashKey = (movement: {
  kind: string;
  date: IsoDate;
  amount: string;
  symbol: string | null;
  notes: string | null;
}): string =>
  [movement.kind.toLowerCase(), movement.date, movement.amount, movement.symbol ?? '', movement.notes ?? ''].join(':');

/** One figure of a baseline, set on the ledger as it was after its newest entry. */
export const baselineKey = (lastEntryId: number, { kind, symbol }: { kind: string; symbol: string | null }): string =>
  `baseline:${lastEntryId}:${kind}:${symbol ?? 'cash'}`;

/** What sets the paper book to the ledger before the fills of a confirmation. */
export const paperKey = (confirmationId: string | null, what: string): string => `paper:${confirmationId}:${what}`;

/** The standing entry that was booked under a key, or undefined. */
export const bookedUnder = (entries: readonly BookedEntry[], key: string): BookedEntry | undefined =>
  standingUnder(entries).get(key);

/** The first standing entry of each key, in booking order; one that was tried again stands under its plain key too. */
const standingUnder = grownIndex<BookedEntry, Map<string, BookedEntry>>(
  () => new Map(),
  (found, entry) => {
    const { idempotencyKey: key } = entry;
    const plain = key.includes('#') ? key.replace(/#\d+$/, '') : key;
    for (const name of plain === key ? [key] : [key, plain]) if (!found.has(name)) found.set(name, entry);
  },
);

/** The key to book under: the plain one, or with the first counter that no entry ever had. */
export function nextKey(entries: readonly BookedEntry[], key: string): string {
  const used = usedKeys(entries);
  let free = key;
  for (let count = 2; used.has(free); count++) free = `${key}#${count}`;
  return free;
}

const usedKeys = everIndex<BookedEntry, Set<string>>(
  () => new Set(),
  (used, { idempotencyKey }) => used.add(idempotencyKey),
);
