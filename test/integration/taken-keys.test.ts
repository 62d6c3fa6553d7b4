import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { listAlerts } from '../../src/db/alerts.js';
import { connect } from '../../src/db/connect.js';
import { bookEntry, journal } from '../../src/db/journal.js';
import { killSwitchState } from '../../src/db/kill-switch.js';
import { brokenConstraint, inTransaction } from '../../src/db/transaction.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { depositEntry, openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { bookLatches } from '../../src/operations/guard/book-latches.js';
import { engageOrLatch } from '../../src/operations/guard/engage-or-latch.js';
import { killSwitchStanding } from '../../src/operations/guard/kill-switch-standing.js';
import { engageKillSwitch, resetKillSwitch } from '../../src/operations/guard/kill-switch.js';
import { leaveLatch, standingLatches } from '../../src/operations/guard/latch.js';
import { raiseAlert, recoverAlert } from '../../src/operations/alerts/raise.js';
import { bookCash } from '../../src/operations/ledger/book-cash.js';
import { ACCOUNT, asks, AT, createLedger, type Ledger } from './ledger.fixture.js';

/*
 * Keys that the program will use can be foreseen, and the application's own role writes rows: what it puts there first
 * changes nothing of what is done, nor of what is said to be done.
 */

const AGAIN = '2014-07-01T09:00:00.000Z';
let ledger: Ledger;
beforeEach(async () => {
  ledger = await createLedger();
  await openAccount(ledger.db, { ...ACCOUNT, account: 'other' }, 'ann', AT);
});
afterEach(() => ledger.close());

/** A row of the latch, as whoever has the application's password writes it. */
const takes = (account: string, event: string, key: string): Promise<unknown> =>
  ledger
    .db('kill_switch_events')
    .insert({ account, event: event as 'RESET', reason: 'taken', operator: 'system', at: AT, idempotency_key: key });

/** An alert of some code that nobody minds, with key and id of one to come, ended at once unless it stands. */
async function takesAlert(over: object, { isEnded = true } = {}): Promise<void> {
  const { db } = ledger;
  const alertId = randomUUID();
  await db('alerts').insert({
    alert_id: alertId,
    account: null,
    code: 'BACKUP_STALE',
    subject: 'x',
    message: 'taken',
    remedy: 'none',
    evidence: '{}',
    raised_at: AT,
    dedupe_key: alertId,
    ...over,
  } as never);
  const { alert_id: id = alertId } = over as { alert_id?: string };
  const ended = { event_key: `${id}/RECOVERED`, alert_id: id, kind: 'RECOVERED', note: 'taken', at: AT } as const;
  if (isEnded) await db('alert_events').insert(ended);
}

/** The keys of every turn to come: by another account, and by the account itself while its latch stands as it is. */
async function takeKeys(account: string, from: number): Promise<void> {
  for (let before = from; before < from + 6; before++)
    for (const event of ['ENGAGED', 'RESET']) await takes('other', 'ENGAGED', `${account}/${event}/${before}`);
}

