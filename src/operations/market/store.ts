import path from 'node:path';
import { insertActions, type RestatedAction } from '../../db/actions.js';
import { ingestBars, type IngestResult, type SymbolBars } from '../../db/bars.js';
import { insertFetchRecords, type FetchRecord } from '../../db/fetch-results.js';
import { insertPayloads } from '../../db/payloads.js';
import { inTransaction, together } from '../../db/transaction.js';
import { isSession } from '../../domain/calendar/calendar.js';
import type { Sha256 } from '../../domain/types.js';
import {
  appendManifest,
  keepPayload,
  openFolder,
  payloadFolder,
  willBeKept,
  type KeptPayload,
} from '../../providers/archive.js';
import {
  failureOf,
  type ProviderAnswer,
  type ProviderName,
  type PublishedAction,
  type RawPayload,
} from '../../providers/provider.js';
import { refuseLinks } from '../../reports/write.js';
import { presentable } from './failures.js';
import { emptyRecord, passedOverFindings, type Fetcher, type FetchScope, type SymbolAnswer } from './fetching.js';

interface Kept {
  answer: ProviderAnswer;
  payloads: KeptPayload[];
}

/**
 * Keeps the payloads of a group of answers on disk, and stores bars, actions and outcomes in one transaction. The disk
 * syncs what was received while Postgres loads what it says; nothing is committed before both are done. A crash before
 * the commit leaves files that the next try finds under the same names; after it, the records say it was done.
 */
export async function storeAnswers(
  { db, dataDir, env }: Fetcher,
  provider: ProviderName,
  input: FetchScope,
  answers: SymbolAnswer[],
): Promise<FetchRecord[]> {
  await refuseLinks(dataDir, path.join(dataDir, payloadFolder(provider, input.tradingDay)));
  const usable = answers.flatMap(({ answer }) => (answer.ok ? [answer] : []));
  const keep = keeperOf(dataDir, provider, input);
  const keeping = Promise.all(usable.map(keep.onDisk));
  const stored = inTransaction(db, async (trx) => {
    const results = await ingestBars(trx, loadsOf(usable, keep), {
      source: provider,
      to: input.asOfDate,
      isSession: (date) => isSession(date, input.policy.calendar),
    });
    const known = await Promise.all(usable.map(keep.described));
    const payloads = distinctPayloads(known);
    const sound = new Set(results.filter(({ error }) => error === null).map(({ symbol }) => symbol));
    const told = known.filter(({ answer }) => sound.has(answer.symbol)).flatMap(actionRows);
    const restated = await insertActions(trx, told);
    const records = recordsOf(input.runId, provider, answers, results, env).map((record) =>
      withRestated(record, restated),
    );
    await together(trx, insertFetchRecords(trx, records), insertPayloads(trx, input.runId, payloads));
    await keeping;
    await appendManifest(dataDir, input.runId, payloads);
    return records;
  });
  // Whichever fails, the other is waited for: no file may still be written when the next try begins.
  await Promise.allSettled([stored, keeping]);
  return stored;
}

interface Keeper {
  /** The payloads of an answer as they lie on disk. */
  onDisk(answer: ProviderAnswer): Promise<Kept>;
  /** The same as soon as it is known; only a large file has to be on disk before its hash is. */
  described(answer: ProviderAnswer): Promise<Kept>;
}

/** Bars ready to be stored. */
async function* loadsOf(answers: ProviderAnswer[], keep: Keeper): AsyncGenerator<SymbolBars> {
  for (const answer of answers) {
    const { symbol, bars, basis, currency, retrievedAt } = answer;
    const { payloads } = await keep.described(answer);
    yield { symbol, bars, basis, currency, retrievedAt, payloadSha256: payloads[0]?.sha256 as Sha256 };
  }
}

/** Keeps the payloads of answers, each once: a file of splits or dividends is shared by many. */
function keeperOf(dataDir: string, provider: ProviderName, { tradingDay: date }: FetchScope): Keeper {
  // Where there is nothing to keep, nobody would wait for it.
  let earlier: ReturnType<typeof openFolder> | undefined;
  const written = new Map<RawPayload, Promise<KeptPayload>>();
  const keepOnce = (payload: RawPayload, { symbol, retrievedAt }: ProviderAnswer) => {
    const known =
      written.get(payload) ??
      (earlier ??= openFolder(dataDir, provider, date)).then((folder) =>
        keepPayload({ dataDir, provider, date, symbol, payload, retrievedAt, earlier: folder }),
      );
    written.set(payload, known);
    return known;
  };
  const foretold = new Map<RawPayload, KeptPayload | null>();
  const foretellOnce = (payload: RawPayload, { symbol, retrievedAt }: ProviderAnswer) => {
    const known = foretold.get(payload) ?? willBeKept({ provider, date, symbol, payload, retrievedAt });
    foretold.set(payload, known);
    return known;
  };
  const each = async (answer: ProviderAnswer, of: (payload: RawPayload) => Promise<KeptPayload>): Promise<Kept> => ({
    answer,
    payloads: await Promise.all(answer.payloads.map(of)),
  });
  return {
    onDisk: (answer) => each(answer, (payload) => keepOnce(payload, answer)),
    described: (answer) => each(answer, async (payload) => foretellOnce(payload, answer) ?? keepOnce(payload, answer)),
  };
}

/** A file that speaks of many symbols (splits, dividends) is one payload of the run. */
function distinctPayloads(kept: Kept[]): KeptPayload[] {
  return [...new Map(kept.flatMap(({ payloads }) => payloads).map((payload) => [payload.path, payload])).values()];
}

function actionRows({ answer, payloads }: Kept): (PublishedAction & { payloadSha256: Sha256; retrievedAt: string })[] {
  return answer.actions.map((action) => ({
    ...action,
    payloadSha256: payloads[action.payload]?.sha256 as Sha256,
    retrievedAt: answer.retrievedAt,
  }));
}

/** What an answer restated of its actions counts among its restated rows, and is named. */
function withRestated(record: FetchRecord, restated: readonly RestatedAction[]): FetchRecord {
  const own = restated.filter(({ symbol }) => symbol === record.symbol);
  if (own.length === 0) return record;
  return {
    ...record,
    rowsRevised: record.rowsRevised + own.length,
    findings: [
      ...record.findings,
      ...own.map(({ exDate, kind, before, now }) => ({
        code: 'ACTION_RESTATED' as const,
        session: exDate,
        message: `the ${kind.toLowerCase()} of ${exDate} was ${before} and is ${now} now`,
      })),
    ],
  };
}

function recordsOf(
  runId: string,
  provider: ProviderName,
  answers: SymbolAnswer[],
  results: IngestResult[],
  env: NodeJS.ProcessEnv,
): FetchRecord[] {
  const bySymbol = new Map(results.map((result) => [result.symbol, result]));
  return answers.map(({ symbol, answer }) => {
    const base = emptyRecord({ runId, provider, kind: 'eod', symbol });
    if (!answer.ok) return { ...base, failure: answer };
    const result = bySymbol.get(symbol);
    if (!result) return base;
    const { rowsRead, rowsNew, rowsRevised, lastSession, findings, error } = result;
    return {
      ...base,
      rowsRead,
      rowsNew,
      rowsRevised,
      lastSession,
      findings: [...findings, ...passedOverFindings(answer.passedOver, lastSession)],
      failure: error === null ? null : presentable(failureOf(error), env),
    };
  });
}
