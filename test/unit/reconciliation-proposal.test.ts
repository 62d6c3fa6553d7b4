import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { toText, D } from '../../src/domain/money.js';
import { compare } from '../../src/domain/reconciliation/compare.js';
import { explainDrift } from '../../src/domain/reconciliation/explain.js';
import {
  explanationSchema,
  proposalSchema,
  proposalsOf,
  storedExplanationSchema,
  type Proposal,
  type StoredExplanation,
} from '../../src/domain/reconciliation/proposal.js';
import {
  commandOf,
  commandOfExplanation,
  makeLineOf,
  makeLineOfExplanation,
  type Who,
} from '../../src/reports/commands.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { reconciliationDocument } from '../../src/reports/reconciliation/page.js';
import { reconciliation } from './artifacts.fixture.js';
import { booked } from './ledger.fixture.js';

const AT = '2014-06-30T08:00:00.000Z';
const REAL: Who = { account: 'main', clock: 'real' };
const SIMULATED: Who = { account: 'paper', clock: 'simulated' };
const TICKET = '135debb3-0a68-5ac9-9769-8cfc77a9c769';

const dividend: Proposal = {
  kind: 'BOOK_DIVIDEND',
  symbol: 'KO',
  exDate: '2014-06-12',
  units: '400',
  amount: '0.305',
  currency: 'USD',
  fx: '1.6829',
  withholding: '0.15',
};
const split: Proposal = { kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2014-06-09', ratio: '7', published: true };
const ruling: Proposal = {
  kind: 'RULE_ON_ACTION',
  symbol: 'GOOGL',
  exDate: '2014-04-03',
  action: 'DIVIDEND',
  ruling: null,
  value: null,
  reason: null,
};

/**
 * Each proposal with the command as it is typed for `main` on the real clock, and the line of make where there is
 * another.
 */
const LINES: [string, Proposal, string, string | null][] = [
  ['a dividend', dividend, 'trading-ops ledger dividend --symbol KO --ex-date 2014-06-12 --account main', null],
  [
    'a dividend without withholding',
    { ...dividend, withholding: '0' },
    'trading-ops ledger dividend --symbol KO --ex-date 2014-06-12 --withholding 0 --account main',
    null,
  ],
  [
    'a dividend of which nothing but that it was paid is known',
    { kind: 'BOOK_PAID_DIVIDEND', symbol: 'KO', paidOn: '2014-07-01' },
    'trading-ops ledger dividend --symbol KO --ex-date <YYYY-MM-DD> --net <net> --paid-on 2014-07-01 --account main',
    null,
  ],
  [
    'one of which all is known but what was withheld of it',
    {
      kind: 'BOOK_PAID_DIVIDEND',
      symbol: 'KO',
      exDate: '2014-06-12',
      dividendType: 'special',
      withholding: '0.3',
      net: '85.40',
      paidOn: '2014-07-01',
    },
    'trading-ops ledger dividend --symbol KO --ex-date 2014-06-12 --type special --withholding 0.3 --net 85.40 --paid-on 2014-07-01 --account main',
    null,
  ],
  ['a split', split, 'trading-ops ledger split --symbol AAPL --ex-date 2014-06-09 --account main', null],
  [
    'a split that no source told of',
    { ...split, ratio: '1/4', published: false },
    'trading-ops ledger split --symbol AAPL --ex-date 2014-06-09 --ratio 1/4 --account main',
    null,
  ],
  [
    'a deposit',
    { kind: 'BOOK_DEPOSIT', amount: '500.00', date: '2014-06-30' },
    'trading-ops cash deposit --amount 500.00 --date 2014-06-30 --account main',
    'make cash -- deposit --amount 500.00 --date 2014-06-30 --account main',
  ],
  [
    'a withdrawal',
    { kind: 'BOOK_WITHDRAWAL', amount: '600.00', date: '2014-06-30' },
    'trading-ops cash withdraw --amount 600.00 --date 2014-06-30 --account main',
    'make cash -- withdraw --amount 600.00 --date 2014-06-30 --account main',
  ],
  [
    'fills',
    { kind: 'CONFIRM_FILLS', ticketId: TICKET, sequences: [1] },
    `trading-ops confirm-fills --fills fills.json --ticket ${TICKET} --account main`,
    'FILLS_JSON=fills.json make confirm-fills -- --account main',
  ],
  [
    'a baseline',
    { kind: 'SET_BASELINE', symbol: 'MSFT', units: '0' },
    'trading-ops ledger-baseline --position MSFT=0 --reason "<why>" --account main',
    null,
  ],
  ['the universe', { kind: 'CHECK_UNIVERSE', symbol: 'GME' }, 'trading-ops universe check', null],
  [
    'a ruling',
    ruling,
    'trading-ops actions rule --symbol GOOGL --ex-date 2014-04-03 --kind dividend --as <cash_dividend|split|ignore> --value <value> --reason "<why>"',
    null,
  ],
  [
    'a ruling that says what',
    { ...ruling, ruling: 'split', value: '2', reason: 'class "C" $shares' },
    'trading-ops actions rule --symbol GOOGL --ex-date 2014-04-03 --kind dividend --as split --value 2 --reason "class C shares"',
    null,
  ],
  [
    'a ruling to ignore',
    { ...ruling, action: 'SPLIT', ruling: 'ignore', reason: 'noise' },
    'trading-ops actions rule --symbol GOOGL --ex-date 2014-04-03 --kind split --as ignore --reason "noise"',
    null,
  ],
];

describe('a proposal as the command line renders it', () => {
  test.each(LINES)('%s', (_what, proposal, command, make) => {
    expect(commandOf(proposal, REAL, AT)).toBe(command);
    expect(makeLineOf(proposal, REAL, AT)).toBe(make ?? command);
    expect(proposalSchema.parse(JSON.parse(JSON.stringify(proposal)))).toEqual(proposal);
  });

  test('a simulated clock is told its instant, and nothing else is', () => {
    for (const [, proposal, command, make] of LINES) {
      const timed = (line: string) =>
        proposal.kind === 'CHECK_UNIVERSE' ? line : `${line.replace('--account main', '--account paper')} --at ${AT}`;
      expect(commandOf(proposal, SIMULATED, AT)).toBe(timed(command));
      expect(makeLineOf(proposal, SIMULATED, AT)).toBe(timed(make ?? command));
      expect(commandOf(proposal, SIMULATED, null)).toBe(command.replace('--account main', '--account paper'));
    }
  });
});

describe('what is stored with a reconciliation', () => {
  const explained = { kind: 'DEPOSIT', subject: null, cash: '500.00', text: 'a deposit' } as const;
  const proposal: Proposal = { kind: 'BOOK_DEPOSIT', amount: '500.00', date: '2014-06-30' };
  /** As version 0.1 stored it. */
  const old = {
    ...explained,
    command: 'trading-ops cash deposit --amount 500.00',
    make: 'make cash -- deposit --amount 500.00',
  };

  test('is read in both shapes, and renders', () => {
    for (const stored of [
      { ...explained, proposal },
      { ...explained, proposal: null },
      old,
      { ...old, make: null },
      { ...old, make: null, command: null },
    ]) {
      expect(storedExplanationSchema.parse(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
    }
    expect([commandOfExplanation(old, SIMULATED, AT), makeLineOfExplanation(old, SIMULATED, AT)]).toEqual([
      old.command,
      old.make,
    ]);
    expect(makeLineOfExplanation({ ...old, make: null }, SIMULATED, AT)).toBe(old.command);
    expect([
      commandOfExplanation({ ...explained, proposal }, REAL, AT),
      makeLineOfExplanation({ ...explained, proposal }, REAL, AT),
    ]).toEqual([commandOf(proposal, REAL, AT), makeLineOf(proposal, REAL, AT)]);
    expect([
      commandOfExplanation({ ...explained, proposal: null }, REAL, AT),
      makeLineOfExplanation({ ...explained, proposal: null }, REAL, AT),
    ]).toEqual([null, null]);
  });

  test('proposals are those of the explanations that have one', () => {
    expect(proposalsOf([old, { ...explained, proposal: null }, { ...explained, proposal }])).toEqual([proposal]);
  });

  test.each([
    ['neither shape', { ...explained }],
    ['both at once', { ...old, proposal }],
    ['an unknown kind', { ...explained, proposal: { kind: 'BUY' } }],
    ['a figure that is none', { ...explained, proposal: { ...proposal, amount: 'N/D' } }],
    ['money without its pennies', { ...explained, proposal: { ...proposal, amount: '5.' } }],
    ['a date that is none', { ...explained, proposal: { ...proposal, date: '2014-02-30' } }],
    ['more than a kind has', { ...explained, proposal: { ...proposal, account: 'main' } }],
    ['a symbol that is a command', { ...explained, proposal: { kind: 'CHECK_UNIVERSE', symbol: 'KO; rm' } }],
    ['units with a sign', { ...explained, proposal: { kind: 'SET_BASELINE', symbol: 'KO', units: '-1' } }],
    ['a ratio that is none', { ...explained, proposal: { ...split, ratio: '2:1' } }],
  ])('%s is not read', (_what, stored) => {
    expect(storedExplanationSchema.safeParse(stored).success).toBe(false);
  });

  const page = (explanations: StoredExplanation[], who: Partial<Who> = {}) => {
    const failed = reconciliation('FAIL');
    return renderMarkdown(
      reconciliationDocument({ ...failed, ...who, at: AT, evidence: { ...failed.evidence, explanations } }),
    );
  };

  test("the report of an earlier version says what it said, that of today the same in today's words", () => {
    expect(page([old])).toContain(`\n${old.make}\n`);
    expect(page([{ ...explained, proposal }])).toContain(
      '\nmake cash -- deposit --amount 500.00 --date 2014-06-30 --account main\n',
    );
    expect(page([{ ...explained, proposal }], SIMULATED)).toContain(
      `\nmake cash -- deposit --amount 500.00 --date 2014-06-30 --account paper --at ${AT}\n`,
    );
    expect(page([{ ...explained, proposal: null }])).not.toContain('make cash');
  });
});

test('whatever drift is explained, what is stored of it can be read again', () => {
  const ledger = { cash: '1000', units: { AAPL: '10', KO: '400', MSFT: '250' } };
  const opening = openingEntry({
    date: '2014-05-01',
    baseCurrency: 'GBP',
    cash: ledger.cash,
    positions: ledger.units,
  }) as EntryDraft;
  const actions = [
    {
      symbol: 'AAPL',
      exDate: '2014-06-09',
      kind: 'SPLIT' as const,
      value: toText(D(1).div(3)),
      currency: null,
      source: 'csv',
    },
    { symbol: 'KO', exDate: '2014-06-12', kind: 'DIVIDEND' as const, value: '0.305', currency: 'USD', source: 'csv' },
  ];
  const units = fc.integer({ min: 0, max: 3_000_000_000 }).map((n) => toText(D(n).div(1_000_000)));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), units, units, units, units, (pence, AAPL, KO, MSFT, GME) => {
      const positions = { AAPL, KO, MSFT, GME };
      const lines = compare(
        { cash: D(pence).div(100).toFixed(2), positions },
        ledger,
        { cash_tolerance: 5, units_tolerance: 0.0001 },
        ['AAPL', 'KO', 'MSFT'].map((internalSymbol) => ({ internalSymbol })),
      );
      const explanations = explainDrift(lines, {
        baseCurrency: 'GBP',
        snapshotDate: '2014-06-30',
        asOfDate: '2014-06-30',
        entries: booked([opening]),
        actions,
        fxOn: () => '1.6829',
        openTickets: [],
        known: ['AAPL', 'KO', 'MSFT', 'JPM'],
        listedIn: () => 'USD',
        agreedOn: null,
        worthOf: () => null,
        cashTolerance: '5',
        unitsTolerance: '0.0001',
      });
      expect(
        explanations.map((explanation) => explanationSchema.parse(JSON.parse(JSON.stringify(explanation)))),
      ).toEqual(explanations);
    }),
  );
});
