import { describe, expect, test } from 'vitest';
import { dividendAmounts, dividendEntry, openingEntry, reversalEntry, splitEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { dividendKey } from '../../src/domain/ledger/keys.js';
import { D, toText } from '../../src/domain/money.js';
import { compare } from '../../src/domain/reconciliation/compare.js';
import { explainDrift, type DriftContext } from '../../src/domain/reconciliation/explain.js';
import type { CorporateAction, TicketLine } from '../../src/domain/types.js';
import { booked } from './ledger.fixture.js';

const action = (symbol: string, exDate: string, kind: CorporateAction['kind'], value: string): CorporateAction =>
  ({ symbol, exDate, kind, value, currency: kind === 'DIVIDEND' ? 'USD' : null, source: 'csv' });
/** Real actions of 2014 and the ECB's rates of their dates. */
const actions = [
  action('AAPL', '2014-05-08', 'DIVIDEND', '3.29'), action('AAPL', '2014-06-09', 'SPLIT', '7'),
  action('KO', '2014-06-12', 'DIVIDEND', '0.305'), action('MSFT', '2014-05-13', 'DIVIDEND', '0.28'),
];
const rates: Record<string, string> = { '2014-05-08': '1.6985', '2014-05-13': '1.6866', '2014-06-12': '1.6829' };
const opening = openingEntry({ date: '2014-05-01', baseCurrency: 'GBP', cash: '1000', positions: { AAPL: '10', KO: '400', MSFT: '250' } }) as EntryDraft;
const universe = ['AAPL', 'KO', 'MSFT', 'JPM'].map((internalSymbol) => ({ internalSymbol }));

const contextWith = (changes: Partial<DriftContext> = {}): DriftContext => ({
  baseCurrency: 'GBP', snapshotDate: '2014-06-30', asOfDate: '2014-06-30', entries: booked([opening]), actions, fxOn: (_currency, date) => rates[date] ?? null,
  openTickets: [], cashTolerance: '5', unitsTolerance: '0.0001', ...changes,
});
const ledger = { cash: '1000', units: { AAPL: '10', KO: '400', MSFT: '250' } };
const explain = (snapshot: { cash?: string; positions?: Record<string, string> }, changes: Partial<DriftContext> = {}) => explainDrift(
  compare({ cash: snapshot.cash ?? ledger.cash, positions: snapshot.positions ?? ledger.units }, ledger, { cash_tolerance: 5, units_tolerance: 0.0001 }, universe),
  contextWith(changes)).map(({ text: _text, ...explained }) => explained);

const ko = dividendAmounts({ units: '400', amount: '0.305', fx: '1.6829' });
const msft = dividendAmounts({ units: '250', amount: '0.28', fx: '1.6866' });
const plus = (...amounts: (string | { toString(): string })[]) => toText(amounts.reduce<ReturnType<typeof D>>((sum, amount) => sum.plus(D(String(amount))), D(1000)));

describe('explaining drift', () => {
  test('a dividend that arrived after 15 % withholding, with the proposal that books it', () => {
    expect(explain({ cash: plus(ko.net) })).toEqual([
      { kind: 'DIVIDEND', subject: 'KO', cash: '61.62', proposal: {
        kind: 'BOOK_DIVIDEND', symbol: 'KO', exDate: '2014-06-12', units: '400', amount: '0.305', currency: 'USD', fx: '1.6829', withholding: '0.15' } }]);
  });

  test('a dividend that arrived gross is booked without withholding', () => {
    expect(explain({ cash: plus(ko.gross) })).toMatchObject([{ kind: 'DIVIDEND', subject: 'KO', cash: ko.gross.toFixed(2), proposal: { kind: 'BOOK_DIVIDEND', withholding: '0' } }]);
  });

  test('two dividends together', () => {
    expect(explain({ cash: plus(ko.net, msft.net) }).map(({ kind, subject }) => `${kind} ${subject}`).toSorted()).toEqual(['DIVIDEND KO', 'DIVIDEND MSFT']);
  });

  test('a dividend and a round deposit', () => {
    expect(explain({ cash: plus(ko.net, '500') })).toMatchObject([
      { kind: 'DIVIDEND', subject: 'KO' }, { kind: 'DEPOSIT', cash: '500.00', proposal: { kind: 'BOOK_DEPOSIT', amount: '500.00', date: '2014-06-30' } }]);
  });

  test('money that nothing explains was paid in, or out', () => {
    expect(explain({ cash: '1234.56' })).toMatchObject([{ kind: 'DEPOSIT', cash: '234.56' }]);
    expect(explain({ cash: '400' })).toMatchObject([{ kind: 'WITHDRAWAL', cash: '-600.00', proposal: { kind: 'BOOK_WITHDRAWAL', amount: '600.00', date: '2014-06-30' } }]);
  });

  test('a dividend that is booked explains nothing; one that was reversed does again', () => {
    const paid = dividendEntry({ date: '2014-06-20', exDate: '2014-06-12', baseCurrency: 'GBP', symbol: 'KO', amounts: ko });
    const key = dividendKey('KO', '2014-06-12');
    expect(explain({ cash: plus(ko.net) }, { entries: booked([opening, { ...paid, key }]) })).toMatchObject([{ kind: 'DEPOSIT' }]);
    const entries = booked([opening, { ...paid, key }, { ...reversalEntry(paid, 'wrong'), reverses: 2 }]);
    expect(explain({ cash: plus(ko.net) }, { entries })).toMatchObject([{ kind: 'DIVIDEND', subject: 'KO' }]);
  });

  test('without a rate of its date a dividend is not offered: a rate is never invented', () => {
    expect(explain({ cash: plus(ko.net) }, { fxOn: () => null })).toMatchObject([{ kind: 'DEPOSIT' }]);
  });

  test('AAPL’s split of 2014-06-09, and with it a dividend that was paid on the old shares', () => {
    const aapl = dividendAmounts({ units: '10', amount: '3.29', fx: '1.6985' });
    expect(explain({ cash: plus(aapl.net), positions: { ...ledger.units, AAPL: '70' } })).toMatchObject([
      { kind: 'SPLIT', subject: 'AAPL', proposal: { kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2014-06-09', ratio: '7', published: true } }, { kind: 'DIVIDEND', subject: 'AAPL' }]);
  });

  test('a split that is booked, or that the opening has in it, is not offered again', () => {
    const split = splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '7' }) as EntryDraft;
    const late = openingEntry({ date: '2014-06-20', baseCurrency: 'GBP', cash: '1000', positions: ledger.units }) as EntryDraft;
    for (const entries of [booked([opening, { ...split, key: 'split:AAPL:2014-06-09' }]), booked([late])]) {
      const [found] = explain({ positions: { ...ledger.units, AAPL: '70' } }, { entries });
      expect(found?.proposal).toEqual({ kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2014-06-30', ratio: '7', published: false });
    }
  });

  test('a whole ratio before the prices of its day is never offered for booking: units after the split at prices before it', () => {
    const [found] = explain({ positions: { ...ledger.units, KO: toText(D(ledger.units['KO'] ?? '0').times(2)) } }, { asOfDate: '2014-06-27' });
    expect(found).toMatchObject({ kind: 'SPLIT', subject: 'KO', proposal: null });
  });

  test('a whole ratio that no source told of is a guess, to be looked at', () => {
    expect(explain({ positions: { ...ledger.units, KO: '800' } }, { actions: [] })).toMatchObject([
      { kind: 'SPLIT', subject: 'KO', proposal: { kind: 'BOOK_SPLIT', symbol: 'KO', exDate: '2014-06-30', ratio: '2', published: false } }]);
    expect(explain({ positions: { ...ledger.units, MSFT: '62.5' } })).toMatchObject([{ kind: 'SPLIT', subject: 'MSFT', proposal: { ratio: '1/4', published: false } }]);
  });

  test('fills of a ticket that nobody confirmed explain units and cash together', () => {
    const line = (sequence: number, symbol: string, rest: Partial<TicketLine>): TicketLine => ({
      sequence, symbol, etoroSearchName: symbol, side: 'BUY', orderType: 'MARKET', valueBase: null, units: null, referencePrice: '42.36',
      referenceCurrency: 'USD', skipPrice: '42.57', ...rest,
    });
    const ticket = { ticketId: 't1', fx: '1.704055', lines: [line(1, 'MSFT', { side: 'SELL', units: '50', referencePrice: '41.70' }), line(2, 'KO', { valueBase: '500.00' })] };
    const found = explain({ cash: '1723.00', positions: { AAPL: '10', KO: '420.1', MSFT: '200' } }, { openTickets: [ticket] });
    expect(found).toMatchObject([{ kind: 'FILLS', subject: 't1', proposal: { kind: 'CONFIRM_FILLS', ticketId: 't1', sequences: [2, 1] } }]);
  });

  test('a partly executed line is that ticket’s, a bigger one is not', () => {
    const lines: TicketLine[] = [{
      sequence: 1, symbol: 'MSFT', etoroSearchName: 'MSFT', side: 'SELL', orderType: 'MARKET', valueBase: null, units: '50', referencePrice: '41.70',
      referenceCurrency: 'USD', skipPrice: '41.50',
    }];
    const openTickets = [{ ticketId: 't1', fx: '1.704055', lines }];
    expect(explain({ cash: '1489.42', positions: { ...ledger.units, MSFT: '230' } }, { openTickets })).toMatchObject([{ kind: 'FILLS' }]);
    expect(explain({ positions: { ...ledger.units, MSFT: '150' } }, { openTickets })).toMatchObject([{ kind: 'UNEXPLAINED', subject: 'MSFT' }]);
    expect(explain({ positions: { ...ledger.units, MSFT: '260' } }, { openTickets })).toMatchObject([{ kind: 'UNEXPLAINED', subject: 'MSFT' }]);
  });

  test('what nothing explains is said to be so, with the baseline as the last resort', () => {
    expect(explain({ positions: { ...ledger.units, MSFT: '251.3' } })).toMatchObject([
      { kind: 'UNEXPLAINED', proposal: { kind: 'SET_BASELINE', symbol: 'MSFT', units: '251.3' } }]);
    expect(explain({ positions: { ...ledger.units, GME: '5' } })).toMatchObject([{ kind: 'UNEXPLAINED', subject: 'GME', proposal: { kind: 'CHECK_UNIVERSE', symbol: 'GME' } }]);
  });

  test('nothing is explained that is within its tolerance', () => {
    expect(explain({ cash: '1004.99', positions: { ...ledger.units, KO: '400.0001' } })).toEqual([]);
  });
});
