import { sharedSigner } from '../support/signing.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfirmInput } from '../../src/contract/day-messages.js';
import { auditBreaks } from '../../src/db/audit.js';
import { surprisesIn } from '../../src/db/invariants.js';
import { bookEntry, ledgerState } from '../../src/db/journal.js';
import { inTransaction } from '../../src/db/transaction.js';
import { baselinePositionEntry } from '../../src/domain/ledger/entries.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { confirm as confirmBy } from '../../src/operations/day/confirm.js';
import { loadDayFacts, type DayFacts } from '../../src/reports/day/facts.js';
import { dayDocument } from '../../src/reports/day/page.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { AT, createLedger, FILLS, issue, reconcileBy, type Ledger } from './ledger.fixture.js';

let ledger: Ledger;
let ticketId: string;
beforeEach(async () => {
  ledger = await createLedger();
  await reconcileBy(ledger, {
    account: 'main',
    tradingDay: '2014-07-01',
    commandId: 'c1',
    snapshotDate: '2014-07-01',
    cash: '1000',
    positions: { KO: '20' },
    notes: null,
    operator: 'ann',
    at: AT,
  });
  ticketId = await issue(ledger);
});
afterEach(() => ledger.close());

const [sold, bought] = FILLS as [Fill, Fill];
const confirm = (fills: Fill[], changes: Partial<ConfirmInput> = {}) =>
  confirmBy(
    ledger.installation,
    { operator: 'ann', door: 'direct', claimedAt: '2014-07-02T15:00:00.000Z', sign: sharedSigner },
    {
      account: 'main',
      tradingDay: '2014-07-01',
      commandId: 'k',
      ticketId,
      kind: 'FILLS',
      fills,
      amend: false,
      ...changes,
    },
  );
const own = (...lines: [number | null, string][]) => ({
  acceptDeviation: lines.map(([sequence, reason]) => ({ sequence, reason })),
});
const TABLES = ['confirmations', 'fills', 'journal_entries', 'postings', 'alerts', 'alert_events', 'audit_log'];
const everything = () =>
  Promise.all(TABLES.map(async (table) => (await ledger.db(table).count<{ n: string }[]>('* as n'))[0]?.n));
const limits = { symbols: ['KO', 'MSFT'], unitsOver: '0.0001', over: '0.05' };
/** Beyond the skip price of 41.90, and after the window. */
const late: Fill = { ...bought, fillPrice: '42.8', units: '19.9', filledAt: '2014-07-01T23:01:00.000Z' };

