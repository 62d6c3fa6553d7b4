import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadDecisionFacts, readMarketAhead } from '../../src/db/decision-facts.js';
import { isMarketAtHand } from '../../src/db/market-at-hand.js';
import { beginRun } from '../../src/operations/runs/begin.js';
import { loadRunContext } from '../../src/operations/runs/context.js';
import { marketOfGate, readGateAhead } from '../../src/operations/runs/market-of-gate.js';
import { MONDAY, withSeat } from '../support/day.js';

describe('the market facts of a run', { timeout: 60_000 }, () => {
  it('are read once for all its accounts, and anew as soon as anything was fetched, failed or ruled meanwhile', () =>
    withSeat({}, async (seat) => {
      const { runId } = await seat.run('0800', MONDAY);
      const { run, policy, universe } = await loadRunContext(seat.db, runId);
      const scope = { account: 'main', run, policy, universe, mode: 'off' as const, at: run.at };
      const shared = async () => (await loadDecisionFacts(seat.db, { ...scope, sharedBy: runId })).market;
      const alone = async () => (await loadDecisionFacts(seat.db, scope)).market;
      const first = await shared();
      expect(first.histories.length).toBeGreaterThan(1);
      expect(await alone()).toEqual(first);
      expect(await alone()).not.toBe(first);
      expect((await Promise.all([shared(), shared(), shared()])).every((market) => market === first)).toBe(true);
      // Another run reads for itself.
      expect((await loadDecisionFacts(seat.db, { ...scope, sharedBy: 'another' })).market).not.toBe(first);

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
        expect(now, what).not.toBe(known);
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
      const scope = { account: 'main', run, policy, universe, mode: 'off' as const, at: run.at, sharedBy: runId };
      const { market: ahead } = await readMarketAhead(seat.db, scope, runId);
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
      expect(now).not.toBe(ahead);
      expect(now.rulings.length).toBe(ahead.rulings.length + 1);

      // A 14:00 run begins to read when it begins; no other slot decides on anything.
      const place = { db: seat.db, configDir: installation.configDir, now: () => run.at };
      const begun = async (slot: '1400' | 'ops') => {
        const given = { runId: randomUUID(), slot, at: run.at, operator: 'demo', accounts: [], workflowId: slot };
        return (await beginRun(place, given)).runId;
      };
      const afternoon = await begun('1400');
      await expect.poll(() => isMarketAtHand(seat.db, afternoon)).toBe(true);
      expect(isMarketAtHand(seat.db, await begun('ops'))).toBe(false);
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
      expect(now.market).not.toBe(ahead.market);
      expect(now.market.rulings.length).toBe(ahead.market.rulings.length + 1);
    }));
});
