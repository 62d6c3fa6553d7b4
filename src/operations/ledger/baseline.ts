import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import { bookEntry, journal, lockJournal } from '../../db/journal.js';
import { inTransaction } from '../../db/transaction.js';
import { refusal } from '../../domain/errors.js';
import { baselineCashEntry, baselinePositionEntry, openingEntry, type EntryDraft } from '../../domain/ledger/entries.js';
import { replayBook } from '../../domain/ledger/positions.js';
import { ledgerSums, type BookedEntry } from '../../domain/ledger/sums.js';
import { D, toText } from '../../domain/money.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';
import type { Bookkeeper } from './book-once.js';

/** What the ledger is to say from now on; what is not named keeps its figure. */
export interface Baseline {
  date: IsoDate;
  cash: DecimalString | null;
  /** Units by symbol; zero takes a position out. */
  positions: Record<string, DecimalString>;
  /** Cost in base currency of the whole holding, by symbol. */
  costs: Record<string, DecimalString>;
  reason: string;
}

export interface BaselineResult {
  opened: boolean;
  /** Entries booked; none when the ledger already says all this. */
  entries: { entryId: number; draft: EntryDraft }[];
}

/**
 * Sets the ledger to figures the operator vouches for, with a written reason: opens it when it is empty, otherwise books
 * one BASELINE entry for each figure that differs, against opening equity. A repeat finds nothing left to correct.
 */
export function setBaseline(db: Knex, by: Bookkeeper, baseline: Baseline): Promise<BaselineResult> {
  return inTransaction(db, async (trx) => {
    await lockJournal(trx, by.account.account);
    const entries = await journal(trx, by.account.account);
    const opened = entries.length === 0;
    const drafts = opened ? openingDrafts(by, baseline) : correctingDrafts(by, baseline, entries);
    const booked: BaselineResult['entries'] = [];
    for (const draft of drafts) {
      const idempotencyKey = `baseline:${entries.at(-1)?.entryId ?? 0}:${draft.kind}:${draft.symbol ?? 'cash'}`;
      const { entryId } = await bookEntry(trx, draft, { account: by.account.account, bookedAt: by.at, operator: by.operator, idempotencyKey });
      booked.push({ entryId, draft });
    }
    if (booked.length > 0) {
      await appendAudit(trx, {
        at: by.at, account: by.account.account, actor: by.operator, action: opened ? 'ledger.opened' : 'ledger.baseline',
        subject: booked.map(({ entryId }) => entryId).join(','), detail: { ...baseline },
      });
    }
    return { opened, entries: booked };
  });
}

const describe = (reason: string) => `Baseline: ${reason}`;

function openingDrafts(by: Bookkeeper, { date, cash, positions, costs, reason }: Baseline): EntryDraft[] {
  const { baseCurrency } = by.account;
  const opening = openingEntry({ date, baseCurrency, cash: cash ?? '0', positions, description: describe(reason) });
  if (!opening) throw refusal('BASELINE_EMPTY', 'the ledger is empty, and the baseline names neither cash nor a position to open it with');
  return [opening, ...Object.entries(costs).map(([symbol, cost]) => costDraft(by, { date, symbol, units: '0', held: positions[symbol] ?? '0', cost, reason }))];
}

function correctingDrafts(by: Bookkeeper, { date, cash, positions, costs, reason }: Baseline, entries: BookedEntry[]): EntryDraft[] {
  const { baseCurrency } = by.account;
  const sums = ledgerSums(entries, baseCurrency);
  const report = replayBook(entries, baseCurrency);
  const delta = cash === null ? D(0) : D(cash).minus(D(sums.cash));
  const symbols = [...new Set([...Object.keys(positions), ...Object.keys(costs)])].toSorted();
  return [
    baselineCashEntry({ date, baseCurrency, delta: toText(delta), description: describe(reason) }),
    ...symbols.map((symbol) => {
      const held = sums.units[symbol] ?? '0';
      const units = toText(D(positions[symbol] ?? held).minus(D(held)));
      const cost = costs[symbol];
      if (cost === undefined) return baselinePositionEntry({ date, baseCurrency, symbol, units, cost: null, description: describe(reason) });
      const named = D(report.positions.find((position) => position.symbol === symbol)?.namedCost ?? '0');
      return costDraft(by, { date, symbol, units, held: positions[symbol] ?? held, cost: toText(D(cost).minus(named)), reason });
    }),
  ].filter((draft) => draft.postings.length > 0);
}

function costDraft(
  by: Bookkeeper, { date, symbol, units, held, cost, reason }: { date: IsoDate; symbol: string; units: string; held: string; cost: string; reason: string },
): EntryDraft {
  if (!D(held).gt(0)) throw refusal('NOTHING_HELD', `cost ${symbol}: the ledger holds no ${symbol}: name its units with --position`);
  return baselinePositionEntry({ date, baseCurrency: by.account.baseCurrency, symbol, units, cost, description: describe(reason) });
}
