import { describe, expect, test } from 'vitest';
import { unitsBefore } from '../../src/domain/ledger/sums.js';
import { valueOf, type Quote } from '../../src/domain/ledger/valuation.js';
import { toText } from '../../src/domain/money.js';
import { splitsCounted, valuedBook } from '../../src/reports/day/book.js';
import { dayDocument } from '../../src/reports/day/page.js';
import type { Document } from '../../src/reports/render/document.js';
import { renderHtml } from '../../src/reports/render/html.js';
import type { StoredClose } from '../../src/domain/performance/closes.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { jsonText } from '../../src/reports/render/parts.js';
import { qualityDocument } from '../../src/reports/quality/page.js';
import { reconciliationDocument } from '../../src/reports/reconciliation/page.js';
import { runDocument, runJson } from '../../src/reports/run/page.js';
import { signalsJson } from '../../src/reports/run/signals.js';
import { slippage } from '../../src/reports/day/fills.js';
import { ticketDocument, ticketJson } from '../../src/reports/ticket/page.js';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import * as given from './artifacts.fixture.js';

const failedRun = given.runFacts('0800', {
  run: given.runRow('0800', { outcome: 'FAIL', summary: 'data_quality: ACTION_NEEDS_REVIEW' }),
  gates: [
    { account: null, gate: 'data_quality', status: 'FAIL', reasons: [given.heldDividend], evidence: { coverage: '1' } },
  ],
  fetches: [
    ...given.runFacts('0800').fetches,
    {
      provider: 'csv',
      kind: 'eod',
      symbol: 'GOOGL',
      status: 'FAILED',
      code: 'RATE_LIMITED',
      message: 'Thank you for using our service <b>5 calls</b>',
      rowsRead: 0,
      rowsNew: 0,
      rowsRevised: 0,
      lastSession: null,
      findings: [],
    },
  ],
});
const documents: [string, Document][] = [
  ['ticket-trade', ticketDocument(given.ticketFacts('TRADE'))],
  ['ticket-no-trade', ticketDocument(given.ticketFacts('NO_TRADE'))],
  ['run-0800-fail', runDocument(failedRun)],
  ['run-1400', runDocument(given.runFacts('1400'))],
  ['day-closed', dayDocument(given.dayFacts())],
];
/**
 * Whole files, to be read and opened; rewrite them with `npx vitest run --project unit test/unit/artifacts.test.ts
 * -u`.
 */
const files: [string, string][] = [
  ...documents.flatMap(([name, document]): [string, string][] => [
    [`${name}.md`, renderMarkdown(document)],
    [`${name}.html`, renderHtml(document)],
  ]),
  ['ticket-trade.json', jsonText(ticketJson(given.ticketFacts('TRADE')))],
  ['ticket-no-trade.json', jsonText(ticketJson(given.ticketFacts('NO_TRADE')))],
  ['run-0800-fail.json', jsonText(runJson(failedRun))],
  ['data-quality-fail.md', renderMarkdown(qualityDocument(failedRun))],
  ['reconciliation-fail.md', renderMarkdown(reconciliationDocument(given.reconciliation('FAIL')))],
  ['reconciliation-opening.md', renderMarkdown(reconciliationDocument(given.reconciliation('PASS', true)))],
];

test.each(files)('%s is, with real figures, the file that was read and found good', async (name, text) => {
  await expect(text).toMatchFileSnapshot(`./__snapshots__/${name}`);
});

const ticketText = (kind: 'TRADE' | 'NO_TRADE' | 'DRY_RUN') => renderMarkdown(ticketDocument(given.ticketFacts(kind)));
const openDay = (more: Parameters<typeof given.dayFacts>[0]) =>
  renderMarkdown(dayDocument(given.dayFacts({ events: given.dayFacts().events.slice(0, 1), ...more })));
const unconfirmed = (kind: 'TRADE' | 'NO_TRADE') => [
  { ...given.ticketRow(kind), supersededBy: null, confirmation: null, fills: [] },
];

