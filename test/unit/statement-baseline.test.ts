import { describe, expect, it } from 'vitest';
import {
  baselineCashEntry,
  baselinePositionEntry,
  dividendEntry,
  dividendFromNet,
  interestEntry,
  openingEntry,
  splitEntry,
} from '../../src/domain/ledger/entries.js';
import { dividendKey } from '../../src/domain/ledger/keys.js';
import type { StatementEvent } from '../../src/domain/statement/statement.js';
import type { TicketOfDay } from '../../src/domain/statement/compare/facts.js';
import { commandOf } from '../../src/reports/commands.js';
import { linkOf } from '../../src/reports/links.js';
import { differenceLines, nextOf } from '../../src/reports/statement/lines.js';
import { opened } from '../support/statement.js';
import {
  buy,
  compare,
  differing,
  interest,
  interestAt,
  opening,
  period,
  sell,
  ticketOf,
  told,
  usd,
  type Case,
  type Draft,
} from './statement.fixture.js';

/* A baseline moves units without a cause: it is proposed for one cause alone, and hides no other. */

const TICKET = 'f1a7b9a0-0000-4000-8000-000000000001';
const said = { cash: 1000, equity: 1000 };
const AT = '2026-02-02T08:00:00.000Z';
const FEBRUARY = period('01/02/2026', '28/02/2026', '05/03/2026 08:00:00');
const HELD = opening('2025-12-01', '1000', { AAA: '8' });
const FIRST_OPENED = opening('2025-12-01', '1000');
const BOUGHT = [opened('05/01/2026 15:00:00', 'AAA', '1', '2', 200)];
const positionOf = async (of: Case) =>
  differing(await compare({ said, ...of })).find(({ kind }) => kind === 'POSITION');

describe('a position that differs', () => {
  it('has the baseline of a trade that no ticket ordered, which is never the next step', async () => {
    const comparison = await compare({ happenings: BOUGHT, drafts: [HELD], said });
    expect(told(comparison)).toEqual([
      ['OPEN', 'MISSING_IN_LEDGER', null],
      ['POSITION', 'POSITION_DIFFERS', 'SET_BASELINE'],
      ['CASH', 'CASH_DIFFERS', null],
    ]);
    expect(differing(comparison)[0]?.text).toMatch(/no ticket ordered it: .*--position.*--cash and --cost$/);
    const who = { account: 'main', baseCurrency: 'USD', clock: 'real' } as const;
    expect(nextOf(comparison, who, '2026-02-02T08:00:00.000Z')).toBe('trading-ops statement list');
  });

  it.each([
    ['a fill of other units, of a ticket that nobody has', [buy('2026-01-05', '3', '200', TICKET)], BOUGHT],
    ['a fill that the broker knows nothing of', [buy('2026-01-05', '3', '200', TICKET)], []],
    ['the same beside a trade that no ticket ordered', [sell('2026-01-20', '3', '300', TICKET)], BOUGHT],
  ])('has none where %s differs: somebody has to look first', async (_, drafts, happenings) => {
    const line = await positionOf({ happenings, drafts: [HELD, ...drafts] });
    expect(line).toMatchObject({ difference: 'POSITION_DIFFERS', proposal: null });
    expect(line?.text).toMatch(/and the ledger holds \d+: look at eToro first for what differs of AAA$/);
  });

  it('has none of units that nothing explains, and says how many they are', async () => {
    const set = baselinePositionEntry({
      date: '2026-01-12',
      symbol: 'AAA',
      units: '-3',
      cost: null,
      description: 'Baseline: counted at eToro',
      ...usd,
    });
    for (const [happenings, units] of [
      [[], '5'],
      [BOUGHT, '5'],
    ] as const) {
      const line = await positionOf({ happenings, drafts: [HELD, set] });
      expect(line).toMatchObject({ difference: 'POSITION_DIFFERS', ledger: { units }, proposal: null });
      expect(line?.text).toMatch(
        /; of 3 nothing tells why; entry 2 \(Baseline: counted at eToro\) set it within the period: find out at eToro/,
      );
    }
  });

  it('of a day that the statement tells in part has none, for the fill may be of after it', async () => {
    const summer = { from: '01/07/2025 00:00:00', to: '31/07/2025 23:59:59', created: '02/08/2025 08:00:00' };
    const comparison = await compare({
      happenings: [opened('31/07/2025 23:40:00', 'AAA', '1', '2', 200)],
      drafts: [opening('2025-06-01', '1000', { AAA: '8' }), buy('2025-08-01', '3', '300', TICKET)],
      said: { ...said, ...summer },
    });
    expect(differing(comparison)[0]).toMatchObject({ difference: 'UNITS_DIFFER', proposal: null });
    expect(differing(comparison)[1]).toMatchObject({ kind: 'POSITION', proposal: null });
  });
});

