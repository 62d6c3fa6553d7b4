import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/domain/errors.js';
import { planBaseline, type BaselineCommand } from '../../src/domain/ledger/bookings/baseline.js';
import { planCash, type CashCommand } from '../../src/domain/ledger/bookings/cash.js';
import { planDividend, type DividendCommand } from '../../src/domain/ledger/bookings/dividend.js';
import { planPaperAlignment } from '../../src/domain/ledger/bookings/paper.js';
import type { PlannedEntry } from '../../src/domain/ledger/bookings/plan.js';
import { planReversal } from '../../src/domain/ledger/bookings/reversal.js';
import { planSplit, unbookedSplits } from '../../src/domain/ledger/bookings/split.js';
import { dividendFromNet, fillEntry, openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { flowsOf } from '../../src/domain/ledger/flows.js';
import { ledgerSums, type BookedEntry } from '../../src/domain/ledger/sums.js';
import { planRuling, rulingText } from '../../src/domain/market/ruling.js';
import { D, toText } from '../../src/domain/money.js';
import {
  confirmationIdentity,
  reconciliationIdentity,
  snapshotIdentity,
} from '../../src/domain/reconciliation/identity.js';
import { ticketId } from '../../src/domain/decision/ticket.js';
import { booked } from './ledger.fixture.js';

const account = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' } as const;
const today = '2014-07-01';
const opening = openingEntry({
  date: '2014-06-03',
  baseCurrency: 'GBP',
  cash: '1000',
  positions: { AAPL: '10', KO: '400' },
}) as EntryDraft;
const journalOf = (...plans: (EntryDraft & { reverses?: number; key?: string })[]) =>
  booked([{ ...opening, key: 'opening:1' }, ...plans]);
const codeOf = (outcome: Outcome<unknown>) => (outcome.ok ? 'PLANNED' : outcome.refusal.code);
const cash = (changes: Partial<CashCommand> = {}): CashCommand => ({
  isKnown: () => true,
  account,
  today,
  kind: 'DEPOSIT',
  amount: '500',
  date: '2014-06-20',
  notes: null,
  another: false,
  symbol: null,
  ...changes,
});
const planned = (outcome: Outcome<PlannedEntry>): PlannedEntry => {
  if (!outcome.ok) throw new Error(`${outcome.refusal.code}: ${outcome.refusal.message}`);
  return outcome.result;
};
/** The journal with a planned entry booked. */
const book = (entries: BookedEntry[], outcome: Outcome<PlannedEntry>): BookedEntry[] => {
  const { draft, key, reversesEntryId } = planned(outcome);
  return [
    ...entries,
    {
      ...draft,
      entryId: entries.length + 1,
      bookedAt: '2014-07-01T08:00:00.000Z',
      reversesEntryId,
      ticketId: null,
      confirmationId: null,
      idempotencyKey: key,
      operator: 'ann',
    },
  ];
};

describe('cash', () => {
  it.each<[string, Partial<CashCommand>, string]>([
    ['all of it goes out', { kind: 'WITHDRAWAL', amount: '1000' }, 'PLANNED'],
    ['a penny more does not', { kind: 'WITHDRAWAL', amount: '1000.01' }, 'CASH_WOULD_BE_NEGATIVE'],
    ['a fee may be above cash: the broker took it', { kind: 'FEE', amount: '1000.01' }, 'PLANNED'],
    ['today', { date: today }, 'PLANNED'],
    ['tomorrow', { date: '2014-07-02' }, 'DATE_INVALID'],
    ['on the day of the opening', { date: '2014-06-03' }, 'PLANNED'],
    ['the day before it', { date: '2014-06-02' }, 'DATE_INVALID'],
  ])('at its limits: %s', (_what, changes, code) => expect(codeOf(planCash(journalOf(), cash(changes)))).toBe(code));

  it('into an empty ledger is refused, and without a date it is of today', () => {
    expect(codeOf(planCash([], cash()))).toBe('LEDGER_EMPTY');
    expect(planned(planCash(journalOf(), cash({ date: null }))).draft.effectiveDate).toBe(today);
  });

  it('keys of a second one: plain, +1; after the first was taken back the standing one still counts', () => {
    let entries = book(journalOf(), planCash(journalOf(), cash()));
    entries = book(entries, planCash(entries, cash({ another: true })));
    entries = book(entries, planReversal(entries, { account, entryId: 2, reason: 'never arrived' }));
    expect(codeOf(planCash(entries, cash()))).toBe('ALREADY_BOOKED');
    entries = book(entries, planCash(entries, cash({ another: true })));
    expect(entries.slice(1).map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      'deposit:2014-06-20:500::',
      'deposit:2014-06-20:500::+1',
      'reversal:2',
      'deposit:2014-06-20:500::+1#2',
    ]);
  });

  it('a note that looks like the key of another one is a note', () => {
    let entries = book(journalOf(), planCash(journalOf(), cash({ notes: 'x+1' })));
    entries = book(entries, planCash(entries, cash({ notes: 'x' })));
    entries = book(entries, planCash(entries, cash({ notes: 'x', another: true })));
    entries = book(entries, planCash(entries, cash({ notes: 'x#2' })));
    expect(ledgerSums(entries, 'GBP').cash).toBe('3000');
    expect(codeOf(planCash(entries, cash({ notes: 'x' })))).toBe('ALREADY_BOOKED');
    expect(codeOf(planCash(entries, cash({ notes: 'x+1' })))).toBe('ALREADY_BOOKED');
  });

  it('whatever is booked and taken back: no key twice, cash is what stands, nothing stands twice unsaid', () => {
    const step = fc.record({
      kind: fc.constantFrom('DEPOSIT', 'WITHDRAWAL', 'FEE'),
      amount: fc.constantFrom('1', '1.00', '2.5'),
      notes: fc.constantFrom(null, 'a', 'a+1', 'a#2'),
      another: fc.boolean(),
      back: fc.nat(12),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
        let entries = journalOf();
        for (const { back, ...changes } of steps) {
          const outcome =
            back < 4 && entries.length > 1
              ? planReversal(entries, { account, entryId: 2 + (back % (entries.length - 1)), reason: 'x' })
              : planCash(entries, cash(changes as Partial<CashCommand>));
          if (outcome.ok && outcome.result.standing === null) entries = book(entries, outcome);
        }
        const keys = entries.map(({ idempotencyKey }) => idempotencyKey);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

describe('dividends', () => {
  const command = (changes: Partial<DividendCommand> = {}): DividendCommand => ({
    isKnown: () => true,
    account,
    today,
    symbol: 'KO',
    exDate: '2014-06-12',
    paidOn: null,
    amount: null,
    units: null,
    fx: null,
    withholding: null,
    net: null,
    ...changes,
  });
  const market = {
    known: {
      settled: [
        {
          symbol: 'KO',
          exDate: '2014-06-12',
          kind: 'DIVIDEND',
          value: '0.305',
          currency: 'USD',
          source: 'csv',
        } as const,
      ],
      holds: [],
    },
    currency: 'USD',
    rateOf: () => '1.6829',
  };

  it.each<[net: string, withholding: string, gross: string, tax: string]>([
    ['61.62', '0.15', '72.49', '10.87'],
    ['0.01', '0.15', '0.01', '0'],
    ['85', '0.15', '100', '15'],
    ['70', '0.3', '100', '30'],
    ['61.62', '0', '61.62', '0'],
    ['1', '0.5', '2', '1'],
    ['0.85', '0.15', '1', '0.15'],
  ])('what arrived: %s after %s is %s gross and %s tax, to the penny', (net, withholding, gross, tax) => {
    const amounts = dividendFromNet(net, withholding);
    expect([toText(amounts.gross), toText(amounts.tax), toText(amounts.net)]).toEqual([gross, tax, net]);
    const { draft } = planned(planDividend(journalOf(), command({ net, withholding }), market));
    expect(
      draft.postings
        .filter(({ account: of }) => of !== 'Income:Dividends')
        .map(({ account: of, amount }) => [of, amount]),
    ).toEqual([['Assets:Cash', net], ...(tax === '0' ? [] : [['Expenses:WithholdingTax', tax]])]);
  });

  it('gross less tax is what arrived, and the tax is the rate of the gross within a penny', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000_000 }), fc.integer({ min: 0, max: 500 }), (cents, rate) => {
        const amounts = dividendFromNet(toText(D(cents).div(100)), toText(D(rate).div(1000)));
        expect(toText(amounts.gross.minus(amounts.tax))).toBe(toText(D(cents).div(100)));
        expect(amounts.gross.times(rate).div(1000).minus(amounts.tax).abs().lte('0.01')).toBe(true);
      }),
    );
  });

  it('from what is stored: 400 units × 0.305 / 1.6829, 15 % kept back', () => {
    const { draft, key } = planned(planDividend(journalOf(), command(), market));
    expect([key, draft.postings.map(({ amount }) => amount)]).toEqual([
      'dividend:KO:2014-06-12',
      ['61.62', '-61.62', '10.87', '-10.87'],
    ]);
  });

  it.each<[string, Partial<DividendCommand>, string]>([
    ['ex today', { exDate: today, net: '1' }, 'PLANNED'],
    ['ex tomorrow', { exDate: '2014-07-02', net: '1' }, 'DATE_INVALID'],
    ['paid on the opening', { paidOn: '2014-06-03' }, 'PLANNED'],
    ['paid before it', { paidOn: '2014-06-02' }, 'DATE_INVALID'],
    ['paid tomorrow', { paidOn: '2014-07-02' }, 'DATE_INVALID'],
    ['less than a penny', { units: '0.01' }, 'DIVIDEND_TOO_SMALL'],
    ['of what was not held', { symbol: 'JPM' }, 'NOTHING_HELD'],
    ['that nobody told of', { exDate: '2014-06-13' }, 'ACTION_UNKNOWN'],
  ])('%s', (_what, changes, code) => expect(codeOf(planDividend(journalOf(), command(changes), market))).toBe(code));

  it('without a rate says so; the same again stands; something else is refused', () => {
    expect(codeOf(planDividend(journalOf(), command(), { ...market, currency: 'USD', rateOf: () => null }))).toBe(
      'FX_MISSING',
    );
    const entries = book(journalOf(), planDividend(journalOf(), command(), market));
    expect(planned(planDividend(entries, command(), market)).standing?.entryId).toBe(2);
    expect(codeOf(planDividend(entries, command({ net: '61.63' }), market))).toBe('ALREADY_BOOKED_DIFFERENTLY');
  });
});

describe('splits', () => {
  const split = {
    account,
    today: '2014-06-10',
    asOfDate: '2014-06-09',
    symbol: 'AAPL',
    exDate: '2014-06-09',
    ratio: '7',
  };
  const none = { settled: [], holds: [] };
  it.each<[string, Partial<typeof split>, string]>([
    ['of the as-of date', {}, 'PLANNED'],
    ['of the day after it', { exDate: '2014-06-10' }, 'SPLIT_TOO_EARLY'],
    ['of tomorrow', { exDate: '2014-06-11' }, 'DATE_INVALID'],
    ['before the opening', { exDate: '2014-06-02' }, 'SPLIT_BEFORE_OPENING'],
    ['of nothing', { symbol: 'MSFT' }, 'NOTHING_HELD'],
    ['one for one', { ratio: '1' }, 'NOTHING_HELD'],
  ])('%s', (_what, changes, code) => expect(codeOf(planSplit(journalOf(), { ...split, ...changes }, none))).toBe(code));

  it('that nobody booked are told until they are', () => {
    const action = {
      symbol: 'AAPL',
      exDate: '2014-06-09',
      kind: 'SPLIT',
      value: '7',
      currency: null,
      source: 'csv',
    } as const;
    expect(
      unbookedSplits(journalOf(), [action, { ...action, exDate: '2014-06-03' }, { ...action, symbol: 'MSFT' }]),
    ).toEqual([action]);
    expect(unbookedSplits(book(journalOf(), planSplit(journalOf(), split, none)), [action])).toEqual([]);
  });
});

describe('reversals', () => {
  it('of units that were sold since are refused in words', () => {
    const split = { account, today, asOfDate: '2014-06-30', symbol: 'AAPL', exDate: '2014-06-09', ratio: '7' };
    const entries = book(journalOf(), planSplit(journalOf(), split, { settled: [], holds: [] }));
    const sold = (units: string) => [
      ...entries,
      ...booked([
        fillEntry({ date: '2014-06-20', baseCurrency: 'GBP', symbol: 'AAPL', side: 'SELL', units, value: '5' }),
      ]).map((entry) => ({ ...entry, entryId: 3 })),
    ];
    expect(codeOf(planReversal(sold('10'), { account, entryId: 2, reason: 'x' }))).toBe('PLANNED');
    expect(codeOf(planReversal(sold('10.000001'), { account, entryId: 2, reason: 'x' }))).toBe(
      'UNITS_WOULD_BE_NEGATIVE',
    );
    expect(codeOf(planReversal(sold('10'), { account, entryId: 3, reason: 'x' }))).toBe('ENTRY_NOT_REVERSIBLE');
  });
});

describe('baselines', () => {
  const command = (changes: Partial<BaselineCommand> = {}): BaselineCommand => ({
    account,
    today,
    date: null,
    cash: null,
    positions: {},
    costs: {},
    reason: 'read again',
    isKnown: (symbol) => symbol !== 'NOPE',
    ...changes,
  });
  it.each<[string, BookedEntry[], Partial<BaselineCommand>, string]>([
    ['opens with figures of a year ago', [], { cash: '1', date: '2013-06-30' }, 'PLANNED'],
    ['not of a day more', [], { cash: '1', date: '2013-06-29' }, 'DATE_INVALID'],
    ['not with nothing', [], {}, 'BASELINE_EMPTY'],
    ['corrects on the day of the opening', journalOf(), { cash: '1', date: '2014-06-03' }, 'PLANNED'],
    ['not before it', journalOf(), { cash: '1', date: '2014-06-02' }, 'DATE_INVALID'],
    ['not tomorrow', journalOf(), { cash: '1', date: '2014-07-02' }, 'DATE_INVALID'],
    ['not a symbol nobody can price', journalOf(), { positions: { NOPE: '1' } }, 'ARGUMENT_INVALID'],
    ['no cost of what goes out', journalOf(), { positions: { KO: '0' }, costs: { KO: '5' } }, 'NOTHING_HELD'],
  ])('%s', (_what, entries, changes, code) => expect(codeOf(planBaseline(entries, command(changes)))).toBe(code));

  it('leaves the ledger with exactly the figures named, and then finds nothing to correct', () => {
    const units = fc.integer({ min: 0, max: 10_000_000 }).map((millionths) => toText(D(millionths).div(1e6)));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), units, units, (pennies, ko, aapl) => {
        const named = { cash: toText(D(pennies).div(100)), positions: { KO: ko, AAPL: aapl } };
        const plan = planBaseline(journalOf(), command(named));
        const drafts = plan.ok ? plan.result.entries.map(({ draft }) => draft) : [];
        const entries = journalOf(...drafts);
        expect(ledgerSums(entries, 'GBP')).toEqual({
          cash: named.cash,
          units: Object.fromEntries(Object.entries({ AAPL: aapl, KO: ko }).filter(([, held]) => held !== '0')),
        });
        expect(planBaseline(entries, command(named))).toMatchObject({ ok: true, result: { entries: [] } });
      }),
    );
  });
});

