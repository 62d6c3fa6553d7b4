import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resultOrThrow } from '../../src/domain/errors.js';
import { bookCash } from '../../src/operations/ledger/book-cash.js';
import { bookDividend } from '../../src/operations/ledger/book-dividend.js';
import { bookSplit } from '../../src/operations/ledger/book-split.js';
import { auditBreaks } from '../../src/db/audit.js';
import { bookEntry, journal, ledgerState } from '../../src/db/journal.js';
import { driftsOf, findReconciliation } from '../../src/db/reconciliations.js';
import { latestSnapshot } from '../../src/db/snapshots.js';
import { reconciliationGate } from '../../src/domain/decision/gates/reconciliation.js';
import { fillEntry } from '../../src/domain/ledger/entries.js';
import { goodFacts } from '../unit/fixtures/facts-2014.js';
import { asks, AT, createLedger, issue, policy, reconcileBy, type Ledger } from './ledger.fixture.js';

let ledger: Ledger;
beforeEach(async () => {
  ledger = await createLedger();
});
afterEach(() => ledger.close());

const reconcile = (changes: Partial<Parameters<typeof reconcileBy>[1]> = {}) =>
  reconcileBy(ledger, {
    account: 'main',
    tradingDay: '2014-07-01',
    commandId: 'c1',
    snapshotDate: '2014-07-01',
    cash: '1000',
    positions: { KO: '20' },
    notes: 'manual etoro snapshot',
    operator: 'ann',
    at: AT,
    ...changes,
  });
const bob = asks('2014-07-01T08:00:00.000Z', 'bob');
const count = async (table: string) => Number((await ledger.db(table).count<{ n: number }[]>('* as n'))[0]?.n);

describe('the first snapshot', () => {
  test('opens the ledger with one auditable entry and passes', async () => {
    const result = await reconcile();
    expect(result).toMatchObject({
      status: 'PASS',
      reasons: [],
      openedLedger: true,
      reportPath: 'artifacts/reports/reconcile_2014-07-01_20140701T073000Z.md',
    });
    expect(await journal(ledger.db, 'main')).toMatchObject([
      { kind: 'OPENING', effectiveDate: '2014-07-01', operator: 'ann' },
    ]);
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '1000', units: { KO: '20' } });
    const actions = await ledger.db('audit_log').whereNot({ action: 'facts.recorded' }).orderBy('seq').pluck('action');
    expect(actions).toEqual(['account.opened', 'ledger.opened', 'snapshot.reconciled']);
    expect(await auditBreaks(ledger.db)).toEqual([]);
  });

  test('the gate passes afterwards on what is stored: its own opening is no change since', async () => {
    await reconcile();
    const facts = goodFacts({
      policy,
      ledger: await ledgerState(ledger.db, 'main'),
      snapshot: await latestSnapshot(ledger.db, 'main'),
    });
    expect(reconciliationGate(facts).reasons).toEqual([]);
  });

  test('with a symbol that nobody can price opens nothing and says so', async () => {
    const result = await reconcile({ positions: { KO: '20', KOO: '1' } });
    expect(result).toMatchObject({ status: 'FAIL', openedLedger: false });
    expect(result.reasons.map(({ code, subject }) => [code, subject])).toContainEqual(['POSITION_UNKNOWN', 'KOO']);
    expect(await count('journal_entries')).toBe(0);
    const stored = await findReconciliation(ledger.db, result.reconciliationId as string);
    expect(stored?.evidence.opening).toEqual({
      entryId: null,
      text: 'The ledger is empty and stays so: KOO not in the universe.',
    });
    // Nothing explains drift against an empty ledger, and nothing is proposed to be booked into it.
    expect(stored?.evidence.explanations).toEqual([]);
  });

  test('of an older date opens nothing', async () => {
    expect(await reconcile({ snapshotDate: '2014-06-27' })).toMatchObject({ status: 'FAIL', openedLedger: false });
    expect(await count('journal_entries')).toBe(0);
  });
});

