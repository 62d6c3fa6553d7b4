import { refusal } from '../errors.js';
import { bounded } from '../text.js';
import type { Instant } from '../types.js';

/** What is typed of a line: the fields of the fills file, why it departs from the ticket, the price that was seen. */
export const DRAFT_FIELDS = [
  'executed_status',
  'units',
  'fill_price',
  'executed_value_base',
  'filled_at',
  'notes',
  'reason',
  'seen',
] as const;
export type DraftField = (typeof DRAFT_FIELDS)[number];

/** A line as it was typed, whatever the rules say of it; a field that is empty is left out. */
export type DraftContent = Partial<Record<DraftField, string>>;

/** A line that was typed and not yet sent. */
export interface DraftLine {
  sequence: number;
  content: DraftContent;
  /** How often it was saved. */
  version: number;
  operator: string;
  savedAt: Instant;
}

/** Without what is empty, so that a field which was emptied is one that was never filled. */
export const draftContent = (typed: DraftContent): DraftContent =>
  Object.fromEntries(
    DRAFT_FIELDS.flatMap((field) => {
      const text = typed[field]?.trim() ?? '';
      return text === '' ? [] : [[field, text]];
    }),
  );

/** Whether two lines say the same. */
export const isSameDraft = (one: DraftContent, other: DraftContent): boolean =>
  DRAFT_FIELDS.every((field) => (one[field]?.trim() ?? '') === (other[field]?.trim() ?? ''));

/**
 * The version that a line gets which somebody saves.
 * @param version the one they had read; 0 where there was none
 * @returns null where nothing is to be saved, for it says what is saved, or nothing
 * @throws OpsError DRAFT_STALE where it was saved otherwise since: nobody's words are merged, nor lost
 */
export function versionAfter(
  stored: DraftLine | undefined,
  { sequence, version, content }: Pick<DraftLine, 'sequence' | 'version' | 'content'>,
): number | null {
  refuseStale(stored, { sequence, version, content });
  if (stored === undefined) return isSameDraft(content, {}) ? null : 1;
  return isSameDraft(stored.content, content) ? null : stored.version + 1;
}

/** Refuses a line that was read before it was saved otherwise. @throws OpsError DRAFT_STALE */
export function refuseStale(
  stored: DraftLine | undefined,
  { sequence, version, content }: Pick<DraftLine, 'sequence' | 'version' | 'content'>,
): void {
  if (stored === undefined || stored.version <= version || isSameDraft(stored.content, content)) return;
  const { operator, savedAt } = stored;
  const says = DRAFT_FIELDS.flatMap((field) => {
    const text = stored.content[field];
    return text === undefined ? [] : [`${field} ${bounded(text)}`];
  });
  throw refusal(
    'DRAFT_STALE',
    `line ${sequence} was saved by ${bounded(operator)} at ${savedAt}, after you read it: ` +
      (says.join(', ') || 'nothing'),
    { remedy: 'Yours stands below. Send it again to keep yours, or open the page anew to see theirs.' },
  );
}
