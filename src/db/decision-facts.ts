import type { Knex } from 'knex';
import type { Db } from './connect.js';
import { brokenBooksQuestion } from './alerts.js';
import { inView } from './transaction.js';
import { accountsQuestion } from './accounts.js';
import { openTicketsQuestion } from './confirmations.js';
import { ledgerQuestion, openedQuestion } from './journal.js';
import { killSwitchQuestion } from './kill-switch.js';
import { isMarketAtHand, marketAtHand, sharedMarket, marketToken } from './market-at-hand.js';
import { loadMarketFacts, type MarketFactsQuery } from './market-facts.js';
import { newestInstantQuestion } from './newest-instant.js';
import { askTogether } from './questions.js';
import type { Run } from './runs.js';
import { answeredQuestion, signatureFacts, signedSnapshotQuestion } from './signed-facts.js';
import { askedQuestion } from './signed-others.js';
import { snapshotQuestion } from './snapshots.js';
import { valuationQuestion } from './valuations.js';
import { faultError } from '../domain/errors.js';
import { isValuationDue, type DecisionFacts, type MarketFacts } from '../domain/decision/facts.js';
import { marketWanted } from '../domain/market/wanted.js';
import { signaturesNeeded, type Policy } from '../domain/policy/policy.js';
import type { Keyring } from '../domain/signing/keys.js';
import type { Account, Instant, LedgerState, Sha256, TradingMode, UniverseRow } from '../domain/types.js';

export interface DecisionScope {
  account: string;
  run: Pick<Run, 'tradingDay' | 'asOfDate' | 'policyHash' | 'universeHash'>;
  policy: Policy;
  universe: UniverseRow[];
  mode: TradingMode;
  at: Instant;
  /** Symbols to load; default: what is enabled, the benchmarks and what is held now. */
  symbols?: string[];
  /**
   * Whether what is read of the market is shared with others of the day; left out, it is read for this account alone.
   */
  isShared?: boolean;
  /** The keys that signatures are held against; left out where nothing is decided. */
  keyring?: Keyring;
}

/**
 * Reads everything a ticket is decided on from one consistent view of the database. One statement is a view by itself,
 * and reads all that is an account's own; the market is read with it unless another of the day has read it.
 */
export async function loadDecisionFacts(db: Knex, scope: DecisionScope): Promise<DecisionFacts> {
  const { isShared = false, run } = scope;
  if (isShared && isMarketAtHand(db, run)) {
    const own = await readOwn(db, scope);
    const market = marketAtHand(db, own.asked);
    if (market) return factsOf(scope, own, await market, await said(db, scope, own));
  }
  return inView(db, async (trx) => {
    const own = await readOwn(trx, scope);
    const market = await (isShared ? sharedMarket(db, trx, own.asked) : loadMarketFacts(trx, own.asked));
    return factsOf(scope, own, market, await said(trx, scope, own));
  });
}

/** Who said what an account is decided on; left out where nobody asks. */
async function said(
  db: Db,
  { account, keyring, policy }: DecisionScope,
  { snapshot, signed }: Awaited<ReturnType<typeof readOwn>>,
): Promise<Pick<DecisionFacts, 'signatures'>> {
  if (!keyring) return {};
  const needed = signaturesNeeded(policy);
  return { signatures: await signatureFacts(db, { account, keyring, needed, snapshot }, signed) };
}

/** What of an account's facts the findings in the market depend on. */
export type MarketScope = Pick<DecisionScope, 'account' | 'run' | 'policy' | 'universe' | 'symbols'>;

/**
 * Reads the market that an account of a run will decide on, and keeps it at hand: each of its accounts
 * compares, in its own view of the database, whether it still holds.
 */
export async function readMarketAhead(
  db: Knex,
  scope: MarketScope,
): Promise<Pick<DecisionFacts, 'account' | 'ledger' | 'market'>> {
  return inView(db, async (trx) => {
    const [[account], ledger, token] = await askTogether(
      trx,
      accountsQuestion(trx, scope.account),
      ledgerQuestion(trx, scope.account),
      marketToken(trx),
    );
    const known = openAccount(account, scope.account);
    return {
      account: known,
      ledger,
      market: await sharedMarket(db, trx, marketAsked(scope, known, ledger, token)),
    };
  });
}

/** What is the account's own, and which market it decides on. */
async function readOwn(db: Db, scope: DecisionScope) {
  const { account: name, run } = scope;
  const [[account], ledger, snapshot, openTickets, killSwitch, valuation, newest, broken, opened, token, ...parts] =
    await askTogether(
      db,
      accountsQuestion(db, name),
      ledgerQuestion(db, name),
      snapshotQuestion(db, name),
      openTicketsQuestion(db, name, run.tradingDay),
      killSwitchQuestion(db, name),
      valuationQuestion(db, name, run.asOfDate),
      newestInstantQuestion(db, name),
      brokenBooksQuestion(db),
      openedQuestion(db, name),
      marketToken(db),
      signedSnapshotQuestion(db, name),
      answeredQuestion(db, name, run.tradingDay),
      askedQuestion(db, name),
    );
  const known = openAccount(account, name);
  const asked = marketAsked(scope, known, ledger, token);
  const signed = { snapshot: parts[0], answered: parts[1], asked: parts[2] };
  const own = { ledger, snapshot, openTickets, killSwitch, valuation, newest, broken, opened };
  return { account: known, ...own, asked, signed };
}

function openAccount(account: Account | undefined, name: string): Account {
  if (account) return account;
  throw faultError('ACCOUNT_UNKNOWN', `account ${name} is not in the database`, {
    remedy: `trading-ops account add ${name} --base-currency <currency>`,
  });
}

/**
 * What is enabled, the benchmarks and what is held, unless others are asked for; and the rate that turns it into the
 * base currency.
 */
function marketAsked(
  { run: { asOfDate, policyHash }, policy, universe, symbols: asked }: MarketScope,
  { baseCurrency }: Account,
  { units }: LedgerState,
  token: string,
): MarketFactsQuery & { policyHash: Sha256; token: string } {
  const { symbols, pair } = marketWanted(universe, { baseCurrency, units });
  return { policy, policyHash, asOfDate, symbols: asked ?? symbols, pair, token };
}

const factsOf = (
  { run, policy, universe, mode, at }: DecisionScope,
  {
    account,
    ledger,
    snapshot,
    openTickets,
    killSwitch,
    valuation,
    newest,
    broken,
    opened,
  }: Awaited<ReturnType<typeof readOwn>>,
  market: MarketFacts,
  signatures: Pick<DecisionFacts, 'signatures'>,
): DecisionFacts => ({
  account,
  tradingDay: run.tradingDay,
  asOfDate: run.asOfDate,
  at,
  mode,
  policy,
  policyHash: run.policyHash,
  universe,
  universeHash: run.universeHash,
  market,
  ledger,
  snapshot,
  openTickets,
  killSwitch,
  equity: valuation && { index: valuation.equityIndex, peak: valuation.peakIndex, asOfDate: valuation.asOfDate },
  valuationDue: isValuationDue({ isValued: valuation !== null, opened, tradingDay: run.tradingDay }),
  books: { newest, ...(broken !== null && { broken }) },
  ...signatures,
});