describe('the kill switch is turned, whoever took its keys', { timeout: 60_000 }, () => {
  const input = { account: 'main', reason: 'stop' };
  const engaged = async () => (await killSwitchState(ledger.db, 'main')).engaged;

  it('by a person, in both directions, with its alert, and says what is stored', async () => {
    const { installation } = ledger;
    await takeKeys('main', 0);
    // Its own account's, too: the latch stands as before, and the next turn would be the second.
    await takes('main', 'RESET', 'main/ENGAGED/1');
    const by = asks(AGAIN, 'bob');
    expect(resultOrThrow(await engageKillSwitch(installation, by, input))).toMatchObject({ turned: true });
    expect(await engaged()).toBe(true);
    expect((await listAlerts(ledger.db)).map(({ code }) => code)).toEqual(['KILL_SWITCH_ENGAGED']);
    expect(resultOrThrow(await engageKillSwitch(installation, by, input))).toMatchObject({ turned: false });
    await takes('main', 'ENGAGED', 'main/RESET/3');
    expect(resultOrThrow(await resetKillSwitch(installation, by, input))).toMatchObject({ turned: true });
    expect(await engaged()).toBe(false);
  });

  it('by the desk and by the file of a latch, which goes only when it is booked', async () => {
    const { installation } = ledger;
    await takeKeys('main', 0);
    expect(resultOrThrow(await engageOrLatch(installation, asks(AGAIN), input))).toEqual({ turned: true, file: null });
    resultOrThrow(await resetKillSwitch(installation, asks(AGAIN), input));
    await leaveLatch(installation.dataDir, { ...input, operator: 'ann', at: AGAIN });
    expect(await bookLatches(installation)).toEqual(['main']);
    expect([await engaged(), await standingLatches(installation.dataDir)]).toEqual([true, []]);
  });

  it('and where Postgres keeps nothing of it nobody is told that it was, and a file stops trading', async () => {
    const owner = connect(ledger.database.ownerUrl, 1);
    try {
      await owner.raw(`create function swallow() returns trigger language plpgsql as 'begin return null; end'`);
      await owner.raw(
        'create trigger swallow_trg before insert on kill_switch_events for each row execute function swallow()',
      );
    } finally {
      await owner.destroy();
    }
    const { installation } = ledger;
    expect(await engageKillSwitch(installation, asks(AGAIN), input).catch((error: unknown) => error)).toMatchObject({
      code: 'KILL_SWITCH_NOT_STORED',
    });
    const { file } = resultOrThrow(await engageOrLatch(installation, asks(AGAIN), input));
    expect(file).toMatch(/main\.engaged$/);
    await expect(bookLatches(installation)).rejects.toMatchObject({ code: 'KILL_SWITCH_NOT_STORED' });
    expect(await killSwitchStanding(installation, 'main')).toMatchObject({ engaged: true, events: [] });
  });
});

describe('an alert is raised, whoever took its key or its id', { timeout: 60_000 }, () => {
  const alert = { account: null, tradingDay: null, code: 'BOOKS_BROKEN', subject: 'books', message: 'broken' } as const;
  const raise = (at: string, message: string = alert.message) => raiseAlert(ledger.db, { ...alert, at, message });
  const known = async () =>
    (await listAlerts(ledger.db)).filter(({ code }) => code === 'BOOKS_BROKEN').map(({ state }) => state);

  it('by another thing, which lasts or ended: once while it lasts, and again after it recovered', async () => {
    for (let before = 0; before < 3; before++) await takesAlert({ dedupe_key: `*/BOOKS_BROKEN/books/${before}` });
    const first = await raise(AT);
    expect(first.isNew).toBe(true);
    expect(await raise(AGAIN)).toEqual({ ...first, isNew: false });
    expect((await recoverAlert(ledger.db, { ...alert, at: AGAIN, message: 'well' })).recovered).toEqual([
      first.alertId,
    ]);
    // A retry of the first says nothing twice, and what comes later is told.
    expect(await raise(AT)).toEqual({ ...first, isNew: false });
    const again = await Promise.all(Array.from({ length: 5 }, () => raise('2014-07-01T10:00:00.000Z')));
    expect(again.map(({ isNew }) => isNew).toSorted()).toEqual([false, false, false, false, true]);
    expect(await known()).toEqual(['OPEN', 'RECOVERED']);
  });

  it('by one about the same, of its instant, with its id, that says something else and ended', async () => {
    // The id of `BOOKS_BROKEN` of that instant, which is made of what it is about.
    const trx = await ledger.db.transaction();
    const { alertId: first } = await raiseAlert(trx, { ...alert, at: AT });
    await trx.rollback();
    await takesAlert({
      alert_id: first,
      code: 'BOOKS_BROKEN',
      subject: 'books',
      raised_at: AT,
      dedupe_key: '*/BOOKS_BROKEN/books/0',
    });
    const raised = await raise(AT);
    expect(raised.isNew).toBe(true);
    expect(raised.alertId).not.toBe(first);
    expect(await known()).toEqual(['OPEN', 'RECOVERED']);
  });

  it('and nothing else has the key by which it is acknowledged, sent or over', async () => {
    const [{ alertId }, other] = [await raise(AT), await raiseAlert(ledger.db, { ...alert, subject: 'x', at: AT })];
    const put = (key: string, of: object) =>
      ledger
        .db('alert_events')
        .insert({ event_key: key, alert_id: alertId, kind: 'RECOVERED', note: 'taken', at: AT, ...of } as never)
        .then(() => 'done', brokenConstraint);
    const sent = { kind: 'SENT', notice: 'ALERT', sink: 'mail' };
    for (const [key, of] of [
      ['ACKNOWLEDGED', {}],
      ['RECOVERED', { alert_id: other.alertId }],
      ['ALERT/mail/PLANNED', sent],
      ['ALERT/mail/SENT', { ...sent, kind: 'FAILED' }],
      ['ALERT/mail/SENT', { ...sent, sink: 'ntfy' }],
    ] as const)
      expect(await put(`${alertId}/${key}`, of)).toBe('alert_events_key_check');
    expect(await put(`${alertId}/ALERT/mail/SENT`, sent)).toBe('done');
    expect(await put(`${alertId}/ALERT/mail/FAILED/1`, { ...sent, kind: 'FAILED' })).toBe('done');
  });

  it('of the kill switch, of which one that stands before it was engaged is no word', async () => {
    const of = {
      account: 'main',
      code: 'KILL_SWITCH_ENGAGED',
      subject: 'main',
      dedupe_key: 'main/KILL_SWITCH_ENGAGED/main/0',
    };
    await takesAlert(of, { isEnded: false });
    resultOrThrow(await engageKillSwitch(ledger.installation, asks(AGAIN), { account: 'main', reason: 'stop' }));
    expect((await listAlerts(ledger.db)).map(({ state, message }) => `${state} ${message}`)).toEqual([
      'OPEN The kill switch of main was engaged by ann: stop',
      'RECOVERED taken',
    ]);
  });
});

