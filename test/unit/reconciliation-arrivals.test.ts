import { describe, expect, test } from 'vitest';
import {
  depositEntry,
  dividendAmounts,
  dividendEntry,
  fillEntry,
  openingEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { D } from '../../src/domain/money.js';
import { arrivalsOf, type EarlierDrift } from '../../src/domain/reconciliation/arrivals.js';
import { compare } from '../../src/domain/reconciliation/compare.js';
import type { DriftContext } from '../../src/domain/reconciliation/drift-context.js';
import { explainDrift } from '../../src/domain/reconciliation/explain.js';
import { nextProposal } from '../../src/domain/reconciliation/proposal.js';
import { usualWithholding } from '../../src/domain/reconciliation/usual-withholding.js';
import type { CorporateAction } from '../../src/domain/types.js';
import { withinMs } from '../support/clock.js';
import { booked } from './ledger.fixture.js';

const UNITS = { DIS: '40', IBM: '24', KO: '30', ROL: '80' };
const opening = openingEntry({ date: '2020-06-01', baseCurrency: 'GBP', cash: '1000', positions: UNITS }) as EntryDraft;
const deposit = depositEntry({ date: '2020-08-04', baseCurrency: 'GBP', amount: '50' });
const fill = fillEntry({
  date: '2020-08-04',
  baseCurrency: 'GBP',
  symbol: 'KO',
  side: 'BUY',
  units: '1',
  value: '35.00',
});
const before = (snapshotDate: string, drift: string, lastEntryId = 1): EarlierDrift => ({
  snapshotDate,
  drift,
  lastEntryId,
});
const arrivals = (drift: string, earlier: EarlierDrift[], drafts: EntryDraft[] = [opening]): string[] =>
  arrivalsOf(D(drift), earlier, {
    entries: booked(drafts),
    agreedOn: '2020-08-03',
    snapshotDate: '2020-08-10',
  }).map(({ amount, after, upTo }) => `${amount.toFixed(2)} ${after ?? 'ever'}..${upTo}`);

describe('what came when', () => {
  test('is what changed from one snapshot to the next; the last of a date counts', () => {
    expect(arrivals('9.50', [])).toEqual(['9.50 2020-08-03..2020-08-10']);
    expect(arrivals('9.50', [before('2020-08-05', '3.10'), before('2020-08-06', '3.10')])).toEqual([
      '3.10 2020-08-03..2020-08-05',
      '6.40 2020-08-06..2020-08-10',
    ]);
    expect(arrivals('9.50', [before('2020-08-05', '63'), before('2020-08-05', '3.10')])).toEqual([
      '3.10 2020-08-03..2020-08-05',
      '6.40 2020-08-05..2020-08-10',
    ]);
    // An earlier one of the same date is the same snapshot read again.
    expect(arrivals('9.50', [before('2020-08-10', '63')])).toEqual(['9.50 2020-08-03..2020-08-10']);
  });

  test('a slip that the next snapshot took back came never; what went is told as what came', () => {
    expect(arrivals('3.10', [before('2020-08-05', '63'), before('2020-08-06', '0.00')])).toEqual([
      '3.10 2020-08-06..2020-08-10',
    ]);
    expect(arrivals('21.06', [before('2020-08-05', '-9.63')])).toEqual([
      '-9.63 2020-08-03..2020-08-05',
      '30.69 2020-08-05..2020-08-10',
    ]);
  });

  test('what was booked since may explain any of it, but for fills', () => {
    const earlier = [before('2020-08-05', '3.10')];
    expect(arrivals('9.50', earlier, [opening, deposit])).toEqual(['9.50 2020-08-03..2020-08-10']);
    expect(arrivals('9.50', earlier, [opening, fill])).toHaveLength(2);
    expect(arrivals('9.50', [before('2020-08-05', '3.10', 2)], [opening, deposit])).toHaveLength(2);
  });

  test('of many the oldest count as one', () => {
    const days = ['04', '05', '06', '07', '08'].map((day, index) => before(`2020-08-${day}`, `${index + 1}.00`));
    expect(arrivals('10.00', days)).toEqual([
      '3.00 2020-08-03..2020-08-06',
      '1.00 2020-08-06..2020-08-07',
      '1.00 2020-08-07..2020-08-08',
      '5.00 2020-08-08..2020-08-10',
    ]);
  });
});

const paid = (symbol: string, exDate: string, value: string): CorporateAction => ({
  symbol,
  exDate,
  kind: 'DIVIDEND',
  value,
  currency: 'USD',
  source: 'csv',
});
const ACTIONS = [
  paid('IBM', '2020-08-07', '1.63'),
  paid('ROL', '2020-08-07', '0.08'),
  paid('DIS', '2020-07-10', '0.14'),
  paid('KO', '2020-07-14', '0.41'),
];
const RATES: Record<string, string> = { '2020-08-07': '1.307581', '2020-08-10': '1.3103' };

/** What is said of drift of so much on 10 August 2020. */
function said(drift: string, context: Partial<DriftContext> = {}) {
  const ledger = { cash: '1000', units: UNITS };
  const snapshot = { cash: D('1000').plus(D(drift)).toFixed(2), positions: UNITS };
  const universe = Object.keys(UNITS).map((internalSymbol) => ({ internalSymbol }));
  return explainDrift(compare(snapshot, ledger, { cash_tolerance: 5, units_tolerance: 0.0001 }, universe), {
    baseCurrency: 'GBP',
    snapshotDate: '2020-08-10',
    asOfDate: '2020-08-07',
    entries: booked([opening]),
    actions: ACTIONS,
    fxOn: (_, date) =>
      Object.entries(RATES)
        .toSorted(([a], [b]) => a.localeCompare(b))
        .findLast(([of]) => of <= date)?.[1] ?? '1.3070',
    agreedOn: '2020-08-03',
    listedIn: () => 'USD',
    known: Object.keys(UNITS),
    worthOf: () => null,
    openTickets: [],
    cashTolerance: '5',
    unitsTolerance: '0.0001',
    ...context,
  });
}
const net = (symbol: string, fx: string, withholding = '0.15') => {
  const action = ACTIONS.find((each) => each.symbol === symbol) as CorporateAction;
  const units = UNITS[symbol as keyof typeof UNITS];
  return dividendAmounts({ units, amount: action.value, fx, withholding }).net;
};
const short = (found: ReturnType<typeof said>): string[] =>
  found.map(({ kind, subject, cash, way }) =>
    `${way ? `${way.number}/${way.of} ` : ''}${kind} ${subject ?? ''} ${cash}`.replaceAll(/ +/g, ' '),
  );

describe('cash that came', () => {
  const [ibm, rol] = [net('IBM', '1.307581'), net('ROL', '1.307581')];

  test('as two dividends of one ex-date, to the penny, is these two and nothing else', () => {
    const found = said(ibm.plus(rol).toFixed(2));
    expect(short(found)).toEqual([`DIVIDEND IBM ${ibm.toFixed(2)}`, `DIVIDEND ROL ${rol.toFixed(2)}`]);
    expect(nextProposal(found)).toMatchObject({ kind: 'BOOK_DIVIDEND', symbol: 'IBM', withholding: '0.15' });
  });

  test('at another rate is not certain, and is booked at what arrived', () => {
    const arrived = net('IBM', '1.3120');
    const found = said(arrived.toFixed(2));
    expect(short(found)[0]).toBe(`1/2 DIVIDEND IBM ${arrived.toFixed(2)}`);
    expect(found[0]).toMatchObject({ proposal: { net: arrived.toFixed(2), withholding: '0.15' } });
    expect(found[0]?.text).toContain(`, or ${arrived.toFixed(2)} at the rate that it was paid at`);
    expect(nextProposal(found)).toBeNull();
  });

  test('as several at another rate adds up to the penny', () => {
    const arrived = ibm.plus(rol).plus('0.05');
    const way = said(arrived.toFixed(2)).filter((each) => each.way?.number === 1);
    expect(way.map(({ subject }) => subject)).toEqual(['IBM', 'ROL']);
    const nets = way.map(({ proposal }) => (proposal?.kind === 'BOOK_DIVIDEND' ? proposal.net : undefined));
    expect(nets.reduce((sum, each) => sum.plus(D(each ?? '0')), D(0))).toEqual(arrived);
  });

  test('day by day is explained day by day, a fee and a dividend too', () => {
    const found = said(ibm.minus('9.63').toFixed(2), { earlier: [before('2020-08-06', '-9.63')] });
    expect(short(found)).toEqual([
      '1/2 FEE -9.63',
      `1/2 DIVIDEND IBM ${ibm.toFixed(2)}`,
      '2/2 WITHDRAWAL -9.63',
      `2/2 DIVIDEND IBM ${ibm.toFixed(2)}`,
    ]);
  });

  test('with something that passes and nothing explains, says that it is left over', () => {
    const found = said(ibm.plus('1.11').toFixed(2), { earlier: [before('2020-08-06', '1.11')] });
    expect(short(found)).toEqual([`DIVIDEND IBM ${ibm.toFixed(2)}`, 'UNEXPLAINED 0']);
    expect(found[1]?.text).toBe('nothing known explains 1.11 GBP of it, which is within the tolerance');
    expect(nextProposal(found)).toMatchObject({ kind: 'BOOK_DIVIDEND', symbol: 'IBM' });
  });

  test('never has one dividend paid twice', () => {
    const twice = said(ibm.times(2).toFixed(2), { earlier: [before('2020-08-07', ibm.toFixed(2))] });
    expect(twice.some(({ way }) => way === undefined)).toBe(false);
    for (const { way } of twice) {
      const names = twice.filter((each) => each.way?.number === way?.number).map(({ subject }) => subject);
      expect(names.filter((name) => name === 'IBM').length).toBeLessThan(2);
    }
  });
});

describe('what is usually withheld', () => {
  const entry = (symbol: string, withholding: string, day: number, fx = '1.3') =>
    dividendEntry({
      date: `2020-06-${String(day).padStart(2, '0')}`,
      exDate: '2020-05-01',
      baseCurrency: 'GBP',
      symbol,
      amounts: dividendAmounts({ units: '100', amount: '0.41', fx, withholding }),
    });
  const usual = (drafts: EntryDraft[], symbol: string) => usualWithholding(booked([opening, ...drafts]))(symbol);

  test('is the treaty, what the last two of the symbol had, or the last three of all', () => {
    expect(usual([], 'KO')).toBe('0.15');
    expect(usual([entry('KO', '0', 2)], 'KO')).toBe('0.15');
    expect(usual([entry('KO', '0', 2), entry('KO', '0', 3)], 'KO')).toBe('0');
    expect(usual([entry('KO', '0', 2), entry('KO', '0.15', 3)], 'KO')).toBe('0.15');
    const thirty = ['DIS', 'IBM', 'ROL'].map((symbol, index) => entry(symbol, '0.3', index + 2));
    expect(usual(thirty, 'KO')).toBe('0.3');
    expect(usual(thirty.slice(1), 'KO')).toBe('0.15');
    expect(usual([...thirty, entry('KO', '0', 6), entry('KO', '0', 7)], 'KO')).toBe('0');
    expect(usual([entry('KO', '0.25', 2), entry('KO', '0.25', 3)], 'KO')).toBe('0.15');
  });

  test('is what is tried first, and the others after it', () => {
    const ibm30 = net('IBM', '1.307581', '0.3');
    expect(said(ibm30.toFixed(2))).toMatchObject([{ subject: 'IBM', proposal: { withholding: '0.3' } }]);
    const entries = booked([opening, ...['DIS', 'KO', 'ROL'].map((symbol, index) => entry(symbol, '0.3', index + 2))]);
    const found = said(ibm30.toFixed(2), { entries });
    expect(short(found)).toEqual([`DIVIDEND IBM ${ibm30.toFixed(2)}`]);
    expect(found[0]).toMatchObject({ proposal: { withholding: '0.3' } });
  });
});

describe('of sixty holdings', () => {
  const symbols = Array.from({ length: 60 }, (_, index) => `S${String(index).padStart(2, '0')}`);
  const held = Object.fromEntries(symbols.map((symbol, index) => [symbol, `${20 + index}.123456`]));
  const open = symbols.map((symbol, index) =>
    paid(symbol, `2020-07-${String(1 + (index % 28)).padStart(2, '0')}`, `0.${20 + ((index * 37) % 80)}`),
  );
  const entries = booked([
    openingEntry({ date: '2020-06-01', baseCurrency: 'GBP', cash: '1000', positions: held }) as EntryDraft,
  ]);

  test('with sixty open dividends and four arrivals an explanation ends, whatever came', () => {
    const universe = symbols.map((internalSymbol) => ({ internalSymbol }));
    for (const drift of ['47.11', '4.98', '211.37', '655.03', '98765.43']) {
      const ledger = { cash: '1000', units: held };
      const snapshot = { cash: D('1000').plus(D(drift)).toFixed(2), positions: held };
      const lines = compare(snapshot, ledger, { cash_tolerance: 5, units_tolerance: 0.0001 }, universe);
      const quarter = D(drift).div(4).toDecimalPlaces(2);
      const began = process.cpuUsage();
      const said = explainDrift(lines, {
        baseCurrency: 'GBP',
        snapshotDate: '2020-08-10',
        asOfDate: '2020-08-07',
        entries,
        actions: open,
        fxOn: (_, date) => `1.3${date.slice(8)}`,
        agreedOn: '2020-07-01',
        earlier: ['06', '07', '08'].map((day, index) => before(`2020-08-${day}`, quarter.times(index + 1).toFixed(2))),
        listedIn: () => 'USD',
        known: symbols,
        worthOf: () => null,
        openTickets: [],
        cashTolerance: '5',
        unitsTolerance: '0.0001',
      });
      const { user, system } = process.cpuUsage(began);
      expect(said, drift).toBeInstanceOf(Array);
      withinMs((user + system) / 1_000, 1_000);
    }
  });
});
