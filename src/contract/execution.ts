import { z } from 'zod';
import { DRAFT_FIELDS, type DraftContent } from '../domain/confirmation/draft.js';
import { FILLS_MAX, nameShape, reasonShape } from '../domain/shapes.js';

/** What may be asked while a ticket is executed: the claim of it, and the lines of a draft. */

const ticket = {
  account: nameShape(),
  /** Its id, or at least the first eight characters of it. */
  ticketId: nameShape(),
};

/** Claims a ticket; with a reason also one that another executes. */
export const claimTicketSchema = z.strictObject({ ...ticket, reason: reasonShape().nullable() });
export type ClaimTicket = z.input<typeof claimTicketSchema>;

/** Lets a ticket go again. */
export const releaseTicketSchema = z.strictObject(ticket);
export type ReleaseTicket = z.input<typeof releaseTicketSchema>;

/** Longer than whatever a rule lets pass. */
const TYPED_MAX = 2_000;
const typed = () => z.string().max(TYPED_MAX, `must be at most ${TYPED_MAX} characters`).optional();

/** Saves lines as they were typed, each with the version that was read. */
export const saveDraftSchema = z.strictObject({
  ...ticket,
  lines: z
    .array(
      z.strictObject({
        sequence: z.int('must be a line number').min(1, 'must be 1 or more').max(FILLS_MAX),
        version: z.int('must be a whole number').min(0, 'must be 0 or more').max(1_000_000_000),
        content: z.strictObject(Object.fromEntries(DRAFT_FIELDS.map((field) => [field, typed()]))),
      }),
    )
    .max(FILLS_MAX),
});
export type SaveDraft = z.input<typeof saveDraftSchema> & { lines: { content: DraftContent }[] };
