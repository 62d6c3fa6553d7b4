import type { Command } from 'commander';
import type { ReadValues } from '../../../contract/valuation-looks.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { readValues } from '../../../operations/ledger/read-values.js';
import { grouped, percent } from '../../../reports/render/format.js';
import { withContext } from '../../kit/context.js';
import { tableLines } from '../../kit/table.js';

/** Prints the values of an account's closes, oldest first. */
export async function showValues(command: Command): Promise<void> {
  await withContext(command, async ({ db, account, policy }) => {
    const { range } = command.opts<ReadValues>();
    const asked = { account: account.account, calendar: policy.calendar };
    const { range: shown, values } = resultOrThrow(await readValues(db, asked, { range }));
    const rows = values.map((value) => [
      value.asOfDate,
      grouped(value.equity, 2),
      grouped(value.netFlows, 2),
      grouped(value.equityIndex, 4),
      percent(value.drawdown),
      value.missing.length > 0 ? `${value.missing.length} missing before it` : '',
    ]);
    return {
      data: { account: account.account, range: shown, values },
      next: 'make ledger-report',
      lines:
        rows.length > 0
          ? tableLines(['close of', `equity ${account.baseCurrency}`, 'in or out', 'index', 'fall', ''], rows)
          : [`No close of ${account.account} was valued yet.`],
    };
  });
}
