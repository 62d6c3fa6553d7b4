import { banner, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import type { DayKey } from '../../contract/day-messages.js';
import type { KeptMessage } from '../../operations/day/kept-messages.js';
import { notBooked } from '../../operations/day/not-booked.js';
import { NOTHING_WAITS, nothingWaits, type Waiting } from '../mail.js';
import type { Place } from '../place.js';
import type { Account, Instant, IsoDate } from '../../domain/types.js';

/** Said wherever something waits for a worker. */
export const NOBODY_SERVES = 'WORKER_DOWN: no worker is up';

/** What a message is, and how it stands until it is handled. */
const named = ({ name, isAmendment }: KeptMessage): string =>
  name === 'reconcile' ? 'A reconciliation' : isAmendment ? 'An amendment' : 'An answer';
const meanwhile = ({ isAmendment }: KeptMessage): string =>
  isAmendment ? ' Until then the answer stands that was booked before it.' : '';

/** Where messages wait, and where it is stored what was booked. */
type Counter = Pick<Place, 'db'> & { mail: Pick<Place['mail'], 'waiting' | 'daysWaiting'> };

/** What waits at a day until a worker answers, and is not booked. */
export async function waitsAt({ mail, db }: Counter, day: DayKey): Promise<Waiting> {
  const waits = await mail.waiting(day);
  return waits.kept === null || waits.kept.length === 0 ? waits : { ...waits, kept: await notBooked(db, waits.kept) };
}

/** The same for the page of a ticket: where that has its answer, only what is still said of it. */
export async function waitsForTicket(
  counter: Counter,
  { account, tradingDay, ticketId }: DayKey & { ticketId: string },
  isAnswered: boolean,
): Promise<Waiting> {
  const waits = await waitsAt(counter, { account, tradingDay });
  return isAnswered && !isAnswerKept(waits, ticketId) ? NOTHING_WAITS : waits;
}

/**
 * What waits until a worker is back, or answers, for every page on which somebody might do it a second time. The page
 * shows itself anew when it waits no longer.
 * @param account whose clock tells when it was sent
 */
export function keptBlocks(waits: Waiting, { clock }: Pick<Account, 'clock'>): Block[] {
  if (nothingWaits(waits)) return [];
  const { isServed, kept } = waits;
  const what =
    kept === null
      ? ['Temporal does not answer either: nobody can tell whether something waits.']
      : kept.map(
          (message) =>
            `${named(message)} by ${message.operator ?? 'somebody'}, ` +
            `sent ${ukTime(sentBy(clock, message.sentAt, message.at))}, is kept: ` +
            `it is handled once, when a worker ${isServed ? 'answers' : 'is back'}, and nothing has to be sent again.` +
            meanwhile(message),
        );
  return [
    banner('warn', isServed ? 'Sent, and not handled yet: the worker is slow' : NOBODY_SERVES, [
      ...what.map((sentence) => `${sentence} `),
      isServed
        ? 'If it stays so: trading-ops doctor, make logs.'
        : 'What is sent now is kept until one is back: make up.',
    ]),
  ];
}

/** A rehearsal is told by its own clock, and everything else by the machine's, whatever its sender claims. */
const sentBy = (clock: Account['clock'], sentAt: Instant, at: Instant | null): Instant =>
  clock === 'simulated' && at !== null ? at : sentAt;

/** What is said of a ticket and waits: its answer, or an amendment of the one that stands. */
const keptOf = ({ kept }: Waiting, ticketId: string): KeptMessage | undefined =>
  kept?.find((message) => message.name === 'confirm' && message.ticketId === ticketId);

/** Whether the answer to a ticket waits, or what is still said of one that is answered. */
export const isAnswerKept = (waits: Waiting, ticketId: string): boolean => keptOf(waits, ticketId) !== undefined;

/** Whether what waits is an amendment. */
export const isAmendmentKept = (waits: Waiting, ticketId: string): boolean =>
  keptOf(waits, ticketId)?.isAmendment ?? false;

/** An answer that waits, with the day of its ticket. */
export interface AnswerKept {
  ticketId: string;
  tradingDay: IsoDate;
  isAmendment: boolean;
}

/**
 * The answers of an account that wait for a worker, by the ids of their tickets.
 * @param open days of tickets that have none stored; those under way at the server are looked at too
 */
export async function answersKept(
  counter: Counter,
  account: string,
  open: readonly { tradingDay: IsoDate }[],
): Promise<Map<string, AnswerKept>> {
  const underWay = await counter.mail.daysWaiting(account);
  const days = [...new Set([...open.map(({ tradingDay }) => tradingDay), ...underWay])];
  const waits = await Promise.all(
    days.map(async (tradingDay) => {
      const { kept } = await waitsAt(counter, { account, tradingDay });
      return (kept ?? []).flatMap(({ name, ticketId, isAmendment }): AnswerKept[] =>
        name === 'confirm' && ticketId !== null ? [{ ticketId, tradingDay, isAmendment }] : [],
      );
    }),
  );
  // Of two that wait at a ticket the newest is told, which comes first.
  return new Map(
    waits
      .flat()
      .toReversed()
      .map((each) => [each.ticketId, each]),
  );
}

/** Whether a reconciliation waits. */
export const areFiguresKept = ({ kept }: Waiting): boolean => kept?.some(({ name }) => name === 'reconcile') ?? false;
