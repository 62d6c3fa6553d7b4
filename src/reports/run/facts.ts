import type { Account } from '../../domain/types.js';
import type { Db } from '../../db/connect.js';
import { askTogether } from '../../db/questions.js';
import { loadPolicy } from '../../db/configurations.js';
import type { Cutoff } from '../../db/cutoff.js';
import { fetchesOfRunQuestion, type FetchRow } from '../../db/fetch-results.js';
import { gatesQuestion, type GateRow } from '../../db/gates.js';
import { stepsQuestion } from '../../db/runs.js';
import { runRowQuestion, type RunRow } from '../../db/run-results.js';
import { newestTicketBeside, ticketsKnownToRun, type TicketRow } from '../../db/ticket-documents.js';
import { equityQuestion, valuationsOfRunQuestion, type EquityPoint, type ValuationRow } from '../../db/known-values.js';

export interface RunFacts {
  run: RunRow;
  steps: { step: string; status: string; summary: string }[];
  gates: GateRow[];
  fetches: FetchRow[];
  valuations: ValuationRow[];
  tickets: TicketRow[];
  /** The newest ticket of any account on the same prices. */
  newestTicketId: string | null;
  /** Equity of every account up to the as-of date, oldest first. */
  equity: EquityPoint[];
  /** Accounts of the run's policy that it is of. */
  accounts: Account[];
}

/** Everything the summary of a run says; undefined for an unknown run. */
export async function loadRunFacts(db: Db, runId: string): Promise<RunFacts | undefined> {
  const [run, tickets, newestTicketId] = await askTogether(
    db,
    runRowQuestion(db, runId),
    ticketsKnownToRun(db, runId),
    newestTicketBeside(db, runId),
  );
  if (!run) return undefined;
  const policy = await loadPolicy(db, run.policyHash);
  const cutoff: Cutoff = { kind: 'run', runId };
  const [steps, gates, fetches, valuations, equity] = await askTogether(
    db,
    stepsQuestion(db, runId),
    gatesQuestion(db, runId),
    fetchesOfRunQuestion(db, runId),
    valuationsOfRunQuestion(db, runId),
    equityQuestion(db, { account: null, asOfDate: run.asOfDate, cutoff }),
  );
  const accounts = Object.entries(policy.accounts)
    .filter(([account]) => run.accounts.length === 0 || run.accounts.includes(account))
    .map(([account, { base_currency, clock }]) => ({ account, baseCurrency: base_currency, clock }));
  return { run, steps, gates, fetches, valuations, tickets, newestTicketId, equity, accounts };
}
