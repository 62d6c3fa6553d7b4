import { sharedSigner } from '../support/signing.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { confirm as confirmBy } from '../../src/operations/day/confirm.js';
import type { ConfirmInput } from '../../src/contract/day-messages.js';
import { auditBreaks } from '../../src/db/audit.js';
import { openTicketsQuestion } from '../../src/db/confirmations.js';
import { ask } from '../../src/db/questions.js';
import { journal, ledgerState } from '../../src/db/journal.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { AT, createLedger, FILLS, issue, reconcileBy, type Ledger } from './ledger.fixture.js';

let ledger: Ledger;
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
});
afterEach(() => ledger.close());

const confirm = (
  ticketId: string,
  {
    operator = 'ann',
    at = '2014-07-01T15:00:00.000Z',
    ...changes
  }: Partial<ConfirmInput> & { operator?: string; at?: string } = {},
) =>
  confirmBy(
    ledger.installation,
    { operator, door: 'direct', claimedAt: at, sign: sharedSigner },
    {
      account: 'main',
      tradingDay: '2014-07-01',
      commandId: 'k',
      ticketId,
      kind: 'FILLS',
      fills: FILLS,
      amend: false,
      ...changes,
    },
  );
const count = async (table: string) => Number((await ledger.db(table).count<{ n: number }[]>('* as n'))[0]?.n);
const everything = async () =>
  Promise.all(['confirmations', 'fills', 'journal_entries', 'postings', 'audit_log'].map(count));
const skipped = (fill: Fill): Fill => ({
  ...fill,
  executedStatus: 'SKIPPED',
  units: null,
  fillPrice: null,
  executedValueBase: null,
  filledAt: null,
  notes: 'beyond the skip price',
});
const other: Fill[] = [
  FILLS[0] as Fill,
  { ...(FILLS[1] as Fill), executedStatus: 'PARTIAL', units: '10', executedValueBase: '245', notes: 'window closed' },
];

