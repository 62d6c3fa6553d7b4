import { refusal, refused } from '../../errors.js';
import { D } from '../../money.js';
import type { Account } from '../../types.js';
import { reversalEntry, type EntryDraft } from '../entries.js';
import { reversalKey } from '../keys.js';
import { reckonedAfter } from '../sequence.js';
import { ledgerSums, type BookedEntry } from '../sums.js';
import { ledgerEmpty, plannedOnce, type EntryPlan } from './plan.js';

export interface ReversalCommand {
  account: Account;
  entryId: number;
  reason: string;
}

/** Plans to take an entry back. Fills are amended and openings corrected by a baseline instead, each with its own command. */
export function planReversal(
  entries: readonly BookedEntry[],
  { account, entryId, reason }: ReversalCommand,
): EntryPlan {
  if (entries.length === 0) return refused(ledgerEmpty(account.account));
  const entry = entries.find((candidate) => candidate.entryId === entryId);
  if (!entry)
    return refused(
      refusal('ENTRY_UNKNOWN', `entry: ${entryId}: is not in the ledger of ${account.account}`, {
        remedy: 'trading-ops ledger journal',
      }),
    );
  const other = notReversible[entry.kind];
  if (other) return refused(refusal('ENTRY_NOT_REVERSIBLE', `entry ${entryId} is ${entry.kind}: ${other}`));
  if (entries.some((candidate) => candidate.reversesEntryId === entryId)) {
    return refused(refusal('ALREADY_REVERSED', `entry ${entryId} is reversed already`));
  }
  const later = reckonedFrom(entries, entry);
  if (later) {
    return refused(
      refusal(
        'BOOKED_OUT_OF_ORDER',
        `entry: ${entryId}: must not be taken back before entry ${later.entryId}, which was reckoned from its units: ${later.description}`,
        {
          remedy:
            'nothing was booked; take the later one back first: ' +
            `trading-ops ledger reverse --entry ${later.entryId} --reason "<why>" --account ${account.account}`,
        },
      ),
    );
  }
  const draft = reversalEntry(entry, reason);
  const short = soldSince(entries, draft, account.baseCurrency);
  if (short !== undefined) {
    return refused(
      refusal(
        'UNITS_WOULD_BE_NEGATIVE',
        `entry ${entryId} cannot be taken back: the ledger would hold less than no ${short}, for some of it was sold since`,
        {
          remedy: 'correct the units with trading-ops ledger-baseline --position SYMBOL=UNITS --reason "<why>"',
        },
      ),
    );
  }
  return plannedOnce(entries, account, { key: reversalKey(entryId), draft, reversesEntryId: entryId });
}

/** What was reckoned, after it was booked, from the units that an entry changed. */
function reckonedFrom(entries: readonly BookedEntry[], entry: BookedEntry): BookedEntry | undefined {
  const moved = entry.postings.filter((posting) => posting.account === 'Assets:Units');
  const symbols = [...new Set(moved.map(({ commodity }) => commodity))];
  // Of two baselines each says what it corrected: either may be wrong by itself.
  const later = entries.filter(
    ({ entryId, kind }) => entryId > entry.entryId && (entry.kind !== 'BASELINE' || kind !== 'BASELINE'),
  );
  return reckonedAfter(later, symbols, { date: entry.effectiveDate, orOn: true });
}

/** The symbol of which the ledger would hold less than nothing after the entry. */
function soldSince(entries: readonly BookedEntry[], draft: EntryDraft, baseCurrency: string): string | undefined {
  const { units } = ledgerSums([...entries, draft], baseCurrency);
  return Object.keys(units).find((symbol) => D(units[symbol] ?? '0').isNegative());
}

const notReversible: Partial<Record<EntryDraft['kind'], string>> = {
  OPENING: 'correct it with trading-ops ledger-baseline',
  FILL: 'correct it by confirming its ticket again with --amend',
  REVERSAL: 'book what was reversed again instead',
};