describe('a trade that no entry books', () => {
  const proposalOf = async (tickets: readonly TicketOfDay[], drafts: Case['drafts'] = []) =>
    differing(await compare({ happenings: BOUGHT, drafts: [HELD, ...drafts], said, more: { tickets } })).find(
      ({ difference }) => difference === 'MISSING_IN_LEDGER',
    );

  it('is of the ticket of its day, or of one some days before whose line was left over', async () => {
    const [before, same] = [
      ticketOf('of-friday', '2026-01-02', 'BUY', true),
      ticketOf('of-monday', '2026-01-05', 'BUY'),
    ];
    expect((await proposalOf([before, same]))?.proposal).toMatchObject({ ticketId: 'of-monday' });
    const left = await proposalOf([before]);
    expect(left?.proposal).toEqual({ kind: 'CONFIRM_FILLS', ticketId: 'of-friday', sequences: [1], amends: true });
    expect(left?.text).toContain('ticket of-friday of 2026-01-02 has the line');
    // The file is made first: it holds what was confirmed.
    const comparison = await compare({ happenings: BOUGHT, drafts: [HELD], said, more: { tickets: [before] } });
    const who = { account: 'u1', baseCurrency: 'USD', clock: 'simulated' } as const;
    const file = `trading-ops ticket fills of-friday --out fills.json --account u1 --at ${AT}`;
    expect(nextOf(comparison, who, AT)).toBe(file);
    expect(differenceLines(comparison, who, AT).slice(1, 3)).toEqual([
      `  ${file}`,
      `  trading-ops confirm-fills --fills fills.json --ticket of-friday --amend --account u1 --at ${AT}`,
    ]);
  });

  it('is of none that is of the other side, too old, later, or booked already', async () => {
    const fill = buy('2026-01-02', '3', '300', 'of-friday');
    for (const [ticket, drafts] of [
      [ticketOf('of-friday', '2026-01-02', 'SELL'), []],
      [ticketOf('of-thursday', '2026-01-01', 'BUY'), []],
      [ticketOf('of-tuesday', '2026-01-06', 'BUY'), []],
      [ticketOf('of-friday', '2026-01-02', 'BUY', true), [fill]],
    ] as const)
      expect(await proposalOf([ticket], drafts)).toMatchObject({ proposal: null });
  });
});