describe('fills that depart from their ticket', () => {
  test('are refused with line, figure, rule and by how much, and change nothing', async () => {
    const before = await everything();
    const { status, reason } = await confirm([sold, late]);
    expect(status).toBe('REFUSED');
    expect(reason).toMatchObject({ kind: 'refused', code: 'FILLS_DEVIATE' });
    expect(reason?.message.split('\n')).toEqual([
      'line 2 (BUY MSFT), filled_at: 2014-07-01T23:01:00.000Z: is 511 min after the window, 14:35 to 15:30 UK of 2014-07-01',
      'line 2 (BUY MSFT), fill_price: 42.8: is above the skip price, 41.9, by 0.9 (2.15 %)',
    ]);
    expect(reason?.remedy).toContain('--accept-deviation 2="why"');
    expect(await everything()).toEqual(before);
  });

  test('are booked when they are owned: stored with reason, audited, alerted, and known again', async () => {
    const first = await confirm([sold, late], own([2, 'filled late, the broker was down']));
    expect(first).toMatchObject({
      status: 'BOOKED',
      deviations: [
        { sequence: 2, symbol: 'MSFT', kind: 'window', reason: 'filled late, the broker was down' },
        { sequence: 2, kind: 'skip_price', value: '42.8', amountBase: '10.51' },
      ],
    });
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ units: { KO: '15', MSFT: '19.9' } });
    const { content } = (await ledger.db('confirmations').first('content')) as { content: Record<string, unknown> };
    expect(content).toMatchObject({
      acceptDeviation: [{ sequence: 2, reason: 'filled late, the broker was down' }],
      deviations: [{ kind: 'window' }, { kind: 'skip_price' }],
    });
    const record = (await ledger.db('audit_log').where({ action: 'fills.booked' }).first('detail')) as {
      detail: object;
    };
    expect(record.detail).toMatchObject({ deviations: [{ kind: 'window' }, { kind: 'skip_price' }] });
    const [alert, ...others] = await ledger.db('alerts').where({ code: 'TICKET_DEVIATION' });
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ subject: first.confirmationId, trading_day: '2014-07-01' });
    expect(alert?.message).toContain('line 2: filled late, the broker was down');
    const day = await loadDayFacts(ledger.db, { account: 'main', tradingDay: '2014-07-01' });
    const report = renderMarkdown(dayDocument(day as DayFacts));
    expect(report).toContain('1 line departed from the ticket');
    expect(report).toContain('filled late, the broker was down');
    expect(report).toMatch(/Deviations of all tickets so far: 1 line, .*10\.51/);
    const before = await everything();
    // The same again, with the line, with the reason alone, or without a word of it, is the same answer.
    const again = [
      await confirm([sold, late], own([2, 'filled late, the broker was down'])),
      await confirm([sold, late], own([null, 'filled late, the broker was down'])),
      await confirm([late, sold]),
    ];
    expect(again.map(({ confirmationId }) => confirmationId)).toEqual(Array(3).fill(first.confirmationId));
    expect(await confirm([sold, late], own([2, 'another reason']))).toMatchObject({
      reason: { code: 'ALREADY_CONFIRMED_DIFFERENTLY' },
    });
    expect(await everything()).toEqual(before);
    expect(await auditBreaks(ledger.db)).toEqual([]);
  });

  test('are amended, by others that depart too, and by such that do not: the alert recovers', async () => {
    const first = await confirm([sold, late], own([null, 'late']));
    const second = await confirm([sold, { ...late, fillPrice: '42.5', units: '20' }], {
      amend: true,
      ...own([2, 'typed wrong']),
    });
    expect(second).toMatchObject({ status: 'BOOKED', deviations: [{ kind: 'window' }, { kind: 'skip_price' }] });
    const open = async () =>
      (
        (await ledger.db('alerts').where({ code: 'TICKET_DEVIATION' }).orderBy('seq')) as {
          alert_id: string;
          subject: string;
        }[]
      ).map(({ subject }) => subject);
    expect(await open()).toEqual([first.confirmationId, second.confirmationId]);
    const third = await confirm(FILLS, { amend: true });
    expect(third).toMatchObject({ status: 'BOOKED' });
    expect(third.deviations).toBeUndefined();
    expect(await ledger.db('alert_events').where({ kind: 'RECOVERED' })).toHaveLength(2);
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '624.61', units: { KO: '15', MSFT: '20.4' } });
  });

  test('are no surprise to the invariants when they are owned, and one when written around the program', async () => {
    const twice = { ...bought, units: '40.8', executedValueBase: '999.6' };
    await confirm([sold, twice], own([2, 'bought twice by mistake']));
    expect(await surprisesIn(ledger.db, limits)).toEqual([]);
    expect(await surprisesIn(ledger.db, { ...limits, symbols: ['KO'] })).toHaveLength(1);
  });

  test('are none either where an answer is amended to what is gone since; what was never held is', async () => {
    await confirm(FILLS);
    const moved = (...all: [key: string, units: string][]) =>
      inTransaction(ledger.db, async (trx) => {
        for (const [key, units] of all) {
          const entry = {
            date: '2014-07-02',
            baseCurrency: 'GBP',
            symbol: 'MSFT',
            units,
            cost: null,
            description: key,
          };
          const booking = { account: 'main', bookedAt: AT, operator: 'ann', idempotencyKey: key };
          await bookEntry(trx, baselinePositionEntry(entry), booking);
        }
      });
    await moved(['gone', '-20.4']);
    const amended = await confirm([sold, { ...bought, executedValueBase: '499.79' }], { amend: true });
    expect(amended).toMatchObject({ status: 'BOOKED' });
    expect(await surprisesIn(ledger.db, limits)).toEqual([]);
    await moved(['short', '-1'], ['covered', '1']);
    expect(await surprisesIn(ledger.db, limits)).toEqual([
      { subject: 'main MSFT', problem: expect.stringMatching(/^-1\.0+ units in the ledger$/) },
    ]);
  });

  test.each<[string, Partial<ConfirmInput>, string, string]>([
    [
      'of a line that does not deviate',
      own([1, 'x'], [2, 'y']),
      'DEVIATION_INVALID',
      'accept-deviation: 1: must be a line',
    ],
    ['of no line of the ticket', own([7, 'x']), 'DEVIATION_INVALID', 'it is line 2 that deviates'],
    ['twice', own([2, 'x'], [2, 'y']), 'DEVIATION_INVALID', 'must be given once a line'],
    ['without a reason', own([2, ' ']), 'DEVIATION_INVALID', 'accept-deviation.0.reason: " ": must say why'],
    ['of line 0', own([0, 'x']), 'DEVIATION_INVALID', 'accept-deviation.0.sequence: 0: must be 1 or more'],
    ['that are no list', { acceptDeviation: 'yes' as never }, 'DEVIATION_INVALID', 'must be a list of lines'],
  ])('owned %s are refused, and change nothing', async (_name, accepted, code, text) => {
    const before = await everything();
    const { status, reason } = await confirm([sold, late], accepted);
    expect(status).toBe('REFUSED');
    expect(reason).toMatchObject({ kind: 'usage', code });
    expect(reason?.message).toContain(text);
    expect(await everything()).toEqual(before);
  });

  test('owned where nothing deviates are refused', async () => {
    expect(await confirm(FILLS, own([null, 'x']))).toMatchObject({
      reason: { code: 'DEVIATION_INVALID', message: expect.stringContaining('no line deviates from the ticket') },
    });
  });
});

