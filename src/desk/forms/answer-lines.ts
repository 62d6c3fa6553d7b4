import { D, toText } from '../../domain/money.js';
import type { AnswerForm } from '../../operations/day/answer-form.js';
import type { DraftContent, DraftField } from '../../domain/confirmation/draft.js';
import type { Instant } from '../../domain/types.js';
import { figuresTold, type FiguresTold } from '../../operations/day/figures-told.js';
import { lineTyped, timeShown } from '../../operations/day/typed-fills.js';
import { ukTime, withUkTimes } from '../../reports/render/format.js';
import { template, type Template } from '../view/frame.js';
import { fieldsBody } from './fields.js';
import type { Field, Trouble, Typed } from './form.js';
import { inLabels } from './labels.js';

/*
 * The fields of ticket lines, whose names are those that a problem of a fill is told by: `fills[0].units`. They hold
 * what was typed before; else the draft; else, of an answer that is in force, what it reported.
 */

/** A line as it stands in a form, with the version of the draft that was read. */
export interface LineInForm {
  sequence: number;
  version: number;
  content: DraftContent;
}

const nameOf = (index: number, field: DraftField | 'version'): string => `fills[${index}].${field}`;

/** What a form that was sent says of the lines it has. */
export const linesSent = ({ lines, fields }: AnswerForm, typed: Typed): LineInForm[] =>
  lines.flatMap(({ line }, index) => {
    const version = typed[nameOf(index, 'version')];
    if (version === undefined) return [];
    return [{ sequence: line.sequence, version: Number(version), content: contentSent(fields, index, typed) }];
  });

const contentSent = (fields: readonly DraftField[], index: number, typed: Typed): DraftContent =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const text = typed[nameOf(index, field)];
      return text === undefined ? [] : [[field, text]];
    }),
  );

/** What stands in the fields of each line, in the order of the ticket. */
export const contentsOf = (form: AnswerForm, typed: Typed): DraftContent[] =>
  form.lines.map(({ line }, index) => {
    if (typed[nameOf(index, 'version')] !== undefined) return contentSent(form.fields, index, typed);
    const saved = form.draft.find(({ sequence }) => sequence === line.sequence);
    return saved?.content ?? reported(form, line.sequence);
  });

function reported({ answer, of }: AnswerForm, sequence: number): DraftContent {
  const fill = answer?.fills.find((each) => each.sequence === sequence);
  const reason = answer?.accepted.find((each) => each.sequence === sequence)?.reason;
  if (fill === undefined) return {};
  return {
    executed_status: fill.executedStatus,
    ...(fill.units !== null && { units: toText(D(fill.units)) }),
    ...(fill.fillPrice !== null && { fill_price: toText(D(fill.fillPrice)) }),
    ...(fill.executedValueBase !== null && { executed_value_base: fill.executedValueBase }),
    ...(fill.filledAt !== null && { filled_at: timeShown(of, fill.filledAt) }),
    ...(fill.notes !== null && { notes: fill.notes }),
    ...(reason !== undefined && { reason }),
  };
}

/** The fields with these contents, as a form sends them. */
export const typedOf = ({ fields }: AnswerForm, index: number, content: DraftContent): Typed =>
  Object.fromEntries(fields.map((field) => [nameOf(index, field), content[field] ?? '']));

/** How the figures of a line stand, in words and a shape; empty where there is nothing to say of them yet. */
export const toldText = (told: FiguresTold | null): string =>
  (told?.lines ?? []).map((line) => `${told?.holds ? '✓' : '✕'} ${inLabels(withUkTimes(line))}`).join('\n');

const LINE: Template<{
  legend: string;
  skip: string;
  draft: string | null;
  version: { name: string; value: number };
  saved: string;
  told: string;
  deviations: readonly string[];
  seen: { name: string; value: string } | null;
  fields: string;
}> = template(
  `<fieldset class="line"<% if (it.draft !== null) { %> data-draft="<%= it.draft %>"<% } %>>
<legend><%= it.legend %></legend>
<p class="subtitle"><%= it.skip %></p>
<input type="hidden" name="<%= it.version.name %>" value="<%= it.version.value %>">
<% if (it.seen !== null) { -%>
<input type="hidden" name="<%= it.seen.name %>" value="<%= it.seen.value %>">
<% } -%>
<% if (it.deviations.length > 0) { -%>
<div class="banner warn"><strong>It departs from the ticket</strong>
<% for (const each of it.deviations) { -%>
<p><%= each %></p>
<% } -%>
</div>
<% } -%>
<%~ it.fields -%>
<p class="sum" data-told role="status"><%= it.told %></p>
<p class="saved" data-saved role="status"><%= it.saved %></p>
</fieldset>
`,
);

