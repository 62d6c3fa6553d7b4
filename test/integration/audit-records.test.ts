import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordDayEvent } from '../../src/db/days.js';
import { storedSignature } from '../../src/db/signatures.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import type { SignedFactTable } from '../../src/domain/signing/facts.js';
import { signatureHash } from '../../src/domain/signing/verify.js';
import { closeDay } from '../../src/operations/day/close.js';
import { issueTicket } from '../../src/operations/day/issue-ticket.js';
import { engageKillSwitch, resetKillSwitch } from '../../src/operations/guard/kill-switch.js';
import { bookCash } from '../../src/operations/ledger/book-cash.js';
import { ruleAction } from '../../src/operations/market/rule.js';
import { ACCOUNT, asks, AT, beginAfternoon, createLedger, issue, reconcileBy, type Ledger } from './ledger.fixture.js';

let ledger: Ledger;
beforeEach(async () => {
  ledger = await createLedger();
});
afterEach(() => ledger.close());

const DAY = { account: ACCOUNT.account, tradingDay: '2014-07-01' };
const AFTER_WINDOW = '2014-07-01T14:30:01.000Z';

/** What the audit log says since the account was opened, without its chain and what alerts have of their own. */
const audited = () =>
  ledger
    .db('audit_log')
    .whereNot({ action: 'account.opened' })
    .whereNotIn('action', ['alert.raised', 'alert.recovered', 'facts.recorded'])
    .orderBy('seq')
    .select('at', 'account', 'actor', 'action', 'subject', 'detail');

/** What the audit record has of a signature: the hash of the one that is stored beside the fact. */
const signatureOf = async (fact: SignedFactTable): Promise<{ signature: string }> => {
  const row = await ledger.db('signatures').where({ fact }).first('*');
  if (!row) throw new Error(`no signature of ${fact}`);
  return { signature: signatureHash(storedSignature(row).signed) };
};

const reconcile = () =>
  reconcileBy(ledger, {
    ...DAY,
    commandId: 'c1',
    snapshotDate: '2014-07-01',
    cash: '1000',
    positions: { KO: '20' },
    notes: null,
    operator: 'ann',
    at: AT,
  });

describe('the audit record of', () => {
  test('a reconciliation and the opening it made name snapshot, verdict, report and configuration', async () => {
    const { openedLedger } = await reconcile();
    expect(openedLedger).toBe(true);
    const [stored] = await ledger.db('reconciliations').select('*');
    const signed = await signatureOf('reconciliations');
    const common = { at: AT, account: 'main', actor: 'ann' };
    expect(await audited()).toEqual([
      {
        ...common,
        action: 'ledger.opened',
        subject: String(stored?.last_entry_id ?? 1),
        detail: {
          snapshotId: stored?.snapshot_id,
          door: 'direct',
          ...signed,
        },
      },
      {
        ...common,
        action: 'snapshot.reconciled',
        subject: stored?.reconciliation_id,
        detail: {
          snapshotId: stored?.snapshot_id,
          status: 'PASS',
          codes: [],
          reportPath: stored?.report_path,
          policyHash: ledger.policyHash,
          universeHash: ledger.universeHash,
          door: 'direct',
          ...signed,
        },
      },
    ]);
  });

  test('a booking names its entry, key and postings', async () => {
    await reconcile();
    const before = await audited();
    const { entryId } = resultOrThrow(
      await bookCash(ledger.installation, asks('2014-07-01T08:00:00.000Z', 'bob'), {
        account: 'main',
        kind: 'DEPOSIT',
        amount: '5',
        date: '2014-07-01',
      }),
    );
    const entry = await ledger.db('journal_entries').where({ entry_id: entryId }).first();
    expect((await audited()).slice(before.length)).toEqual([
      {
        at: '2014-07-01T08:00:00.000Z',
        account: 'main',
        actor: 'bob',
        action: 'deposit.booked',
        subject: String(entryId),
        detail: {
          key: 'deposit:2014-07-01:5::',
          description: entry?.description,
          postings: [
            {
              account: 'Assets:Cash',
              commodity: 'GBP',
              amount: '5',
            },
            {
              account: 'Equity:Transfers',
              commodity: 'GBP',
              amount: '-5',
            },
          ],
          ...(await signatureOf('journal_entries')),
        },
      },
    ]);
  });

  test('a turn of the kill switch names the account and why; a turn that changes nothing has none', async () => {
    const turn = async (how: typeof engageKillSwitch, reason: string, hour: string) =>
      resultOrThrow(
        await how(ledger.installation, asks(`2014-07-01T${hour}:00:00.000Z`, 'bob'), { account: 'main', reason }),
      ).turned;
    expect(await turn(resetKillSwitch, 'nothing to reset', '08')).toBe(false);
    expect(await turn(engageKillSwitch, 'figures look wrong', '09')).toBe(true);
    expect(await turn(engageKillSwitch, 'twice', '10')).toBe(false);
    expect(await turn(resetKillSwitch, 'looked at', '11')).toBe(true);
    expect(await turn(engageKillSwitch, 'once more', '12')).toBe(true);
    const record = (hour: string, action: string, reason: string, signed: object = {}) => ({
      at: `2014-07-01T${hour}:00:00.000Z`,
      account: 'main',
      actor: 'bob',
      action,
      subject: 'main',
      detail: { reason, ...signed },
    });
    expect(await audited()).toEqual([
      record('09', 'kill_switch.engaged', 'figures look wrong'),
      record('11', 'kill_switch.reset', 'looked at', await signatureOf('kill_switch_events')),
      record('12', 'kill_switch.engaged', 'once more'),
    ]);
    expect(await ledger.db('kill_switch_events').orderBy('seq').pluck('idempotency_key')).toEqual([
      'main/ENGAGED/0',
      'main/RESET/1',
      'main/ENGAGED/2',
    ]);
  });

  test('a ruling is of no account and names the action and what it was', async () => {
    const [action] = await ledger.db('corporate_actions').where({ kind: 'DIVIDEND' }).select('symbol', 'ex_date');
    const { symbol, ex_date: exDate } = action as { symbol: string; ex_date: string };
    resultOrThrow(
      await ruleAction(ledger.installation, asks('2014-07-01T09:00:00.000Z', 'bob'), {
        account: 'main',
        symbol,
        exDate,
        kind: 'DIVIDEND',
        as: 'cash_dividend',
        value: '0.25',
        reason: 'misread',
      }),
    );
    expect(await audited()).toEqual([
      {
        at: '2014-07-01T09:00:00.000Z',
        account: null,
        actor: 'bob',
        action: 'action.ruled',
        subject: `${symbol} ${exDate} DIVIDEND`,
        detail: {
          ruling: 'cash_dividend',
          value: '0.25',
          reason: 'misread',
          ...(await signatureOf('action_rulings')),
        },
      },
    ]);
  });

  test('a ticket names what was decided and by which run', async () => {
    const at = '2014-07-01T13:00:00.000Z';
    const runId = await beginAfternoon(ledger, at);
    const reply = await issueTicket({ ...ledger.installation, now: () => AT }, { ...DAY, runId, dryRun: false, at });
    const stored = await ledger.db('tickets').where({ ticket_id: reply.ticketId }).first();
    expect(await audited()).toEqual([
      {
        at,
        account: 'main',
        actor: 'system',
        action: 'ticket.issued',
        subject: reply.ticketId,
        detail: {
          kind: 'NO_TRADE',
          dryRun: false,
          materialHash: stored?.material_hash,
          supersedes: null,
          runId,
        },
      },
    ]);
  });
});

