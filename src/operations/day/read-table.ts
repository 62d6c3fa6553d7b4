import { ledgerState } from '../../db/journal.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import {
  figuresOfTable,
  readTable,
  tableMark,
  takenOfTable,
  type PastedTable,
} from '../../domain/reconciliation/pasted-table.js';
import type { Problem } from '../../domain/problems.js';
import type { Account, DecimalString } from '../../domain/types.js';
import type { Installation } from '../installation.js';
import { readConfiguration } from '../runs/configuration.js';
import { invalid } from './check-snapshot.js';

/** The figures of a table, and the table that they were read from. */
export interface TableFigures {
  cash: string;
  positions: Record<string, DecimalString>;
  table: PastedTable;
}

/**
 * Reads the table of what the broker shows against the names of the universe and of what the ledger holds; stores
 * nothing.
 * @param given text: the table; cash: what was said of it beside the table.
 * @returns the figures, or SNAPSHOT_INVALID with every line that cannot be taken.
 */
export function readSnapshotTable(
  { db, configDir }: Pick<Installation, 'db' | 'configDir'>,
  { account, baseCurrency }: Pick<Account, 'account' | 'baseCurrency'>,
  { text, cash }: { text: string; cash: string | undefined },
): Promise<Outcome<TableFigures>> {
  return outcomeOf(async () => {
    const table = await tableOf({ db, configDir }, { account, baseCurrency }, text);
    return { ...takenOr(figuresOfTable(table, cash)), table };
  });
}

/** The table as it is read, every line found, unknown or ambiguous. @throws OpsError SNAPSHOT_INVALID of the whole */
async function tableOf(
  { db, configDir }: Pick<Installation, 'db' | 'configDir'>,
  { account, baseCurrency }: Pick<Account, 'account' | 'baseCurrency'>,
  text: string,
): Promise<PastedTable> {
  const { universe } = await readConfiguration(configDir);
  const held = Object.keys((await ledgerState(db, account)).units);
  const read = readTable(text, { universe, held, baseCurrency });
  return 'problems' in read ? takenOr<never>(read) : read.table;
}

function takenOr<T extends object>(read: T | { problems: Problem[] }): T {
  return 'problems' in read ? resultOrThrow<T>({ ok: false, refusal: invalid(read.problems) }) : read;
}

/** What a table says line by line, before anything of it is taken. @returns or SNAPSHOT_INVALID of the whole */
export const lookAtTable = (
  place: Pick<Installation, 'db' | 'configDir'>,
  account: Pick<Account, 'account' | 'baseCurrency'>,
  text: string,
): Promise<Outcome<PastedTable>> => outcomeOf(() => tableOf(place, account, text));

/**
 * What a form is filled with from a table: cash, where the table says it, and units by symbol, 0 for what is not held;
 * and the mark of the table, by which the form says later that these are its figures.
 * @returns or SNAPSHOT_INVALID with every line that cannot be taken
 */
export const takeTable = (
  place: Pick<Installation, 'db' | 'configDir'>,
  account: Pick<Account, 'account' | 'baseCurrency'>,
  text: string,
): Promise<Outcome<{ cash: DecimalString | null; positions: Record<string, DecimalString>; mark: string }>> =>
  outcomeOf(async () => ({
    ...takenOr(takenOfTable(await tableOf(place, account, text))),
    mark: tableMark(text),
  }));