describe('a trade that a baseline took in', () => {
  const units = (date: string, of: string, cost: string) =>
    baselinePositionEntry({ date, symbol: 'AAA', units: of, cost, description: 'Baseline: bought by hand', ...usd });
  const cash = (date: string, delta: string) =>
    baselineCashEntry({ date, delta, description: 'Baseline: bought by hand', ...usd });
  const FEE = { at: '05/01/2026 15:00:00', type: 'Commission', details: 'On Open', amount: -1, equity: 0, id: '1' };

  it('agrees, with the baseline that the statement proposes, and says which it was', async () => {
    const bare = await compare({ happenings: BOUGHT, drafts: [HELD], said });
    const proposal = differing(bare).flatMap((line) => line.proposal ?? [])[0];
    expect(proposal).toEqual({
      kind: 'SET_BASELINE',
      symbol: 'AAA',
      units: '10',
      cash: '800.00',
      date: '2026-01-05',
    });
    if (!proposal) throw new Error('no proposal');
    expect(commandOf(proposal, { account: 'main', clock: 'real' }, null)).toContain(
      'ledger-baseline --position AAA=10 --cash 800.00 --date 2026-01-05 --reason',
    );
    expect(linkOf(proposal, 'main')).toBe('/main/baseline?cash=800.00&positions=AAA%3D10&date=2026-01-05');
    const taken = await compare({
      happenings: BOUGHT,
      drafts: [HELD, cash('2026-01-05', '-200'), units('2026-01-05', '2', '200')],
      said,
    });
    expect(taken.status).toBe('AGREES');
    expect(taken.lines[0]).toMatchObject({ kind: 'OPEN', entryIds: [3] });
    expect(taken.lines[0]?.text).toMatch(
      /no ticket ordered it, and entry 3 \(Baseline: bought by hand, 2026-01-05\) took/,
    );
  });

  it('of several, and split since, it is the units that they came to', async () => {
    const split = { at: '26/01/2026 06:27:00', type: 'corp action: Split', details: 'AAA/USD 2:1', amount: 0, id: '1' };
    const more = opened('06/01/2026 15:00:00', 'AAA', '2', '1', 100);
    const booked = splitEntry({ exDate: '2026-01-26', symbol: 'AAA', units: '8', ratio: '2' });
    const drafts = [HELD, booked, cash('2026-01-26', '-300'), units('2026-01-26', '6', '300')];
    expect(told(await compare({ happenings: [...BOUGHT, more, split], drafts, said }))).toEqual([]);
  });

  it('of two, the one of its very date and units is taken in, and the other one is proposed', async () => {
    const later = opened('19/01/2026 15:00:00', 'AAA', '2', '1', 100);
    const both = [...BOUGHT, later];
    const [first, second] = [
      [cash('2026-01-05', '-200'), units('2026-01-05', '2', '200')],
      [cash('2026-01-19', '-100'), units('2026-01-19', '1', '100')],
    ];
    for (const [taken, missing, of] of [
      [first, second, { units: '11', cash: '700.00', cost: '300.00', date: '2026-01-19' }],
      [second, first, { units: '11', cash: '700.00', cost: '300.00', date: '2026-01-05' }],
    ] as const) {
      const comparison = await compare({ happenings: both, drafts: [HELD, ...taken], said });
      expect(told(comparison)).toEqual([
        ['OPEN', 'MISSING_IN_LEDGER', null],
        ['POSITION', 'POSITION_DIFFERS', 'SET_BASELINE'],
        ['CASH', 'CASH_DIFFERS', null],
      ]);
      expect(differing(comparison)[1]?.proposal).toEqual({ kind: 'SET_BASELINE', symbol: 'AAA', ...of });
      expect((await compare({ happenings: both, drafts: [HELD, ...taken, ...missing], said })).status).toBe('AGREES');
    }
  });

  it('has its fee within where the cash has it, and else beside it', async () => {
    const of = (delta: string) => [HELD, cash('2026-01-05', delta), units('2026-01-05', '2', '200')];
    expect(told(await compare({ happenings: [...BOUGHT, FEE], drafts: of('-201'), said }))).toEqual([]);
    expect(told(await compare({ happenings: [...BOUGHT, FEE], drafts: of('-200'), said }))).toEqual([
      ['FEE', 'MISSING_IN_LEDGER', 'BOOK_FEE'],
      ['CASH', 'CASH_DIFFERS', null],
    ]);
  });

  it('after the period is named by the statement of the trade and by that of the baseline', async () => {
    const late = [HELD, cash('2026-02-04', '-200'), units('2026-02-04', '2', '200')];
    const [open, position] = differing(await compare({ happenings: BOUGHT, drafts: late, said }));
    expect(open).toMatchObject({ kind: 'OPEN', difference: 'MISSING_IN_LEDGER', proposal: null });
    expect(open?.text).toMatch(/entry 3 \(Baseline: bought by hand, 2026-02-04\) moved as many .*reverse it .*--date/);
    expect(position).toMatchObject({ kind: 'POSITION', proposal: null });
    const [after] = differing(
      await compare({ happenings: [], drafts: late, said: { ...FEBRUARY, cash: 800, equity: 1000 } }),
    );
    expect(after?.text).toMatch(
      /entry 3 .* set it within the period: .*; if it took in a trade of an earlier date, reverse/,
    );
  });
});