describe('an entry is booked or refused, whoever took its key', { timeout: 60_000 }, () => {
  const deposit = { account: 'main', kind: 'DEPOSIT', date: '2014-06-20', amount: '500' } as const;

  /** An entry of another book or of other figures, as whoever has the application's password writes it. */
  async function takesEntry(
    book: 'ledger' | 'paper',
    key: string,
    amount: string,
    back: number | null = null,
  ): Promise<void> {
    const kind = back === null ? 'DEPOSIT' : 'REVERSAL';
    const row = {
      account: 'main',
      book,
      kind,
      reverses_entry_id: back,
      effective_date: '2014-06-20',
      booked_at: AT,
    } as const;
    await ledger.db.transaction(async (trx) => {
      const [entry] = await trx('journal_entries')
        .insert({ ...row, description: 'taken', operator: 'ann', idempotency_key: key })
        .returning('entry_id');
      const lines = [
        ['Assets:Cash', amount],
        ['Equity:Transfers', `-${amount}`],
      ] as const;
      await trx('postings').insert(
        lines.map(([account, moved], index) => ({
          entry_id: entry!.entry_id,
          line_no: index + 1,
          ledger_account: account,
          commodity: 'GBP',
          amount: moved,
        })),
      );
    });
  }

  it('of the other book keeps nothing out of this one; with other figures nothing is told as booked', async () => {
    const { installation, db } = ledger;
    const opening = openingEntry({
      date: '2014-06-03',
      baseCurrency: 'GBP',
      cash: '1000',
      positions: {},
    }) as EntryDraft;
    const by = { account: 'main', bookedAt: AT, operator: 'ann' };
    await inTransaction(db, (trx) => bookEntry(trx, opening, { ...by, idempotencyKey: 'opening' }));
    await takesEntry('paper', 'deposit:2014-06-20:500::', '500');
    expect(await bookCash(installation, asks(AGAIN), deposit)).toMatchObject({ ok: true, result: { bookedNow: true } });
    // Of the ledger nothing is taken back in the other book, which nobody signs.
    const [booked] = (await journal(db, 'main')).slice(-1);
    await expect(takesEntry('paper', `reversal:${booked?.entryId}`, '500', booked?.entryId)).rejects.toSatisfy(
      (error) => brokenConstraint(error) === 'journal_entries_reverses_own_fkey',
    );
    await takesEntry('ledger', 'k', '7');
    const draft = depositEntry({ date: '2014-06-20', baseCurrency: 'GBP', amount: '500', notes: null });
    await expect(
      inTransaction(db, (trx) => bookEntry(trx, draft, { ...by, idempotencyKey: 'k' })),
    ).rejects.toMatchObject({
      code: 'ALREADY_BOOKED_DIFFERENTLY',
    });
    const [entry] = (await journal(db, 'main')).slice(-1);
    expect(entry).toMatchObject({ idempotencyKey: 'k', description: 'taken' });
  });
});
