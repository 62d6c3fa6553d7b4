import { londonInstant, londonTime } from '../../domain/calendar/calendar.js';
import type { DraftContent } from '../../domain/confirmation/draft.js';
import { fillsOfText } from '../../domain/confirmation/fill.js';
import { ownDeviations, type LineAcceptance } from '../../domain/confirmation/owned.js';
import type { FillFigure } from '../../domain/confirmation/shape.js';
import type { FillsTicket } from '../../domain/confirmation/ticket.js';
import { usageError } from '../../domain/errors.js';
import { problemText, type Problem } from '../../domain/problems.js';
import type { Instant } from '../../domain/types.js';
import { figureTyped, lineAnswered, timeTyped, type LineForm } from './fills-form.js';

/** A fill in the names of the fills file. */
export type FillItem = Record<string, string | number | null>;

/** Fills as a person typed them, and what of them is owned. */
export interface TypedFills {
  fills: unknown[];
  acceptDeviation: LineAcceptance[];
}

/** A ticket whose lines are typed, each in its order. */
type Of = { of: FillsTicket; lines: readonly LineForm[] };

const FIGURES = ['units', 'fill_price', 'executed_value_base'] as const;

/**
 * A line of a form as an item of the fills file: figures and time as people write them, everything else as it is, for
 * the rules to judge. What is wrong is told by the names of the file.
 * @param index of the line in the ticket.
 */
export function itemTyped(form: Of, index: number, typed: DraftContent): { item: FillItem; problems: Problem[] } {
  const { line } = form.lines[index] as LineForm;
  const problems: Problem[] = [];
  const read = (field: keyof DraftContent, reader: (text: string) => { value: string } | { rule: string }) => {
    const text = typed[field]?.trim() ?? '';
    if (text === '') return null;
    const found = reader(text);
    if ('value' in found) return found.value;
    problems.push({ field: `fills[${index}].${field}`, value: JSON.stringify(text), rule: found.rule });
    return null;
  };
  const figure = (field: FillFigure) => (text: string) => {
    const found = figureTyped(field, text);
    return 'rule' in found ? found : { value: found.figure };
  };
  const time = (text: string) => {
    const found = timeTyped(form, text);
    return 'rule' in found ? found : { value: found.at };
  };
  const figures = Object.fromEntries(FIGURES.map((field) => [field, read(field, figure(field))]));
  const item: FillItem = {
    sequence: line.sequence,
    internal_symbol: line.symbol,
    side: line.side,
    executed_status: typed.executed_status ?? '',
    ...figures,
    filled_at: read('filled_at', time),
    notes: typed.notes?.trim() || null,
  };
  return { item, problems };
}

/** An instant of a fill as somebody types it: the UK time of the day where that says it wholly. */
export const timeShown = ({ tradingDay }: FillsTicket, at: Instant): string => {
  const clock = londonTime(at);
  return Date.parse(londonInstant(tradingDay, clock)) === Date.parse(at) ? clock : at;
};

/** What a line of a form says: what is wrong with it, and in what it departs from the ticket. @param at now */
export function lineTyped(form: Of, index: number, typed: DraftContent, at: Instant): ReturnType<typeof lineAnswered> {
  const { item, problems } = itemTyped(form, index, typed);
  if (problems.length > 0) return { problems };
  const answered = lineAnswered(form, item, at);
  if (!('problems' in answered)) return answered;
  return { problems: answered.problems.map((each) => ({ ...each, field: each.field.replace('[0]', `[${index}]`) })) };
}

/**
 * Refuses a line that cannot be, and one that departs from the ticket and nobody owns. @param at now
 * @throws OpsError FILLS_INVALID, FILLS_DEVIATE
 */
export function ownedLine(form: Of, index: number, typed: DraftContent, at: Instant): void {
  const answered = lineTyped(form, index, typed, at);
  if ('problems' in answered) throw linesInvalid(answered.problems);
  const { sequence } = answered.fill;
  const reason = typed.reason?.trim() ?? '';
  ownDeviations(answered.deviations, reason === '' ? [] : [{ sequence, reason }]);
}

/** How a line of a form stands: nothing is said of it yet, or it could be booked so, or not. @param at now */
export function lineStands(form: Of, index: number, typed: DraftContent, at: Instant): 'open' | 'good' | 'wrong' {
  if ((typed.executed_status ?? '') === '') return 'open';
  const answered = lineTyped(form, index, typed, at);
  if ('problems' in answered) return 'wrong';
  return answered.deviations.length > 0 && (typed.reason ?? '').trim() === '' ? 'wrong' : 'good';
}

/**
 * The fills that a form says: those of a pasted file where there is one, else its lines.
 * @throws OpsError FILLS_INVALID
 */
export function fillsTyped(
  form: Of,
  { pasted, lines }: { pasted: string; lines: readonly DraftContent[] },
): TypedFills {
  const acceptDeviation = lines.flatMap(({ reason = '' }, index) => {
    const { line } = form.lines[index] as LineForm;
    return reason.trim() === '' ? [] : [{ sequence: line.sequence, reason: reason.trim() }];
  });
  if (pasted.trim() !== '') return { fills: fillsOfText(pasted), acceptDeviation };
  const typed = form.lines.map((_, index) => itemTyped(form, index, lines[index] ?? {}));
  const problems = typed.flatMap((each) => each.problems);
  if (problems.length > 0) throw linesInvalid(problems);
  return { fills: typed.map(({ item }) => item), acceptDeviation };
}

/** The refusal that says what is wrong with lines. */
export const linesInvalid = (problems: readonly Problem[]) =>
  usageError('FILLS_INVALID', problemText(problems), {
    remedy: 'Nothing was booked. Correct the fills, and send them again.',
  });