describe('fills of a TRADE', () => {
  test('are booked, each as an entry of its own, and close the ticket', async () => {
    const ticketId = await issue(ledger);
    expect(await ask(ledger.db, openTicketsQuestion(ledger.db, 'main', '2014-07-02'))).toEqual([
      { ticketId, tradingDay: '2014-07-01' },
    ]);
    const result = await confirm(ticketId);
    expect(result).toMatchObject({ status: 'BOOKED', reason: null });
    expect(result.entries).toHaveLength(2);
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '624.61', units: { KO: '15', MSFT: '20.4' } });
    expect(await ask(ledger.db, openTicketsQuestion(ledger.db, 'main', '2014-07-02'))).toEqual([]);
    expect(await auditBreaks(ledger.db)).toEqual([]);
  });

  test('that were all skipped are an answer too, and book nothing', async () => {
    const result = await confirm(await issue(ledger), { fills: FILLS.map(skipped) });
    expect(result).toMatchObject({ status: 'BOOKED', entries: [] });
    expect(await count('fills')).toBe(2);
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '1000', units: { KO: '20' } });
  });

  test('confirmed twice alike are one booking and one answer, whoever asks', async () => {
    const ticketId = await issue(ledger);
    const first = await confirm(ticketId);
    const before = await everything();
    expect(await confirm(ticketId, { operator: 'bob', commandId: 'k2', fills: [...FILLS].toReversed() })).toEqual(
      first,
    );
    expect(await everything()).toEqual(before);
  });

  test('confirmed differently are refused, with who said what when, and change nothing', async () => {
    const ticketId = await issue(ledger);
    const { confirmationId } = await confirm(ticketId);
    const before = await everything();
    expect(await confirm(ticketId, { operator: 'bob', fills: other })).toEqual({
      status: 'REFUSED',
      confirmationId: null,
      entries: [],
      reason: {
        kind: 'refused',
        code: 'ALREADY_CONFIRMED_DIFFERENTLY',
        remedy: null,
        message: `ann reported other fills at 2014-07-01T15:00:00.000Z (confirmation ${confirmationId}); to correct that, confirm again with --amend`,
      },
    });
    expect(await everything()).toEqual(before);
  });

  test('amended are reversed and booked anew; amended back, the ledger is as it was at first', async () => {
    const ticketId = await issue(ledger);
    const first = await confirm(ticketId);
    const state = await ledgerState(ledger.db, 'main');
    const amended = await confirm(ticketId, { amend: true, operator: 'bob', fills: other });
    expect(amended.entries).toHaveLength(4);
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '879.41', units: { KO: '15', MSFT: '10' } });
    expect((await journal(ledger.db, 'main')).map(({ kind }) => kind)).toEqual([
      'OPENING',
      'FILL',
      'FILL',
      'REVERSAL',
      'REVERSAL',
      'FILL',
      'FILL',
    ]);
    const back = await confirm(ticketId, { amend: true });
    expect(back.confirmationId).not.toBe(first.confirmationId);
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: state.cash, units: state.units });
    expect(
      await ledger
        .db('audit_log')
        .whereNot({ action: 'facts.recorded' })
        .orderBy('seq')
        .pluck('action')
        .then((all) => all.slice(-3)),
    ).toEqual(['fills.booked', 'fills.amended', 'fills.amended']);
    expect(await confirm(ticketId, { amend: true })).toEqual(back);
  });

  test('that would sell more than the ledger has are refused as a whole', async () => {
    const ticketId = await issue(ledger);
    await ledger.db.transaction(async (trx) => {
      const [row] = await trx('journal_entries')
        .insert({
          account: 'main',
          book: 'ledger',
          kind: 'BASELINE',
          effective_date: '2014-07-01',
          booked_at: AT,
          description: 'KO was typed wrong',
          symbol: 'KO',
          operator: 'ann',
          idempotency_key: 'b',
        })
        .returning<{ entry_id: number }[]>('entry_id');
      await trx('postings' as string).insert(
        [
          ['Assets:Units', '-18'],
          ['Equity:Opening', '18'],
        ].map(([ledger_account, amount], index) => ({
          entry_id: row?.entry_id,
          line_no: index + 1,
          ledger_account,
          commodity: 'KO',
          amount,
        })),
      );
    });
    const before = await everything();
    const result = await confirm(ticketId);
    expect(result).toMatchObject({
      status: 'REFUSED',
      reason: {
        code: 'UNITS_WOULD_BE_NEGATIVE',
        message: expect.stringContaining('line 1, units: 5: must not be above the 2 KO held'),
      },
    });
    expect(await everything()).toEqual(before);
  });

  test('of long ago, or amended with some of the future, are forgeries and change nothing', async () => {
    const ticketId = await issue(ledger);
    const filledAt = (at: string) => FILLS.map((fill) => ({ ...fill, filledAt: at }));
    const untouched = await everything();
    for (const at of ['2014-05-06T13:40:00.000Z', '2014-07-01T12:59:59.000Z', '2099-07-01T13:40:00.000Z']) {
      expect(await confirm(ticketId, { fills: filledAt(at) })).toMatchObject({
        status: 'REFUSED',
        reason: { code: 'FILLS_INVALID', kind: 'usage' },
      });
    }
    expect(await everything()).toEqual(untouched);
    await confirm(ticketId);
    const booked = await everything();
    expect(await confirm(ticketId, { amend: true, fills: filledAt('2099-07-01T13:40:00.000Z') })).toMatchObject({
      reason: { code: 'FILLS_INVALID' },
    });
    expect(await everything()).toEqual(booked);
  });

  test('sent by hand with nonsense are refused with field, value and rule', async () => {
    const ticketId = await issue(ledger);
    const before = await everything();
    const result = await confirm(ticketId, { fills: [{ ...(FILLS[0] as Fill), units: '50' }] });
    expect(result.reason?.code).toBe('FILLS_INVALID');
    expect(result.reason?.message).toContain('fills[0].executed_value_base: 124.41: must be near 1244.09 GBP');
    expect(result.reason?.message).toContain('line 2, BUY MSFT: is not reported');
    expect(await everything()).toEqual(before);
  });
});

describe('NO_TRADE', () => {
  test('is acknowledged once, however often', async () => {
    const ticketId = await issue(ledger, { kind: 'NO_TRADE' });
    const first = await confirm(ticketId, { kind: 'ACK', fills: [] });
    expect(first).toMatchObject({ status: 'ACKNOWLEDGED', entries: [] });
    expect(await confirm(ticketId, { kind: 'ACK', fills: [], operator: 'bob' })).toEqual(first);
    expect(await count('confirmations')).toBe(1);
  });

  test('has no fills, and a TRADE no acknowledgement', async () => {
    expect(await confirm(await issue(ledger, { kind: 'NO_TRADE' }))).toMatchObject({
      status: 'REFUSED',
      reason: { code: 'TICKET_IS_NO_TRADE' },
    });
  });

  test('that a TRADE superseded is refused in favour of the live ticket', async () => {
    const old = await issue(ledger, { kind: 'NO_TRADE' });
    const live = await issue(ledger, { supersedes: old });
    expect(await confirm(old, { kind: 'ACK', fills: [] })).toMatchObject({
      reason: { code: 'TICKET_SUPERSEDED', message: `ticket ${old} was superseded by ${live}: confirm that one` },
    });
    expect(await confirm(live, { kind: 'ACK', fills: [] })).toMatchObject({ reason: { code: 'TICKET_IS_TRADE' } });
    expect(await confirm(live)).toMatchObject({ status: 'BOOKED' });
  });

  test.each<[string, Parameters<typeof confirm>[1], string]>([
    ['a ticket nobody issued', { ticketId: '00000000-0000-4000-8000-000000000009' }, 'TICKET_UNKNOWN'],
    ['another day', { tradingDay: '2014-07-02' }, 'TICKET_OF_ANOTHER_DAY'],
    ['a stranger', { operator: 'eve' }, 'OPERATOR_UNKNOWN'],
    ['an answer from before the day', { at: '2014-06-30T20:00:00.000Z' }, 'CLAIM_BEFORE_DAY'],
  ])('%s is refused', async (_name, changes, code) => {
    const ticketId = await issue(ledger, { kind: 'NO_TRADE' });
    expect(await confirm(ticketId, { kind: 'ACK', fills: [], ...changes })).toMatchObject({
      status: 'REFUSED',
      reason: { code },
    });
    expect(await count('confirmations')).toBe(0);
  });
});

