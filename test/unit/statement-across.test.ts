import { describe, expect, it } from 'vitest';
import {
  depositEntry,
  dividendEntry,
  dividendFromNet,
  feeEntry,
  interestEntry,
  splitEntry,
  withdrawalEntry,
} from '../../src/domain/ledger/entries.js';
import type { Proposal } from '../../src/domain/reconciliation/proposal.js';
import { commandOf } from '../../src/reports/commands.js';
import { linkOf } from '../../src/reports/links.js';
import type { StatementEvent } from '../../src/domain/statement/statement.js';
import type { Happening, Statement } from '../support/statement.js';
import { differing, holdAgainst, opening, paidIn, period, read, usd, type Draft } from './statement.fixture.js';

/*
 * What one statement tells another takes back. Whoever does what each of them proposes, in whichever order, comes to
 * books with which all of them agree, also once they are imported again.
 */

const JANUARY = period('01/01/2026', '31/01/2026', '05/03/2026 08:00:00');
const FEBRUARY = period('01/02/2026', '28/02/2026', '05/03/2026 08:00:00');
const BOTH = period('01/01/2026', '28/02/2026', '05/03/2026 08:00:00');
const OPENED = opening('2025-12-01', '5000', { AAA: '10' }) as Draft;
const dividend = (at: string, net: number): Happening => ({
  at,
  type: 'Dividend',
  details: 'AAA/USD',
  amount: net,
  id: '1',
  paid: { display: null, taxDisplay: null, tax: (net * 15) / 85 },
});
/** The same of two positions, a row each, which the ledger books as one. */
const onTwo = (at: string, sign: 1 | -1): Happening[] =>
  [5.95, 2.55].map((net, index) => ({ ...dividend(at, sign * net), id: String(index + 1) }));
const row = (at: string, type: string, amount: number): Happening => ({ at, type, amount });
const ACTION = { symbol: 'AAA', exDate: '2026-01-07', kind: 'DIVIDEND', value: '1', currency: 'USD' } as const;

interface Told {
  happenings: Happening[];
  said: Statement;
}
/** A statement of either month, and one of both. */
function statementsOf(before: Happening[], after: Happening[]): [january: Told, february: Told, both: Told] {
  const cash = (rows: readonly Happening[]) => rows.reduce((sum, { amount }) => sum + amount, 5000);
  return [
    { happenings: before, said: { ...JANUARY, cash: 5000, equity: 5000 } },
    { happenings: after, said: { ...FEBRUARY, cash: cash(before), equity: cash(before) } },
    { happenings: [...before, ...after], said: { ...BOTH, cash: 5000, equity: 5000 } },
  ];
}
const instants = ({ from = '', to = '' }: Statement) => {
  const of = (text: string) => `${text.slice(6, 10)}-${text.slice(3, 5)}-${text.slice(0, 2)}T${text.slice(11)}.000Z`;
  return { from: of(from), until: of(to) };
};
const known = new Map<Told, ReturnType<typeof read>>();
async function importing(told: Told, drafts: readonly Draft[], others: readonly Told[]) {
  const statement = await statementOf(told);
  const events = await Promise.all(others.map(async (each) => (await statementOf(each)).events));
  const more = {
    actions: [ACTION] as never,
    others: others.map((each) => instants(each.said)),
    toldBeside: toldOnce(events.flat()).filter(({ at }) => at < statement.from || at > statement.to),
  };
  return holdAgainst(statement, { drafts, more });
}
function statementOf(told: Told): ReturnType<typeof read> {
  const statement = known.get(told) ?? read(told);
  known.set(told, statement);
  return statement;
}
/** What both tell is one row; none of these tells of two alike at one instant. */
const toldOnce = (events: readonly StatementEvent[]): StatementEvent[] => [
  ...new Map(events.map((event) => [`${event.at} ${event.type} ${event.cash}`, event])).values(),
];