describe('the paper book', () => {
  const state = (cashHeld: string, units: Record<string, string>, lastEntryId: number | null = 1) => ({
    cash: cashHeld,
    units,
    lastEntryId,
    lastBookedAt: null,
  });
  it('is opened with the ledger, or set to it figure by figure, cash and units', () => {
    const at = { baseCurrency: 'GBP', date: today };
    expect(
      planPaperAlignment(state('5', { KO: '2' }), state('0', {}, null), at).map(({ what, draft }) => [
        what,
        draft.kind,
      ]),
    ).toEqual([['opening', 'OPENING']]);
    const aligned = planPaperAlignment(
      state('5', { KO: '2', V: '1' }),
      state('8', { KO: '1.5', XOM: '3', V: '1' }),
      at,
    );
    expect(aligned.map(({ what, draft }) => [what, draft.postings[0]?.account, draft.postings[0]?.amount])).toEqual([
      ['cash', 'Assets:Cash', '-3'],
      ['KO', 'Assets:Units', '0.5'],
      ['XOM', 'Assets:Units', '-3'],
    ]);
    expect(planPaperAlignment(state('5', { KO: '2' }), state('5', { KO: '2' }), at)).toEqual([]);
  });
});

describe('flows', () => {
  const money = (amount: string) => [{ account: 'Assets:Cash' as const, commodity: 'GBP', amount }];
  it('are transfers and figures set right; what is taken back is of the kind it takes back', () => {
    const entry = (kind: EntryDraft['kind'], amount: string, reversedKind: EntryDraft['kind'] | null = null) => ({
      kind,
      reversedKind,
      postings: money(amount),
    });
    expect(flowsOf([entry('DEPOSIT', '500'), entry('REVERSAL', '-500', 'DEPOSIT')])).toEqual({ cash: '0', units: {} });
    expect(flowsOf([entry('REVERSAL', '-500', 'DEPOSIT')]).cash).toBe('-500');
    expect(
      flowsOf([
        entry('REVERSAL', '3', 'FEE'),
        entry('REVERSAL', '-61', 'DIVIDEND'),
        entry('FEE', '-3'),
        entry('DIVIDEND', '61'),
        entry('FILL', '-9'),
        entry('SPLIT', '1'),
      ]).cash,
    ).toBe('0');
    expect(
      flowsOf([
        entry('OPENING', '10'),
        entry('WITHDRAWAL', '-4'),
        entry('BASELINE', '1'),
        entry('REVERSAL', '4', 'WITHDRAWAL'),
      ]).cash,
    ).toBe('11');
  });
});

