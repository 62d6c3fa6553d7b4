import { fillEntry, interestEntry, openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { compareStatement } from '../../src/domain/statement/compare/compare.js';
import type { LedgerFacts, TicketOfDay } from '../../src/domain/statement/compare/facts.js';
import type { StatementComparison, StatementLine } from '../../src/domain/statement/compare/line.js';
import { readStatement } from '../../src/domain/statement/read.js';
import { readWorkbook } from '../../src/providers/statement/workbook.js';
import { statementOf, UNIVERSE, type Happening, type Statement } from '../support/statement.js';
import { workbookOf } from '../support/workbook.js';
import { booked } from './ledger.fixture.js';

/* A statement of what happened, held against a ledger of drafts. */

export type Base = 'USD' | 'GBP' | 'EUR';
/** As an entry of the journal: a fill is of a ticket, where one is named. */
export type Draft = EntryDraft & { ticketId?: string };
export interface Case {
  happenings: readonly Happening[];
  drafts: readonly (Draft | null)[];
  said?: Statement;
  base?: Base;
  more?: Partial<LedgerFacts>;
}
export const compare = async (one: Case): Promise<StatementComparison> => holdAgainst(await read(one), one);

/** The statement of what happened. */
export const read = async ({ happenings, said = {} }: Pick<Case, 'happenings' | 'said'>) =>
  readStatement(await readWorkbook(workbookOf(statementOf(happenings, said))), UNIVERSE);

/** A statement that was read, held against a ledger of drafts. */
export function holdAgainst(
  statement: Awaited<ReturnType<typeof read>>,
  { drafts, base = 'USD', more = {} }: Pick<Case, 'drafts' | 'base' | 'more'>,
): StatementComparison {
  return compareStatement(statement, {
    account: 'main',
    baseCurrency: base,
    entries: booked(drafts.flatMap((draft) => draft ?? [])),
    rateOn: () => null,
    actions: [],
    tickets: [],
    unitsTolerance: '0.0001',
    others: [],
    toldBeside: [],
    tradesBeside: [],
    ...more,
  });
}
export const differing = ({ lines }: StatementComparison): StatementLine[] =>
  lines.filter(({ difference }) => difference !== null);
export const told = (comparison: StatementComparison) =>
  differing(comparison).map(({ kind, difference, proposal }) => [kind, difference, proposal?.kind ?? null]);

export const usd = { baseCurrency: 'USD' };
export const opening = (date: string, cash: string, positions: Record<string, string> = {}) =>
  openingEntry({ date, cash, positions, ...usd });
export const interest = (date: string, amount: string) => interestEntry({ date, amount, ...usd });
const fill =
  (side: 'BUY' | 'SELL') =>
  (date: string, units: string, value: string, ticketId?: string): Draft => ({
    ...fillEntry({ date, symbol: 'AAA', side, units, value, ...usd }),
    ...(ticketId !== undefined && { ticketId }),
  });
/** Fills of AAA, of a ticket where one is named. */
export const [buy, sell] = [fill('BUY'), fill('SELL')];
/** A ticket of one line, for AAA. */
export const ticketOf = (
  ticketId: string,
  tradingDay: string,
  side: 'BUY' | 'SELL',
  isConfirmed = false,
): TicketOfDay => ({
  ticketId,
  tradingDay,
  isConfirmed,
  lines: [{ sequence: 1, symbol: 'AAA', side }],
});
export const paidIn = (at: string, amount: number): Happening => ({
  at,
  type: 'Deposit',
  details: `${amount}.00 USD Wire`,
  amount,
});
export const interestAt = (at: string, amount: number): Happening => ({ at, type: 'Interest Payment', amount });
export const period = (from: string, to: string, created: string): Statement => ({
  from: `${from} 00:00:00`,
  to: `${to} 23:59:59`,
  created,
});