/** What a proposed baseline books: the cash and the units that it moves, as of its date. */
const takenInAs = ({ date, units, cash, cost }: { date: string; units: string; cash: string; cost: string | null }) => {
  const description = 'Baseline: bought by hand';
  return [
    baselineCashEntry({ date, delta: cash, description, ...usd }),
    baselinePositionEntry({ date, symbol: 'AAA', units, cost, description, ...usd }),
  ];
};
const BUY = { date: '2026-01-05', units: '2', cash: '-200', cost: '200' };
const SELL = { date: '2026-01-20', units: '-2', cash: '220', cost: null };

const SOLD = {
  at: '20/01/2026 15:00:00',
  type: 'Position closed',
  details: 'AAA/USD',
  amount: 220,
  units: '2',
  equity: 20,
  id: '1',
  closed: { invested: 200, profit: 20, display: 0, openedAt: '05/01/2026 15:00:00', openRate: 100, closeRate: 110 },
};

describe('trades that no ticket ordered, one after the other', () => {
  const FIRST = opening('2025-12-01', '1000');

  it('are proposed where they come to nothing too, also where a baseline of cash counted what they brought', async () => {
    const happenings = [...BOUGHT, SOLD];
    const first = await positionOf({ happenings, drafts: [FIRST] });
    expect(first?.proposal).toMatchObject({ units: '2', cash: '800.00', date: '2026-01-05' });
    const second = await positionOf({ happenings, drafts: [FIRST, ...takenInAs(BUY)] });
    expect(second?.proposal).toMatchObject({ units: '0', cash: '1020.00', date: '2026-01-20' });
    const both = [FIRST, ...takenInAs(BUY), ...takenInAs(SELL)];
    expect((await compare({ happenings, drafts: both, said })).status).toBe('AGREES');
    const gain = baselineCashEntry({ date: '2026-01-31', delta: '20', description: 'Baseline: counted', ...usd });
    const counted = await positionOf({ happenings, drafts: [FIRST, gain] });
    expect(counted?.proposal).toMatchObject({ units: '2', cash: '820.00', date: '2026-01-05' });
  });

  it('are taken in in an order in which there is never less than none', async () => {
    const closed = { ...SOLD.closed, openedAt: '01/12/2025 15:00:00' };
    const sold = { ...SOLD, at: '05/01/2026 14:00:00', id: '9', closed };
    const line = await positionOf({
      happenings: [sold, ...BOUGHT],
      drafts: [opening('2025-12-01', '1000', { AAA: '1' })],
    });
    expect(line?.proposal).toMatchObject({ units: '3', cash: '800.00', date: '2026-01-05' });
    const bare = await positionOf({ happenings: [sold], drafts: [opening('2025-12-01', '1000', { AAA: '1' })] });
    expect(bare?.text).toMatch(/less than none: set right first what is of before the period$/);
    // What came after a split that waits was counted in other units, and is not of before the period.
    const split = { at: '26/01/2026 06:27:00', type: 'corp action: Split', details: 'AAA/USD 2:1', amount: 0, id: '1' };
    const again = { ...SOLD, at: '28/01/2026 14:00:00', id: '10', units: '3', closed };
    const after = takenInAs({ ...SELL, date: '2026-01-28', units: '-3' });
    const waiting = await positionOf({
      happenings: [sold, split, again],
      drafts: [opening('2025-12-01', '1000', { AAA: '4' }), ...after],
    });
    expect(waiting).toMatchObject({ proposal: null });
    expect(waiting?.text).toMatch(
      /less than none: reverse first what was booked after the split \(entry 3 of 2026-01-28, .*\), and book it anew/,
    );
  });

  it('leave to a baseline the one of its date, where the sum of all has its units too', async () => {
    const more = [
      opened('06/01/2026 15:00:00', 'AAA', '2', '1', 100, 200),
      { ...SOLD, at: '07/01/2026 15:00:00', id: '2', units: '1', amount: 90, equity: -10 },
    ].map((each) => ('closed' in each ? { ...each, closed: { ...SOLD.closed, invested: 100, profit: -10 } } : each));
    const lines = differing(
      await compare({ happenings: [...BOUGHT, ...more], drafts: [FIRST, ...takenInAs(BUY)], said }),
    );
    expect(lines.filter(({ kind }) => kind === 'OPEN' || kind === 'CLOSE')).toMatchObject([
      { kind: 'OPEN', statement: { date: '2026-01-06' } },
      { kind: 'CLOSE', statement: { date: '2026-01-07' } },
    ]);
    expect(lines.find(({ kind }) => kind === 'POSITION')?.proposal).toMatchObject({ units: '3', date: '2026-01-06' });
  });

  it('are proposed beside a later one that another statement tells, not beside a baseline of nobody', async () => {
    const later = takenInAs({ date: '2026-02-10', units: '1', cash: '-100', cost: '100' });
    const drafts = [FIRST, ...later];
    const bare = await positionOf({ happenings: BOUGHT, drafts });
    expect(bare).toMatchObject({
      proposal: null,
      text: expect.stringMatching(/came after it: .*, or import the statement that tells what it took in$/) as string,
    });
    const trade = { kind: 'OPEN', symbol: 'AAA', date: '2026-02-10', units: '1' } as StatementEvent;
    const known = await positionOf({ happenings: BOUGHT, drafts, more: { tradesBeside: [trade] } });
    expect(known?.proposal).toMatchObject({ units: '3', cash: '700.00', date: '2026-01-05' });
    const other = { ...trade, units: '2' };
    expect(await positionOf({ happenings: BOUGHT, drafts, more: { tradesBeside: [other] } })).toMatchObject(bare ?? {});
  });
});