const MOVED = {
  BOOK_DEPOSIT: depositEntry,
  BOOK_WITHDRAWAL: withdrawalEntry,
  BOOK_FEE: feeEntry,
  BOOK_INTEREST: interestEntry,
};
function done(drafts: readonly Draft[], proposal: Proposal): Draft[] {
  switch (proposal.kind) {
    case 'REVERSE_ENTRY':
      return drafts.filter((_, index) => index + 1 !== proposal.entryId);
    case 'BOOK_DIVIDEND': {
      const { exDate, symbol, net = '', paidOn = '', withholding } = proposal;
      const amounts = dividendFromNet(net, withholding);
      return [...drafts, dividendEntry({ date: paidOn, exDate, symbol, amounts, ...usd })];
    }
    case 'BOOK_DEPOSIT':
    case 'BOOK_WITHDRAWAL':
    case 'BOOK_FEE':
    case 'BOOK_INTEREST':
      return [...drafts, MOVED[proposal.kind]({ date: proposal.date, amount: proposal.amount ?? '', ...usd })];
    default:
      throw new Error(`nothing here is set right by ${proposal.kind}`);
  }
}

/** Imports them one after another, again and again, and does the first thing that each proposes. */
async function followed(order: readonly Told[], begun: readonly Draft[]): Promise<Draft[]> {
  let drafts = [OPENED, ...begun];
  const seen: Told[] = [];
  for (let turn = 0; turn < 8; turn += 1) {
    // What the last one tells may be news to the first one.
    let isQuiet = turn > 0;
    for (const told of order) {
      seen.push(told);
      const others = [...new Set(seen)].filter((each) => each !== told);
      const [proposal] = (await importing(told, drafts, others)).lines.flatMap((line) => line.proposal ?? []);
      if (proposal === undefined) continue;
      drafts = done(drafts, proposal);
      isQuiet = false;
    }
    if (isQuiet) break;
  }
  for (const told of order) {
    const others = order.filter((each) => each !== told);
    const comparison = await importing(told, drafts, others);
    expect(differing(comparison).map(({ text }) => text)).toEqual([]);
    expect(comparison.status).toBe('AGREES');
  }
  return drafts;
}

const bookedDividend = dividendEntry({
  date: '2026-01-13',
  exDate: '2026-01-07',
  symbol: 'AAA',
  amounts: dividendFromNet('8.50'),
  ...usd,
});
const CASES: [what: string, before: Happening[], after: Happening[], begun: Draft[]][] = [
  [
    'a withdrawal and its fee, cancelled a month later',
    [row('30/01/2026 10:00:00', 'Withdraw Request', -100), row('30/01/2026 10:00:01', 'Withdraw Fee', -5)],
    [
      row('02/02/2026 10:00:00', 'Withdraw Request Cancelled', 100),
      row('02/02/2026 10:00:01', 'Withdraw Fee Cancelled', 5),
    ],
    [feeEntry({ date: '2026-01-30', amount: '5', ...usd })],
  ],
  [
    'a fee alone, cancelled a month later',
    [row('30/01/2026 10:00:01', 'Withdraw Fee', -5)],
    [row('02/02/2026 10:00:01', 'Withdraw Fee Cancelled', 5)],
    [feeEntry({ date: '2026-01-30', amount: '5', ...usd })],
  ],
  [
    'a dividend, taken back a month later',
    [dividend('13/01/2026 02:00:00', 8.5)],
    [dividend('15/02/2026 02:00:00', -8.5)],
    [bookedDividend],
  ],
  [
    'a dividend, taken back a month later and paid anew',
    [dividend('13/01/2026 02:00:00', 8.5), paidIn('20/01/2026 09:00:00', 10)],
    [dividend('15/02/2026 02:00:00', -8.5), row('16/02/2026 02:00:00', 'Overnight refund', 1.25)],
    [],
  ],
  [
    'a dividend on two positions, taken back a month later',
    onTwo('13/01/2026 02:00:00', 1),
    onTwo('15/02/2026 02:00:00', -1),
    [],
  ],
  [
    'a dividend on two positions, taken back at once',
    [...onTwo('13/01/2026 02:00:00', 1), ...onTwo('15/01/2026 02:00:00', -1)],
    [paidIn('20/02/2026 09:00:00', 10)],
    [bookedDividend],
  ],
  [
    'a dividend whose row is of the day after, in the next month',
    [paidIn('20/01/2026 09:00:00', 10)],
    [dividend('01/02/2026 02:00:00', 8.5)],
    [
      dividendEntry({
        date: '2026-01-31',
        exDate: '2026-01-07',
        symbol: 'AAA',
        amounts: dividendFromNet('8.50'),
        ...usd,
      }),
    ],
  ],
  [
    'a deposit of every Friday, and the fee of each',
    [paidIn('28/01/2026 10:00:00', 50), row('29/01/2026 22:00:00', 'Overnight fee', -0.3)],
    [
      paidIn('01/02/2026 10:00:00', 50),
      row('02/02/2026 22:00:00', 'Overnight fee', -0.3),
      row('03/02/2026 22:00:00', 'Overnight fee', -0.3),
    ],
    [
      depositEntry({ date: '2026-02-01', amount: '50', ...usd }),
      feeEntry({ date: '2026-02-02', amount: '0.3', ...usd }),
    ],
  ],
];

