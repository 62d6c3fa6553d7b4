import { insertActions } from '../db/actions.js';
import { ingestBars, type IngestResult } from '../db/bars.js';
import { insertFetchRecords, type FetchRecord } from '../db/fetch-results.js';
import { insertPayloads } from '../db/payloads.js';
import { isSession } from '../domain/calendar.js';
import type { Sha256 } from '../domain/types.js';
import { appendManifest, keepPayload, type KeptPayload } from '../providers/archive.js';
import { failureOf, type ProviderAnswer, type ProviderName, type PublishedAction, type RawPayload } from '../providers/provider.js';
import { presentable } from './market-failures.js';
import type { FetchPricesInput, MarketDependencies, SymbolAnswer } from './market.js';

interface Kept {
  answer: ProviderAnswer;
  payloads: KeptPayload[];
}

/**
 * Keeps the payloads of a group of answers on disk, then stores bars, actions and outcomes in one transaction. A crash
 * before the commit leaves files that the next try finds under the same names; after it, the records say it was done.
 */
export async function storeAnswers(
  { db, dataDir, env }: MarketDependencies, provider: ProviderName, input: FetchPricesInput, answers: SymbolAnswer[],
): Promise<FetchRecord[]> {
  const keep = keeperOf(dataDir, provider, input);
  const kept = await Promise.all(answers.flatMap(({ answer }) => (answer.ok ? [keep(answer)] : [])));
  const payloads = distinctPayloads(kept);
  await appendManifest(dataDir, input.runId, payloads);
  return db.transaction(async (trx) => {
    const results = await ingestBars(trx, kept.map(({ answer, payloads: [first] }) => ({
      symbol: answer.symbol, bars: answer.bars, basis: answer.basis, currency: answer.currency,
      payloadSha256: first?.sha256 as Sha256, retrievedAt: answer.retrievedAt,
    })), { source: provider, to: input.asOfDate, isSession: (date) => isSession(date, input.policy.calendar) });
    const sound = new Set(results.filter(({ error }) => error === null).map(({ symbol }) => symbol));
    await insertPayloads(trx, input.runId, payloads);
    await insertActions(trx, kept.filter(({ answer }) => sound.has(answer.symbol)).flatMap(actionRows));
    const records = recordsOf(input.runId, provider, answers, results, env);
    await insertFetchRecords(trx, records);
    return records;
  });
}

/** Keeps the payloads of answers; one that several answers share, a file of splits or dividends, is written once. */
function keeperOf(dataDir: string, provider: ProviderName, { tradingDay }: FetchPricesInput): (answer: ProviderAnswer) => Promise<Kept> {
  const written = new Map<RawPayload, Promise<KeptPayload>>();
  const keepOnce = (payload: RawPayload, { symbol, retrievedAt }: ProviderAnswer) => {
    const known = written.get(payload) ?? keepPayload({ dataDir, provider, date: tradingDay, symbol, payload, retrievedAt });
    written.set(payload, known);
    return known;
  };
  return async (answer) => ({ answer, payloads: await Promise.all(answer.payloads.map((payload) => keepOnce(payload, answer))) });
}

/** A file that speaks of many symbols (splits, dividends) is one payload of the run. */
function distinctPayloads(kept: Kept[]): KeptPayload[] {
  return [...new Map(kept.flatMap(({ payloads }) => payloads).map((payload) => [payload.path, payload])).values()];
}

function actionRows({ answer, payloads }: Kept): (PublishedAction & { payloadSha256: Sha256; retrievedAt: string })[] {
  return answer.actions.map((action) => ({ ...action, payloadSha256: payloads[action.payload]?.sha256 as Sha256, retrievedAt: answer.retrievedAt }));
}

function recordsOf(
  runId: string, provider: ProviderName, answers: SymbolAnswer[], results: IngestResult[], env: NodeJS.ProcessEnv,
): FetchRecord[] {
  const bySymbol = new Map(results.map((result) => [result.symbol, result]));
  return answers.map(({ symbol, answer }) => {
    const base: FetchRecord = { runId, provider, kind: 'eod', symbol, failure: null, rowsRead: 0, rowsNew: 0, rowsRevised: 0, lastSession: null, findings: [] };
    if (!answer.ok) return { ...base, failure: answer };
    const result = bySymbol.get(symbol);
    if (!result) return base;
    const { rowsRead, rowsNew, rowsRevised, lastSession, findings, error } = result;
    return { ...base, rowsRead, rowsNew, rowsRevised, lastSession, findings, failure: error === null ? null : presentable(failureOf(error), env) };
  });
}