describe('a repeat', () => {
  test('of the same command is the same result, one snapshot, one audit record', async () => {
    const first = await reconcile();
    expect(await reconcile()).toEqual(first);
    // A command has one meaning: however the same figures are written, and no other ones.
    expect(await reconcile({ cash: '1000.00' })).toEqual(first);
    for (const other of [{ cash: '5' }, { positions: {} }, { notes: 'another' }])
      expect(await reconcile(other)).toMatchObject({
        status: 'REJECTED',
        refusal: { code: 'MESSAGE_INVALID', message: 'commandId: c1: must be a new one: other figures came with it' },
      });
    expect(await reconcile({ cash: 'much' })).toMatchObject({ refusal: { code: 'SNAPSHOT_INVALID' } });
    const audited = await ledger.db('audit_log').whereNot({ action: 'facts.recorded' }).pluck('seq');
    expect([await count('snapshots'), await count('reconciliations'), audited.length]).toEqual([1, 1, 3]);
  });

  test('many at once, of one command, still make one opening', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, () => reconcile()));
    expect(new Set(results.map(({ reconciliationId }) => reconciliationId)).size).toBe(1);
    expect(await count('journal_entries')).toBe(1);
  });

  test('two people at once, with different figures: one opens, the other is compared with it', async () => {
    const results = await Promise.all([reconcile(), reconcile({ commandId: 'c2', operator: 'bob', cash: '2000' })]);
    expect(results.map(({ openedLedger }) => openedLedger).toSorted()).toEqual([false, true]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['FAIL', 'PASS']);
    expect(new Set(results.map(({ reportPath }) => reportPath)).size).toBe(2);
  });

  test('of the same figures in the same instant by another command keeps one snapshot, and the newest counts', async () => {
    await reconcile();
    await reconcile({ commandId: 'c2', cash: '900' });
    await reconcile({ commandId: 'c3' });
    expect(await count('snapshots')).toBe(2);
    expect(await latestSnapshot(ledger.db, 'main')).toMatchObject({ cash: '1000', positions: { KO: '20' } });
  });
});

