import path from 'node:path';
import { findFetchRecords, insertFetchRecords, type FetchRecord } from '../../db/fetch-results.js';
import { insertRates, newestRateDate } from '../../db/fx.js';
import { insertPayloads } from '../../db/payloads.js';
import { inTransaction, together } from '../../db/transaction.js';
import { addSessions } from '../../domain/calendar/calendar.js';
import type { IsoDate } from '../../domain/types.js';
import { appendManifest, keepPayload, payloadFolder } from '../../providers/archive.js';
import { createFxProvider } from '../../providers/create.js';
import { rateSources } from '../../domain/market/rates.js';
import type { FxAnswer, FxProviderName } from '../../providers/provider.js';
import { loadRunContext } from '../runs/context.js';
import { refuseLinks } from '../../reports/write.js';
import { presentable } from './failures.js';
import {
  emptyRecord,
  fared,
  passedOverFindings,
  received,
  wholeHistoryFrom,
  type Fetcher,
  type FetchScope,
  type SymbolOutcome,
} from './fetching.js';

/** Sessions asked for again before the newest stored rate. */
const OVERLAP_FX_DAYS = 14;
/** An answer with more odd dates than this is described by the newest ones. */
const FINDINGS_MAX = 20;

/** Fetches and stores the rates of one currency pair as the run's pinned policy says. A run asks once. */
export async function fetchRates(
  fetcher: Fetcher,
  { runId, pair }: { runId: string; pair: string },
): Promise<{ outcome: SymbolOutcome; second?: SymbolOutcome }> {
  const { run, policy } = await loadRunContext(fetcher.db, runId);
  return fetchRatesUnder(fetcher, { runId, pair, tradingDay: run.tradingDay, asOfDate: run.asOfDate, policy });
}

/** The same under a policy at hand: from its first source, and from the second where one is named. */
export async function fetchRatesUnder(
  fetcher: Fetcher,
  input: FetchScope & { pair: string },
): Promise<{ outcome: SymbolOutcome; second?: SymbolOutcome }> {
  const [first, second] = rateSources(input.policy) as [FxProviderName, FxProviderName?];
  const { outcome } = await fetchRatesFrom(fetcher, first, input);
  return second === undefined
    ? { outcome }
    : { outcome, second: (await fetchRatesFrom(fetcher, second, input)).outcome };
}

async function fetchRatesFrom(
  fetcher: Fetcher,
  name: FxProviderName,
  { pair, ...scope }: FetchScope & { pair: string },
): Promise<{ outcome: SymbolOutcome }> {
  const { runId, tradingDay, asOfDate, policy } = scope;
  const { db, env, signal } = fetcher;
  const [known] = await findFetchRecords(db, runId, name, 'fx', [pair]);
  if (known) return { outcome: fared(known) };
  const newest = await newestRateDate(db, name, pair, asOfDate);
  const from = newest === null ? wholeHistoryFrom(scope) : addSessions(newest, -OVERLAP_FX_DAYS, policy.calendar);
  const provider = await createFxProvider(name, { ...fetcher, policy, now: received });
  const answer = await provider.fetchRates({ pair, from, to: asOfDate, ...(signal && { signal }) });
  signal?.throwIfAborted();
  const record = emptyRecord({ runId, provider: name, kind: 'fx', symbol: pair });
  if (!answer.ok) {
    const failed = { ...record, failure: presentable(answer, env) };
    await insertFetchRecords(db, [failed]);
    return { outcome: fared(failed) };
  }
  return { outcome: fared(await storeRates(fetcher, record, answer, tradingDay)) };
}

async function storeRates(
  { db, dataDir }: Fetcher,
  record: FetchRecord,
  answer: FxAnswer,
  tradingDay: IsoDate,
): Promise<FetchRecord> {
  const { runId, provider, symbol: pair } = record;
  await refuseLinks(dataDir, path.join(dataDir, payloadFolder(provider, tradingDay)));
  const kept = await Promise.all(
    answer.payloads.map((payload) =>
      keepPayload({ dataDir, provider, date: tradingDay, symbol: pair, payload, retrievedAt: answer.retrievedAt }),
    ),
  );
  await appendManifest(dataDir, runId, kept);
  return inTransaction(db, async (trx) => {
    const counts = await insertRates(trx, {
      source: provider,
      pair,
      rates: answer.rates,
      payloadSha256: kept[0]?.sha256 ?? '',
      retrievedAt: answer.retrievedAt,
    });
    const lastSession = answer.rates.at(-1)?.date ?? null;
    const done = {
      ...record,
      ...counts,
      rowsRead: answer.rates.length,
      lastSession,
      findings: [
        ...(answer.findings ?? []).slice(-FINDINGS_MAX),
        ...passedOverFindings(answer.passedOver, lastSession),
      ],
    };
    await together(trx, insertFetchRecords(trx, [done]), insertPayloads(trx, runId, kept));
    return done;
  });
}
