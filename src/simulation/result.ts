import { contentHash } from '../domain/hash.js';
import { D } from '../domain/money.js';
import type { ComparedWith } from '../domain/walk/benchmark.js';
import { ticketsOfWalk, type TicketsOfWalk } from '../domain/walk/tickets.js';
import { gapsOfWalk, type EndsEarly, type GapsOfWalk } from '../domain/walk/worth.js';
import type { ProposalOf } from '../domain/reconciliation/proposal.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Errand } from './operator.js';
import type { SimulatedDay } from './run.js';

/** What a simulation comes to. */
export interface SimulationResult extends GapsOfWalk, ComparedWith, TicketsOfWalk {
  from: IsoDate;
  to: IsoDate;
  days: number;
  trades: number;
  noTrades: number;
  /** Days by reason code; a day with two reasons counts in both. */
  noTradesByReason: Record<string, number>;
  fills: { done: number; skipped: number; failed: number };
  reconciliationsFailed: number;
  dividendsBooked: number;
  splitsBooked: number;
  rulings: number;
  /** What a human would have had to rule on; each once. */
  needed: ProposalOf<'RULE_ON_ACTION'>[];
  problems: { tradingDay: IsoDate; problem: string }[];
  equityStart: DecimalString;
  /** At the close of `valuedTo`. */
  equityEnd: DecimalString;
  /** The last session that has a value; null while none has. */
  valuedTo: IsoDate | null;
  /** Null where the last session is the one asked for. */
  endsEarly: EndsEarly | null;
  /** Of the account over the whole time, as a fraction. */
  change: number;
  /** Checked after every day; a simulation that ends has them all. */
  auditVerified: true;
  ledgerEqualsBroker: true;
  secondsPerDay: number;
}

const doneOf = (days: readonly SimulatedDay[], kind: Errand['kind']): number =>
  days.flatMap(({ done }) => done).filter((errand) => errand.kind === kind).length;

const lastValued = (days: readonly SimulatedDay[]) => days.findLast(({ equity }) => equity !== null);

/** From the cash that an account began with to the last of its days that has a value, as a fraction. */
export const changeOf = (days: readonly SimulatedDay[], cash: DecimalString): number =>
  D(lastValued(days)?.equity ?? cash)
    .div(D(cash))
    .minus(1)
    .toNumber();

/** Counts what the days of a simulation came to. */
export function resultOf(
  days: readonly SimulatedDay[],
  of: ComparedWith & Pick<SimulationResult, 'endsEarly'> & { cash: DecimalString },
): SimulationResult {
  const { cash, benchmark, noBenchmark, endsEarly } = of;
  const statuses = days.flatMap(({ fills }) => fills.map(({ executedStatus }) => executedStatus));
  const count = (status: string) => statuses.filter((one) => one === status).length;
  const byReason = new Map<string, number>();
  for (const code of days.flatMap(({ codes }) => codes)) byReason.set(code, (byReason.get(code) ?? 0) + 1);
  const valued = lastValued(days);
  const equityEnd = valued?.equity ?? cash;
  const milliseconds = days.reduce((sum, day) => sum + day.milliseconds, 0);
  return {
    from: days[0]?.tradingDay ?? '',
    to: days.at(-1)?.tradingDay ?? '',
    days: days.length,
    trades: days.filter(({ kind }) => kind === 'TRADE').length,
    noTrades: days.filter(({ kind }) => kind === 'NO_TRADE').length,
    noTradesByReason: Object.fromEntries([...byReason].toSorted(([, a], [, b]) => b - a)),
    fills: { done: count('DONE'), skipped: count('SKIPPED'), failed: count('FAILED') },
    reconciliationsFailed: days.filter(({ reconciliation }) => reconciliation !== null && reconciliation !== 'PASS')
      .length,
    dividendsBooked: doneOf(days, 'BOOK_DIVIDEND'),
    splitsBooked: doneOf(days, 'BOOK_SPLIT'),
    rulings: doneOf(days, 'RULE_ON_ACTION'),
    needed: [...new Map(days.flatMap(({ needed }) => needed.map((ruling) => [contentHash(ruling), ruling]))).values()],
    problems: days.flatMap(({ tradingDay, problems }) => problems.map((problem) => ({ tradingDay, problem }))),
    equityStart: cash,
    equityEnd,
    valuedTo: valued?.tradingDay ?? null,
    ...gapsOfWalk(days),
    ...ticketsOfWalk(days),
    endsEarly,
    change: Number(changeOf(days, cash).toFixed(4)),
    benchmark,
    noBenchmark,
    auditVerified: true,
    ledgerEqualsBroker: true,
    secondsPerDay: days.length === 0 ? 0 : Math.round(milliseconds / days.length) / 1_000,
  };
}
