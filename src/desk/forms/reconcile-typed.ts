import type { FormTyped } from '../../operations/day/snapshot-rows.js';
import type { SnapshotForm } from '../../operations/day/preview.js';
import type { SnapshotRead } from '../../operations/day/prepare.js';
import type { Account, DecimalString } from '../../domain/types.js';
import type { Typed } from './form.js';
import { accountWords, flagWords } from './typed-command.js';

/*
 * The fields of the form to reconcile, by their names: `cash`, and of a row of the ledger `same.AAPL` (a tick, which
 * says the units that stood beside it) and `positions.AAPL`; of a row beside them `other.1.symbol` and `other.1.units`.
 */

/** Rows for other positions that a form begins with: of an empty ledger all of them are. */
const OTHERS = 3;
const OTHERS_OPENING = 10;
/** What a new form says in its notes. */
export const NOTES = 'manual etoro snapshot';
/** Rows that the button adds. */
export const OTHERS_MORE = 5;
const OTHERS_MAX = 500;

/** What a form of an account says. */
export const formTypedOf = (account: string, typed: Typed): FormTyped => ({
  account,
  commandId: typed['command'] ?? '',
  basis: typed['builtOn'] ?? '',
  opens: typed['opens'] ?? '',
  rows: {
    snapshotDate: typed['snapshotDate'] ?? '',
    cash: typed['cash'] ?? '',
    notes: typed['notes'] ?? '',
    rows: symbolsIn(typed).map((symbol) => ({
      symbol,
      ticked: typed[`same.${symbol}`] ?? null,
      typed: typed[`positions.${symbol}`] ?? '',
    })),
    others: Array.from({ length: lastOther(typed) }, (_, index) => ({
      name: typed[`other.${index + 1}.symbol`] ?? '',
      units: typed[`other.${index + 1}.units`] ?? '',
    })),
    table: { text: typed['file'] ?? '', taken: typed['taken'] ?? '' },
  },
});

const symbolsIn = (typed: Typed): string[] => [
  ...new Set(Object.keys(typed).flatMap((name) => /^(?:same|positions)\.(.+)$/.exec(name)?.[1] ?? [])),
];

/** The number of the last other row in which something stands. */
const lastOther = (typed: Typed): number =>
  Math.min(
    OTHERS_MAX,
    Math.max(
      0,
      ...Object.entries(typed).map(([name, value]) =>
        value.trim() === '' ? 0 : Number(/^other\.(\d{1,4})\.(?:symbol|units)$/.exec(name)?.[1] ?? 0),
      ),
    ),
  );

/** How many other rows the form shows: the last is always free. */
export function othersShown(typed: Typed, { opens }: Pick<SnapshotForm, 'opens'>): number {
  const asked = /^\d{1,3}$/.test(typed['others'] ?? '') ? Number(typed['others']) : opens ? OTHERS_OPENING : OTHERS;
  return Math.min(OTHERS_MAX, Math.max(asked, lastOther(typed) + 1));
}

/** The figures of a table, put where they belong: whatever stood there before is typed over. */
export function filledFrom(
  form: Pick<SnapshotForm, 'rows'>,
  typed: Typed,
  { cash, positions }: { cash: DecimalString | null; positions: Record<string, DecimalString> },
): Typed {
  const held = new Set(form.rows.map(({ symbol }) => symbol));
  const filled: Record<string, string> = { ...typed, ...(cash !== null && { cash }) };
  let free = lastOther(typed);
  for (const [symbol, units] of Object.entries(positions)) {
    if (held.has(symbol)) {
      delete filled[`same.${symbol}`];
      filled[`positions.${symbol}`] = units;
    } else {
      const row = rowOf(typed, symbol) ?? ++free;
      filled[`other.${row}.symbol`] = symbol;
      filled[`other.${row}.units`] = units;
    }
  }
  return filled;
}

/** The other row that names a symbol already. */
function rowOf(typed: Typed, symbol: string): number | null {
  const named = Object.entries(typed).find(
    ([name, value]) => /^other\.\d{1,3}\.symbol$/.test(name) && value.trim() === symbol,
  );
  return named === undefined ? null : Number(named[0].split('.')[1]);
}

/** A snapshot as it stands in the fields: every figure of it was typed. */
export function typedOf(
  form: Pick<SnapshotForm, 'rows'>,
  { cash, positions, notes, snapshotDate }: Omit<SnapshotRead, 'account' | 'seen'>,
): Typed {
  const gone = form.rows.flatMap(({ symbol }) => (Object.hasOwn(positions, symbol) ? [] : [[symbol, '0']]));
  const all = { ...positions, ...(Object.fromEntries(gone) as Record<string, string>) };
  return filledFrom(form, { snapshotDate, ...(notes !== null && { notes }) }, { cash, positions: all });
}

/**
 * What is typed for the same at a terminal, as far as it is filled in. Of a form in which nothing stands yet it says
 * what a new one says, and how a position is given.
 */
export function commandOfRows(
  { account, baseCurrency, clock }: Account,
  typed: Typed,
  { at, tradingDay }: { at: string; tradingDay: string },
): string {
  const isNew = Object.keys(typed).every((name) => name === 'at');
  const { rows } = formTypedOf(account, isNew ? { snapshotDate: tradingDay, notes: NOTES } : typed);
  const positions = [
    ...rows.rows.map(({ symbol, ticked, typed: units }) => [symbol, units.trim() === '' ? ticked : units.trim()]),
    ...rows.others.map(({ name, units }) => [name.trim(), units.trim()]),
  ].filter(([name, units]) => name && units && /^[\w.-]+$/.test(name) && /^[\d.]+$/.test(units) && /[1-9]/.test(units));
  const plain = (text: string, or: string) => (/^[\d.-]+$/.test(text.trim()) ? text.trim() : or);
  return [
    'trading-ops reconcile-daily',
    `--snapshot-date ${plain(rows.snapshotDate, 'YYYY-MM-DD')}`,
    `${baseCurrency === 'GBP' ? '--cash-gbp' : '--cash'} ${plain(rows.cash, '<cash>')}`,
    ...(isNew ? ['--position SYMBOL=UNITS'] : positions.map(([symbol, units]) => `--position ${symbol}=${units}`)),
    ...flagWords('notes', rows.notes.trim()),
    ...accountWords({ account, clock }, at),
  ].join(' ');
}
