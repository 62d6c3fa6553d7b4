import { banner, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import type { Waiting } from '../mail.js';

const OF_NAME = { confirm: 'An answer', reconcile: 'A reconciliation' } as const;

/**
 * What waits until a worker is back, for every page on which somebody might do it a second time. The page shows itself
 * anew when it waits no longer.
 */
export function keptBlocks({ isServed, kept }: Waiting): Block[] {
  if (isServed) return [];
  const what =
    kept === null
      ? ['Temporal does not answer either: nobody can tell whether something waits.']
      : kept.map(
          ({ name, operator, sentAt }) =>
            `${OF_NAME[name]} by ${operator ?? 'somebody'}, sent ${ukTime(sentAt)}, is kept: it is handled once, when a ` +
            'worker is back, and nothing has to be sent again.',
        );
  return [
    banner('warn', 'WORKER_DOWN: no worker is up', [
      ...what.map((sentence) => `${sentence} `),
      'What is sent now is kept until one is back: make up.',
    ]),
  ];
}

/** Whether the answer to a ticket waits. */
export const isAnswerKept = ({ kept }: Waiting, ticketId: string): boolean =>
  kept?.some((message) => message.name === 'confirm' && message.ticketId === ticketId) ?? false;
