import { ledgerState } from '../../db/journal.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import { figuresOfTable, readTable, type PastedTable } from '../../domain/reconciliation/pasted-table.js';
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
    const { universe } = await readConfiguration(configDir);
    const held = Object.keys((await ledgerState(db, account)).units);
    const read = readTable(text, { universe, held, baseCurrency });
    if ('problems' in read) return resultOrThrow({ ok: false, refusal: invalid(read.problems) });
    const figures = figuresOfTable(read.table, cash);
    if ('problems' in figures) return resultOrThrow({ ok: false, refusal: invalid(figures.problems) });
    return { ...figures, table: read.table };
  });
}
