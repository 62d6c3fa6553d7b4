import type { Fill } from '../domain/confirmation/shape.js';
import type { Instant, IsoDate } from '../domain/types.js';
import type { ConfirmReply, IssueReply, ReconcileReply } from '../contract/day-messages.js';
import type { RunReply } from '../contract/runs.js';
import type { StatementItem } from './broker.js';
import type { PlannedRuling } from './rulings.js';

/** How the simulated operator reaches the system: the same workflows, messages and commands as a human. */
export interface Desk {
  run(slot: '0800' | '1400', at: Instant): Promise<RunReply>;
  reconcile(tradingDay: IsoDate, snapshot: { id: string; cash: string; positions: Record<string, string>; notes: string; at: Instant }): Promise<ReconcileReply>;
  confirm(tradingDay: IsoDate, answer: { ticket: IssueReply; fills: Fill[]; at: Instant }): Promise<ConfirmReply>;
  /** Waits until the day's workflow has closed it. */
  closed(tradingDay: IsoDate): Promise<void>;
  /** Where runs are scheduled: has every slot accounted for. */
  watch?(at: Instant): Promise<unknown>;
  /** Types a `trading-ops …` command; resolves with its exit code and what it said. */
  type(command: string): Promise<{ exitCode: number; said: string }>;
}

export interface Reconciled {
  status: ReconcileReply['status'];
  /** Commands that were typed, each because a report named it. */
  typed: string[];
  /** Reasons of the last report, and what went wrong with its commands; empty when it passed. */
  problems: string[];
}

/** A report's commands are carried out and the account reconciled again this often before the operator gives up. */
const ROUNDS_MAX = 4;
const ROUND_MINUTES = 5;
/** What an operator types without asking anybody: bookings of what a source has told. */
const BOOKABLE = /^trading-ops ledger (dividend|split) /;

/**
 * The operator reads the broker's figures into the system; when the report says FAIL, types the commands that it names
 * and reconciles again. A split that no source has told of is booked only when the broker's statement shows it and no
 * ruling on the symbol is outstanding; a transfer never, for the simulated account has none.
 */
export async function reconcileDay(
  desk: Desk, day: { tradingDay: IsoDate; at: Instant; snapshot: { cash: string; positions: Record<string, string> }; undecided: ReadonlySet<string> },
): Promise<Reconciled> {
  const typed: string[] = [];
  for (let round = 0; ; round++) {
    const at = minutesAfter(day.at, round * ROUND_MINUTES);
    const reply = await desk.reconcile(day.tradingDay, { ...day.snapshot, id: `simulate-${at}`, notes: 'simulated broker', at });
    const problems = reply.status === 'PASS' ? [] : reply.reasons.map(({ code, message }) => `${code}: ${message}`);
    if (reply.status === 'PASS' || round === ROUNDS_MAX) return { status: reply.status, typed, problems };
    const commands = reply.explanations.flatMap(({ command }) => (command !== null && isBookable(command, day.undecided) ? [command] : []));
    if (commands.length === 0) return { status: reply.status, typed, problems };
    const failed = await typeAll(desk, commands, typed);
    if (failed.length > 0) return { status: reply.status, typed, problems: [...problems, ...failed] };
  }
}

const isBookable = (command: string, undecided: ReadonlySet<string>): boolean =>
  BOOKABLE.test(command) && !undecided.has(/ --symbol (\S+)/.exec(command)?.[1] ?? '');

async function typeAll(desk: Desk, commands: readonly string[], typed: string[]): Promise<string[]> {
  const failed: string[] = [];
  for (const command of commands) {
    const { exitCode, said } = await desk.type(command);
    if (exitCode === 0) typed.push(command);
    else failed.push(`${command}: exit ${exitCode}: ${said}`);
  }
  return failed;
}

/**
 * Books what the broker's statement shows and reconciliation let pass because it is within tolerance, so that nothing
 * adds up over the months. @returns the commands typed; after them the account must be reconciled once more.
 */
export async function bookSmallItems(desk: Desk, items: readonly StatementItem[], { account, at }: { account: string; at: Instant }): Promise<{ typed: string[]; problems: string[] }> {
  const typed: string[] = [];
  const commands = items.map(({ kind, symbol, exDate }) =>
    `trading-ops ledger ${kind === 'SPLIT' ? 'split' : 'dividend'} --symbol ${symbol} --ex-date ${exDate} --account ${account} --at ${at}`);
  const problems = await typeAll(desk, commands, typed);
  return { typed, problems };
}

/** The command that rules on an action held for review; null stands for what only a human can say. */
export function rulingCommand(
  { symbol, exDate, kind, ruling, value, reason }: Pick<PlannedRuling, 'symbol' | 'exDate' | 'kind'> & Partial<PlannedRuling>, at: Instant,
): string {
  const words = ruling === undefined ? '--as <cash_dividend|split|ignore> --value <value>' : `--as ${ruling}${value ? ` --value ${value}` : ''}`;
  const why = (reason ?? '<why>').replaceAll(/["'\\$`]/g, '');
  return `trading-ops actions rule --symbol ${symbol} --ex-date ${exDate} --kind ${kind.toLowerCase()} ${words} --reason "${why}" --at ${at}`;
}

export const minutesAfter = (at: Instant, minutes: number): Instant => new Date(Date.parse(at) + minutes * 60_000).toISOString();

/** The words of a command as a shell would split them; quotes hold words together, nothing else is special. */
export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ''));
