import type { ConfirmReply } from '../../contract/day-messages.js';
import { resultOrThrow } from '../../domain/errors.js';
import { prepareConfirm, type AnswerTyped } from '../../operations/day/prepare.js';
import type { Sitting } from '../sitting.js';
import type { Typed } from './form.js';

/** The page of a ticket, by its id. */
export const ticketPath = ({ account }: Pick<Sitting, 'account'>, ticketId: string): string =>
  `/${encodeURIComponent(account.account)}/tickets/${ticketId}`;

/**
 * Signs an answer and gives it to the ticket's day.
 * @param meanwhile what is done with what was signed before it is sent, which may fail.
 * @returns the page that shows what came of it, also that it is kept until a worker returns
 * @throws OpsError what the day refuses, TEMPORAL_DOWN
 */
export async function sendAnswer(
  sitting: Sitting,
  typed: Typed,
  answer: AnswerTyped,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string> {
  const { place } = sitting;
  const { ticket, ...message } = resultOrThrow(await prepareConfirm(place, sitting.asker(typed['at']), answer));
  await meanwhile();
  const sent = await place.mail.send<ConfirmReply>(message);
  const path = ticketPath(sitting, ticket.ticketId);
  if (sent.kept) return path;
  const { status, reason } = sent.reply;
  if (status === 'REFUSED' && reason !== null)
    resultOrThrow({ ok: false, refusal: { kind: 'refused', remedy: null, ...reason } });
  return path;
}
