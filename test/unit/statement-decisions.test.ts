import { describe, expect, it } from 'vitest';
import {
  dividendEntry,
  dividendFromNet,
  feeEntry,
  fillEntry,
  interestEntry,
  openingEntry,
  splitEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { renameEntry } from '../../src/domain/ledger/reorganisations.js';
import type { Proposal } from '../../src/domain/reconciliation/proposal.js';
import type { LedgerFacts } from '../../src/domain/statement/compare/facts.js';
import type { CorporateAction } from '../../src/domain/types.js';
import { commandOf } from '../../src/reports/commands.js';
import { linkOf } from '../../src/reports/links.js';
import { opened, type Happening } from '../support/statement.js';
import { deposit } from './ledger.fixture.js';
import {
  buy,
  compare,
  differing,
  interest,
  interestAt,
  opening,
  paidIn,
  period,
  ticketOf,
  told,
  usd,
} from './statement.fixture.js';

/* What a statement proposes, and what it may not: a booking or a reversal of what is right as it is. */

const JULY = period('01/07/2025', '31/07/2025', '02/08/2025 08:00:00');
const AUGUST = period('01/08/2025', '31/08/2025', '02/09/2025 08:00:00');

describe('what happens in the night of the statement’s edge', () => {
  // All of 31 July in UTC and of 1 August in London.
  const NIGHT: Happening[] = [
    paidIn('31/07/2025 23:30:00', 500),
    opened('31/07/2025 23:40:00', 'AAA', '1', '2', 200),
    interestAt('31/07/2025 23:50:00', 1.5),
  ];
  const july = [paidIn('02/07/2025 10:00:00', 1000), ...NIGHT];
  const august = [interestAt('04/08/2025 10:00:00', 2)];
  const ledger = [
    opening('2025-06-01', '100'),
    deposit('2025-07-02', '1000'),
    deposit('2025-08-01', '500'),
    buy('2025-08-01', '2', '200'),
    interest('2025-08-01', '1.50'),
    interest('2025-08-04', '2'),
  ];
  const before = { cash: 100, equity: 100 };

  it('agrees with a ledger that has it on its London date, in the statement before and in the one after', async () => {
    const first = await compare({ happenings: july, drafts: ledger, said: { ...JULY, ...before } });
    expect(told(first)).toEqual([]);
    expect(first.notes.join(' ')).not.toContain('outside of the period');
    const second = await compare({
      happenings: august,
      drafts: ledger,
      said: { ...AUGUST, cash: 1401.5, equity: 1601.5 },
    });
    expect(told(second)).toEqual([]);
    expect(second.notes.filter((note) => note.includes('outside of the period'))).toEqual([
      expect.stringMatching(
        /^Entry 3 \(Deposit, 2025-08-01\) .*begins at 2025-08-01 00:00:00 UTC, after that day began/,
      ),
      expect.stringMatching(/^Entry 4 /),
      expect.stringMatching(/^Entry 5 /),
    ]);
  });

  it('proposes each once where nothing is booked of it, and only what the period tells of', async () => {
    const bare = [ledger[0], ledger[1], ledger[5]] as EntryDraft[];
    const first = await compare({ happenings: july, drafts: bare, said: { ...JULY, ...before } });
    expect(differing(first).flatMap(({ proposal }) => proposal ?? [])).toEqual([
      { kind: 'BOOK_DEPOSIT', amount: '500.00', date: '2025-08-01' },
      { kind: 'BOOK_INTEREST', amount: '1.50', date: '2025-08-01' },
    ]);
    // It says how much cash there is, and waits for what changes that.
    const done = [...bare, ledger[2], interest('2025-08-01', '1.5')] as EntryDraft[];
    const again = await compare({ happenings: july, drafts: done, said: { ...JULY, ...before } });
    expect(differing(again).flatMap(({ proposal }) => proposal ?? [])).toMatchObject([
      { kind: 'SET_BASELINE', symbol: 'AAA', units: '2', date: '2025-08-01' },
    ]);
    const second = await compare({
      happenings: august,
      drafts: bare,
      said: { ...AUGUST, cash: 1401.5, equity: 1601.5 },
    });
    expect(told(second)).toEqual([['CASH', 'CASH_DIFFERS', null]]);
  });

  it('of a row that says otherwise on such a day, nobody is led to reverse or to book', async () => {
    // One of 1 August that is booked, of July's night, and one that is not, of August's day.
    const comparison = await compare({
      happenings: [paidIn('01/08/2025 10:00:00', 700)],
      drafts: [opening('2025-06-01', '100'), deposit('2025-08-01', '500')],
      said: { ...AUGUST, cash: 600, equity: 600 },
    });
    const [line] = differing(comparison);
    expect(line).toMatchObject({ difference: 'AMOUNT_DIFFERS', proposal: null });
    expect(line?.text).toMatch(
      /^Deposit on 2025-08-01: entry 2 of 2025-08-01 has another amount, or is outside of the/,
    );
  });

  it('still names what no row tells of within the period, in summer and in winter', async () => {
    const stray = [opening('2025-06-01', '100'), deposit('2025-08-02', '50')];
    const summer = await compare({
      happenings: august,
      drafts: [...stray, ledger[5] as EntryDraft],
      said: { ...AUGUST, ...before },
    });
    expect(told(summer)[0]).toEqual(['DEPOSIT', 'MISSING_IN_STATEMENT', 'REVERSE_ENTRY']);
    for (const date of ['2026-01-01', '2026-01-31']) {
      const winter = await compare({
        happenings: [interestAt('15/01/2026 10:00:00', 2)],
        drafts: [opening('2025-06-01', '100'), interest('2026-01-15', '2'), deposit(date, '50')],
        said: before,
      });
      expect(told(winter)[0]).toEqual(['DEPOSIT', 'MISSING_IN_STATEMENT', 'REVERSE_ENTRY']);
    }
  });

  it('leaves out what happens on the day on which the statement was made, after it', async () => {
    const comparison = await compare({
      happenings: [interestAt('15/01/2026 10:00:00', 2)],
      drafts: [opening('2025-06-01', '100'), interest('2026-01-15', '2'), deposit('2026-01-20', '50')],
      said: { ...before, created: '20/01/2026 08:00:00' },
    });
    expect(told(comparison)).toEqual([]);
    expect(comparison.notes[0]).toMatch(/^Entry 3 .*outside of the period.*ends at 2026-01-20 08:00:00 UTC/);
  });

  it('a split whose row comes in the next statement is carried out once, and reversed by none', async () => {
    const held = opening('2025-06-01', '100', { AAA: '5' });
    const split = splitEntry({ exDate: '2026-01-30', symbol: 'AAA', units: '5', ratio: '2' });
    const first = await compare({ happenings: [], drafts: [held, split], said: before });
    expect(told(first)).toEqual([['SPLIT', 'MISSING_IN_STATEMENT', null]]);
    const second = await compare({
      happenings: [
        { at: '02/02/2026 06:00:00', type: 'corp action: Split', details: 'AAA/USD 2:1', amount: 0, id: '1' },
      ],
      drafts: [held, split],
      said: { ...before, ...period('01/02/2026', '28/02/2026', '02/03/2026 08:00:00') },
    });
    expect(told(second)).toEqual([]);
  });
});

describe('one cause has one proposal', () => {
  const TICKET = {
    ticketId: 'f1a7b9a0-0000-4000-8000-000000000001',
    tradingDay: '2026-01-05',
    isConfirmed: false,
    lines: [{ sequence: 1, symbol: 'AAA', side: 'BUY' as const }],
  };
  const BOUGHT = [
    paidIn('02/01/2026 09:00:00', 1000),
    opened('05/01/2026 15:00:00', 'AAA', '1', '5', 500),
    { at: '05/01/2026 15:00:00', type: 'Commission', details: 'On Open', amount: -1, equity: 0, id: '1' },
  ];
  const BOOKED = opening('2026-01-02', '1000');

  it('of a fill that is to be confirmed, no baseline and no fee beside it', async () => {
    const comparison = await compare({ happenings: BOUGHT, drafts: [BOOKED], more: { tickets: [TICKET] } });
    expect(told(comparison)).toEqual([
      ['OPEN', 'MISSING_IN_LEDGER', 'CONFIRM_FILLS'],
      ['FEE', 'MISSING_IN_LEDGER', null],
      ['POSITION', 'POSITION_DIFFERS', null],
      ['CASH', 'CASH_DIFFERS', null],
    ]);
    expect(differing(comparison)[2]?.text).toMatch(/and the ledger holds 0: set right first what differs of AAA/);
  });

  it('of a trade that differs otherwise, no fee beside it: its value may have it within', async () => {
    for (const drafts of [[buy('2026-01-06', '5', '501')], []]) {
      const comparison = await compare({ happenings: BOUGHT, drafts: [BOOKED, ...drafts] });
      const fee = differing(comparison).find(({ kind }) => kind === 'FEE');
      expect(fee).toMatchObject({ difference: 'MISSING_IN_LEDGER', proposal: null });
      expect(fee?.text).toMatch(/; its trade comes first, whose value may have it within, then import again$/);
    }
  });

  it('of a split that is not booked, no baseline beside it', async () => {
    const split: Happening = {
      at: '26/01/2026 06:27:00',
      type: 'corp action: Split',
      details: 'AAA/USD 2:1',
      amount: 0,
      id: '1',
    };
    const comparison = await compare({
      happenings: [...BOUGHT, split],
      drafts: [BOOKED, buy('2026-01-05', '5', '501')],
    });
    expect(told(comparison)).toEqual([
      ['SPLIT', 'MISSING_IN_LEDGER', 'BOOK_SPLIT'],
      ['POSITION', 'POSITION_DIFFERS', null],
    ]);
  });

  it('of a position that no trade tells of, the baseline', async () => {
    const comparison = await compare({ happenings: BOUGHT, drafts: [BOOKED] });
    expect(told(comparison)).toContainEqual(['POSITION', 'POSITION_DIFFERS', 'SET_BASELINE']);
  });
});

describe('units of now, from a statement of a time past', () => {
  const said = { cash: 1000, equity: 1000 };
  const BOUGHT = [opened('05/01/2026 15:00:00', 'AAA', '1', '2', 200)];
  const HELD = opening('2025-12-01', '1000', { AAA: '8' });
  const baseline = async (later: readonly (EntryDraft | null)[]) =>
    differing(await compare({ happenings: BOUGHT, drafts: [HELD, ...later], said })).find(
      ({ kind }) => kind === 'POSITION',
    );

  it('are those of today with the difference, and what was traded since stays', async () => {
    expect((await baseline([]))?.proposal).toEqual({
      kind: 'SET_BASELINE',
      symbol: 'AAA',
      units: '10',
      cash: '800.00',
      date: '2026-01-05',
    });
    const since = await baseline([buy('2026-02-10', '5', '500')]);
    const proposed = { kind: 'SET_BASELINE', symbol: 'AAA', units: '15', cash: '300.00', date: '2026-01-05' };
    expect(since?.proposal).toEqual(proposed);
    expect(since?.text).toMatch(
      /is 10, and the ledger holds 8; with what was booked since it would be 15; 200\.00 was/,
    );
  });

  it('are proposed by nothing once a company changed what they are counted in, but for a split', async () => {
    const split = splitEntry({ exDate: '2026-03-02', symbol: 'AAA', units: '8', ratio: '2' });
    const renamed = renameEntry({ date: '2026-03-09', symbol: 'AAA', to: 'BBB', units: '8', ...usd });
    const line = await baseline([split, renamed]);
    expect(line).toMatchObject({ difference: 'POSITION_DIFFERS', proposal: null });
    expect(line?.text).toMatch(/entry 3 \(.*\) came after it: hold the units of now against eToro$/);
  });
});

describe('a split whose row comes days after its ex-date', () => {
  const said = { cash: 1000, equity: 1000 };
  const HELD = opening('2025-12-01', '1000', { AAA: '10' });
  const ACTION: CorporateAction = {
    symbol: 'AAA',
    exDate: '2026-01-13',
    kind: 'SPLIT',
    value: '2',
    currency: null,
    source: 'tiingo',
  };
  /** New shares, bought after the ex-date and before the broker's row. */
  const happenings: Happening[] = [
    opened('14/01/2026 15:00:00', 'AAA', '2', '20', 1000),
    { at: '15/01/2026 06:27:00', type: 'corp action: Split', details: 'AAA/USD 2:1', amount: 0, id: '1' },
  ];
  const bought = buy('2026-01-14', '20', '1000');

  it('multiplies what was held before the ex-date, and nothing that was bought since', async () => {
    const split = splitEntry({ exDate: '2026-01-13', symbol: 'AAA', units: '10', ratio: '2' });
    for (const actions of [[ACTION], []])
      expect(told(await compare({ happenings, drafts: [HELD, split, bought], said, more: { actions } }))).toEqual([]);
  });

  it('is proposed with the ex-date that a source tells', async () => {
    const comparison = await compare({ happenings, drafts: [HELD, bought], said, more: { actions: [ACTION] } });
    expect(differing(comparison)[0]?.proposal).toMatchObject({
      kind: 'BOOK_SPLIT',
      exDate: '2026-01-13',
      published: true,
    });
    expect(differing(comparison)[1]?.text).toContain('is 40, and the ledger holds 30');
  });

  it('booked with another ratio is to be taken back; where none was held it is nothing to be booked', async () => {
    const other = splitEntry({ exDate: '2026-01-13', symbol: 'AAA', units: '10', ratio: '3' });
    const comparison = await compare({ happenings, drafts: [HELD, other, bought], said });
    expect(differing(comparison)).toMatchObject([
      { difference: 'RATIO_DIFFERS', proposal: { kind: 'REVERSE_ENTRY', entryId: 2 } },
      { kind: 'POSITION', proposal: null },
    ]);
    const none = await compare({ happenings: happenings.slice(1), drafts: [opening('2025-12-01', '1000')], said });
    expect(told(none)).toEqual([]);
  });

  it('says so where nobody can tell which way round it is', async () => {
    const row = { at: '15/01/2026 06:27:00', type: 'corp action: Split', details: 'AAA/USD 1:8', amount: 0, id: '1' };
    const { lines } = await compare({ happenings: [row], drafts: [HELD], said });
    expect(lines.find(({ kind }) => kind === 'POSITION')?.text).toContain('nobody can tell which way round');
  });
});

describe('dividends that are paid on one day', () => {
  const HELD = opening('2025-12-01', '100', { AAA: '100' });
  const action = (value: string, dividendType?: 'special', exDate = '2025-12-20'): CorporateAction => ({
    symbol: 'AAA',
    exDate,
    kind: 'DIVIDEND',
    value,
    currency: 'USD',
    source: 'tiingo',
    ...(dividendType && { dividendType }),
  });
  const BOTH = [action('0.1'), action('1.00', 'special')];
  const row = (amount: number, tax: number, id: string): Happening => ({
    at: '13/01/2026 05:00:00',
    type: 'Dividend',
    details: 'AAA/USD',
    amount,
    id,
    paid: { tax, display: 0, taxDisplay: 0 },
  });
  /** The regular one and the special one, of two positions each. */
  const ROWS = [row(5.1, 0.9, '11'), row(34, 6, '12'), row(3.4, 0.6, '12'), row(51, 9, '11')];
  const said = { cash: 100, equity: 100 };
  const paid = (net: string, type: 'regular' | 'special') =>
    dividendEntry({
      date: '2026-01-13',
      exDate: '2025-12-20',
      symbol: 'AAA',
      type,
      amounts: dividendFromNet(net),
      ...usd,
    });

  it('have a proposal each, by what they come to', async () => {
    const comparison = await compare({ happenings: ROWS, drafts: [HELD], said, more: { actions: BOTH } });
    const [regular, special] = differing(comparison);
    expect(regular).toMatchObject({
      rows: [2, 4],
      proposal: { kind: 'BOOK_DIVIDEND', amount: '0.1', units: '100', net: '8.50' },
    });
    expect(regular?.proposal).not.toHaveProperty('dividendType');
    expect(special).toMatchObject({
      rows: [5, 3],
      proposal: { kind: 'BOOK_DIVIDEND', dividendType: 'special', amount: '1', net: '85.00' },
    });
  });

  it('are each as booked, or missing by itself', async () => {
    const [regular, special] = [paid('8.50', 'regular'), paid('85.00', 'special')];
    const all = await compare({ happenings: ROWS, drafts: [HELD, regular, special], said, more: { actions: BOTH } });
    expect(told(all)).toEqual([]);
    const one = await compare({ happenings: ROWS, drafts: [HELD, regular], said, more: { actions: BOTH } });
    expect(told(one)).toEqual([
      ['DIVIDEND', 'MISSING_IN_LEDGER', 'BOOK_DIVIDEND'],
      ['CASH', 'CASH_DIFFERS', null],
    ]);
    expect(differing(one)[0]?.proposal).toMatchObject({ dividendType: 'special', net: '85.00' });
  });

  it('are not taken back where their sum differs: nobody can tell which of them is wrong', async () => {
    const comparison = await compare({
      happenings: [row(93.5, 16.5, '11')],
      drafts: [HELD, paid('8.50', 'regular'), paid('80.00', 'special')],
      said,
    });
    expect(differing(comparison)[0]).toMatchObject({ difference: 'AMOUNT_DIFFERS', entryIds: [2, 3], proposal: null });
    expect(differing(comparison)[0]?.text).toMatch(/several are booked of that day.*: look at eToro$/);
  });

  it('have none where nobody can tell which it is, and all of them are named', async () => {
    const comparison = await compare({
      happenings: [row(93.5, 16.5, '11')],
      drafts: [HELD],
      said,
      more: { actions: BOTH },
    });
    const [line] = differing(comparison);
    // What is known of it: the rest is typed, at the terminal and in the form.
    const proposal = line?.proposal as Proposal;
    const who = { account: 'u3', clock: 'real' } as const;
    expect(proposal).toEqual({
      kind: 'BOOK_PAID_DIVIDEND',
      symbol: 'AAA',
      withholding: '0.15',
      net: '93.50',
      paidOn: '2026-01-13',
    });
    expect(commandOf(proposal, who, null)).toBe(
      'trading-ops ledger dividend --symbol AAA --ex-date <YYYY-MM-DD> --net 93.50 --paid-on 2026-01-13 --account u3',
    );
    expect(linkOf(proposal, 'u3')).toBe('/u3/book/dividend?symbol=AAA&net=93.50&paidOn=2026-01-13');
    expect(line?.text).toContain('the regular one of ex-date 2025-12-20 (0.1 USD a share)');
    expect(line?.text).toContain('the special one of ex-date 2025-12-20 (1 USD a share)');
  });

  it('and one alone is the one that comes to its amount, not the newest', async () => {
    for (const [value, rows] of [
      ['0.1', [row(8.5, 1.5, '11')]],
      ['1', [row(85, 15, '11')]],
    ] as const) {
      const comparison = await compare({
        happenings: rows,
        drafts: [HELD],
        said,
        more: { actions: [action('0.1', undefined, '2025-12-10'), action('1.00', 'special')] },
      });
      expect(differing(comparison)[0]?.proposal).toMatchObject({ kind: 'BOOK_DIVIDEND', amount: value });
    }
  });
});

describe('cash at the end', () => {
  it('is the same to the penny, of whatever number of rows', async () => {
    const days = Array.from({ length: 28 }, (_, index) => String(index + 2).padStart(2, '0'));
    const happenings = days.map((day) => interestAt(`${day}/01/2026 10:00:00`, 1));
    const drafts = (cash: string) => [
      opening('2025-12-01', cash),
      ...days.map((day) => interest(`2026-01-${day}`, '1')),
    ];
    const said = { cash: 100, equity: 100 };
    expect(told(await compare({ happenings, drafts: drafts('100'), said }))).toEqual([]);
    for (const off of ['99.99', '100.01', '100.14'])
      expect(told(await compare({ happenings, drafts: drafts(off), said }))).toEqual([['CASH', 'CASH_DIFFERS', null]]);
  });
});

describe('an amount that was worked out at a rate', () => {
  const gbp = { baseCurrency: 'GBP' };
  const PAID: Happening = {
    at: '05/01/2026 14:05:00',
    type: 'Deposit',
    details: '1850.00 GBP eToroMoney',
    amount: 2500,
  };
  const drafts = [
    openingEntry({ date: '2025-12-01', cash: '1', positions: {}, ...gbp }),
    deposit('2026-01-05', '1850', 'GBP'),
  ];
  const cash = [PAID, interestAt('31/01/2026 05:50:54', 0.9)];

  it('is no part of what is proposed: it is said with ~, and to be typed', async () => {
    const comparison = await compare({ happenings: cash, drafts, base: 'GBP' });
    const [line] = differing(comparison);
    expect(line).toMatchObject({ isEstimated: true, proposal: { kind: 'BOOK_INTEREST', date: '2026-01-31' } });
    expect(line?.proposal).not.toHaveProperty('amount');
    expect(line?.text).toMatch(/does not say the amount in GBP, ~0\.67: read it at eToro$/);
    if (!line?.proposal) throw new Error('no proposal');
    expect(commandOf(line.proposal, { account: 'main', clock: 'real' }, null)).toBe(
      'trading-ops ledger interest --amount <amount> --date 2026-01-31 --account main',
    );
    expect(linkOf(line.proposal, 'main')).toBe('/main/book/cash?kind=INTEREST&date=2026-01-31');
  });

  it('is no reason to take back or to amend what differs from it: the broker’s own figure is to be read first', async () => {
    const bought = fillEntry({ date: '2026-01-06', symbol: 'AAA', side: 'BUY', units: '2', value: '160', ...gbp });
    const paid = (net: string, withholding: string) =>
      dividendEntry({
        date: '2026-01-13',
        exDate: '2025-12-20',
        symbol: 'AAA',
        amounts: dividendFromNet(net, withholding),
        ...gbp,
      });
    const happenings: Happening[] = [
      PAID,
      opened('06/01/2026 15:00:00', 'AAA', '1', '2', 200),
      {
        at: '13/01/2026 05:00:00',
        type: 'Dividend',
        details: 'AAA/USD',
        amount: 8.5,
        id: '1',
        paid: { tax: 1.5, display: null, taxDisplay: null },
      },
      interestAt('31/01/2026 05:50:54', 0.9),
    ];
    const ledger = (net: string, withholding = '0.15') => [
      ...drafts,
      { ...bought, ticketId: 'of-tuesday' },
      paid(net, withholding),
      interestEntry({ date: '2026-01-31', amount: '0.80', ...gbp }),
    ];
    const tickets = [ticketOf('of-tuesday', '2026-01-06', 'BUY', true)];
    for (const [booked, difference] of [
      [ledger('7.00'), 'AMOUNT_DIFFERS'],
      [ledger('6.29', '0.30'), 'TAX_DIFFERS'],
    ] as const) {
      const comparison = await compare({ happenings, drafts: booked, base: 'GBP', more: { tickets } });
      expect(told(comparison)).toEqual([
        ['OPEN', 'AMOUNT_DIFFERS', null],
        ['DIVIDEND', difference, null],
        ['INTEREST', 'AMOUNT_DIFFERS', null],
      ]);
      for (const { text } of differing(comparison)) expect(text).toContain('read at eToro what it was in GBP before');
    }
  });

  it('is at the stored rate of the day, else at that of the statement’s own amounts around it', async () => {
    const later: Happening[] = [
      ...cash,
      { ...PAID, at: '28/06/2026 10:00:00', details: '2500.00 GBP eToroMoney' },
      interestAt('30/06/2026 05:00:00', 0.9),
    ];
    const said = { to: '30/06/2026 23:59:59', created: '02/07/2026 08:00:00' };
    const booked = [...drafts, deposit('2026-06-28', '2500', 'GBP')];
    const amounts = async (more: Partial<LedgerFacts>) =>
      differing(await compare({ happenings: later, drafts: booked, base: 'GBP', said, more })).map(
        ({ statement }) => statement?.amount,
      );
    expect(await amounts({})).toEqual(['0.67', '0.90']);
    expect(await amounts({ rateOn: () => '2' })).toEqual(['0.45', '0.45']);
  });
});

describe('what an entry beyond the period has', () => {
  const said = { cash: 1000, equity: 1000 };
  const HELD = opening('2025-12-01', '1000', { AAA: '10' });

  it('is not booked again: the same figures some days off may be this one with another date', async () => {
    const happenings: Happening[] = [
      { at: '26/01/2026 06:27:00', type: 'corp action: Split', details: 'AAA/USD 2:1', amount: 0, id: '1' },
      {
        at: '29/01/2026 05:00:00',
        type: 'Dividend',
        details: 'AAA/USD',
        amount: 8.5,
        id: '1',
        paid: { tax: 1.5, display: null, taxDisplay: null },
      },
      interestAt('31/01/2026 05:00:00', 1.11),
      interestAt('31/01/2026 06:00:00', 1.11),
    ];
    const comparison = await compare({
      happenings,
      said,
      drafts: [
        HELD,
        interest('2026-02-02', '1.11'),
        dividendEntry({
          date: '2026-02-03',
          exDate: '2026-01-10',
          symbol: 'AAA',
          amounts: dividendFromNet('8.50'),
          ...usd,
        }),
        splitEntry({ exDate: '2026-02-05', symbol: 'AAA', units: '10', ratio: '2' }),
      ],
    });
    // Each is one entry: of two alike, the other one is still to be booked.
    expect(told(comparison).filter(([kind]) => kind !== 'POSITION' && kind !== 'CASH')).toEqual([
      ['DIVIDEND', 'MISSING_IN_LEDGER', null],
      ['INTEREST', 'MISSING_IN_LEDGER', null],
      ['INTEREST', 'MISSING_IN_LEDGER', 'BOOK_INTEREST'],
      ['SPLIT', 'MISSING_IN_LEDGER', null],
    ]);
    for (const { kind, text, proposal } of differing(comparison))
      if (proposal === null && kind !== 'POSITION' && kind !== 'CASH')
        expect(text).toMatch(/and entry [234] of 2026-02-0[235] has the same figures: look at eToro/);
  });

  it('is named where a row takes back what was asked for before the period', async () => {
    const comparison = await compare({
      happenings: [{ at: '08/01/2026 20:00:00', type: 'Withdraw Request Cancelled', amount: 100 }],
      drafts: [HELD, withdrawalEntry({ date: '2025-12-31', amount: '100', ...usd })],
      said: { cash: 900, equity: 900 },
    });
    expect(differing(comparison)[0]).toMatchObject({
      proposal: { kind: 'BOOK_DEPOSIT', amount: '100.00', date: '2026-01-08' },
      text: expect.stringMatching(/it cancels entry 2 of 2025-12-31, which stays, for until then the/) as string,
    });
  });
});

describe('money that came back', () => {
  it('is no fee and no interest that went the other way', async () => {
    for (const [type, amount, draft] of [
      ['Overnight refund', 1, feeEntry({ date: '2026-01-10', amount: '1', ...usd })],
      ['Interest Payment', -1, interest('2026-01-10', '1')],
    ] as const) {
      const comparison = await compare({
        happenings: [{ at: '10/01/2026 20:00:00', type, amount }],
        drafts: [opening('2025-12-01', '1000'), draft],
        said: { cash: 1000, equity: 1000 },
      });
      expect(differing(comparison).map(({ difference }) => difference)).toEqual([
        'MISSING_IN_LEDGER',
        'MISSING_IN_STATEMENT',
        'CASH_DIFFERS',
      ]);
    }
  });
});

describe('a statement in euros', () => {
  it('of dollars that are displayed in euros is held against an account in either', async () => {
    const eur = { baseCurrency: 'EUR' };
    const happenings = [
      { at: '05/01/2026 14:05:00', type: 'Deposit', details: '1850.00 EUR eToroMoney', amount: 2500 },
      interestAt('31/01/2026 05:50:54', 0.9),
    ];
    const said = { currency: 'USD/EUR', display: 'EUR' };
    const inEuros = [
      openingEntry({ date: '2025-12-01', cash: '1', positions: {}, ...eur }),
      deposit('2026-01-05', '1850', 'EUR'),
      interestEntry({ date: '2026-01-31', amount: '0.67', ...eur }),
    ];
    const inDollars = [opening('2025-12-01', '0.01'), deposit('2026-01-05', '2500'), interest('2026-01-31', '0.90')];
    expect(told(await compare({ happenings, drafts: inEuros, said, base: 'EUR' }))).toEqual([]);
    expect(told(await compare({ happenings, drafts: inDollars, said: { ...said, cash: 0.01, equity: 0.01 } }))).toEqual(
      [],
    );
    const off = await compare({ happenings, drafts: [...inEuros.slice(0, 1), ...inEuros.slice(2)], said, base: 'EUR' });
    expect(differing(off)[0]?.proposal).toEqual({ kind: 'BOOK_DEPOSIT', amount: '1850.00', date: '2026-01-05' });
  });
});
