import type { OlderTicket } from '../../../operations/day/older-ticket.js';
import type { UnprovedAnswer } from '../../../operations/day/unproved-answers.js';
import { halfSigned, notCounted, olderText } from '../../../reports/ticket/not-counted.js';
import type { TicketScreen } from '../../../reports/ticket/screen.js';
import { tableLines, wrapped } from '../../kit/table.js';

/** Why no order of a ticket is to be placed, above everything else. @param why null where there is no reason */
export const differsLines = (why: string | null): string[] =>
  why === null ? [] : wrapped(`TICKET_DIFFERS: place no order of it: ${why}`).concat('');

/** Why its answer does not count, or what is still wanted of it; nothing of one that counts. */
export function unconfirmedLines(unproved: UnprovedAnswer | undefined): string[] {
  if (unproved === undefined) return [];
  const said =
    unproved.waits === null
      ? `TICKET_UNCONFIRMED: ${notCounted(unproved)}`
      : `Waits for the signature of another person: ${halfSigned(unproved)}`;
  return wrapped(said).concat('');
}

/** The ticket of an earlier day that comes first, and why; nothing where there is none. */
export function olderLines(older: OlderTicket | null): string[] {
  if (older === null) return [];
  const { why } = older;
  const more = why === null ? '' : why.waits === null ? notCounted(why) : halfSigned(why);
  return wrapped(`${olderText(older)}. ${more}`.trim()).concat('');
}

/** A ticket in lines that fit the terminal. @param file where its page is */
export const screenLines = ({ above, head, figures, rows, below }: TicketScreen, file: string): string[] => [
  ...above.flatMap((line) => wrapped(line)),
  '',
  ...tableLines(head, rows, { right: figures }),
  '',
  ...below.flatMap((line) => wrapped(line)),
  ...(below.length > 1 ? [`  ${file}`] : []),
];
