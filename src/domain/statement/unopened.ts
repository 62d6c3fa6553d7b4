import { proposingNothing, type StatementComparison } from './compare/line.js';

const OPEN_FIRST =
  'The ledger is not opened, so nothing can be booked and no line proposes anything: open it with the first snapshot ' +
  '(make reconcile-daily) or with trading-ops ledger-baseline, then import the same file again.';

/** Whether a comparison is with a ledger in which nothing was ever booked. */
export const isUnopened = ({ lastEntryId }: Pick<StatementComparison, 'lastEntryId'>): boolean => lastEntryId === null;

/**
 * What is proposed by a comparison: nothing where the ledger was not opened, for whatever was proposed would be refused
 * (LEDGER_EMPTY), and what is in the opening would be booked beside it.
 */
export function openFirst(comparison: StatementComparison): StatementComparison {
  if (!isUnopened(comparison)) return comparison;
  return { ...proposingNothing(comparison), notes: [OPEN_FIRST, ...comparison.notes] };
}