describe.each(CASES)('%s', (_, before, after, begun) => {
  const [january, february, both] = statementsOf(before, after);
  it.each([
    ['in their order', [january, february]],
    ['the later one first', [february, january]],
    ['with a statement of both, last', [january, february, both]],
    ['with a statement of both, first', [both, january, february]],
    ['with a statement of both, between', [february, both, january]],
    ['a statement of both beside the earlier one', [both, january]],
    ['a statement of both beside the later one', [both, february]],
  ])('leads to books that all agree with, %s', async (__, order) => {
    for (const drafts of [begun, []]) await followed(order, drafts);
  });
});

describe('what was taken back of an earlier period', () => {
  it('names the entry that it takes back, which stays', async () => {
    const [, february] = statementsOf(...(CASES[2]?.slice(1, 3) as [Happening[], Happening[]]));
    const [line] = differing(await importing(february, [OPENED, bookedDividend], []));
    expect(line).toMatchObject({
      kind: 'DIVIDEND',
      symbol: 'AAA',
      difference: 'MISSING_IN_LEDGER',
      proposal: { kind: 'BOOK_FEE', amount: '8.50', date: '2026-02-15' },
    });
    expect(line?.text).toMatch(/takes back entry 2 of 2026-01-13, which stays, for until then the money was there$/);
  });
  it('names the one entry of what several rows take back together', async () => {
    const [, february] = statementsOf(...(CASES[4]?.slice(1, 3) as [Happening[], Happening[]]));
    const lines = differing(await importing(february, [OPENED, bookedDividend], []));
    expect(lines.map(({ proposal }) => proposal)).toMatchObject([
      { kind: 'BOOK_FEE', amount: '5.95' },
      { kind: 'BOOK_FEE', amount: '2.55' },
      null,
    ]);
    for (const { text } of lines.slice(0, 2)) expect(text).toMatch(/takes back entry 2 of 2026-01-13, which stays/);
  });
  it('is income where it was a fee: it counts as the fee did', async () => {
    const [, february] = statementsOf(...(CASES[1]?.slice(1, 3) as [Happening[], Happening[]]));
    const fee = feeEntry({ date: '2026-01-30', amount: '5', ...usd });
    const [line] = differing(await importing(february, [OPENED, fee], []));
    expect(line?.proposal).toMatchObject({ kind: 'BOOK_INTEREST', amount: '5.00', date: '2026-02-02' });
    expect(line?.text).toMatch(/cancels entry 2 of 2026-01-30, which stays, for until then the money was gone$/);
  });
});

describe('a pair that another statement lies between', () => {
  it('is told as two, for the cash of that one is of between them', async () => {
    const paid = paidIn('20/01/2026 09:00:00', 10);
    const [before, after] = [
      [row('14/01/2026 10:00:00', 'Withdraw Request', -50), paid],
      [row('18/02/2026 10:00:00', 'Withdraw Request Cancelled', 50)],
    ];
    const [, , wide] = statementsOf(before, after);
    const between = period('18/01/2026', '13/02/2026', '05/03/2026 08:00:00');
    const narrow = { happenings: [paid], said: { ...between, cash: 4950, equity: 4950 } };
    const booked = await followed([wide, narrow], []);
    expect(booked.map(({ kind }) => kind).toSorted()).toEqual(['DEPOSIT', 'DEPOSIT', 'OPENING', 'WITHDRAWAL']);
  });
});

