import type { StatementComparison, StatementLine } from '../../domain/statement/compare/line.js';
import { isUnopened } from '../../domain/statement/unopened.js';
import type { Account, Instant } from '../../domain/types.js';
import { ukTime } from '../render/format.js';
import { nextReconcile, ofAccount, stepsOf, type Who } from '../commands.js';

/** What came of it, as every door says it. */
export const verdictOf = ({ status }: Pick<StatementComparison, 'status'>): string =>
  status === 'AGREES' ? 'STATEMENT_AGREES' : 'STATEMENT_DIFFERS';

/** Who took a statement back, as every door says it. */
export const withdrawnLine = ({ operator, at, reason }: { operator: string; at: Instant; reason: string | null }) =>
  `Withdrawn by ${operator} at ${ukTime(at)}: ${reason ?? ''}. It counts no more, and what was booked by its word ` +
  'stays booked; its file may be imported again.';

/** Lines in which the two sides differ, in their order. */
export const differing = ({ lines }: Pick<StatementComparison, 'lines'>): StatementLine[] =>
  lines.filter(({ difference }) => difference !== null);

/**
 * What is typed next: what opens the ledger where nothing can be booked yet, else the first that is proposed, which a
 * baseline never is, nor what comes before one: somebody finds out first who traded there.
 */
export function nextOf(comparison: StatementComparison, account: Account, at: Instant): string {
  if (isUnopened(comparison)) return nextReconcile(account);
  const first = comparison.lines.flatMap(({ kind, proposal }) => (kind === 'POSITION' ? [] : (proposal ?? [])))[0];
  return (first && stepsOf(first, account, at)[0]) ?? ofAccount('trading-ops statement list', account.account);
}

/** Lines that a terminal shows one by one; the report has all of them. */
const SHOWN_MAX = 20;

/** What is said in place of commands that stand under a line above already: typed twice, the second time would fail. */
export const AS_ABOVE = 'As above: one confirmation has all lines of the ticket.';

/** Differences whose ticket is confirmed as a whole by what a line before them proposes. */
export function saidAbove(differences: readonly StatementLine[]): ReadonlySet<StatementLine> {
  const tickets = new Set<string>();
  return new Set(
    differences.filter(({ proposal }) => {
      if (proposal?.kind !== 'CONFIRM_FILLS') return false;
      const isAbove = tickets.has(proposal.ticketId);
      tickets.add(proposal.ticketId);
      return isAbove;
    }),
  );
}

/** What differs, as lines of a terminal, each with the commands that would set it right. */
export function differenceLines(comparison: StatementComparison, who: Who, at: Instant): string[] {
  const all = differing(comparison);
  const above = saidAbove(all);
  const commandsOf = (line: StatementLine): string[] => {
    if (above.has(line)) return [AS_ABOVE];
    return line.proposal === null ? [] : stepsOf(line.proposal, who, at);
  };
  const shown = all
    .slice(0, SHOWN_MAX)
    .flatMap((line) => [`${line.difference}: ${line.text}`, ...commandsOf(line).map((command) => `  ${command}`)]);
  return all.length > SHOWN_MAX ? [...shown, `… and ${all.length - SHOWN_MAX} more: the report has them all.`] : shown;
}
