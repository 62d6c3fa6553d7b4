import { refusal, refused, type Outcome } from '../../errors.js';
import { D, toText } from '../../money.js';
import type { DecimalString } from '../../types.js';
import { bookedUnder, eventKey } from '../keys.js';
import { cashInLieuEntry } from '../reorganisations.js';
import { standingEntries, sumsOf, type BookedEntry } from '../sums.js';
import { eventPlan, wrongEvent, type EventCommand } from './event.js';
import { outOfOrder, type EntryPlan } from './plan.js';

export interface CashInLieuCommand extends EventCommand {
  /** What arrived, base currency. */
  net: DecimalString;
  /** The fraction it was paid for; what the holding has beyond whole shares when left out. */
  units: DecimalString | null;
}

/** Plans that the broker paid out a fraction of a share, as after a reverse split, a merger or a spin-off. */
export function planCashInLieu(entries: readonly BookedEntry[], command: CashInLieuCommand): EntryPlan {
  const wrong = wrongEvent(entries, command, 'date');
  if (wrong) return refused(wrong);
  const units = fractionOf(entries, command);
  if (!units.ok) return units;
  const { account, symbol, date, net } = command;
  const event = { date, baseCurrency: account.baseCurrency, symbol, units: units.result, cash: net };
  return eventPlan(entries, command, cashInLieuEntry(event));
}

function fractionOf(
  entries: readonly BookedEntry[],
  { account, units, symbol, date }: CashInLieuCommand,
): Outcome<DecimalString> {
  const booked = bookedUnder(entries, eventKey('CASH_IN_LIEU', symbol, date)) ?? null;
  const wrong = outOfOrder(entries, [symbol], { field: 'date', date, booked, account: account.account });
  if (wrong) return refused(wrong);
  if (units !== null) return { ok: true, result: units };
  // What is effective on the date itself counts: the split that left the fraction is of the same day.
  const standing = standingEntries(entries).filter((entry) => entry.effectiveDate <= date);
  const others = standing.filter((entry) => entry !== booked);
  const held = sumsOf(others, 'Assets:Units').get(symbol) ?? D(0);
  const fraction = held.minus(held.floor());
  if (held.gt(0) && !fraction.isZero()) return { ok: true, result: toText(fraction) };
  return refused(
    refusal('NOTHING_HELD', `the ledger held no fraction of a share of ${symbol} on ${date}`, {
      remedy: 'nothing was booked: book first what left the fraction, or give the fraction with --units',
    }),
  );
}
