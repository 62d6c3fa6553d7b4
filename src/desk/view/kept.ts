import { banner, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { nothingWaits, type Mail, type Waiting } from '../mail.js';
import type { Account, Instant, IsoDate } from '../../domain/types.js';

/** Said wherever something waits for a worker. */
export const NOBODY_SERVES = 'WORKER_DOWN: no worker is up';

const OF_NAME = { confirm: 'An answer', reconcile: 'A reconciliation' } as const;

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
          ({ name, operator, sentAt, at }) =>
            `${OF_NAME[name]} by ${operator ?? 'somebody'}, sent ${ukTime(sentBy(clock, sentAt, at))}, is kept: ` +
            `it is handled once, when a worker ${isServed ? 'answers' : 'is back'}, and nothing has to be sent again.`,
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

/** Whether the answer to a ticket waits. */
export const isAnswerKept = ({ kept }: Waiting, ticketId: string): boolean =>
  kept?.some((message) => message.name === 'confirm' && message.ticketId === ticketId) ?? false;

/** Ids of an account's tickets whose answers wait for a worker. @param open those that have none stored */
export async function answersKept(
  mail: Pick<Mail, 'waiting'>,
  account: string,
  open: readonly { ticketId: string; tradingDay: IsoDate }[],
): Promise<Set<string>> {
  const days = [...new Set(open.map(({ tradingDay }) => tradingDay))];
  const waits = await Promise.all(days.map((tradingDay) => mail.waiting({ account, tradingDay })));
  return new Set(open.flatMap(({ ticketId }) => (waits.some((each) => isAnswerKept(each, ticketId)) ? ticketId : [])));
}

/** Whether a reconciliation waits. */
export const areFiguresKept = ({ kept }: Waiting): boolean => kept?.some(({ name }) => name === 'reconcile') ?? false;
