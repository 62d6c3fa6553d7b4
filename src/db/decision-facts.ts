import type { Knex } from 'knex';
import { inView } from './transaction.js';
import { accountsQuestion } from './accounts.js';
import { openTicketsQuestion } from './confirmations.js';
import { ledgerQuestion } from './journal.js';
import { killSwitchQuestion } from './kill-switch.js';
import { marketOfRun, marketToken } from './market-at-hand.js';
import { loadMarketFacts } from './market-facts.js';
import { newestInstantQuestion } from './newest-instant.js';
import { askTogether } from './questions.js';
import type { Run } from './runs.js';
import { snapshotQuestion } from './snapshots.js';
import { valuationQuestion } from './valuations.js';
import { faultError } from '../domain/errors.js';
import type { DecisionFacts } from '../domain/decision/facts.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Instant, TradingMode, UniverseRow } from '../domain/types.js';

export interface DecisionScope {
  account: string;
  run: Pick<Run, 'tradingDay' | 'asOfDate' | 'policyHash' | 'universeHash'>;
  policy: Policy;
  universe: UniverseRow[];
  mode: TradingMode;
  at: Instant;
  /** Symbols to load; default: what is enabled, the benchmarks and what is held now. */
  symbols?: string[];
  /** The run whose accounts share what is read of the market; left out, it is read for this account alone. */
  sharedBy?: string;
}

/** Reads everything a ticket is decided on from one consistent view of the database. */
export async function loadDecisionFacts(db: Knex, scope: DecisionScope): Promise<DecisionFacts> {
  return inView(db, (trx) => readFacts(db, trx, scope));
}

async function readFacts(
  db: Knex,
  trx: Knex.Transaction,
  { account: name, run, policy, universe, mode, at, symbols: asked, sharedBy }: DecisionScope,
): Promise<DecisionFacts> {
  const [[account], ledger, snapshot, openTickets, killSwitch, valuation, newest, token] = await askTogether(
    trx,
    accountsQuestion(trx, name),
    ledgerQuestion(trx, name),
    snapshotQuestion(trx, name),
    openTicketsQuestion(trx, name, run.tradingDay),
    killSwitchQuestion(trx, name),
    valuationQuestion(trx, name, run.asOfDate),
    newestInstantQuestion(trx, name),
    marketToken(trx),
  );
  if (!account)
    throw faultError('ACCOUNT_UNKNOWN', `account ${name} is not in the database`, {
      remedy: `trading-ops account add ${name}`,
    });
  const symbols =
    asked ??
    [
      ...new Set([
        ...universe
          .filter((row) => row.kind === 'benchmark' || (row.kind === 'stock' && row.enabled))
          .map((row) => row.internalSymbol),
        ...Object.keys(ledger.units),
      ]),
    ].toSorted();
  const foreign = universe.find((row) => row.kind === 'stock' && row.listingCurrency !== account.baseCurrency);
  const pair = foreign ? `${account.baseCurrency}${foreign.listingCurrency}` : null;
  const query = { policy, asOfDate: run.asOfDate, symbols, pair };
  return {
    account,
    tradingDay: run.tradingDay,
    asOfDate: run.asOfDate,
    at,
    mode,
    policy,
    policyHash: run.policyHash,
    universe,
    universeHash: run.universeHash,
    market: await (sharedBy === undefined
      ? loadMarketFacts(trx, query)
      : marketOfRun(db, trx, { runId: sharedBy, token }, query)),
    ledger,
    snapshot,
    openTickets,
    killSwitch,
    equity: valuation && { index: valuation.equityIndex, peak: valuation.peakIndex, asOfDate: valuation.asOfDate },
    books: { newest },
  };
}
