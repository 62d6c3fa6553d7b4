import { groupBy } from '../../group.js';
import { standingEntries, type BookedEntry } from '../../ledger/sums.js';
import { D, type Decimal } from '../../money.js';
import { movedBy } from './facts.js';
import type { StatementLine } from './line.js';

/*
 * What was paid for units that a baseline set: shares for nothing are a gift, and take in no trade. A command books
 * what it sets one after the other, the cash first.
 */

/** What was set together: of the cash, base currency, and the standing baselines of units that it was paid for. */
export interface SetTogether {
  cash: Decimal;
  units: readonly BookedEntry[];
}

/**
 * What was set together with a baseline: by one command; of one date also by one of units alone and one of cash alone,
 * for somebody who forgot the cash sets it next.
 */
export function setTogether(
  entries: readonly BookedEntry[],
  baseCurrency: string,
): (entry: BookedEntry) => SetTogether | null {
  const standing = new Set(standingEntries(entries));
  const commands = commandsOf(entries)
    .map((command) => command.filter((entry) => standing.has(entry)))
    .filter((command) => command.length > 0);
  const isWhole = (command: readonly BookedEntry[]) =>
    command.some(({ symbol }) => symbol === null) && command.some(({ symbol }) => symbol !== null);
  const together = groupBy(commands, (command) => (isWhole(command) ? command : command[0]?.effectiveDate));
  const found = new Map<BookedEntry, SetTogether>();
  for (const own of [...together.values()].map((each) => each.flat())) {
    const cash = own.reduce((sum, entry) => sum.plus(movedBy(entry, 'Assets:Cash', baseCurrency)), D(0));
    const set = { cash, units: own.filter(({ symbol }) => symbol !== null) };
    for (const entry of own) found.set(entry, set);
  }
  return (entry) => found.get(entry) ?? null;
}

/** Baselines of the cash among some whose command set no units that still stand. */
export function setAlone(within: readonly BookedEntry[], entries: readonly BookedEntry[]): BookedEntry[] {
  const standing = new Set(standingEntries(entries));
  const isOfUnits = (entry: BookedEntry) => entry.symbol !== null && standing.has(entry);
  const beside = new Set(commandsOf(entries).flatMap((command) => (command.some(isOfUnits) ? command : [])));
  return within.filter((entry) => entry.kind === 'BASELINE' && entry.symbol === null && !beside.has(entry));
}

/** Baselines as the commands that booked them: the cash, then units by symbol, with the same words. */
function commandsOf(entries: readonly BookedEntry[]): BookedEntry[][] {
  const commands: BookedEntry[][] = [];
  entries.forEach((entry, index) => {
    if (entry.kind !== 'BASELINE') return;
    const [last, before] = [commands.at(-1), entries[index - 1]];
    if (last && before && last.includes(before) && isNextOf(before, entry)) last.push(entry);
    else commands.push([entry]);
  });
  return commands;
}

const isNextOf = (before: BookedEntry, entry: BookedEntry): boolean =>
  entry.symbol !== null &&
  (before.symbol ?? '') < entry.symbol &&
  before.effectiveDate === entry.effectiveDate &&
  before.description === entry.description &&
  commandOf(before) === commandOf(entry);

/** By which figures of one command are known: the newest entry before it. */
const commandOf = ({ idempotencyKey }: BookedEntry): string | undefined => /^baseline:\d+:/.exec(idempotencyKey)?.[0];

/** What the broker's rate may make of an amount that the statement does not say. */
const ESTIMATED = '0.03';

/** What trades cost, for all that a statement says. */
export interface Costs {
  /** Less than nothing where they brought more; null where it is not said of one of them. */
  cost: Decimal | null;
  /** The only one of them; null of several. */
  only: StatementLine | null;
  /** How far what was paid may be from it. */
  leeway: Decimal;
  isEstimated: boolean;
}

/** @param fees of rows that no entry books, which may be within what was paid */
export function costsOf(trades: readonly StatementLine[], fees: Decimal): Costs {
  const amounts = trades.map(({ kind, isEstimated, statement }) => ({
    amount: statement?.amount ? D(statement.amount).times(kind === 'OPEN' ? 1 : -1) : null,
    isEstimated,
  }));
  return amounts.reduce<Costs>(
    ({ cost, leeway, isEstimated, only }, each) => ({
      only,
      cost: cost && each.amount && cost.plus(each.amount),
      leeway: each.isEstimated && each.amount ? leeway.plus(each.amount.abs().times(ESTIMATED)) : leeway,
      isEstimated: isEstimated || each.isEstimated,
    }),
    {
      cost: D(0),
      leeway: fees.plus('0.005'),
      isEstimated: false,
      only: trades.length === 1 ? (trades[0] ?? null) : null,
    },
  );
}

/**
 * Whether what was set of the cash is what trades cost. Of one of which nothing says it, it is something that went the
 * right way; with others it would be whatever the rest of them leaves.
 */
export const isPaid = ({ cost, leeway, only }: Costs, cash: Decimal): boolean =>
  cost === null ? only !== null && cash.times(only.kind === 'OPEN' ? -1 : 1).gt(0) : cost.plus(cash).abs().lte(leeway);