describe('what a baseline says was paid', () => {
  const FIRST = opening('2025-12-01', '1000');
  const proposals = async (one: Case) => differing(await compare(one)).map(({ proposal }) => proposal);
  const other = opened('06/01/2026 15:00:00', 'BBB', '2', '3', 150);

  it('is the cash that is left and the cost of the whole holding, in command and form', async () => {
    const bought = buy('2025-12-15', '4', '300', TICKET);
    for (const [drafts, cash, cost, units] of [
      [[FIRST], '800.00', '200.00', '2'],
      [[FIRST, bought], '500.00', '500.00', '6'],
    ] as const) {
      const open = 1000 - (drafts.length - 1) * 300;
      const [, proposal] = await proposals({ happenings: BOUGHT, drafts, said: { cash: open, equity: 1000 } });
      expect(proposal).toEqual({ kind: 'SET_BASELINE', symbol: 'AAA', units, cash, cost, date: '2026-01-05' });
      if (!proposal) throw new Error('no proposal');
      expect(commandOf(proposal, { account: 'main', clock: 'real' }, null)).toContain(
        `--position AAA=${units} --cash ${cash} --cost AAA=${cost} --date 2026-01-05`,
      );
      expect(linkOf(proposal, 'main')).toContain(`cash=${cash}&positions=AAA%3D${units}&costs=AAA%3D${cost}`);
    }
  });

  it('is said of one symbol after the other, for each says the cash whole', async () => {
    const comparison = await compare({ happenings: [...BOUGHT, other], drafts: [FIRST], said });
    const positions = differing(comparison).filter(({ kind }) => kind === 'POSITION');
    expect(positions.map(({ proposal }) => proposal?.kind ?? null)).toEqual(['SET_BASELINE', null]);
    expect(positions[1]?.text).toMatch(/take in AAA first, then import again/);
  });

  it('waits for what else is proposed, which it would take back', async () => {
    const paid = { at: '07/01/2026 10:00:00', type: 'Interest Payment', amount: 2 };
    const line = await positionOf({ happenings: [...BOUGHT, paid], drafts: [FIRST] });
    expect(line).toMatchObject({
      proposal: null,
      text: expect.stringMatching(/set right first what is said of other/),
    });
  });

  it('waits for a dividend whose ex-date no source tells: it would be swallowed by the cash', async () => {
    const paid = {
      at: '13/01/2026 05:00:00',
      type: 'Dividend',
      details: 'BBB/USD',
      amount: 8.5,
      id: '7',
      paid: { tax: 1.5, display: null, taxDisplay: null },
    };
    const holding = opening('2025-12-01', '1000', { BBB: '10' });
    const booking = (date: string, exDate: string) => ({
      ...dividendEntry({ date, exDate, symbol: 'BBB', amounts: dividendFromNet('8.50'), ...usd }),
      key: dividendKey('BBB', exDate),
    });
    const of = (...drafts: Draft[]) => positionOf({ happenings: [...BOUGHT, paid], drafts: [holding, ...drafts] });
    const waits = { proposal: null, text: expect.stringMatching(/set right first what is said of other lines/) };
    expect(await of()).toMatchObject(waits);
    // Booked under another date, it is looked first whether that is this one.
    expect(await of(booking('2025-12-20', '2025-12-09'))).toMatchObject(waits);
    const booked = await of(booking('2026-01-13', '2026-01-09'));
    expect(booked?.proposal).toMatchObject({ kind: 'SET_BASELINE', cash: '808.50' });
  });

  it('of what was sold too is the cash alone, and of less than nothing there is no baseline', async () => {
    const sold = {
      at: '20/01/2026 15:00:00',
      type: 'Position closed',
      details: 'AAA/USD',
      amount: 110,
      units: '1',
      equity: 10,
      id: '9',
      closed: { invested: 100, profit: 10, display: 0, openedAt: '05/01/2026 15:00:00', openRate: 100, closeRate: 110 },
    };
    const bought = opened('05/01/2026 15:00:00', 'AAA', '1', '2', 200, 100);
    const first = await positionOf({ happenings: [bought, sold], drafts: [FIRST] });
    const one = { kind: 'SET_BASELINE', symbol: 'AAA' };
    expect(first?.proposal).toEqual({ ...one, units: '2', cash: '800.00', cost: '200.00', date: '2026-01-05' });
    expect(first?.text).toMatch(/; take them in one after the other, first that of 2026-01-05$/);
    const second = await positionOf({ happenings: [bought, sold], drafts: [FIRST, ...takenInAs(BUY)] });
    expect(second?.proposal).toEqual({ ...one, units: '1', cash: '910.00', date: '2026-01-20' });
    // Whoever takes a sale in hears that its 10.00 of profit are counted nowhere.
    expect(second?.text).toMatch(/; of what was sold no profit or loss will be counted, for a baseline has none$/);
    const poor = await positionOf({
      happenings: [interestAt('02/01/2026 09:00:00', 1), ...BOUGHT],
      drafts: [opening('2025-12-01', '100'), interest('2026-01-02', '1')],
    });
    expect(poor).toMatchObject({ proposal: null, text: expect.stringContaining("more than the ledger's cash") });
  });

  it('is no command where the statement does not say it in the currency of the account', async () => {
    const line = await positionOf({
      base: 'GBP',
      happenings: BOUGHT,
      drafts: [openingEntry({ date: '2025-12-01', cash: '1000', positions: {}, baseCurrency: 'GBP' })],
      more: { rateOn: () => '1.25' },
    });
    expect(line).toMatchObject({ difference: 'POSITION_DIFFERS', proposal: null });
    expect(line?.text).toMatch(
      /does not say in GBP what was paid: .* --position AAA=2 with --cash and --cost and --date/,
    );
  });
});

