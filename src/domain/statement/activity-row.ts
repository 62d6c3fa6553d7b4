import type { Decimal } from '../money.js';
import type { StatementEvent } from './statement.js';

/** What a row of the activity says, before its place in the chain of balances is known. */
export interface ActivityRow extends Omit<StatementEvent, 'cash'> {
  where: string;
  equityChange: Decimal;
  equity: Decimal;
  balance: Decimal;
}
