import { refused } from '../../errors.js';
import { renameEntry } from '../reorganisations.js';
import type { BookedEntry } from '../sums.js';
import { eventPlan, heldBefore, wrongExchange, type ExchangeCommand } from './event.js';
import type { EntryPlan } from './plan.js';

/** Plans that a holding is called otherwise from a date on: units and basis as they were. */
export function planRename(entries: readonly BookedEntry[], command: ExchangeCommand): EntryPlan {
  const wrong = wrongExchange(entries, command, 'date');
  if (wrong) return refused(wrong);
  const units = heldBefore(entries, command, { kind: 'RENAME', to: [command.to] });
  if (!units.ok) return units;
  const { account, symbol, to, date } = command;
  const { baseCurrency } = account;
  return eventPlan(entries, command, renameEntry({ date, baseCurrency, symbol, to, units: units.result }));
}
