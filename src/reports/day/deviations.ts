import type { DayTicketRow } from './facts.js';
import type { BookedDeviation } from '../../db/ticket-documents.js';
import { sumOfDeviations } from '../../domain/confirmation/deviations.js';
import { banner, paragraph, table, type Block } from '../render/document.js';
import { counted, money } from '../render/format.js';

/** What departed from the day's ticket and why, and what all of it comes to up to the day; nothing where none ever did. */
export function deviationBlocks(
  { confirmation, baseCurrency }: Pick<DayTicketRow, 'confirmation' | 'baseCurrency'>,
  all: readonly BookedDeviation[],
): Block[] {
  const found = confirmation?.deviations ?? [];
  const amount = (value: string | null) => (value === null ? '' : money(value, baseCurrency));
  const today = sumOfDeviations(found);
  const sum = sumOfDeviations(all);
  return [
    ...(found.length === 0
      ? []
      : [
          banner(
            'warn',
            `${counted(today.lines, 'line')} departed from the ticket`,
            'The operator owns it, for the reasons below.',
          ),
          table(
            ['Order', 'Reported', 'How', 'Beyond#', 'Reason'],
            found.map(({ sequence, side, symbol, value, text, amountBase, reason }) => [
              `${sequence}. ${side} ${symbol}`,
              value,
              text,
              amount(amountBase),
              reason,
            ]),
          ),
        ]),
    ...(all.length === 0
      ? []
      : [
          paragraph(
            `Deviations of all tickets so far: ${counted(sum.lines, 'line')}, ` +
              `${amount(sum.amountBase)} beyond what the tickets allowed.`,
          ),
        ]),
  ];
}
