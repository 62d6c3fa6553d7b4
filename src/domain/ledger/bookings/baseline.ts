import { dateOf, dayNumber } from '../../dates.js';
import { OpsError, refusal, refused, usageError, type Outcome } from '../../errors.js';
import { D, toText } from '../../money.js';
import type { Account, DecimalString, IsoDate } from '../../types.js';
import { baselineCashEntry, baselinePositionEntry, type EntryDraft } from '../entries.js';
import { baselineKey } from '../keys.js';
import { replayBook } from '../positions.js';
import { ledgerSums, type BookedEntry } from '../sums.js';
import { planOpening } from './opening.js';
import { beforeOpening, inFuture } from './plan.js';

/** A baseline tells the present, as a snapshot does: a ledger is not opened with figures of more than a year ago. */
const OLDEST_DAYS = 366;

/** What the ledger is to say from now on; what is not named keeps its figure. */
export interface BaselineCommand {
  account: Account;
  today: IsoDate;
  /** Date it takes effect; today when left out. */
  date: IsoDate | null;
  cash: DecimalString | null;
  /** Units by symbol; zero takes a position out. */
  positions: Record<string, DecimalString>;
  /** Cost in base currency of the whole holding, by symbol. */
  costs: Record<string, DecimalString>;
  reason: string;
  /** Whether the universe has a symbol: nobody can price another. */
  isKnown(symbol: string): boolean;
}

export interface BaselinePlan {
  opens: boolean;
  /** None when the ledger already says all this. */
  entries: { draft: EntryDraft; key: string }[];
}

/** Plans to open an empty ledger, or one BASELINE entry for each figure that differs, against opening equity. */
export function planBaseline(entries: readonly BookedEntry[], command: BaselineCommand): Outcome<BaselinePlan> {
  const { today, positions, costs, isKnown } = command;
  const date = command.date ?? today;
  const wrong = wrongDate(entries, date, today) ?? unknownSymbol({ positions, costs }, isKnown);
  if (wrong) return refused(wrong);
  const opens = entries.length === 0;
  const drafts = opens ? openingDrafts(command, date) : correctingDrafts(command, date, entries);
  if (!drafts.ok) return drafts;
  const last = entries.at(-1)?.entryId ?? 0;
  return {
    ok: true,
    result: { opens, entries: drafts.result.map((draft) => ({ draft, key: baselineKey(last, draft) })) },
  };
}

function wrongDate(entries: readonly BookedEntry[], date: IsoDate, today: IsoDate): OpsError | null {
  if (date > today) return inFuture('date', date, today);
  const oldest = dateOf(dayNumber(today) - OLDEST_DAYS);
  if (entries.length > 0 || date >= oldest) return beforeOpening(entries, 'date', date);
  return usageError(
    'DATE_INVALID',
    `date: ${date}: must not be before ${oldest}: a ledger is opened with figures of the present`,
    { remedy: 'Nothing was booked. Give the date of the figures, or leave it out for today.' },
  );
}

function unknownSymbol(
  named: Record<'positions' | 'costs', Record<string, DecimalString>>,
  isKnown: (symbol: string) => boolean,
): OpsError | null {
  const lines = (['positions', 'costs'] as const).flatMap((field) =>
    Object.entries(named[field])
      .filter(([symbol]) => !isKnown(symbol))
      .map(([symbol, text]) => `${field}.${symbol}: "${text}": must be a symbol of the universe`),
  );
  return lines.length === 0 ? null : usageError('ARGUMENT_INVALID', lines.join('\n'), { remedy: 'nothing was booked' });
}

const describe = (reason: string) => `Baseline: ${reason}`;

function openingDrafts(command: BaselineCommand, date: IsoDate): Outcome<EntryDraft[]> {
  const {
    account: { baseCurrency },
    cash,
    positions,
    costs,
    reason,
  } = command;
  const opening = planOpening({ date, baseCurrency, cash: cash ?? '0', positions, description: describe(reason) });
  if (!opening.ok) return opening;
  const named = Object.entries(costs).map(([symbol, cost]) => ({
    symbol,
    units: '0',
    held: positions[symbol] ?? '0',
    cost,
  }));
  return whenHeld(named, () => [opening.result, ...named.map((change) => positionDraft(command, date, change))]);
}

function correctingDrafts(
  command: BaselineCommand,
  date: IsoDate,
  entries: readonly BookedEntry[],
): Outcome<EntryDraft[]> {
  const {
    account: { baseCurrency },
    cash,
    positions,
    costs,
    reason,
  } = command;
  const sums = ledgerSums(entries, baseCurrency);
  const report = replayBook(entries, baseCurrency);
  const changes = [...new Set([...Object.keys(positions), ...Object.keys(costs)])].toSorted().map((symbol): Change => {
    const before = sums.units[symbol] ?? '0';
    const held = positions[symbol] ?? before;
    const named = report.positions.find((position) => position.symbol === symbol)?.namedCost ?? '0';
    const cost = costs[symbol] === undefined ? null : toText(D(costs[symbol]).minus(D(named)));
    return { symbol, held, units: toText(D(held).minus(D(before))), cost };
  });
  const delta = cash === null ? '0' : toText(D(cash).minus(D(sums.cash)));
  return whenHeld(changes, () =>
    [
      baselineCashEntry({ date, baseCurrency, delta, description: describe(reason) }),
      ...changes.map((change) => positionDraft(command, date, change)),
    ].filter((draft) => draft.postings.length > 0),
  );
}

interface Change {
  symbol: string;
  /** Units there will be. */
  held: DecimalString;
  /** Signed change of units. */
  units: DecimalString;
  /** Signed change of the named cost; null when it is not named. */
  cost: DecimalString | null;
}

const positionDraft = (
  { account: { baseCurrency }, reason }: BaselineCommand,
  date: IsoDate,
  { symbol, units, cost }: Change,
): EntryDraft => baselinePositionEntry({ date, baseCurrency, symbol, units, cost, description: describe(reason) });

/** The drafts, unless a cost is named of what is not held. */
function whenHeld(changes: readonly Change[], drafts: () => EntryDraft[]): Outcome<EntryDraft[]> {
  const without = changes.find(({ cost, held }) => cost !== null && !D(held).gt(0));
  if (without === undefined) return { ok: true, result: drafts() };
  return refused(
    refusal(
      'NOTHING_HELD',
      `cost ${without.symbol}: the ledger holds no ${without.symbol}: name its units with --position`,
    ),
  );
}
