import { nextEquityIndex, reachesLimit } from '../../domain/ledger/equity.js';
import { valueOf, type Quote } from '../../domain/ledger/valuation.js';
import { D, toText, type Decimal } from '../../domain/money.js';
import type { Installation } from '../installation.js';
import { loadRunContext, type RunContext } from '../runs/context.js';
import { batchesOf } from '../runs/symbols.js';
import { flowUnitsOf, quotesFor, readBooks, unitsOf, type Books, type Quotes } from './value-books.js';
import { recordValued, VALUATION_STEP, type Valued } from './value-record.js';

/** Accounts whose ledgers are read at once. */
const AT_ONCE = 200;

const NO_QUOTES: Quotes = { today: new Map(), last: new Map() };

/**
 * Values each account's ledger at the run's as-of date, and engages the kill switch on a drawdown at the limit. Units are counted in the
 * shares that the prices are in: a split counts from its ex-date on, booked or not. Ledgers are read and values written many at a time,
 * prices and rates once. An account that fails holds up no other; the first failure is thrown at the end, and a repeat records what is
 * missing.
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
      return [valueOne(context, each, quotes.get(each.base) ?? NO_QUOTES)];
    } catch (error) {
      failures.push(error);
      return [];
    }
  });
  failures.push(...(await recordValued(db, context, outcomes)));
  if (failures.length > 0) throw failures[0];
}

function valueOne({ run, policy }: RunContext, books: Books, { today, last }: Quotes): Valued {
  const { runId, asOfDate } = run;
  const { account, base, ledger, previous, flows, held, gone } = books;
  const notValued = (status: 'DONE' | 'FAIL', summary: string, missing: string[] = []): Valued => ({
    account,
    step: { step: `${VALUATION_STEP}${account}`, status, summary },
    valuation: null,
    stops: null,
    missing,
  });
  if (ledger.lastEntryId === null) return notValued('DONE', 'the ledger is empty; nothing to value');
  const quoteOf = (symbol: string): Quote | undefined =>
    today.get(symbol) ?? (gone.includes(symbol) ? last.get(symbol) : undefined);
  const missing = [...held, ...gone].filter((symbol) => quoteOf(symbol) === undefined).toSorted();
  if (missing.length > 0)
    return notValued('FAIL', `no price or rate of ${asOfDate} for ${missing.join(', ')}`, missing);

  const positions = worth(unitsOf(books), quoteOf);
  const equity = toText(D(ledger.cash).plus(positions));
  const netFlows = toText(D(flows.cash).plus(worth(flowUnitsOf(books), quoteOf)));
  const { index: equityIndex, peak: peakIndex, drawdown } = nextEquityIndex(previous, equity, netFlows);
  const foreign = [...held, ...gone]
    .map((symbol) => quoteOf(symbol) as Quote)
    .find(({ currency }) => currency !== base);
  const summary = `${equity} ${base} at ${asOfDate}, index ${equityIndex}`;
  return {
    account,
    step: { step: `${VALUATION_STEP}${account}`, status: 'DONE', summary, detail: { equity, equityIndex, peakIndex } },
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
    stops: reachesLimit(drawdown, policy.risk.max_drawdown) ? { drawdown, peak: peakIndex } : null,
    missing: [],
  };
}

const worth = (units: Record<string, string | Decimal>, quoteOf: (symbol: string) => Quote | undefined): Decimal =>
  Object.entries(units).reduce((sum, [symbol, held]) => sum.plus(valueOf(held, quoteOf(symbol) as Quote)), D(0));