describe('drift', () => {
  test('KO’s dividend is explained; booked, it asks for a new reconciliation, and that passes', async () => {
    await reconcile({
      cash: '1000',
      positions: { KO: '400' },
      tradingDay: '2014-06-03',
      snapshotDate: '2014-06-03',
      at: '2014-06-03T07:00:00.000Z',
    });
    const failed = await reconcile({ commandId: 'c2', cash: '1061.62', positions: { KO: '400' } });
    expect(failed).toMatchObject({ status: 'FAIL', reasons: [{ code: 'CASH_DRIFT' }] });
    expect(failed.explanations).toMatchObject([
      {
        kind: 'DIVIDEND',
        cash: '61.62',
        proposal: { kind: 'BOOK_DIVIDEND', symbol: 'KO', exDate: '2014-06-12', units: '400', withholding: '0.15' },
      },
    ]);

    resultOrThrow(
      await bookDividend(ledger.installation, bob, { account: 'main', symbol: 'KO', exDate: '2014-06-12' }),
    );
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '1061.62' });
    const gate = () =>
      ledgerState(ledger.db, 'main').then(async (state) =>
        reconciliationGate(goodFacts({ policy, ledger: state, snapshot: await latestSnapshot(ledger.db, 'main') })),
      );
    expect((await gate()).reasons.map(({ code }) => code)).toEqual(['LEDGER_CHANGED_SINCE_SNAPSHOT']);
    expect(await reconcile({ commandId: 'c3', cash: '1061.62', positions: { KO: '400' } })).toMatchObject({
      status: 'PASS',
    });
    expect((await gate()).status).toBe('PASS');
  });

  test('within its tolerance is shown, and the dividend that fits it to the penny is offered', async () => {
    await reconcile({
      cash: '1000',
      positions: { KO: '30' },
      tradingDay: '2014-06-03',
      snapshotDate: '2014-06-03',
      at: '2014-06-03T07:00:00.000Z',
    });
    // 30 × 0.305 / 1.6829 is 5.44, less 15 %.
    const passed = await reconcile({ commandId: 'c2', cash: '1004.62', positions: { KO: '30' } });
    expect(passed).toMatchObject({
      status: 'PASS',
      drift: [{ what: 'cash (GBP)', drift: '4.62', tolerance: '5' }],
      explanations: [{ kind: 'DIVIDEND', subject: 'KO', cash: '4.62' }],
    });
    expect(await driftsOf(ledger.db, 'main')).toEqual({
      agreedOn: '2014-06-03',
      earlier: [{ snapshotDate: '2014-07-01', drift: '4.62', lastEntryId: 1 }],
    });
    expect(await driftsOf(ledger.db, 'other')).toEqual({ agreedOn: null, earlier: [] });
    const none = await reconcile({ commandId: 'c3', cash: '1003.21', positions: { KO: '30' } });
    expect(none).toMatchObject({ status: 'PASS', explanations: [] });
    await reconcile({ commandId: 'c4', cash: '1000', positions: { KO: '30' } });
    expect(await driftsOf(ledger.db, 'main')).toEqual({ agreedOn: '2014-07-01', earlier: [] });
  });

  test('of a mistyped figure, symbol or snapshot is to be read again: nothing is proposed for booking', async () => {
    const first = { KO: '26.545', AAPL: '5' };
    await reconcile({ positions: first });
    const typed = async (commandId: string, positions: Record<string, string>) =>
      (await reconcile({ commandId, positions })).explanations.map((each) =>
        'proposal' in each ? [each.kind, each.proposal?.kind, each.text] : [],
      );
    expect(await typed('c2', { ...first, KO: '25.645' })).toEqual([
      ['SLIP', 'READ_AGAIN', expect.stringContaining('two digits are swapped')],
    ]);
    expect(await typed('c3', { KO: '26.545', AAPQ: '5' })).toEqual([
      ['SLIP', 'READ_AGAIN', expect.stringContaining('was AAPL meant?')],
    ]);
    expect(await typed('c4', {})).toEqual([['SLIP', 'READ_AGAIN', expect.stringContaining('no positions were given')]]);
  });

  test('a dividend is explained also when everything was sold on its ex-date', async () => {
    await reconcile({
      cash: '1000',
      positions: { KO: '400' },
      tradingDay: '2014-06-03',
      snapshotDate: '2014-06-03',
      at: '2014-06-03T07:00:00.000Z',
    });
    const sale = fillEntry({
      date: '2014-06-12',
      baseCurrency: 'GBP',
      symbol: 'KO',
      side: 'SELL',
      units: '400',
      value: '9500',
    });
    await ledger.db.transaction((trx) =>
      bookEntry(trx, sale, {
        account: 'main',
        bookedAt: '2014-06-12T14:00:00.000Z',
        operator: 'ann',
        idempotencyKey: 'sale',
      }),
    );
    const failed = await reconcile({ commandId: 'c2', cash: '10561.62', positions: {} });
    expect(failed.explanations).toMatchObject([{ kind: 'DIVIDEND', subject: 'KO', cash: '61.62' }]);
  });

  test('AAPL’s split is explained, is booked once, and is not held: its published 7.00000700001 is 7', async () => {
    await reconcile({
      positions: { AAPL: '10' },
      tradingDay: '2014-06-03',
      snapshotDate: '2014-06-03',
      at: '2014-06-03T07:00:00.000Z',
    });
    const failed = await reconcile({ commandId: 'c2', positions: { AAPL: '70' } });
    expect(failed.explanations).toMatchObject([{ kind: 'SPLIT', subject: 'AAPL' }]);
    const split = { account: 'main', symbol: 'AAPL', exDate: '2014-06-09' };
    expect(await bookSplit(ledger.installation, bob, split)).toMatchObject({ ok: true, result: { bookedNow: true } });
    expect(await bookSplit(ledger.installation, bob, split)).toMatchObject({ ok: true, result: { bookedNow: false } });
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ units: { AAPL: '70' } });
    expect(await reconcile({ commandId: 'c3', positions: { AAPL: '70' } })).toMatchObject({ status: 'PASS' });
  });

  test('fills of an unconfirmed ticket are named', async () => {
    await reconcile();
    const ticketId = await issue(ledger);
    const failed = await reconcile({
      commandId: 'c2',
      tradingDay: '2014-07-02',
      snapshotDate: '2014-07-02',
      at: '2014-07-02T07:00:00.000Z',
      cash: '624.61',
      positions: { KO: '15', MSFT: '20.4' },
    });
    expect(failed.explanations).toMatchObject([{ kind: 'FILLS', subject: ticketId }]);
  });

  test('the stored evidence alone says everything a report does', async () => {
    await reconcile();
    const { reconciliationId } = await reconcile({ commandId: 'c2', cash: '1500' });
    const stored = await findReconciliation(ledger.db, reconciliationId as string);
    expect(stored).toMatchObject({
      status: 'FAIL',
      operator: 'ann',
      evidence: {
        baseCurrency: 'GBP',
        asOfDate: '2014-06-30',
        snapshot: { cash: '1500', positions: { KO: '20' }, notes: 'manual etoro snapshot' },
        ledger: { cash: '1000', units: { KO: '20' } },
        tolerances: { cash: '5', units: '0.0001' },
        opening: null,
        lines: [
          { symbol: null, drift: '500.00', code: 'CASH_DRIFT' },
          { symbol: 'KO', drift: '0', code: null },
        ],
        explanations: [{ kind: 'DEPOSIT', cash: '500.00' }],
      },
    });
  });
});

