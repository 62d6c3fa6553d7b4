import type { Knex } from 'knex';
import { readMarketAhead } from '../../db/decision-facts.js';
import { marketHash } from '../../db/pinned-facts.js';
import { findingsOf } from '../day/market-findings.js';
import { loadRunContext, type RunContext } from './context.js';
import { readGateAhead } from './market-of-gate.js';

/**
 * Begins to read the market that the accounts of a 14:00 run will decide on, while the run finds its way to their days.
 * Nothing is decided on it unseen: each account compares what stands for the state of the market, in its own view of
 * the database, before it takes what was read here. Nobody waits for it, and a failure is that of whoever reads next.
 */
export function readAhead(db: Knex, { run, policy, universe }: RunContext): void {
  const [account] = run.accounts ?? [];
  if (account === undefined) return;
  const { policyHash, universeHash } = run;
  void readMarketAhead(db, { account, run, policy, universe })
    .then((facts) => {
      findingsOf({ ...facts, policy, universe, policyHash, universeHash });
      marketHash(facts.market);
    })
    .catch(() => undefined);
}

/** Begins to read the market that the gate of an 08:00 run will judge, as soon as all of it was fetched. */
export function readAheadOfGate(db: Knex, runId: string): void {
  void loadRunContext(db, runId)
    .then((context) => readGateAhead(db, context))
    .catch(() => undefined);
}