describe('rulings', () => {
  const command = {
    symbol: 'GOOGL',
    exDate: '2014-04-03',
    kind: 'DIVIDEND',
    as: 'cash_dividend',
    value: null,
  } as const;
  const known = [
    {
      symbol: 'GOOGL',
      exDate: '2014-04-03',
      kind: 'DIVIDEND',
      value: '567.97',
      currency: 'USD',
      source: 'csv',
    } as const,
  ];
  const published = { published: known, jump: null, today: '2014-04-04' };
  it('on a rate say genuine of a day on which it jumped, and nothing else', () => {
    const jump = {
      symbol: 'GBPUSD',
      session: '2014-03-13',
      closeBefore: '1.66',
      close: '2.5',
      move: 0.506,
      adjusted: null,
      around: [],
      ruled: null,
      confirmedBy: null,
    };
    const rate = { published: [], jump, today: '2020-04-01', isRate: true };
    const said = { ...command, symbol: 'GBPUSD', exDate: '2014-03-13', kind: 'JUMP', as: 'genuine' } as const;
    const plan = planRuling(said, rate);
    expect(plan).toMatchObject({ ok: true, result: { kind: 'JUMP', ruling: 'genuine', value: null } });
    expect(plan.ok && rulingText(plan.result, rate)).toBe(
      'GBPUSD 2014-03-13: the move from 1.66 to 2.5 (+50.6 %) is genuine',
    );
    const others = [
      planRuling(said, { ...rate, jump: null }),
      planRuling({ ...said, kind: 'SPLIT', as: 'ignore' }, rate),
      planRuling({ ...said, kind: 'SPLIT', as: 'split', value: '2' }, rate),
      planRuling({ ...said, kind: 'DIVIDEND', as: 'cash_dividend', value: '1' }, rate),
    ];
    expect(others.map(codeOf)).toEqual(['JUMP_UNKNOWN', 'FLAGS_INVALID', 'FLAGS_INVALID', 'FLAGS_INVALID']);
    expect(others.map((one) => !one.ok && one.refusal.message.includes('GBPUSD'))).toEqual([true, true, true, true]);
  });

  it('take the published figure only where they confirm the published kind', () => {
    expect(planRuling(command, published)).toMatchObject({
      ok: true,
      result: { ruling: 'cash_dividend', value: '567.97' },
    });
    expect(planRuling({ ...command, as: 'split', value: '2' }, published)).toMatchObject({
      ok: true,
      result: { ruling: 'split', value: '2' },
    });
    expect(planRuling({ ...command, as: 'ignore' }, published)).toMatchObject({ ok: true, result: { value: null } });
    expect(
      [
        planRuling({ ...command, as: 'split' }, published),
        planRuling(command, { ...published, published: [] }),
        planRuling({ ...command, as: 'ignore', value: '2' }, published),
      ].map(codeOf),
    ).toEqual(['VALUE_MISSING', 'VALUE_MISSING', 'VALUE_UNEXPECTED']);
    expect(planRuling(command, { ...published, today: '2014-04-03' }).ok).toBe(true);
    expect(planRuling(command, { ...published, today: '2014-04-02' })).toMatchObject({
      refusal: {
        code: 'DATE_INVALID',
        kind: 'usage',
        message: expect.stringContaining('ex-date: 2014-04-03: must not'),
      },
    });
  });
});

describe('ids', () => {
  it('are those of every earlier version: other namespaces would name stored facts anew', () => {
    const snapshot = { snapshotDate: '2014-06-30', cash: '1000', positions: { KO: '400' }, notes: null };
    expect({
      ...snapshotIdentity('main', '2014-07-01T08:00:00.000Z', 'ann', snapshot),
      reconciliation: reconciliationIdentity('main', 'c1'),
      confirmation: confirmationIdentity('9f0e7b5e-0000-4000-8000-000000000000', 'a'.repeat(64), null),
      ticket: ticketId('main', '2014-07-01', 'b'.repeat(64)),
    }).toMatchInlineSnapshot(`
      {
        "confirmation": "f5d20c2f-3423-57ea-8be7-7a77acac38da",
        "contentHash": "fd7d2a05ba8ebe3af7b3673003a03ad9de6ff776ede2288be30a72e6fb520e8d",
        "reconciliation": "bd7b1b0c-b35d-54bb-bd95-60c3ac7f5e49",
        "snapshotId": "43fa5307-2281-598a-ae2a-017a61b8b498",
        "ticket": "a5bf0157-2c46-561a-b75e-4bc73d4942b1",
      }
    `);
  });
});