describe('what tells that a baseline took in a trade', () => {
  const FIRST = opening('2025-12-01', '1000');
  const dear = { ...BUY, cash: '-250', cost: '250' };
  const again = opened('05/01/2026 16:00:00', 'AAA', '2', '2', 250);

  it('of two of one date and as many units is its cash', async () => {
    const line = await positionOf({ happenings: [...BOUGHT, again], drafts: [FIRST, ...takenInAs(dear)] });
    expect(line?.proposal).toMatchObject({ units: '4', cash: '550.00', date: BUY.date });
  });

  it('of another date is its cash too: one of other trades is named', async () => {
    const other = takenInAs({ ...dear, date: '2026-01-02' });
    const line = await positionOf({ happenings: BOUGHT, drafts: [FIRST, ...other] });
    expect(line).toMatchObject({ proposal: null, text: expect.stringMatching(/entry 3 .*reverse it/) as string });
    const same = takenInAs({ ...BUY, date: '2026-01-02' });
    expect((await compare({ happenings: BOUGHT, drafts: [FIRST, ...same], said })).status).toBe('AGREES');
  });

  it('of days before any of them happened is of other trades, however equal: it is named', async () => {
    const two = period('01/01/2026', '28/02/2026', '05/03/2026 08:00:00');
    const happenings = [opened('11/02/2026 15:00:00', 'AAA', '1', '2', 200)];
    const of = (date: string) =>
      positionOf({ happenings, drafts: [FIRST, ...takenInAs({ ...BUY, date })], said: { ...said, ...two } });
    expect((await of('2026-01-25'))?.text).toMatch(
      /; of 2 nothing tells why; entry 3 .* set it within the period: find out at eToro.*with --date that of the trade$/,
    );
    expect(await of('2026-02-09')).toBeUndefined();
  });

  it('of its very date is its cash too', async () => {
    const gbp = openingEntry({ date: '2025-12-01', cash: '1000', positions: {}, baseCurrency: 'GBP' });
    const half = baselineCashEntry({
      date: BUY.date,
      delta: '-80',
      description: 'Baseline: half',
      baseCurrency: 'GBP',
    });
    const units = baselinePositionEntry({ ...BUY, symbol: 'AAA', description: 'Baseline: half', baseCurrency: 'GBP' });
    const happenings = [interestAt('02/01/2026 09:00:00', 1), ...BOUGHT];
    const paid = interestEntry({ date: '2026-01-02', amount: '0.80', baseCurrency: 'GBP' });
    const of = { base: 'GBP', happenings, more: { rateOn: () => '1.25' } } as const;
    const line = await positionOf({ ...of, drafts: [gbp, half, units, paid] });
    expect(line?.text).toMatch(/; of 2 nothing tells why; entry 3 .* set it within the period: find out at eToro/);
    const right = {
      ...half,
      postings: half.postings.map((each) => ({ ...each, amount: each.amount.replace('80', '160') })),
    };
    expect((await compare({ ...of, drafts: [gbp, right, units, paid], said })).status).toBe('AGREES');
  });

  it('of after the period is no trade of another statement, however equal', async () => {
    const later = takenInAs({ ...BUY, date: '2026-02-10' });
    const trade = { kind: 'OPEN', symbol: 'AAA', date: '2026-02-10', units: '2' } as StatementEvent;
    const one = { happenings: BOUGHT, drafts: [FIRST, ...later], said };
    expect(differing(await compare(one))[0]?.text).toMatch(/moved as many units after the period/);
    const known = differing(await compare({ ...one, more: { tradesBeside: [trade] } }));
    expect(known[0]?.text).not.toContain('after the period');
    expect(known[1]?.proposal).toMatchObject({ units: '4', cash: '600.00', date: BUY.date });
  });
});

