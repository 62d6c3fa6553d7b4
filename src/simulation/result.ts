import { contentHash } from '../domain/hash.js';
import { D } from '../domain/money.js';
import type { ProposalOf } from '../domain/reconciliation/proposal.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Errand } from './operator.js';
import type { SimulatedDay } from './run.js';

/** What a simulation comes to. */
export interface SimulationResult {
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
  equityEnd: DecimalString;
  /** Change over the whole time, as fractions: the account, and the benchmark's closes in its own currency. */
  change: number;
  benchmark: { symbol: string; change: number } | null;
  /** Checked after every day; a simulation that ends has them all. */
  auditVerified: true;
  ledgerEqualsBroker: true;
  secondsPerDay: number;
}

const doneOf = (days: readonly SimulatedDay[], kind: Errand['kind']): number =>
  days.flatMap(({ done }) => done).filter((errand) => errand.kind === kind).length;

/** Counts what the days of a simulation came to. */
export function resultOf(
  days: readonly SimulatedDay[],
  { cash, benchmark }: { cash: DecimalString; benchmark: SimulationResult['benchmark'] },
): SimulationResult {
  const statuses = days.flatMap(({ fills }) => fills.map(({ executedStatus }) => executedStatus));
  const count = (status: string) => statuses.filter((one) => one === status).length;
  const byReason = new Map<string, number>();
  for (const code of days.flatMap(({ codes }) => codes)) byReason.set(code, (byReason.get(code) ?? 0) + 1);
  const equityEnd = days.at(-1)?.equity ?? cash;
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
    change: Number(D(equityEnd).div(D(cash)).minus(1).toFixed(4)),
    benchmark,
    auditVerified: true,
    ledgerEqualsBroker: true,
    secondsPerDay: days.length === 0 ? 0 : Math.round(milliseconds / days.length) / 1_000,
  };
}