describe('two movements alike', () => {
  it('are two bookings: the second one says so, also once the first is there', async () => {
    const twice = [row('30/01/2026 10:00:01', 'Overnight fee', -5), row('30/01/2026 11:00:01', 'Overnight fee', -5)];
    const [january] = statementsOf(twice, []);
    const proposals = async (drafts: Draft[]) =>
      differing(await importing(january, drafts, [])).flatMap(({ proposal }) => proposal ?? []);
    const fee = { kind: 'BOOK_FEE', amount: '5.00', date: '2026-01-30' } as const;
    expect(await proposals([OPENED])).toEqual([fee, { ...fee, another: true }]);
    const [second] = await proposals([OPENED, feeEntry({ date: '2026-01-30', amount: '5', ...usd })]);
    expect(second).toEqual({ ...fee, another: true });
    expect(commandOf(second as Proposal, { account: 'main', clock: 'real' }, null)).toBe(
      'trading-ops ledger fee --amount 5.00 --date 2026-01-30 --another --account main',
    );
    expect(linkOf(second as Proposal, 'main')).toBe('/main/book/cash?kind=FEE&amount=5.00&date=2026-01-30&another=yes');
  });
});

describe('a day of the clock of summer, which two statements tell in part', () => {
  const march = { ...period('01/03/2026', '31/03/2026', '05/05/2026 08:00:00'), cash: 5000, equity: 5000 };
  const april = { ...period('01/04/2026', '30/04/2026', '05/05/2026 08:00:00'), cash: 5001.09, equity: 5001.09 };
  const late: Told = { happenings: [row('31/03/2026 23:30:00', 'Interest Payment', 1.09)], said: march };
  const first = interestEntry({ date: '2026-04-01', amount: '1.09', ...usd });
  const early = (at: string, amount: number): Told => ({
    happenings: [row(at, 'Interest Payment', amount)],
    said: april,
  });

  it.each([
    ['of another amount', early('01/04/2026 00:10:00', 1.11), '2026-04-01', '1.11'],
    ['of another date', early('03/04/2026 10:00:00', 1.09), '2026-04-03', '1.09'],
  ])('has an entry that the other one tells of, and a row %s is proposed', async (_, told, date, amount) => {
    const [line] = differing(await importing(told, [OPENED, first], [late]));
    expect(line).toMatchObject({
      difference: 'MISSING_IN_LEDGER',
      proposal: { kind: 'BOOK_INTEREST', date, amount },
    });
    const comparison = await importing(told, [OPENED, first, interestEntry({ date, amount, ...usd })], [late]);
    expect([comparison.status, comparison.notes[0]]).toEqual([
      'AGREES',
      expect.stringMatching(/^Entry 2 .*outside of the period/),
    ]);
  });

  it('has an entry for one of two rows alike, whichever statement they are of: the other one is proposed', async () => {
    const told = early('01/04/2026 00:10:00', 1.09);
    for (const order of [
      [late, told],
      [told, late],
    ])
      expect((await followed(order, [first])).map(({ kind }) => kind)).toEqual(['OPENING', 'INTEREST', 'INTEREST']);
    const [line] = differing(await importing(told, [OPENED, first], [late]));
    expect(line).toMatchObject({ proposal: { kind: 'BOOK_INTEREST', amount: '1.09', another: true } });
    expect((await importing(late, [OPENED, first], [told])).status).toBe('AGREES');
  });

  const nothing = (said: Statement): Told => ({ happenings: [], said });
  it.each([
    ['a fee', feeEntry({ date: '2026-04-01', amount: '33.33', ...usd })],
    ['money paid in', depositEntry({ date: '2026-04-01', amount: '500', ...usd })],
  ])('has %s that neither tells of: both say so, once both are known', async (_, bogus) => {
    const [before, after] = [nothing({ ...march }), nothing({ ...april, cash: 5000, equity: 5000 })];
    for (const [told, other] of [
      [before, after],
      [after, before],
    ] as const) {
      const alone = await importing(told, [OPENED, bogus], []);
      expect([differing(alone).filter(({ kind }) => kind !== 'CASH'), alone.notes[0]]).toEqual([
        [],
        expect.stringMatching(/^Entry 2 .*outside of the period: no row tells of it/),
      ]);
      const [line] = differing(await importing(told, [OPENED, bogus], [other]));
      expect(line).toMatchObject({
        difference: 'MISSING_IN_STATEMENT',
        proposal: { kind: 'REVERSE_ENTRY', entryId: 2 },
      });
    }
    expect(await followed([before, after], [bogus])).toEqual([OPENED]);
  });

  it('is looked at where no other one tells of it', async () => {
    const [line] = differing(await importing(early('01/04/2026 00:10:00', 1.11), [OPENED, first], []));
    expect(line).toMatchObject({ difference: 'AMOUNT_DIFFERS', proposal: null });
  });
});

