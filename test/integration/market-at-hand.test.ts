import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { loadDecisionFacts, readMarketAhead } from '../../src/db/decision-facts.js';
import { isMarketAtHand } from '../../src/db/market-at-hand.js';
import { beginRun } from '../../src/operations/runs/begin.js';
import { loadRunContext } from '../../src/operations/runs/context.js';
import { marketOfGate, readGateAhead } from '../../src/operations/runs/market-of-gate.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { MONDAY, withSeat } from '../support/day.js';
import { signedRun, signerOf } from '../support/signing.js';

describe('the market facts of a run', { timeout: 60_000 }, () => {
  it('are read once for all its accounts, and anew as soon as anything was fetched, failed or ruled meanwhile', () =>
    withSeat({}, async (seat) => {
      const { runId } = await seat.run('0800', MONDAY);
      const { run, policy, universe } = await loadRunContext(seat.db, runId);
      const scope = { account: 'main', run, policy, universe, mode: 'off' as const, at: run.at };
      const shared = async () => (await loadDecisionFacts(seat.db, { ...scope, isShared: true })).market;
      const alone = async () => (await loadDecisionFacts(seat.db, scope)).market;
      const first = await shared();
      expect(first.histories.length).toBeGreaterThan(1);
      expect(await alone()).toEqual(first);
      expect((await alone()) === first).toBe(false);
      expect((await Promise.all([shared(), shared(), shared()])).every((market) => market === first)).toBe(true);

      const [symbol] = first.histories.map((history) => history.symbol);
      const changes: [string, () => Promise<unknown>][] = [
        [
          'a ruling',
          () =>
            seat.db('action_rulings').insert({
              symbol: String(symbol),
              ex_date: '2018-05-01',
              kind: 'DIVIDEND',
              ruling: 'ignore',
              reason: 'x',
              operator: 'demo',
              ruled_at: run.at,
            }),
        ],
        [
          'a fetch that failed',
          async () => {
            const again = await seat.run('ops', MONDAY, { time: '09:00' });
            await seat.db('fetch_results').insert({
              run_id: again.runId,
              provider: first.provider,
              kind: 'eod',
              symbol: 'ZZZ',
              status: 'FAILED',
              code: 'TIMEOUT',
              message: 'x',
            });
          },
        ],
        [
          'a bar that was restated',
          () =>
            seat
              .db('bars' as string)
              .where({ symbol, session: run.asOfDate })
              .update({ close: 1.25, low: 1 }),
        ],
      ];
      let known = first;
      for (const [what, change] of changes) {
        await change();
        const now = await shared();
        expect(now === known, what).toBe(false);
        expect(now, what).toEqual(await alone());
        expect(await shared(), what).toBe(now);
        known = now;
      }
      expect(known.histories.find((history) => history.symbol === symbol)?.bars.at(-1)?.close).toBe('1.25');
    }));

  it('may be read ahead of the accounts, and hold only until a ruling comes between', () =>
    withSeat({}, async (seat, installation) => {
      const { runId } = await seat.run('0800', MONDAY);
      const { run, policy, universe } = await loadRunContext(seat.db, runId);
      const scope = { account: 'main', run, policy, universe, mode: 'off' as const, at: run.at, isShared: true };
      const { market: ahead } = await readMarketAhead(seat.db, scope);
      expect((await loadDecisionFacts(seat.db, scope)).market).toBe(ahead);
      await seat.db('action_rulings').insert({
        symbol: String(ahead.histories[0]?.symbol),
        ex_date: '2018-05-01',
        kind: 'DIVIDEND',
        ruling: 'ignore',
        reason: 'x',
        operator: 'demo',
        ruled_at: run.at,
      });
      const { market: now } = await loadDecisionFacts(seat.db, scope);
      expect(now === ahead).toBe(false);
      expect(now.rulings.length).toBe(ahead.rulings.length + 1);

      // A 14:00 run begins to read when it begins; no other slot decides on anything.
      const { settings, dataDir, configDir } = installation;
      const sign = signerOf(dataDir, () => run.at);
      const isReadBy = async (slot: '1400' | 'ops') => {
        const db = connect(resolveAddresses(settings).databaseUrl, 2);
        const place = { db, dataDir, configDir, now: () => run.at };
        const asked = await signedRun(sign, slot, { at: run.at, operator: 'demo', accounts: [] });
        await beginRun(place, { ...asked, slot, runId: randomUUID(), workflowId: slot });
        await expect.poll(() => db.client.pool.numUsed()).toBe(0);
        const isRead = isMarketAtHand(db, run);
        await db.destroy();
        return isRead;
      };
      expect([await isReadBy('1400'), await isReadBy('ops')]).toEqual([true, false]);
    }));

  it('hold no more when what was being written as they were read is committed, whatever its number', () =>
    withSeat({}, async (seat, installation) => {
      const { runId } = await seat.run('0800', MONDAY);
      const { run, policy, universe } = await loadRunContext(seat.db, runId);
      const scope = { account: 'main', run, policy, universe, mode: 'off' as const, at: run.at, isShared: true };
      const symbol = String(universe.find(({ kind }) => kind === 'stock')?.internalSymbol);
      const given = { kind: 'DIVIDEND', ruling: 'ignore', reason: 'x', operator: 'demo' } as const;
      const ruling = { ...given, symbol, ruled_at: run.at };
      const elsewhere = connect(resolveAddresses(installation.settings).databaseUrl, 1);
      const early = await elsewhere.transaction();
      await early('action_rulings').insert({ ...ruling, ex_date: '2018-05-01' });
      await seat.db('action_rulings').insert({ ...ruling, ex_date: '2018-05-02' });
      const { market: before } = await loadDecisionFacts(seat.db, scope);
      expect(before.rulings).toHaveLength(1);
      await early.commit();
      await elsewhere.destroy();
      expect((await loadDecisionFacts(seat.db, scope)).market.rulings).toHaveLength(2);
    }));

  it('are judged as they were read ahead of the gate, unless a ruling came between', () =>
    withSeat({}, async (seat) => {
      const { runId } = await seat.run('0800', MONDAY);
      const context = await loadRunContext(seat.db, runId);
      const alone = await marketOfGate(seat.db, context);
      expect(alone.market.histories.length).toBeGreaterThan(1);
      await readGateAhead(seat.db, context);
      const ahead = await marketOfGate(seat.db, context);
      expect(ahead).toEqual(alone);
      expect((await marketOfGate(seat.db, context)).market).toBe(ahead.market);
      await seat.db('action_rulings').insert({
        symbol: String(ahead.market.histories[0]?.symbol),
        ex_date: '2018-05-01',
        kind: 'DIVIDEND',
        ruling: 'ignore',
        reason: 'x',
        operator: 'demo',
        ruled_at: context.run.at,
      });
      const now = await marketOfGate(seat.db, context);
      expect(now.market === ahead.market).toBe(false);
      expect(now.market.rulings.length).toBe(ahead.market.rulings.length + 1);
    }));
});
