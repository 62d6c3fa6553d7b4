import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import { isDatabaseAway, type Db } from '../../db/connect.js';
import { ledgerStates } from '../../db/journal.js';
import { turnKillSwitch } from '../../db/kill-switch.js';
import { closesAt } from '../../db/market-facts.js';
import { recordSteps, type RunStep } from '../../db/runs.js';
import { inTransaction, together } from '../../db/transaction.js';
import { flowsWithin, latestValuations, newValuations, type Previous, type Valuation } from '../../db/valuations.js';
import { nextEquityIndex, reachesLimit } from '../../domain/ledger/equity.js';
import type { Flows } from '../../domain/ledger/flows.js';
import { valueOf, type Quote } from '../../domain/ledger/valuation.js';
import { D, toText, type Decimal } from '../../domain/money.js';
import type { DecimalString, LedgerState } from '../../domain/types.js';
import { killSwitchAlert, raiseAlert } from '../alerts/raise.js';
import type { Installation } from '../installation.js';
import { loadRunContext, type RunContext } from '../runs/context.js';
import { batchesOf } from '../runs/symbols.js';

/** Accounts whose ledgers are read, and whose values are written, at once. */
const AT_ONCE = 200;

/** What of an account's ledger its value is made of. */
interface Books {
  account: string;
  base: string;
  ledger: LedgerState;
  previous: Previous | null;
  /** Since the previous valuation. */
  flows: Flows;
  /** What must have a price: what is held, and what was set right. */
  symbols: string[];
}

/** What is recorded of one account. */
interface Valued {
  account: string;
  step: RunStep;
  /** Null where the ledger is not valued: the step says why. */
  valuation: Valuation | null;
  /** The fall from the peak, where it reaches the limit. */
  stops: DecimalString | null;
}

/**
 * Values each account's ledger at the run's as-of date, and engages the kill switch on a drawdown at the limit. Ledgers are
 * read and values written many at a time, prices and rates once. An account that fails holds up no other; the first
 * failure is thrown at the end, and a repeat records what is missing.
 */
export async function valueLedgers(
  { db }: Pick<Installation, 'db'>,
  { runId, accounts }: { runId: string; accounts: string[] },
): Promise<void> {
  const context = await loadRunContext(db, runId);
  const books: Books[] = [];
  for (const batch of batchesOf(accounts, AT_ONCE)) books.push(...(await readBooks(db, context, batch)));
  const quotes = await quotesFor(db, context, books);
  const failures: unknown[] = [];
  const outcomes = books.flatMap((each) => {
    try {
      return [valueOne(context, each, quotes.get(each.base) ?? new Map())];
    } catch (error) {
      failures.push(error);
      return [];
    }
  });
  for (const group of writtenTogether(outcomes)) failures.push(...(await record(db, context, group)));
  if (failures.length > 0) throw failures[0];
}

async function readBooks(db: Knex, { run, policy }: RunContext, accounts: string[]): Promise<Books[]> {
  const states = await ledgerStates(db, accounts);
  const latest = await latestValuations(db, accounts, run.asOfDate, run.asOfDate);
  const stretches = [...latest].flatMap(([account, { lastEntryId: afterEntryId }]) => {
    const throughEntryId = states.get(account)?.lastEntryId ?? null;
    return throughEntryId === null ? [] : [{ account, afterEntryId, throughEntryId }];
  });
  const moved = await flowsWithin(db, stretches);
  return accounts.map((account): Books => {
    const ledger = states.get(account) as LedgerState;
    const flows = moved.get(account) ?? { cash: '0', units: {} };
    const symbols = [...new Set([...Object.keys(ledger.units), ...Object.keys(flows.units)])];
    const base = policy.accounts[account]?.base_currency as string;
    return { account, base, ledger, previous: latest.get(account) ?? null, flows, symbols };
  });
}

/** Quotes of everything that these ledgers need, by base currency. */
async function quotesFor(
  db: Knex,
  { run, policy, universe }: RunContext,
  books: readonly Books[],
): Promise<Map<string, Map<string, Quote>>> {
  const quotes = new Map<string, Map<string, Quote>>();
  for (const base of new Set(books.map((each) => each.base))) {
    const symbols = [...new Set(books.filter((each) => each.base === base).flatMap((each) => each.symbols))];
    if (symbols.length > 0)
      quotes.set(base, await closesAt(db, { policy, universe, base, asOfDate: run.asOfDate, symbols }));
  }
  return quotes;
}

