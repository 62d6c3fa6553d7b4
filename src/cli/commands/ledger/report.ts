import Table from 'cli-table3';
import type { Command } from 'commander';
import { grouped, money, price, signedMoney, units } from '../../../reports/render/format.js';
import { journal } from '../../../db/journal.js';
import { knownActions } from '../../../db/known-actions.js';
import { newestQuotes } from '../../../db/quotes.js';
import { asOfDate, tradingDayOf } from '../../../domain/calendar/calendar.js';
import type { Book } from '../../../domain/ledger/entries.js';
import { bookedUnder, splitKey } from '../../../domain/ledger/keys.js';
import { replayBook, type OpeningPrice } from '../../../domain/ledger/positions.js';
import { openingDate, unitsBefore, type BookedEntry } from '../../../domain/ledger/sums.js';
import { valueBook, type Quote, type ValuedBook, type ValuedPosition } from '../../../domain/ledger/valuation.js';
import { D, toText } from '../../../domain/money.js';
import type { IsoDate } from '../../../domain/types.js';
import { withContext, type Context } from '../../kit/context.js';
import { bookOf } from './book-flag.js';

/** Prints positions, cost, cash, profit and loss, and value at the newest closes up to the as-of date. */
export async function reportLedger(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const book = bookOf(command);
    const entries = await journal(context.db, context.account.account, book);
    if (entries.length === 0) {
      return { data: { account: context.account.account, book, entries: 0 }, lines: [`The ${book} of ${context.account.account} is empty.`], next: book === 'ledger' ? 'make reconcile-daily: the first snapshot opens it' : 'DRYRUN_TRADES=true make run-1400' };
    }
    const asOf = asOfDate(tradingDayOf(context.at), context.policy.calendar);
    const valued = await valueAt(context, entries, asOf);
    const pending = book === 'ledger' ? await unbookedSplits(context, entries, asOf) : [];
    return {
      data: { account: context.account.account, book, baseCurrency: context.account.baseCurrency, asOfDate: asOf, ...valued, unbookedSplits: pending },
      lines: reportLines(context, book, asOf, valued, pending, entries),
      next: pending[0] ?? (book === 'ledger' ? 'trading-ops ledger journal' : 'make ledger-report'),
    };
  });
}

async function valueAt({ db, policy, account }: Context, entries: BookedEntry[], asOf: IsoDate): Promise<ValuedBook> {
  const symbols = [...new Set(entries.flatMap((entry) => entry.postings.filter((posting) => posting.account === 'Assets:Units').map(({ commodity }) => commodity)))];
  const lookUp = (to: IsoDate) => newestQuotes(db, { policy, baseCurrency: account.baseCurrency, symbols, to });
  const opened = openingDate(entries);
  const [now, then] = [await lookUp(asOf), opened === null ? new Map<string, Quote>() : await lookUp(opened)];
  return valueBook(replayBook(entries, account.baseCurrency, openingPriceFrom(then)), now);
}

/** The value of a unit on the opening's date: what an opening position is taken to have cost until a baseline says it. */
const openingPriceFrom = (quotes: ReadonlyMap<string, Quote>): OpeningPrice => (symbol) => {
  const quote = quotes.get(symbol);
  return quote ? toText(D(quote.price).div(D(quote.fx))) : null;
};

/** Commands for splits that prices already show and the ledger does not: until then its value is wrong. */
async function unbookedSplits({ db, policy, account }: Context, entries: BookedEntry[], asOf: IsoDate): Promise<string[]> {
  const held = replayBook(entries, account.baseCurrency).positions.filter((position) => D(position.units).gt(0)).map(({ symbol }) => symbol);
  const { settled } = await knownActions(db, policy, held, asOf);
  return settled
    .filter((action) => action.kind === 'SPLIT' && action.exDate > (openingDate(entries) ?? '') && unitsBefore(entries, action.symbol, action.exDate).gt(0))
    .filter((action) => !bookedUnder(entries, splitKey(action.symbol, action.exDate)))
    .map((action) => `trading-ops ledger split --symbol ${action.symbol} --ex-date ${action.exDate} --account ${account.account}`);
}

function reportLines({ account }: Context, book: Book, asOf: IsoDate, valued: ValuedBook, pending: string[], entries: BookedEntry[]): string[] {
  const base = account.baseCurrency;
  const amount = (value: string | null) => (value === null ? 'unknown' : money(value, base));
  const gain = (value: string | null) => (value === null ? 'unknown' : signedMoney(value, base));
  const shown = valued.positions.filter((position) => !D(position.units).isZero() || position.realised !== '0' || position.dividendsGross !== '0');
  return [
    `${book === 'paper' ? 'Paper book' : 'Ledger'} of ${account.account} at the close of ${asOf}, ${entries.length} entries, in ${base}`,
    table(['symbol', 'units', 'cost', 'close', 'rate', 'value', 'unrealised', 'realised', 'dividends'], shown.map((position) => [
      position.symbol, units(position.units), amount(position.cost), ...quoteCells(position, asOf), amount(position.value), gain(position.unrealised),
      gain(position.realised), money(position.dividendsGross, base)])),
    `Cash ${amount(valued.cash)}   Positions ${amount(valued.positionsValue)}   Equity ${amount(valued.equity)}`,
    `Unrealised ${gain(valued.unrealised)}   Realised ${gain(valued.realised)}   Dividends ${amount(valued.dividendsGross)} less tax ${amount(valued.withholdingTax)}   Fees ${amount(valued.fees)}`,
    `Paid in ${amount(valued.deposits)}   Paid out ${amount(valued.withdrawals)}`,
    'Cost is pooled (average cost, Section 104). Positions of the opening count at their value on its date, until ledger-baseline --cost says what they cost.',
    ...pending.map((command) => `NOT BOOKED, so the value above is wrong: ${command}`),
  ];
}

/** Figures are set to the right, under one another. */
function table(head: string[], rows: string[][]): string {
  const drawn = new Table({ head, style: { head: [], border: [] }, colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')) });
  drawn.push(...rows);
  return drawn.toString();
}

function quoteCells({ quote }: ValuedPosition, asOf: IsoDate): [string, string] {
  if (quote === null) return ['no price', ''];
  return [`${price(quote.price, quote.currency)}${quote.date === asOf ? '' : ` of ${quote.date}`}`, quote.fx === '1' ? '' : grouped(quote.fx, 4)];
}