describe('fills that cannot be are refused, whatever is owned', () => {
  test.each<[string, Fill[], string, string]>([
    [
      'units and price swapped',
      [sold, { ...bought, units: '41.75', fillPrice: '20.4' }],
      'FILLS_INVALID',
      'units (41.75) and price are swapped',
    ],
    ['a million units', [sold, { ...bought, units: '1000000' }], 'FILLS_INVALID', 'must be near 24500382'],
    [
      'a million units at a price that makes it up',
      [sold, { ...bought, units: '1000000', fillPrice: '0.000852' }],
      'FILLS_INVALID',
      'must be a price of the share',
    ],
    [
      'more sold than is held',
      [{ ...sold, units: '20.5', executedValueBase: '510' }, bought],
      'UNITS_WOULD_BE_NEGATIVE',
      'must not be above the 20 KO held',
    ],
    [
      'more paid than there is',
      [sold, { ...bought, units: '46.1', executedValueBase: '1129.42' }],
      'CASH_WOULD_BE_NEGATIVE',
      'cost 5.01 GBP more than there is',
    ],
  ])('%s', async (_name, fills, code, text) => {
    const before = await everything();
    for (const owned of [{}, own([null, 'it is so'])]) {
      const { status, reason } = await confirm(fills, owned);
      expect([status, reason?.code]).toEqual(['REFUSED', code]);
      expect(reason?.message).toContain(text);
    }
    expect(await everything()).toEqual(before);
  });

  test('an amendment has the means of what it takes back', async () => {
    const all = { ...bought, units: '45.9', executedValueBase: '1124.41' };
    expect(await confirm([sold, all], own([2, 'all the cash']))).toMatchObject({ status: 'BOOKED' });
    const amended = { ...all, executedValueBase: '1120' };
    expect(await confirm([sold, amended], { amend: true, ...own([2, 'all the cash']) })).toMatchObject({
      status: 'BOOKED',
    });
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '4.41' });
  });
});

test('true fills of a day when the rate moves by 7 % are booked when they are owned', async () => {
  const moved = { ...bought, units: '18.97' };
  expect(await confirm([sold, moved])).toMatchObject({ reason: { code: 'FILLS_DEVIATE' } });
  expect(await confirm([sold, moved], own([2, 'the pound fell by 7 % overnight']))).toMatchObject({
    status: 'BOOKED',
    deviations: [{ kind: 'size' }, { kind: 'worth', text: expect.stringContaining('on the ticket') }],
  });
});