function valueOne(
  { run, policy }: RunContext,
  { account, base, ledger, previous, flows, symbols }: Books,
  quotes: Map<string, Quote>,
): Valued {
  const { runId, asOfDate } = run;
  const notValued = (status: RunStep['status'], summary: string): Valued => ({
    account,
    step: { step: `valuation:${account}`, status, summary },
    valuation: null,
    stops: null,
  });
  if (ledger.lastEntryId === null) return notValued('DONE', 'the ledger is empty; nothing to value');
  const missing = symbols.filter((symbol) => !quotes.has(symbol)).toSorted();
  if (missing.length > 0) return notValued('FAIL', `no price or rate of ${asOfDate} for ${missing.join(', ')}`);

  const positions = worth(ledger.units, quotes);
  const equity = toText(D(ledger.cash).plus(positions));
  const netFlows = toText(D(flows.cash).plus(worth(flows.units, quotes)));
  const { index: equityIndex, peak: peakIndex, drawdown } = nextEquityIndex(previous, equity, netFlows);
  const foreign = symbols.map((symbol) => quotes.get(symbol) as Quote).find(({ currency }) => currency !== base);
  const summary = `${equity} ${base} at ${asOfDate}, index ${equityIndex}`;
  return {
    account,
    step: { step: `valuation:${account}`, status: 'DONE', summary, detail: { equity, equityIndex, peakIndex } },
    valuation: {
      account,
      asOfDate,
      runId,
      cash: ledger.cash,
      positionsValue: toText(positions),
      equity,
      netFlows,
      equityIndex,
      peakIndex,
      fxRate: foreign?.fx ?? null,
      lastEntryId: ledger.lastEntryId,
    },
    stops: reachesLimit(drawdown, policy.risk.max_drawdown) ? drawdown : null,
  };
}

const worth = (units: Record<string, string>, quotes: Map<string, Quote>): Decimal =>
  Object.entries(units).reduce((sum, [symbol, held]) => sum.plus(valueOf(held, quotes.get(symbol) as Quote)), D(0));

/** In the order of the accounts; one whose kill switch is to be engaged stands alone, for that takes locks of its own. */
function writtenTogether(outcomes: readonly Valued[]): Valued[][] {
  const groups: Valued[][] = [];
  for (const outcome of outcomes) {
    const group = groups.at(-1);
    const joins = group && group.length < AT_ONCE && outcome.stops === null && group[0]?.stops === null;
    if (joins) group.push(outcome);
    else groups.push([outcome]);
  }
  return groups;
}

/** Records these in one statement, or each alone where that fails. @returns what failed */
async function record(db: Knex, context: RunContext, group: readonly Valued[]): Promise<unknown[]> {
  try {
    const [{ account, stops }] = group as [Valued];
    if (stops === null) await write(db, context, group);
    else
      await inTransaction(db, async (trx) => {
        await write(trx, context, group);
        await stopOnDrawdown(trx, context, account, stops);
      });
    return [];
  } catch (error) {
    if (group.length === 1 || isDatabaseAway(error)) return [error];
    const failures: unknown[] = [];
    for (const outcome of group) failures.push(...(await record(db, context, [outcome])));
    return failures;
  }
}

async function write(db: Db, { run }: RunContext, group: readonly Valued[]): Promise<void> {
  const valuations = group.flatMap(({ valuation }) => valuation ?? []);
  await together(
    db,
    valuations.length === 0 ? null : newValuations(db, valuations),
    recordSteps(
      db,
      run.runId,
      group.map(({ step }) => step),
    ),
  );
}

/** The latch: a drawdown at the limit engages the kill switch; only a human resets it (docs/RULES.md 2.7). */
async function stopOnDrawdown(
  trx: Knex.Transaction,
  { run, policy }: RunContext,
  account: string,
  drawdown: DecimalString,
): Promise<void> {
  const fallen = D(drawdown);
  const reason = `drawdown of ${fallen.times(100).toFixed(2)} % from the peak at ${run.asOfDate}, limit ${policy.risk.max_drawdown * 100} %`;
  const event = {
    account,
    event: 'ENGAGED' as const,
    reason,
    operator: 'system',
    at: run.at,
    idempotencyKey: `drawdown/${account}/${run.asOfDate}`,
  };
  if (!(await turnKillSwitch(trx, event))) return;
  await raiseAlert(trx, killSwitchAlert(account, reason, 'the system', run.at, run.tradingDay));
  await appendAudit(trx, {
    at: run.at,
    account,
    actor: 'system',
    action: 'kill_switch.engaged',
    subject: account,
    detail: { reason },
  });
}
