import type { Command } from 'commander';
import { ofAccount, splitCommand } from '../../../reports/commands.js';
import { counted, grouped, money, price, signedMoney, units } from '../../../reports/render/format.js';
import type { Book } from '../../../domain/ledger/entries.js';
import type { BookedEntry } from '../../../domain/ledger/sums.js';
import type { ValuedBook, ValuedPosition } from '../../../domain/ledger/valuation.js';
import { D } from '../../../domain/money.js';
import type { ReportBook } from '../../../contract/ledger-looks.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { reportBook } from '../../../operations/ledger/report.js';
import type { IsoDate } from '../../../domain/types.js';
import { withContext, type CommonFlags, type Context } from '../../kit/context.js';
import { sideBySide, tableLines, wrapped } from '../../kit/table.js';

/** Prints positions, cost, cash, profit and loss, and value at the newest closes up to the as-of date. */
export async function reportLedger(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const {
      account: { account },
      db,
      policy,
      at,
    } = context;
    const { at: said } = command.optsWithGlobals<CommonFlags>();
    const isSaid = context.account.clock === 'real' || (said ?? context.settings.at) !== undefined;
    const { book, report } = resultOrThrow(
      await reportBook(db, policy, context.account, { book: command.opts<ReportBook>().book, at: isSaid ? at : null }),
    );
    if (report === null) {
      const next =
        book === 'ledger' ? 'make reconcile-daily: the first snapshot opens it' : 'DRYRUN_TRADES=true make run-1400';
      return { data: { account, book, entries: 0 }, lines: [`The ${book} of ${account} is empty.`], next };
    }
    const { asOfDate: asOf, entries, valued } = report;
    const pending = report.unbookedSplits.map(({ symbol, exDate }) => splitCommand(account, symbol, exDate));
    return {
      data: {
        account,
        book,
        baseCurrency: context.account.baseCurrency,
        asOfDate: asOf,
        ...valued,
        unbookedSplits: pending,
      },
      lines: reportLines(context, book, asOf, valued, pending, entries),
      next: pending[0] ?? ofAccount(`trading-ops ${book === 'ledger' ? 'ledger journal' : 'ledger-report'}`, account),
    };
  });
}

function reportLines(
  { account }: Context,
  book: Book,
  asOf: IsoDate,
  valued: ValuedBook,
  pending: string[],
  entries: BookedEntry[],
): string[] {
  const base = account.baseCurrency;
  const amount = (value: string | null) => (value === null ? 'unknown' : money(value, base));
  const gain = (value: string | null) => (value === null ? 'unknown' : signedMoney(value, base));
  const shown = valued.positions.filter(
    (position) => !D(position.units).isZero() || position.realised !== '0' || position.dividendsGross !== '0',
  );
  return [
    `${book === 'paper' ? 'Paper book' : 'Ledger'} of ${account.account} at the close of ${asOf}, ${counted(entries.length, 'entry', 'entries')}, in ${base}`,
    ...tableLines(
      ['symbol', 'units', 'cost', 'close', 'rate', 'value', 'unrealised', 'realised', 'dividends'],
      shown.map((position) => [
        position.symbol,
        units(position.units),
        amount(position.cost),
        ...quoteCells(position, asOf),
        amount(position.value),
        gain(position.unrealised),
        gain(position.realised),
        money(position.dividendsGross, base),
      ]),
      { right: [1, 2, 3, 4, 5, 6, 7, 8] },
    ),
    ...sideBySide([
      `Cash ${amount(valued.cash)}`,
      `Positions ${amount(valued.positionsValue)}`,
      `Equity ${amount(valued.equity)}`,
    ]),
    ...sideBySide([
      `Unrealised ${gain(valued.unrealised)}`,
      `Realised ${gain(valued.realised)}`,
      `Dividends ${amount(valued.dividendsGross)} less tax ${amount(valued.withholdingTax)}`,
      ...(valued.interest === '0' ? [] : [`Interest ${amount(valued.interest)}`]),
      `Fees ${amount(valued.fees)}`,
    ]),
    `Paid in ${amount(valued.deposits)}   Paid out ${amount(valued.withdrawals)}`,
    ...wrapped(
      'Cost is pooled (average cost, Section 104). Positions of the opening count at their value on its date, until ' +
        'ledger-baseline --cost says what they cost.',
    ),
    ...pending.map((command) => `NOT BOOKED; the value above counts it, the units do not yet: ${command}`),
  ];
}

function quoteCells({ quote }: ValuedPosition, asOf: IsoDate): [string, string] {
  if (quote === null) return ['no price', ''];
  return [
    `${price(quote.price, quote.currency)}${quote.date === asOf ? '' : ` of ${quote.date}`}`,
    quote.fx === '1' ? '' : grouped(quote.fx, 4),
  ];
}