describe('ticket', () => {
  test('says what to do first, with both clocks', () => {
    expect(ticketText('TRADE')).toContain(
      'At eToro, by hand, place 1 SELL order and then 2 BUY orders, in the order below, on 2014-06-10 from 14:35 to 15:30 UK time (BST); then confirm',
    );
    expect(ticketText('TRADE')).toContain('which is 09:35 to 10:30 New York time (EDT)');
  });
  test('lists lines as the ticket numbers them, with size, search name and the price to skip at', () => {
    const headings = ticketText('TRADE').match(/^### .*$/gm);
    expect(headings).toEqual([
      '### 1. SELL 10.123456 units of AAPL',
      '### 2. BUY £250.00 of DIS',
      '### 3. BUY £1,234.56 of MSFT',
    ]);
    expect(ticketText('TRADE')).toContain('Skip if the price is below $93.24 a share');
    expect(ticketText('TRADE')).toContain('Skip if the price is above $85.90 a share');
  });
  test('is stamped at top and bottom of page and text when it is a dry run, and never otherwise', () => {
    expect(ticketText('DRY_RUN').match(/⚠ DRY RUN/g)).toHaveLength(2);
    expect(renderHtml(ticketDocument(given.ticketFacts('DRY_RUN'))).match(/class="stamp"/g)).toHaveLength(2);
    expect(ticketText('TRADE')).not.toContain('DRY RUN');
    expect(ticketText('DRY_RUN')).not.toContain('At eToro, by hand, place');
  });
  test('a NO_TRADE gives each reason, what would change it, and the acknowledgement', () => {
    expect(ticketText('NO_TRADE')).toContain('Place no order today');
    expect(ticketText('NO_TRADE')).toContain('the policy trades weekly, on 2014-06-16 next');
    expect(ticketText('NO_TRADE')).toContain('cash is 5012.34 at the broker');
    expect(ticketText('NO_TRADE')).toContain(`make confirm -- --ticket ${given.NO_TRADE_ID}\n`);
  });
  test('commands of another account on a simulated clock carry the account and an instant', () => {
    const facts = given.ticketFacts('TRADE');
    const practice = renderMarkdown(
      ticketDocument({ ...facts, ticket: { ...facts.ticket, account: 'practice', clock: 'simulated' } }),
    );
    expect(practice).toContain(
      'FILLS_JSON=fills.json make confirm-fills -- --ticket 7c1e0c5a-3f8e-5a52-9d3b-0c6f6d1a2b3c --account practice --at 2014-06-10T14:30:00.000Z',
    );
  });
  test('its JSON holds the material that the hash is taken over, and the fills to complete', () => {
    const json = JSON.parse(jsonText(ticketJson(given.ticketFacts('TRADE'))));
    expect(json.material).toEqual(given.material);
    expect(json.confirm.fills.map((fill: { internal_symbol: string }) => fill.internal_symbol)).toEqual([
      'AAPL',
      'DIS',
      'MSFT',
    ]);
  });
});

describe('run summary', () => {
  test('a morning run ends with the reconciliation to type, in the currency of the account', () => {
    expect(renderMarkdown(runDocument(given.runFacts('0800')))).toContain(
      'make reconcile-daily -- --snapshot-date 2014-06-10 --cash-gbp <cash>',
    );
  });
  test('an afternoon run ends with the confirmation of each ticket', () => {
    const tickets = [given.ticketRow('TRADE'), { ...given.ticketRow('NO_TRADE'), account: 'second' }];
    const text = renderMarkdown(runDocument(given.runFacts('1400', { tickets })));
    expect(text).toContain(`FILLS_JSON=fills.json make confirm-fills -- --ticket ${given.TICKET_ID}\n`);
    expect(text).toContain(`make confirm -- --ticket ${given.NO_TRADE_ID} --account second\n`);
  });
  test('a run under way says so', () => {
    expect(
      renderMarkdown(
        runDocument(given.runFacts('0800', { run: given.runRow('0800', { outcome: null, summary: null }) })),
      ),
    ).toContain('UNDER WAY');
  });
});

describe('daily report', () => {
  test('names the next command of every state', () => {
    expect(openDay({ tickets: [], reconciliation: null, reconciliations: 0 })).toContain('make reconcile-daily');
    expect(openDay({ tickets: [], reconciliation: given.reconciliation('FAIL') })).toContain('reconcile again');
    expect(openDay({ tickets: [] })).toContain('make run-1400');
    expect(openDay({ tickets: unconfirmed('TRADE') })).toContain('make confirm-fills');
    expect(openDay({ tickets: unconfirmed('NO_TRADE') })).toContain(`make confirm -- --ticket ${given.NO_TRADE_ID}\n`);
  });
  test('adds up cash, positions and weights after the fills', () => {
    const text = renderMarkdown(dayDocument(given.dayFacts()));
    // 5000.00 + 566.10 − 208.67; 59.876544 × 93.7 ÷ 1.680311; 24.6 × 85.48 ÷ 1.680311.
    expect(text).toContain('£5,357.43');
    expect(text).toContain('| AAPL | 59.876544 | $93.70 | £3,338.92 | 33.56 % |');
    expect(text).toContain('| DIS | 24.6 | $85.48 | £1,251.44 | 12.58 % |');
    expect(text).toContain('£9,947.79');
  });
  test('says unknown, not zero, where a held symbol has no price', () => {
    const text = renderMarkdown(dayDocument(given.dayFacts({ prices: given.prices(['AAPL', 'SPY']) })));
    expect(text).toContain('| DIS | 24.6 | no price | unknown | unknown |');
    expect(text).toContain('**Equity:** unknown');
  });
  test('says loudly that a split is not booked, with the command, and nothing where the opening already has it', () => {
    expect(renderMarkdown(dayDocument(given.dayFacts()))).not.toContain('is not booked');
    const text = renderMarkdown(
      dayDocument(given.dayFacts({ splits: [{ symbol: 'AAPL', exDate: '2014-06-10', value: '7' }] })),
    );
    expect(text).toContain('The split of AAPL is not booked');
    expect(text).toContain('trading-ops ledger split --symbol AAPL --ex-date 2014-06-10 --account main');
  });
  test('values what was split in the shares of the prices, booked or not, but not while it waits for a ruling', () => {
    const splits = [{ symbol: 'AAPL', exDate: '2014-06-10', value: '7' }];
    const prices = given.prices(['AAPL', 'DIS', 'MSFT', 'SPY']).map((series) => ({
      ...series,
      points: [...series.points, { ...series.points.at(-1)!, session: '2014-06-10' }],
    }));
    const waits = given.dayFacts({ splits, prices });
    const [plain, split] = [
      { splits: [], prices },
      { splits, prices },
    ].map((more) => {
      const facts = given.dayFacts(more);
      return valuedBook(facts.ledger, facts, splitsCounted(facts)).positions.find(({ symbol }) => symbol === 'AAPL');
    });
    expect(split?.units).toBe(plain?.units);
    // What was sold on the ex-date itself were new shares.
    const before = unitsBefore(waits.ledger, 'AAPL', '2014-06-10');
    expect(before.gt(0)).toBe(true);
    const shares = before.times(6).plus(plain?.units ?? 0);
    expect(split?.value).toBe(toText(valueOf(shares, split?.quote as Quote)));
    const evidence = { exDate: '2014-06-10', kind: 'SPLIT' };
    const reason = { code: 'ACTION_NEEDS_REVIEW', subject: 'AAPL', message: 'held', evidence };
    const gate = {
      account: null,
      gate: 'data_quality' as const,
      status: 'FAIL' as const,
      reasons: [reason],
      evidence: {},
    };
    expect(splitsCounted({ ...waits, gates: [gate] })).toEqual([]);
    const text = renderMarkdown(dayDocument({ ...waits, gates: [gate] }));
    expect(text).toContain('it waits for a ruling, and is not in the value above');
    expect(renderMarkdown(dayDocument(waits))).toContain('its value above counts it, its units do not yet');
  });
  test('keeps the paper book of a dry run apart', () => {
    const facts = given.dayFacts();
    const text = renderMarkdown(
      dayDocument(given.dayFacts({ ledger: facts.ledger.slice(0, 1), paper: facts.ledger.slice(1) })),
    );
    expect(text).toContain('## Paper book');
    expect(text).toContain('| AAPL | 70 |');
  });
  test('compares the account with its benchmark over the sessions that both have', () => {
    const text = renderMarkdown(
      dayDocument(
        given.dayFacts({
          equity: [
            { account: 'main', baseCurrency: 'GBP', asOfDate: '2014-05-08', equity: '9000', equityIndex: '1' },
            ...given.equity,
          ],
        }),
      ),
    );
    // SPY: 195.57 ÷ 192.91 − 1 over 5 sessions, ÷ 187.7 over 21; the account stood at index 1 on both dates.
    expect(text).toContain('| SPY (PRICE INDEX) | +1.38 % | +4.19 % | n/a |');
    expect(text).toContain('| main | +1.23 % | +1.23 % | n/a |');
  });

  test('tells its returns beside those of a benchmark with its dividends, and what was restated', () => {
    const stored = (asOfDate: string, value: string, more: Partial<StoredClose> = {}): StoredClose => ({
      asOfDate,
      equity: value,
      cash: value,
      positionsValue: '0',
      netFlows: '0',
      fxRate: '1.68',
      lastEntryId: 1_000,
      published: value,
      restatedBecause: null,
      ...more,
    });
    const points = [
      ['2014-06-06', '100'],
      [given.AS_OF, '101'],
    ] as const;
    const benchmark = {
      symbol: 'SPY',
      withholding: '0.15',
      prices: {
        symbol: 'SPY',
        currency: 'USD',
        points: points.map(([session, close]) => ({ session, close, adjusted: close })),
      },
      dividends: [{ exDate: given.AS_OF, value: '2' }],
      splits: [],
      rates: points.map(([date]) => ({ pair: 'GBPUSD', date, rate: '1.68' })),
    };
    const closes = [
      stored('2014-06-06', '10000'),
      stored(given.AS_OF, '10100', { published: '10050', restatedBecause: 'a price was corrected' }),
    ];
    const rules = { maxDrawdown: 0.2, calendar: given.policy.calendar };
    const text = renderMarkdown(dayDocument(given.dayFacts({ ledger: [], returns: { closes, benchmark, ...rules } })));
    expect(text).toContain('## Performance');
    // An account that is a session old has no return of a month, and its benchmark none beside it.
    expect(text).toContain('|  | 1 month | 3 months | this year | 1 year | since the start |');
    expect(text).toContain('| main | n/a | n/a | +1.00 % | n/a | +1.00 % |');
    // 101 and 85 % of 2, over 100.
    expect(text).toContain(
      '| SPY total return, dividends net of 15 % withholding, GBP | n/a | n/a | +2.70 % | n/a | +2.70 % |',
    );
    expect(text).toContain('| account against it | n/a | n/a | −1.66 % | n/a | −1.66 % |');
    expect(text).toContain('TWR, daily, inflow at start / outflow at end of day, GBP, after fees and WHT');
    expect(text).toContain('Restated: 1 close of these');
    // The charts are on the page alone; the text has a sentence for each.
    const html = renderHtml(dayDocument(given.dayFacts({ ledger: [], returns: { closes, benchmark, ...rules } })));
    expect(html).toContain('<figcaption>Return of main against SPY total return, dividends net of 15 % withholding');
    expect(html).toContain('the policy&#39;s limit −20.00 %</text>');
    expect(text).toContain('main: from 0.00 % on 2014-06-06 to +1.00 %');
    expect(text).toContain('SPY, total return: from 0.00 % on 2014-06-06 to +2.70 %');
    expect(text).not.toContain('<svg');
    const without = { ...benchmark, dividends: [] };
    expect(
      renderMarkdown(dayDocument(given.dayFacts({ ledger: [], returns: { closes, benchmark: without, ...rules } }))),
    ).toContain('| SPY (PRICE INDEX, without dividends), GBP | n/a | n/a | +1.00 % | n/a | +1.00 % |');
  });
  test('slippage is against the operator: a dearer BUY and a cheaper SELL are both positive', () => {
    expect(slippage('101', { side: 'BUY', referencePrice: '100' })).toBe('+100.0 bps');
    expect(slippage('99', { side: 'SELL', referencePrice: '100' })).toBe('+100.0 bps');
    expect(slippage('99', { side: 'BUY', referencePrice: '100' })).toBe('−100.0 bps');
    expect(slippage('100', { side: 'BUY', referencePrice: '100' })).toBe('0.0 bps');
  });
});

test('signals: scores ranked, exclusions with their reason', () => {
  const facts = {
    account: { account: 'main', baseCurrency: 'GBP', clock: 'real' },
    asOfDate: given.AS_OF,
    ledger: { cash: '0', units: {}, lastEntryId: null, lastBookedAt: null },
    policy: given.policy,
    policyHash: given.policyHash,
    universe: given.universe,
    universeHash: given.universeHash,
    market: {
      asOfDate: given.AS_OF,
      provider: 'csv',
      basis: 'raw',
      actions: [],
      rulings: [],
      fetches: [],
      fx: null,
      secondCloses: null,
      histories: [],
    },
  } as unknown as DecisionFacts;
  expect(signalsJson(facts)).toMatchObject({
    as_of_date: '2014-06-09',
    scores: [],
    excluded: [{ symbol: 'AAPL', reason: 'no close of 2014-06-09' }, { symbol: 'DIS' }, { symbol: 'MSFT' }],
    targets: [],
  });
});
