import type { TicketScreen } from '../../../reports/ticket/screen.js';
import { tableLines, wrapped } from '../../kit/table.js';

/** A ticket in lines that fit the terminal. @param file where its page is */
export const screenLines = ({ above, head, figures, rows, below }: TicketScreen, file: string): string[] => [
  ...above.flatMap((line) => wrapped(line)),
  '',
  ...tableLines(head, rows, { right: figures }),
  '',
  ...below.flatMap((line) => wrapped(line)),
  ...(below.length > 1 ? [`  ${file}`] : []),
];
