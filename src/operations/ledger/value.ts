import type { Doubt } from '../../domain/ledger/doubt.js';
import { valueAt } from '../../domain/ledger/value-day.js';
import type { Valuation } from '../../db/valuations.js';
import type { IsoDate } from '../../domain/types.js';
import type { Installation } from '../installation.js';
import { loadRunContext, type RunContext } from '../runs/context.js';
import { batchesOf } from '../runs/symbols.js';
import { NO_QUOTES, type Quotes } from '../../domain/ledger/worth.js';
import { lookAround, quotesFor, readBooks, type Around, type Books } from './value-books.js';
import { recordValued, VALUATION_STEP, type Valued } from './value-record.js';
import { restatedValuations } from './value-restated.js';

/** Accounts whose ledgers are read at once. */
const AT_ONCE = 200;

/**
 * Values each account's ledger at the run's as-of date, and engages the kill switch on a drawdown at the limit. Units
 * are counted in the shares that the prices are in: a split counts from its ex-date on, booked or not. Ledgers are
 * read and values written many at a time, prices and rates once. Earlier valuations that were stored wrong are
 * restated first, by rows that say so. An account that fails holds up no other; the first failure is thrown at the
 * end, and a repeat records what is missing.
 */
export async function valueLedgers(
  { db, dataDir }: Pick<Installation, 'db' | 'dataDir'>,
  { runId, accounts }: { runId: string; accounts: string[] },
): Promise<void> {
  const context = await loadRunContext(db, runId);
  const read: Books[] = [];
  for (const batch of batchesOf(accounts, AT_ONCE)) read.push(...(await readBooks(db, context, batch)));
  const { books, around } = await lookAround(db, context, read);
  const quotes = await quotesFor(db, context, books);
  const failures: unknown[] = [];
  const restated = await restatedValuations(db, context, books, around);
  const outcomes = books.flatMap((each) => {
    try {
      const { rows = [], previous = each.previous } = restated.get(each.account) ?? {};
      const market = { quotes: quotes.get(each.base) ?? NO_QUOTES, doubts: around.doubts };
      return [valueOne(context, { ...each, previous }, market, rows)];
    } catch (error) {
      failures.push(error);
      return [];
    }
  });
  failures.push(...(await recordValued({ db, dataDir }, context, outcomes)));
  if (failures.length > 0) throw failures[0];
}

/** Prices and rates, and what the data gate says against them. */
interface Market extends Pick<Around, 'doubts'> {
  quotes: Quotes;
}

function valueOne(
  { run, policy }: RunContext,
  books: Books,
  { quotes, doubts }: Market,
  restated: Valuation[],
): Valued {
  const { runId, asOfDate } = run;
  const { account, base, ledger } = books;
  const step = `${VALUATION_STEP}${account}`;
  const notValued = (status: 'DONE' | 'FAIL', summary: string, missing: string[] = []): Valued => ({
    account,
    step: { step, status, summary },
    valuations: [],
    stops: null,
    missing,
  });
  if (ledger.lastEntryId === null) return notValued('DONE', 'the ledger is empty; nothing to value');
  const found = valueAt(asOfDate, books, { quotes, doubts, maxDrawdown: policy.risk.max_drawdown });
  if ('missing' in found) return notValued('FAIL', missingWords(found.missing, found.inDoubt, asOfDate), found.missing);
  const { worth, stops } = found;
  const { index: equityIndex, peak: peakIndex, drawdown } = found.index;
  const value = `${worth.equity} ${base} at ${asOfDate}, index ${equityIndex}`;
  const detail = { equity: worth.equity, equityIndex, peakIndex };
  const row = { account, asOfDate, runId, cash: ledger.cash, lastEntryId: ledger.lastEntryId };
  return {
    account,
    step: { step, status: 'DONE', summary: [value, ...restatedWords(restated)].join('; '), detail },
    valuations: [...restated, { ...row, ...worth, equityIndex, peakIndex }],
    stops: stops ? { drawdown, peak: peakIndex } : null,
    missing: [],
  };
}

/** What lacks a price or rate, and what has one that nobody may rely on before it is put right or ruled on. */
function missingWords(missing: readonly string[], inDoubt: ReadonlyMap<string, Doubt>, asOfDate: IsoDate): string {
  const without = missing.filter((subject) => !inDoubt.has(subject));
  const doubted = missing.flatMap((subject) => inDoubt.get(subject) ?? []);
  return [
    ...(without.length > 0 ? [`no price or rate of ${asOfDate} for ${without.join(', ')}`] : []),
    ...doubted.map(({ subject, code, date }) => `${subject} of ${date} is in doubt (${code})`),
  ].join('; ');
}

/** In the words of the run's step: which earlier valuations are restated, and why the first of them. */
function restatedWords(restated: readonly Valuation[]): string[] {
  const [first] = restated;
  if (first === undefined) return [];
  const dates = restated.map(({ asOfDate }) => asOfDate).join(', ');
  return [`restated ${dates}, the first to ${first.equity}: ${first.restatedBecause}`];
}
