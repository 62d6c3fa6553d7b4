import type { DraftContent } from '../../domain/confirmation/draft.js';
import { rateOf, type FillsTicket } from '../../domain/confirmation/ticket.js';
import { D } from '../../domain/money.js';
import type { Instant } from '../../domain/types.js';
import type { LineForm } from './fills-form.js';
import { itemTyped, lineTyped } from './typed-fills.js';

/** How the three figures of a fill stand to each other and to the line. */
export interface FiguresTold {
  holds: boolean;
  /** A sentence each. */
  lines: string[];
}

const FIGURES = ['units', 'fill_price', 'executed_value_base'] as const;

/**
 * What the booking will say of units, price, value and time of a line, while it is typed and much of it is still
 * missing: by the rules that it is booked by. Stores nothing.
 * @param index of the line in the ticket. @param at now
 * @returns null as long as a figure is missing, and where nothing was executed
 */
export function figuresTold(
  form: { of: FillsTicket; lines: readonly LineForm[] },
  index: number,
  typed: DraftContent,
  at: Instant,
): FiguresTold | null {
  const { executed_status: status = '' } = typed;
  if (!['', 'DONE', 'PARTIAL'].includes(status)) return null;
  if (FIGURES.some((field) => (typed[field] ?? '').trim() === '')) return null;
  // What else belongs to a fill is asked for later: it is as if it were well.
  const time = (typed.filled_at ?? '').trim();
  const whole = { ...typed, executed_status: status || 'DONE', filled_at: time || at, notes: 'typed', reason: '' };
  const answered = lineTyped(form, index, whole, at);
  const told =
    'problems' in answered ? answered.problems.map((each) => ({ ...each, text: each.rule })) : answered.deviations;
  const lines = told.flatMap(({ field, value, text }) => {
    const figure = [...FIGURES, 'filled_at'].find((one) => field.endsWith(one));
    return figure === undefined ? [] : [`${figure} ${value ?? ''} ${text}`];
  });
  if (lines.length > 0) return { holds: false, lines };
  return 'problems' in answered ? null : { holds: true, lines: worthLines(form, index, whole) };
}

/** What units × price come to, base currency; nothing where no rate is known. */
function worthLines(
  form: { of: FillsTicket; lines: readonly LineForm[] },
  index: number,
  typed: DraftContent,
): string[] {
  const { item } = itemTyped(form, index, typed);
  const rate = rateOf((form.lines[index] as LineForm).line, form.of);
  if (rate === null) return [];
  const worth = D(String(item['units'])).times(String(item['fill_price'])).div(rate).toFixed(2);
  const by = rate.eq(1) ? '' : ` ÷ ${rate.toString()}`;
  return [`units × price${by} = ${worth} ${form.of.baseCurrency}, near the value`];
}
