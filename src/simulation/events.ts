import { z } from 'zod';
import { D, Decimal, pennies } from '../domain/money.js';
import { dateShape, rateShape, symbolShape } from '../domain/shapes.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import { costShare, ratio } from '../contract/figures.js';
import { blank, plannedRows } from './planned-rows.js';

/** What a company or the broker does on a date of a simulation. */
export interface PlannedEvent {
  date: IsoDate;
  kind: 'RENAME' | 'CASH_MERGER' | 'STOCK_MERGER' | 'SPIN_OFF' | 'CASH_IN_LIEU' | 'DELISTING' | 'INTEREST';
  /** What was held; null of interest. */
  symbol: string | null;
  /** What it becomes, of an exchange. */
  to: string | null;
  /** New shares for one old share, of an exchange. */
  ratio: DecimalString | null;
  /** Cash a share in listing currency; of interest, the sum in base currency. */
  amount: DecimalString | null;
  /** Of a spin-off, and of a merger with cash. */
  costShare: DecimalString | null;
}

/** What an event did to a holding, as the broker's statement shows it. */
export interface EventEffect {
  event: PlannedEvent;
  /** Change of cash, base currency. */
  cash: Decimal;
  /** Change of units by symbol. */
  changes: readonly { symbol: string; units: Decimal }[];
}

const COLUMNS = 'date,kind,symbol,to,ratio,amount,cost_share';

const KINDS = ['RENAME', 'CASH_MERGER', 'STOCK_MERGER', 'SPIN_OFF', 'CASH_IN_LIEU', 'DELISTING', 'INTEREST'] as const;
/** Which of the figures each kind needs, and which it may have beside them. */
const FIGURES: Record<(typeof KINDS)[number], { needs: Figure[]; may: Figure[] }> = {
  RENAME: { needs: ['symbol', 'to'], may: [] },
  CASH_MERGER: { needs: ['symbol', 'amount'], may: [] },
  STOCK_MERGER: { needs: ['symbol', 'to', 'ratio'], may: ['amount', 'cost_share'] },
  SPIN_OFF: { needs: ['symbol', 'to', 'ratio'], may: ['cost_share'] },
  CASH_IN_LIEU: { needs: ['symbol', 'amount'], may: [] },
  DELISTING: { needs: ['symbol'], may: ['amount'] },
  INTEREST: { needs: ['amount'], may: [] },
};
type Figure = 'symbol' | 'to' | 'ratio' | 'amount' | 'cost_share';
const ALL: readonly Figure[] = ['symbol', 'to', 'ratio', 'amount', 'cost_share'];

const rowSchema = z
  .strictObject({
    date: dateShape(),
    kind: z.enum(KINDS),
    symbol: blank(symbolShape()),
    to: blank(symbolShape()),
    ratio: blank(ratio),
    amount: blank(rateShape()),
    cost_share: blank(costShare),
  })
  .superRefine((row, context) => {
    const { needs, may } = FIGURES[row.kind];
    for (const figure of ALL) {
      const given = row[figure] !== null;
      if (given === needs.includes(figure) || (given && may.includes(figure))) continue;
      const message = `must be ${given ? 'left empty' : 'given'} with ${row.kind}`;
      context.addIssue({ code: 'custom', path: [figure], message });
    }
  });

/**
 * Reads what companies and the broker do in a simulation: a CSV with the columns date, kind, symbol, to, ratio,
 * amount, cost_share.
 * Refuses with exit 64 and every fault at once: file, row, field, value and rule.
 */
export function parseEvents(text: string, file: string): PlannedEvent[] {
  const rows = plannedRows(text, file, { code: 'EVENTS_INVALID', columns: COLUMNS, row: rowSchema });
  return rows.map(({ cost_share: costShare, ...row }) => ({ ...row, costShare }));
}

/**
 * What an event does to units of a symbol; null where nothing is held of it. Cash is paid in base currency at the
 * rate of the day,
 * pennies half to even; fractions of a new share are kept, six decimals.
 */
export function effectOfEvent(
  event: PlannedEvent,
  held: Decimal | undefined,
  rateOn: (date: IsoDate) => DecimalString | null,
): EventEffect | null {
  const { kind, symbol, to, date, amount } = event;
  if (kind === 'INTEREST') return { event, cash: pennies(D(amount ?? '0')), changes: [] };
  if (symbol === null || !held) return null;
  const cashFor = (units: Decimal) =>
    amount === null ? D(0) : pennies(units.times(D(amount)).div(D(rateOn(date) ?? '1')));
  const gone = { symbol, units: held.neg() };
  const came = (ratioOf: DecimalString) => ({
    symbol: to ?? symbol,
    units: held.times(D(ratioOf)).toDecimalPlaces(6, Decimal.ROUND_HALF_EVEN),
  });
  if (kind === 'RENAME') return { event, cash: D(0), changes: [gone, came('1')] };
  if (kind === 'SPIN_OFF') return { event, cash: D(0), changes: [came(event.ratio ?? '1')] };
  if (kind === 'STOCK_MERGER') return { event, cash: cashFor(held), changes: [gone, came(event.ratio ?? '1')] };
  if (kind !== 'CASH_IN_LIEU') return { event, cash: cashFor(held), changes: [gone] };
  const fraction = held.minus(held.floor());
  return fraction.isZero() ? null : { event, cash: cashFor(fraction), changes: [{ symbol, units: fraction.neg() }] };
}
