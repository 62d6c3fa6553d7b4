import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditHead } from '../../src/db/audit.js';
import { insertClaim } from '../../src/db/claims.js';
import { connect } from '../../src/db/connect.js';
import { bookEntry } from '../../src/db/journal.js';
import { keptWhile } from '../../src/db/kept-while.js';
import { knownActions, knownActionsAtHand } from '../../src/db/known-actions.js';
import { heldAtHand } from '../../src/db/ledger-at-hand.js';
import { newestSimulatedInstant } from '../../src/db/newest-instant.js';
import { inTransaction, inView } from '../../src/db/transaction.js';
import type { EntryDraft } from '../../src/domain/ledger/entries.js';
import { claimsAtHand } from '../../src/operations/day/claims.js';
import { performanceAtHand } from '../../src/operations/performance/performance-at-hand.js';
import { readPerformance } from '../../src/operations/performance/read-performance.js';
import { policy } from './ledger.fixture.js';
import { createTwoAccounts, deposit, TUESDAY, type TwoAccounts } from './queries.fixture.js';

let two: TwoAccounts;
/** What another process has: the same database, and nothing at hand. */
let other: Knex;
beforeAll(async () => {
  two = await createTwoAccounts();
  other = connect(two.database.appUrl, 2);
});
afterAll(async () => {
  await other.destroy();
  await two.close();
});

const bought = (symbol: string, units: string): EntryDraft => ({
  kind: 'FILL',
  effectiveDate: TUESDAY,
  description: `Bought ${symbol}`,
  symbol,
  postings: [
    { account: 'Assets:Units', commodity: symbol, amount: units },
    { account: 'Equity:Trading', commodity: symbol, amount: `-${units}` },
  ],
});

const book = (db: Knex, account: string, draft: EntryDraft, at = '2014-07-01T12:00:00.000Z') =>
  inTransaction(db, (trx) =>
    bookEntry(trx, draft, { account, operator: 'ann', idempotencyKey: `${at} ${draft.description}`, bookedAt: at }),
  );

describe('what is kept at hand', () => {
  it('is made once for a word, anew for another, and never of a failure or within a transaction', async () => {
    let made = 0;
    const asked = (db: Knex, word: string) => keptWhile(db, { key: 'x', word }, async () => (made += 1));
    expect(await Promise.all([asked(two.db, 'a'), asked(two.db, 'a')])).toEqual([1, 1]);
    expect([await asked(two.db, 'a'), await asked(two.db, 'b'), await asked(two.db, 'b')]).toEqual([1, 2, 2]);
    expect(await asked(other, 'b')).toBe(3);
    await inView(two.db, async (trx) => {
      expect([await asked(trx, 'b'), await asked(trx, 'b')]).toEqual([4, 5]);
    });
    const failing = keptWhile(two.db, { key: 'y', word: 'a' }, () => Promise.reject(new Error('away')));
    await expect(failing).rejects.toThrow('away');
    expect(await keptWhile(two.db, { key: 'y', word: 'a' }, () => Promise.resolve('back'))).toBe('back');
  });

  it('knows at once what another process booked: what is held, and the newest instant', async () => {
    expect(await heldAtHand(two.db)).toEqual([]);
    const before = await newestSimulatedInstant(two.db, 'other');
    await book(other, 'other', bought('AAPL', '3'), '2014-07-09T12:00:00.000Z');
    expect(await heldAtHand(two.db)).toEqual(['AAPL']);
    const after = await newestSimulatedInstant(two.db, 'other');
    expect(after?.at).toBe('2014-07-09T12:00:00.000Z');
    expect(after).not.toEqual(before);
    await book(other, 'main', bought('MSFT', '2'));
    expect(await heldAtHand(two.db)).toEqual(['AAPL', 'MSFT']);
  });

  it('keeps what several look at: the same answer until something was stored', async () => {
    const first = await heldAtHand(two.db);
    expect(await heldAtHand(two.db)).toBe(first);
    const instant = await newestSimulatedInstant(two.db, 'main');
    expect(await newestSimulatedInstant(two.db, 'main')).toBe(instant);
  });

  it('judges splits and dividends anew when another process was told of one or ruled on it', async () => {
    const asked = () => knownActionsAtHand(two.db, policy, ['AAPL'], '2014-07-10');
    const first = await asked();
    expect(await asked()).toBe(first);
    await other('action_rulings').insert({
      symbol: 'AAPL',
      ex_date: '2014-07-02',
      kind: 'DIVIDEND',
      ruling: 'ignore',
      reason: 'x',
      operator: 'ann',
      ruled_at: '2014-07-03T12:00:00.000Z',
    });
    const second = await asked();
    expect(second).not.toBe(first);
    expect(second).toEqual(await knownActions(two.db, policy, ['AAPL'], '2014-07-10'));
  });

  it('reckons how an account did anew when another process booked or stored a price, and by another policy', async () => {
    const account = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' } as const;
    const subject = { account, policy, universe: [] };
    const asked = (changed = {}) => performanceAtHand(two.db, { ...subject, ...changed }, { range: 'all' });
    const first = await asked();
    expect(first).toMatchObject({ ok: true, result: { report: {} } });
    expect(await asked()).toBe(first);
    await book(other, 'main', deposit('250'), '2014-07-10T12:00:00.000Z');
    const second = await asked();
    expect(second).not.toBe(first);
    expect(second).toEqual(await readPerformance(two.db, subject, { range: 'all' }));
    await other('fx_rates').insert({
      source: 'csv',
      pair: 'GBPUSD',
      date: TUESDAY,
      rate: '1.7001',
      payload_sha256: String((await other('payloads').first('sha256'))?.sha256),
      retrieved_at: '2014-07-10T12:00:00.000Z',
    });
    const third = await asked();
    expect(third).not.toBe(second);
    const stricter = { ...policy, risk: { ...policy.risk, max_drawdown: 0.01 } };
    expect(await asked({ policy: stricter })).toMatchObject({ ok: true, result: { maxDrawdown: 0.01 } });
    // What was asked for last is kept, and nothing before it: each is megabytes.
    const again = await asked();
    expect(again).toEqual(third);
    expect(again).not.toBe(third);
    expect(await asked()).toBe(again);
  });

  it('tells a page that is open of a claim that another process took', async () => {
    const told = async () => claimsAtHand(two.db, await auditHead(two.db));
    const before = await told();
    expect(await told()).toBe(before);
    const [ticket] = await two
      .db('live_tickets as t')
      .whereNotExists(two.db('confirmations as c').whereRaw('c.ticket_id = t.ticket_id'))
      .select('t.ticket_id');
    const ticketId = String((ticket as { ticket_id: string }).ticket_id);
    const at = '2014-07-09T13:00:00.000Z';
    await insertClaim(other, {
      claimId: '6f1f2c3e-4c5d-4e6f-8a7b-9c0d1e2f3a4b',
      ticketId,
      kind: 'CLAIM',
      operator: 'ann',
      at,
      reason: null,
      follows: null,
    });
    expect((await told()).map((claim) => [claim.ticketId, claim.operator])).toContainEqual([ticketId, 'ann']);
  });
});