describe('what is refused changes nothing', () => {
  test.each<[string, Partial<Parameters<typeof reconcileBy>[1]>, RegExp]>([
    ['negative cash', { cash: '-1' }, /^cash: "-1": must be an amount/],
    ['units of zero', { positions: { KO: '0' } }, /^positions.KO: "0": must be above 0/],
    ['a future date', { snapshotDate: '2014-07-02' }, /must not be in the future/],
    ['an unknown operator', { operator: 'eve' }, /^operator: eve: must be one of ann, bob/],
    ['an unknown account', { account: 'other' }, /^account: other: is not in the policy, which names main/],
    [
      'an instant after the trading day',
      { at: '2014-07-02T07:30:00.000Z' },
      /^at: .*must not be after the trading day/,
    ],
  ])('%s', async (_name, changes, message) => {
    const before = [await count('audit_log'), await count('snapshots')];
    const result = await reconcile(changes);
    expect(result).toMatchObject({ status: 'REJECTED', reconciliationId: null, reportPath: null });
    expect(result.reasons[0]?.message).toMatch(message);
    expect([await count('audit_log'), await count('snapshots')]).toEqual(before);
  });
});

describe('a booking between', () => {
  test('a deposit in another transaction is either in the comparison or newer than it', async () => {
    await reconcile();
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        index % 2 === 0
          ? bookCash(ledger.installation, bob, {
              account: 'main',
              kind: 'DEPOSIT',
              amount: String(index + 1),
              date: '2014-07-01',
            })
          : reconcile({ commandId: `c${index + 2}` }),
      ),
    );
    const stored = await ledger
      .db('reconciliations')
      .select<{ last_entry_id: number; evidence: { ledger: { cash: string } } }[]>('last_entry_id', 'evidence');
    for (const { last_entry_id, evidence } of stored) {
      const row = await ledger
        .db('postings')
        .where({ ledger_account: 'Assets:Cash' })
        .where('entry_id', '<=', last_entry_id)
        .sum<{ sum: string }[]>('amount')
        .first();
      expect(Number(evidence.ledger.cash)).toBe(Number(row?.sum));
    }
  });
});
