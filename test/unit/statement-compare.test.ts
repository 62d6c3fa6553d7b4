import { describe, expect, it } from 'vitest';
import { feeEntry, fillEntry, openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { compareStatement } from '../../src/domain/statement/compare/compare.js';
import type { LedgerFacts } from '../../src/domain/statement/compare/facts.js';
import type { StatementComparison } from '../../src/domain/statement/compare/line.js';
import { firstDifference } from '../../src/domain/statement/overlap.js';
import { readStatement } from '../../src/domain/statement/read.js';
import { readWorkbook } from '../../src/providers/statement/workbook.js';
import { opened, statementOf, UNIVERSE, type Happening, type Statement } from '../support/statement.js';
import { workbookOf } from '../support/workbook.js';
import { booked, deposit } from './ledger.fixture.js';

const read = async (happenings: readonly Happening[], said: Statement = {}) =>
  readStatement(await readWorkbook(workbookOf(statementOf(happenings, said))), UNIVERSE);
const usd = { baseCurrency: 'USD' };
const buy = (date: string, units: string, value: string) =>
  fillEntry({ date, symbol: 'AAA', side: 'BUY', units, value, ...usd });
const sell = (date: string, units: string, value: string) =>
  fillEntry({ date, symbol: 'AAA', side: 'SELL', units, value, ...usd });
const OPENING = openingEntry({ date: '2026-01-02', cash: '1000', positions: {}, ...usd }) as EntryDraft;
const PAID_IN: Happening = { at: '02/01/2026 09:00:00', type: 'Deposit', details: '1000.00 USD Card', amount: 1000 };

async function compare(
  happenings: readonly Happening[],
  drafts: readonly EntryDraft[],
  more: Partial<LedgerFacts> = {},
): Promise<StatementComparison> {
  const facts = {
    account: 'main',
    entries: booked([...drafts]),
    rateOn: () => null,
    actions: [],
    tickets: [],
    unitsTolerance: '0.0001',
    others: [],
    toldBeside: [],
    tradesBeside: [],
  };
  return compareStatement(await read(happenings), { ...facts, ...usd, ...more });
}
const differences = ({ lines }: StatementComparison) =>
  lines.flatMap(({ kind, difference, proposal }) =>
    difference === null ? [] : [[kind, difference, proposal?.kind ?? null]],
  );

/** Bought whole, then sold in two parts of one order: the second closes the position itself. */
const SOLD: Happening[] = [
  PAID_IN,
  opened('05/01/2026 15:00:00', 'AAA', '1', '5', 500, 300),
  ...[
    { id: '7', units: '2', invested: 200, profit: 20 },
    { id: '1', units: '3', invested: 300, profit: 30 },
  ].map(({ id, units, invested, profit }): Happening => ({
    at: '20/01/2026 15:00:00',
    type: 'Position closed',
    details: 'AAA/USD',
    amount: invested + profit,
    units,
    equity: profit,
    id,
    closed: { invested, profit, display: profit, openedAt: '05/01/2026 15:00:00', openRate: 100, closeRate: 110 },
  })),
];

describe('trades', () => {
  it('of one order that closed several positions stand for one sale', async () => {
    const told = await compare(SOLD, [OPENING, buy('2026-01-05', '5', '500'), sell('2026-01-20', '5', '550')]);
    expect(differences(told)).toEqual([]);
    expect(told.lines.find(({ kind }) => kind === 'CLOSE')).toMatchObject({ positionIds: ['7', '1'], rows: [4, 5] });
  });

  it.each([
    ['other units', buy('2026-01-05', '4', '500'), 'UNITS_DIFFER'],
    ['another amount', buy('2026-01-05', '5', '501'), 'AMOUNT_DIFFERS'],
    ['another date', buy('2026-01-06', '5', '500'), 'DATE_DIFFERS'],
  ])('with %s differ by that name', async (_, entry, expected) => {
    const told = await compare(SOLD, [OPENING, entry, sell('2026-01-20', '5', '550')]);
    expect(differences(told)[0]).toEqual(['OPEN', expected, null]);
  });

  it('that no entry books lead to the ticket that ordered them', async () => {
    const ticket = {
      ticketId: 'f1a7b9a0-0000-4000-8000-000000000001',
      tradingDay: '2026-01-05',
      isConfirmed: false,
      lines: [{ sequence: 3, symbol: 'AAA', side: 'BUY' as const }],
    };
    const { lines } = await compare(SOLD, [OPENING], { tickets: [ticket] });
    expect(lines[0]).toMatchObject({
      difference: 'MISSING_IN_LEDGER',
      proposal: { kind: 'CONFIRM_FILLS', ticketId: ticket.ticketId, sequences: [3] },
    });
  });

  it('that the broker knows nothing of are named', async () => {
    const told = await compare(SOLD, [
      OPENING,
      buy('2026-01-05', '5', '500'),
      sell('2026-01-20', '5', '550'),
      buy('2026-01-21', '1', '10'),
    ]);
    expect(differences(told)).toEqual([
      ['OPEN', 'MISSING_IN_STATEMENT', null],
      ['POSITION', 'POSITION_DIFFERS', null],
      ['CASH', 'CASH_DIFFERS', null],
    ]);
  });
});

describe('movements of cash', () => {
  const FEE: Happening = { at: '05/01/2026 15:00:00', type: 'Commission', amount: -1, equity: 0, id: '1' };
  it('a fee is in the value of its fill, or an entry of its own, and never both', async () => {
    const happenings = [PAID_IN, opened('05/01/2026 15:00:00', 'AAA', '1', '5', 500), FEE];
    expect(differences(await compare(happenings, [OPENING, buy('2026-01-05', '5', '501')]))).toEqual([]);
    const apart = [OPENING, buy('2026-01-05', '5', '500'), feeEntry({ date: '2026-01-05', amount: '1', ...usd })];
    expect(differences(await compare(happenings, apart))).toEqual([]);
    expect(differences(await compare(happenings, [OPENING, buy('2026-01-05', '5', '500')]))).toEqual([
      ['FEE', 'MISSING_IN_LEDGER', 'BOOK_FEE'],
      ['CASH', 'CASH_DIFFERS', null],
    ]);
  });

  it('a request that was cancelled is none; what is on another date or of another amount says so', async () => {
    const later: Happening = { at: '10/01/2026 09:00:00', type: 'Deposit', details: '50.00 USD Card', amount: 50 };
    const gone: Happening[] = [
      { at: '11/01/2026 09:00:00', type: 'Withdraw Request', amount: -20 },
      { at: '12/01/2026 09:00:00', type: 'Withdraw Request Cancelled', amount: 20 },
    ];
    const all = [PAID_IN, later, ...gone];
    expect(differences(await compare(all, [OPENING, deposit('2026-01-10', '50')]))).toEqual([]);
    expect(differences(await compare(all, [OPENING, deposit('2026-01-12', '50')]))[0]).toEqual([
      'DEPOSIT',
      'DATE_DIFFERS',
      'REVERSE_ENTRY',
    ]);
    expect(differences(await compare(all, [OPENING, deposit('2026-01-10', '51')]))[0]).toEqual([
      'DEPOSIT',
      'AMOUNT_DIFFERS',
      'REVERSE_ENTRY',
    ]);
  });
});

describe('what two statements say of one time', () => {
  it('is the same where rows are, whichever amount an open has by now', async () => {
    const [before, now] = [
      await read([PAID_IN, opened('05/01/2026 15:00:00', 'AAA', '1', '5', 500)]),
      await read(SOLD),
    ];
    expect(firstDifference(before, { ...now, events: now.events.slice(0, 2) })).toBeNull();
    expect(firstDifference(before, now)).toBe(
      'Position closed of position 7 at 2026-01-20T15:00:00.000Z: is in this one',
    );
    expect(firstDifference(now, before)).toBe(
      'Position closed of position 7 at 2026-01-20T15:00:00.000Z: is not in this one',
    );
  });
});