describe('a dividend at the end of a month, whose entry may be dated a day from its row', () => {
  const paidOn = (date: string, exDate: string) =>
    dividendEntry({ date, exDate, symbol: 'AAA', amounts: dividendFromNet('8.50'), ...usd });
  const [one, two] = [paidOn('2026-01-31', '2026-01-07'), paidOn('2026-02-01', '2026-01-29')];
  const of = async (told: Told, drafts: Draft[], others: Told[]) =>
    differing(await importing(told, [OPENED, ...drafts], others)).filter(({ kind }) => kind === 'DIVIDEND');

  it.each([
    ['of the last day', one],
    ['of the first day of the next', two],
  ])('answers one row of two that are alike: the entry %s', async (_, booked) => {
    const [january, february] = statementsOf(
      [dividend('31/01/2026 09:00:00', 8.5)],
      [dividend('01/02/2026 09:00:00', 8.5)],
    );
    const lines = [...(await of(january, [booked], [february])), ...(await of(february, [booked], [january]))];
    expect(lines).toMatchObject([
      { difference: 'MISSING_IN_LEDGER', statement: { date: booked === one ? '2026-02-01' : '2026-01-31' } },
    ]);
    expect(await of(january, [one, two], [february])).toEqual([]);
    expect(await of(february, [one, two], [january])).toEqual([]);
  });

  it('was booked twice: the one that no row tells of is missing there, once both are known', async () => {
    const [january, february] = statementsOf([dividend('31/01/2026 09:00:00', 8.5)], []);
    expect(await of(january, [one, two], [february])).toEqual([]);
    expect(await of(february, [one, two], [january])).toMatchObject([
      { difference: 'MISSING_IN_STATEMENT', entryIds: [3], proposal: { kind: 'REVERSE_ENTRY', entryId: 3 } },
    ]);
    expect(await of(february, [one, two], [])).not.toEqual([]);
  });
});

it('a split near the end of a month that no row tells of is taken back once the statement after it is known', async () => {
  const split = splitEntry({ exDate: '2026-01-28', symbol: 'AAA', units: '10', ratio: '2' }) as Draft;
  const [january, february] = statementsOf([], []);
  const of = async (others: Told[]) => differing(await importing(january, [OPENED, split], others));
  expect(await of([])).toMatchObject([{ kind: 'SPLIT', difference: 'MISSING_IN_STATEMENT', proposal: null }]);
  expect(await of([february])).toMatchObject([{ kind: 'SPLIT', proposal: { kind: 'REVERSE_ENTRY', entryId: 2 } }]);
  const told: Happening = {
    at: '02/02/2026 10:00:00',
    type: 'corp action: Split',
    details: 'AAA/USD 2:1',
    amount: 0,
    id: '1',
  };
  const after = { ...february, happenings: [told] };
  expect(await of([after])).toEqual([]);
});
