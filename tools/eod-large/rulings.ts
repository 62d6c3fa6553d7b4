import { cleanRatio, wholeRatio } from '../../src/domain/market/ratio.js';
import type { IsoDate } from '../../src/domain/types.js';
import type { Row } from './rows.js';

/** A line of the file that `simulate --rulings` reads. */
export interface Ruling {
  symbol: string;
  exDate: IsoDate;
  kind: 'SPLIT' | 'DIVIDEND' | 'JUMP';
  ruling: 'cash_dividend' | 'split' | 'ignore' | 'genuine';
  value: string;
  ruledOn: IsoDate;
  reason: string;
}
type Said = Pick<Ruling, 'ruling' | 'value' | 'reason'>;

/** As the policy holds them for review by default. */
const DIVIDEND_MAX = 0.06;
const JUMP_MAX = 0.35;
/** So near to one half of the close a "dividend" is worth what is left: one more share for each, paid in kind. */
const IN_KIND = 0.03;
/** Sessions after the ex-date on which the operator has found out. */
const FOUND_OUT_AFTER = 2;

/**
 * What an operator would rule on a symbol's rows. A dividend out of proportion is paid as published; one that halves the
 * price was a share in kind; one that the price does not show, or that tells a split of the same day again, never was. A
 * split that is held is as published. A move beyond the limit that is left is genuine.
 */
export function rulingsOn(rows: readonly Row[]): Ruling[] {
  return rows.flatMap((row, index) => {
    const [before, found] = [rows[index - 1], rows[index + FOUND_OUT_AFTER]];
    return before && found ? rulingsOfDay(row, before, found.date) : [];
  });
}

function rulingsOfDay(row: Row, before: Row, ruledOn: IsoDate): Ruling[] {
  const ruled = { symbol: row.symbol, exDate: row.date, ruledOn };
  const ratio = Number(cleanRatio(row.split));
  const close = Number(before.close) / ratio;
  const fraction = Number(row.dividend) / close;
  const raw = Number(row.close) / close;
  const paid = fraction > DIVIDEND_MAX ? heldDividend(row, { fraction, raw, ratio }) : null;
  const isSplitHeld = ratio !== 1 && (paid !== null || !wholeRatio(row.split));
  const explained = paid?.ruling === 'split' ? raw * 2 : raw / (1 - (paid?.ruling === 'ignore' ? 0 : fraction));
  return [
    ...(paid ? [{ ...ruled, kind: 'DIVIDEND' as const, ...paid }] : []),
    ...(isSplitHeld ? [{ ...ruled, kind: 'SPLIT' as const, ...asPublished(row) }] : []),
    ...(Math.abs(explained - 1) > JUMP_MAX ? [{ ...ruled, kind: 'JUMP' as const, ...GENUINE }] : []),
  ];
}

const GENUINE: Said = { ruling: 'genuine', value: '', reason: 'nothing published explains it' };
const asPublished = ({ split }: Row): Said => ({ ruling: 'split', value: cleanRatio(split), reason: 'as published' });

/** @param day `raw` is the move of the close in new shares, 1 is none. */
function heldDividend(row: Row, { fraction, raw, ratio }: { fraction: number; raw: number; ratio: number }): Said {
  if (ratio !== 1) return { ruling: 'ignore', value: '', reason: 'the split of the same day is the whole event' };
  if (1 - raw < fraction / 2) return { ruling: 'ignore', value: '', reason: 'the price did not fall by it' };
  if (Math.abs(fraction - 0.5) <= IN_KIND) return { ruling: 'split', value: '2', reason: 'one share for each in kind' };
  return { ruling: 'cash_dividend', value: row.dividend, reason: 'taken as paid in cash as published' };
}

const COLUMNS = 'symbol,ex_date,kind,ruling,value,ruled_on,reason';

/** The file, oldest ex-date first. */
export const rulingsFile = (rulings: readonly Ruling[]): string =>
  [
    COLUMNS,
    ...rulings
      .toSorted((a, b) => (`${a.exDate} ${a.symbol}` < `${b.exDate} ${b.symbol}` ? -1 : 1))
      .map(({ symbol, exDate, kind, ruling, value, ruledOn, reason }) =>
        [symbol, exDate, kind, ruling, value, ruledOn, reason].join(','),
      ),
    '',
  ].join('\n');
