import { D } from '../../domain/money.js';
import type { DriftLine } from '../../domain/reconciliation/compare.js';
import type { Problem } from '../../domain/problems.js';
import type { RowsRead } from '../../domain/reconciliation/rows.js';
import type { StoredExplanation } from '../../domain/reconciliation/proposal.js';
import type { Reason } from '../../domain/types.js';
import { counted, signedMoney, units } from '../render/format.js';
import { perhapsLines } from './lines.js';

/*
 * How a form of the broker's figures stands while it is filled in, in words: of each row the difference and what it
 * means, and of the whole what it would come to. A page shows the same text, whoever puts it there.
 */

/** How a row stands: shape, word and tone say the same. */
export interface RowTold {
  difference: string;
  verdict: string;
  tone: 'good' | 'bad' | 'warn' | 'plain';
}

/** How a form stands. */
export interface RowsTold {
  /** `7 of 9 seen`, or of the cash where there is nothing else. */
  counted: string;
  /** By `cash`, by the symbol of a row of the ledger, or `other.1` for a row beside them. */
  rows: Record<string, RowTold>;
  /** What the figures so far come to, a line each. */
  lines: string[];
}

/** What is told of: the form, its rows as they were read, and what the comparison says of them. */
export interface RowsStanding {
  form: { baseCurrency: string; rows: readonly { symbol: string }[]; opens: boolean };
  read: RowsRead;
  problems: readonly Problem[];
  preview: { status: string; reasons: readonly Reason[]; lines: DriftLine[]; explanations: StoredExplanation[] } | null;
  refusal: string | null;
}

const NOT_SEEN: RowTold = { difference: '', verdict: '○ not seen yet', tone: 'plain' };

/** Tells how a form stands. */
export function rowsTold(standing: RowsStanding): RowsTold {
  const { form, read } = standing;
  const others = read.named.map((symbol, index): [string, RowTold] => [
    `other.${index + 1}`,
    symbol === null && !hasProblem(standing, `other.${index + 1}`)
      ? { ...NOT_SEEN, verdict: '' }
      : rowOf(standing, `other.${index + 1}`, symbol),
  ]);
  const isSeen = (symbol: string) => Object.hasOwn(read.seen, symbol);
  return {
    counted: countedOf(standing, form.rows.filter(({ symbol }) => isSeen(symbol)).length),
    rows: Object.fromEntries([
      ['cash', read.cash === null ? (problemOf(standing, 'cash') ?? NOT_SEEN) : rowOf(standing, 'cash', null)],
      ...form.rows.map(({ symbol }): [string, RowTold] => [
        symbol,
        isSeen(symbol) ? rowOf(standing, symbol, symbol) : (problemOf(standing, symbol) ?? NOT_SEEN),
      ]),
      ...others,
    ]),
    lines: linesOf(standing),
  };
}

/** How many positions were seen; where there are none the cash is all there is. */
function countedOf({ form, read }: RowsStanding, seen: number): string {
  if (form.rows.length > 0) return `${seen} of ${form.rows.length} seen`;
  return read.cash === null ? 'The cash is not read yet' : 'The cash is read';
}

/** What is wrong in the fields of a row; what is merely missing is not. */
function problemOf({ read }: RowsStanding, row: string): RowTold | null {
  const fields = [row, `positions.${row}`, `${row}.symbol`, `${row}.units`];
  const found = read.problems.find(({ field }) => fields.includes(field));
  return found ? { difference: '', verdict: `! ${found.rule}`, tone: 'warn' } : null;
}
const hasProblem = (standing: RowsStanding, row: string): boolean => problemOf(standing, row) !== null;

function rowOf(standing: RowsStanding, row: string, symbol: string | null): RowTold {
  const wrong = problemOf(standing, row);
  const line = standing.preview?.lines.find((each) => each.symbol === symbol);
  if (wrong || line === undefined || standing.form.opens)
    return wrong ?? { difference: '', verdict: '', tone: 'plain' };
  const drift = D(line.drift);
  const difference =
    symbol === null
      ? signedMoney(line.drift, standing.form.baseCurrency)
      : `${drift.gt(0) ? '+' : ''}${units(line.drift)}`;
  const shown = drift.isZero() ? '–' : difference;
  if (line.code !== null)
    return { difference: shown, verdict: `✕ ${line.code}, tolerance ${line.tolerance}`, tone: 'bad' };
  return { difference: shown, verdict: drift.isZero() ? '✓ same' : `✓ within ${line.tolerance}`, tone: 'good' };
}

function linesOf({ read, form, problems, preview, refusal }: RowsStanding): string[] {
  const isBegun = read.cash !== null || Object.keys(read.seen).length > 0;
  const table = read.problems.flatMap(({ field, rule }) => (field === 'file' ? [`The pasted table ${rule}.`] : []));
  if (!isBegun) return table;
  const perhaps = perhapsLines(preview?.explanations ?? []);
  const beside = refusal === null ? [] : refusal.split('\n');
  const missing = [...(read.cash === null ? ['the cash'] : []), ...read.unseen];
  if (problems.length > 0 || preview === null) {
    const waits = missing.length === 0 ? [] : [`Waits for ${counted(missing.length, 'row')}: ${missing.join(', ')}.`];
    return [...table, ...beside, ...perhaps, ...waits];
  }
  const opening = form.opens ? ['It opens the ledger: every figure from now on builds on it.'] : [];
  return [...opening, ...perhaps, `Not recorded yet: it would be RECONCILIATION_${preview.status}.`];
}