describe('what a statement does not say', () => {
  it('is what its first row cost, where parts of it were sold after the period', async () => {
    const rest = [opened('05/01/2026 15:00:00', 'AAA', '1', '2', 200, 100)];
    for (const [base, currency] of [
      ['USD', 'USD'],
      ['GBP', 'GBP'],
    ] as const) {
      const first = openingEntry({ date: '2025-12-01', cash: '1000', positions: {}, baseCurrency: base });
      const line = await positionOf({ base, happenings: rest, drafts: [first], more: { rateOn: () => '1.25' } });
      expect(line).toMatchObject({ proposal: null });
      expect(line?.text).toContain(`does not say in ${currency} what was paid: read it at eToro`);
    }
    const fill = buy('2026-01-05', '2', '200', TICKET);
    expect((await compare({ happenings: rest, drafts: [FIRST_OPENED, fill], said })).status).toBe('AGREES');
  });

  it('is nothing that was gained by buying and selling on one day: both are taken in all the same', async () => {
    const sold = {
      at: '05/01/2026 16:00:00',
      type: 'Position closed',
      details: 'AAA/USD',
      amount: 200,
      units: '2',
      equity: 0,
      id: '1',
      closed: { invested: 200, profit: 0, display: 0, openedAt: '05/01/2026 15:00:00', openRate: 100, closeRate: 100 },
    };
    const line = await positionOf({ happenings: [...BOUGHT, sold], drafts: [FIRST_OPENED] });
    expect(line?.proposal).toMatchObject({ units: '2', cash: '800.00', date: '2026-01-05' });
    const both = [...takenInAs(BUY), ...takenInAs({ ...SELL, date: BUY.date, cash: '200' })];
    expect((await compare({ happenings: [...BOUGHT, sold], drafts: [FIRST_OPENED, ...both], said })).status).toBe(
      'AGREES',
    );
  });
});