describe('a day', () => {
  const close = (at: string, missed = false) => closeDay(ledger.installation, { ...DAY, at, missed });
  const open = () => recordDayEvent(ledger.db, DAY, 'OPENED', AT);
  const recoveries = async () =>
    (await ledger.db('alert_events').where({ kind: 'RECOVERED' }).pluck('note')) as string[];

  test('is closed once: the same again answers when it was, and records and recovers nothing', async () => {
    await open();
    expect(await close('2014-07-01T15:00:00.000Z')).toEqual({ closedAt: '2014-07-01T15:00:00.000Z' });
    const closed = {
      at: '2014-07-01T15:00:00.000Z',
      account: 'main',
      actor: 'system',
      action: 'day.closed',
      subject: '2014-07-01',
      detail: {},
    };
    expect(await audited()).toEqual([closed]);
    expect(await close('2014-07-01T16:00:00.000Z')).toEqual({ closedAt: '2014-07-01T15:00:00.000Z' });
    expect(await audited()).toEqual([closed]);
    expect(await recoveries()).toEqual([]);
  });

  const refusal = (why: string) => ({
    code: 'DAY_NOT_OVER',
    kind: 'refused',
    remedy: 'trading-ops day',
    message: `trading day: 2014-07-01: must be over without a ticket to be closed as missed; it ${why}`,
  });

  test('that was never opened is not closed as missed', async () => {
    await expect(close(AFTER_WINDOW, true)).rejects.toMatchObject(refusal('was never opened'));
    expect(await ledger.db('day_events')).toEqual([]);
  });

  test('that has a ticket is not closed as missed', async () => {
    await open();
    const ticketId = await issue(ledger, { kind: 'NO_TRADE' });
    await expect(close(AFTER_WINDOW, true)).rejects.toMatchObject(refusal(`has ticket ${ticketId}`));
    expect(await ledger.db('day_events').pluck('event')).toEqual(['OPENED']);
  });

  test('that may still get one is not closed as missed; a second later it is', async () => {
    await open();
    const last = '2014-07-01T14:30:00.000Z';
    await expect(close(last, true)).rejects.toMatchObject(refusal(`may still get one: it is ${last}`));
    expect(await ledger.db('day_events').pluck('event')).toEqual(['OPENED']);
    expect(await close(AFTER_WINDOW, true)).toEqual({ closedAt: AFTER_WINDOW });
  });
});