/** What a line's fields are shown with. */
export interface LineShown {
  form: AnswerForm;
  index: number;
  typed: Typed;
  trouble: Trouble | null;
  at: Instant;
  /** Where it is saved as it is typed; null where nothing is saved. */
  draft: string | null;
  /** Whether the page itself has the field of the price that was seen. */
  hasSeen?: boolean;
}

/** The fields of a line, with what departs from the ticket and what is wrong. */
export function lineFields({ form, index, typed, trouble, at, draft, hasSeen = false }: LineShown): string {
  const { line, order, skip } = form.lines[index] as AnswerForm['lines'][number];
  const content = contentsOf(form, typed)[index] ?? {};
  const saved = form.draft.find(({ sequence }) => sequence === line.sequence);
  const answered = (content.executed_status ?? '') === '' ? null : lineTyped(form, index, content, at);
  const departs = answered !== null && 'deviations' in answered ? answered.deviations : [];
  const deviations = departs.map(({ field, value, text }) => inLabels(`${field} ${withUkTimes(value)} ${text}`));
  const isOwned = deviations.length > 0 || (content.reason ?? '') !== '';
  return LINE({
    legend: order,
    skip,
    draft,
    version: {
      name: nameOf(index, 'version'),
      value: versionShown(saved, content, typed[nameOf(index, 'version')], trouble),
    },
    saved: saved === undefined ? '' : `Saved by ${saved.operator}, ${ukTime(saved.savedAt)}.`,
    deviations,
    told: isOwned ? '' : toldText(figuresTold(form, index, content, at)),
    seen: hasSeen ? null : { name: nameOf(index, 'seen'), value: content.seen ?? '' },
    fields: fieldsBody(
      hasSeen && form.stands === 'over' ? leftOver(index, content) : fieldsOf(form, index, isOwned),
      typedOf(form, index, content),
      trouble,
    ),
  });
}

/**
 * The version that the form goes by from now on: what was told as stale has been seen, and what is saved as it stands
 * here needs no second look.
 */
function versionShown(
  saved: { version: number; content: DraftContent } | undefined,
  content: DraftContent,
  sent: string | undefined,
  trouble: Trouble | null,
): number {
  if (saved === undefined) return 0;
  const named = Object.keys({ ...saved.content, ...content }) as DraftField[];
  const isSame = named.every((field) => (saved.content[field] ?? '').trim() === (content[field] ?? '').trim());
  return sent === undefined || isSame || trouble?.code === 'DRAFT_STALE' ? saved.version : Number(sent);
}

const STATUSES = [
  ['', 'choose'],
  ['DONE', 'DONE: executed as ordered'],
  ['PARTIAL', 'PARTIAL: only a part'],
  ['SKIPPED', 'SKIPPED: left, as the ticket says'],
  ['FAILED', 'FAILED: could not be placed'],
] as const;

/** The window is over: what is left is not executed any more; what stands there already is kept. */
function leftOver(index: number, { executed_status: status = '' }: DraftContent): Field[] {
  const options = STATUSES.filter(([value]) => value === '' || value === 'SKIPPED' || value === status);
  return [
    { kind: 'choice', name: nameOf(index, 'executed_status'), label: 'What became of it', options },
    { kind: 'text', name: nameOf(index, 'notes'), label: 'Note, why', hint: 'window closed' },
  ];
}

function fieldsOf({ lines, of }: AnswerForm, index: number, isOwned: boolean): Field[] {
  const { line } = lines[index] as AnswerForm['lines'][number];
  const name = (field: DraftField) => nameOf(index, field);
  return [
    { kind: 'choice', name: name('executed_status'), label: 'What became of it', options: STATUSES },
    { kind: 'figure', name: name('units'), label: 'Units' },
    { kind: 'figure', name: name('fill_price'), label: `Price, ${line.referenceCurrency} a share` },
    {
      kind: 'figure',
      name: name('executed_value_base'),
      label: `Value, what cash went ${line.side === 'BUY' ? 'down' : 'up'} by, ${of.baseCurrency}`,
    },
    { kind: 'text', name: name('filled_at'), label: 'Time in the UK', hint: 'such as 14:41' },
    { kind: 'text', name: name('notes'), label: 'Note, why', hint: 'needed unless DONE' },
    ...(isOwned ? [{ kind: 'text' as const, name: name('reason'), label: 'Why it departs from the ticket' }] : []),
  ];
}