describe('a baseline of the cash alone, by somebody who had counted it', () => {
  const FIRST = opening('2025-12-01', '1000');
  const counted = (delta: string, date = '2026-01-31', description = 'Baseline: counted') =>
    baselineCashEntry({ date, delta, description, ...usd });
  const happenings = [interestAt('07/01/2026 10:00:00', 20)];
  const booked = interest('2026-01-07', '20');
  const cashOf = async (drafts: Case['drafts'], of: Pick<Case, 'happenings' | 'said'> = { happenings, said }) =>
    differing(await compare({ ...of, drafts: [FIRST, ...drafts] })).find(({ kind }) => kind === 'CASH');

  it('is taken back once all that it had in it is booked, trades that no ticket ordered too', async () => {
    expect(told(await compare({ happenings, drafts: [FIRST, counted('20')], said }))).toEqual([
      ['INTEREST', 'MISSING_IN_LEDGER', 'BOOK_INTEREST'],
    ]);
    const line = await cashOf([counted('20'), booked]);
    expect(line).toMatchObject({ difference: 'CASH_DIFFERS', proposal: { kind: 'REVERSE_ENTRY', entryId: 2 } });
    expect(line?.text).toMatch(/entry 2 \(Baseline: counted\) set it by 20\.00 within the period, and all rows are/);
    const trades = [...takenInAs(BUY), ...takenInAs(SELL)];
    const both = { happenings: [...BOUGHT, SOLD], said };
    expect((await cashOf([counted('20'), ...trades], both))?.proposal).toEqual({ kind: 'REVERSE_ENTRY', entryId: 2 });
    expect((await compare({ ...both, drafts: [FIRST, ...trades] })).status).toBe('AGREES');
  });

  it('is named, and not taken back, where it is not what differs', async () => {
    const line = await cashOf([counted('12'), booked, counted('3', '2026-01-30', 'Baseline: again')]);
    expect(line).toMatchObject({ proposal: null });
    expect(line?.text).toMatch(/; entry 4 .* by 3\.00 .*; entry 2 .* by 12\.00 .*: find out at eToro what was counted/);
    const untold = await cashOf([...takenInAs(BUY), interest('2025-12-20', '3')], { happenings: BOUGHT, said });
    expect(untold?.text).toMatch(
      /has 803\.00; the statement does not say what it was at the start: set right first what/,
    );
  });

  it('is not looked for in a later statement: that says what was so at the start already', async () => {
    const february = { ...FEBRUARY, cash: 1020, equity: 1020 };
    const later = { happenings: [interestAt('07/02/2026 10:00:00', 1)], said: february };
    const line = await cashOf([counted('20'), booked, interest('2026-02-07', '1')], later);
    expect(line).toMatchObject({ proposal: null });
    expect(line?.text).toMatch(/; at the start it was 1020\.00, and the ledger had 1040\.00: set right first what is/);
  });
});