describe('two operators at the same moment', () => {
  test('with different fills: one is booked, the other is told', async () => {
    const ticketId = await issue(ledger);
    const results = await Promise.all([
      confirm(ticketId),
      confirm(ticketId, { operator: 'bob', fills: other }),
      confirm(ticketId, { operator: 'bob', fills: FILLS.map(skipped) }),
    ]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['BOOKED', 'REFUSED', 'REFUSED']);
    expect(results.filter(({ status }) => status === 'REFUSED').map(({ reason }) => reason?.code)).toEqual([
      'ALREADY_CONFIRMED_DIFFERENTLY',
      'ALREADY_CONFIRMED_DIFFERENTLY',
    ]);
    expect(await count('confirmations')).toBe(1);
    expect(await auditBreaks(ledger.db)).toEqual([]);
  });

  test('with the same fills: both have the same answer', async () => {
    const ticketId = await issue(ledger);
    const [first, ...rest] = await Promise.all(
      Array.from({ length: 6 }, (_, index) => confirm(ticketId, { commandId: `k${index}` })),
    );
    expect(rest.every((one) => JSON.stringify(one) === JSON.stringify(first))).toBe(true);
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '624.61' });
  });

  test('amending at once: the chain stays one chain', async () => {
    const ticketId = await issue(ledger);
    await confirm(ticketId);
    await Promise.all([
      confirm(ticketId, { amend: true, fills: other }),
      confirm(ticketId, { amend: true, operator: 'bob', fills: FILLS.map(skipped) }),
    ]);
    expect(await count('confirmations')).toBe(3);
    const state = await ledgerState(ledger.db, 'main');
    expect([
      ['879.41', '10'],
      ['1000', undefined],
    ]).toContainEqual([state.cash, state.units['MSFT']]);
  });
});

describe('a dry run', () => {
  test('books to the paper book, which starts as the ledger is, and never to the ledger', async () => {
    const ticketId = await issue(ledger, { dryRun: true });
    expect(await confirm(ticketId)).toMatchObject({ status: 'BOOKED' });
    const audited = ledger.db('audit_log').where({ action: 'fills.booked', subject: ticketId });
    expect(await audited.pluck('detail')).toMatchObject([{ book: 'paper' }]);
    expect(await ledgerState(ledger.db, 'main')).toMatchObject({ cash: '1000', units: { KO: '20' }, lastEntryId: 1 });
    expect(await ledgerState(ledger.db, 'main', 'paper')).toMatchObject({
      cash: '624.61',
      units: { KO: '15', MSFT: '20.4' },
    });
  });

  test('a week later starts from the ledger again, and amending the first does not disturb it', async () => {
    const sellAll = [
      {
        sequence: 1,
        symbol: 'KO',
        etoroSearchName: 'Coca-Cola',
        side: 'SELL' as const,
        orderType: 'MARKET' as const,
        valueBase: null,
        units: '20.000000',
        referencePrice: '42.36',
        referenceCurrency: 'USD',
        skipPrice: '42.15',
      },
    ];
    const fills = [{ ...(FILLS[0] as Fill), units: '20', executedValueBase: '497.62' }];
    for (const [tradingDay, at] of [
      ['2014-07-01', '2014-07-01T15:00:00.000Z'],
      ['2014-07-08', '2014-07-08T15:00:00.000Z'],
    ] as const) {
      const window = { opensAt: `${tradingDay}T13:35:00.000Z`, closesAt: `${tradingDay}T14:30:00.000Z` };
      const ticketId = await issue(ledger, { dryRun: true, tradingDay, window, lines: sellAll });
      const filledAt = `${tradingDay}T13:40:00.000Z`;
      expect(
        await confirm(ticketId, { tradingDay, at, fills: fills.map((fill) => ({ ...fill, filledAt })) }),
      ).toMatchObject({ status: 'BOOKED' });
      if (tradingDay === '2014-07-08') continue;
      expect(await confirm(ticketId, { amend: true, fills: fills.map(skipped) })).toMatchObject({ status: 'BOOKED' });
      expect(await ledgerState(ledger.db, 'main', 'paper')).toMatchObject({ cash: '1000', units: { KO: '20' } });
    }
    expect(await ledgerState(ledger.db, 'main', 'paper')).toMatchObject({ cash: '1497.62', units: {} });
  });
});
