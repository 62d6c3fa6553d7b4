import { Context } from '@temporalio/activity';
import type { Knex } from 'knex';
import { newestSessions } from '../../db/bars.js';
import { findFetchRecords, insertFetchRecords, type FetchRecord } from '../../db/fetch-results.js';
import { insertRates, newestRateDate } from '../../db/fx.js';
import { insertPayloads } from '../../db/payloads.js';
import { inTransaction, together } from '../../db/transaction.js';
import { addSessions } from '../../domain/calendar/calendar.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { IsoDate } from '../../domain/types.js';
import { appendManifest, keepPayload } from '../../providers/archive.js';
import { createFxProvider, createProvider } from '../../providers/create.js';
import type { EodProvider, FetchFailure, FxAnswer, ProviderAnswer, ProviderName } from '../../providers/provider.js';
import { presentable } from './failures.js';
import { batchesOf } from '../runs/symbols.js';
import { storeAnswers } from './store.js';

export interface MarketDependencies {
  db: Knex;
  dataDir: string;
  /** Where providers find their keys. */
  env: NodeJS.ProcessEnv;
  /** Stamps what was received; decides nothing. */
  now?: () => Date;
}

interface Scope {
  runId: string;
  /** Names the folder that payloads are kept in. */
  tradingDay: IsoDate;
  /** Nothing after it is stored. */
  asOfDate: IsoDate;
  policy: Policy;
}

export interface FetchPricesInput extends Scope {
  symbols: string[];
  /** The whole history again, not only what is new. */
  full?: boolean;
}

export interface FetchFxInput extends Scope {
  pair: string;
}

/** How one symbol fared; small, for it is kept in the workflow's history. */
export interface SymbolOutcome {
  provider: string;
  symbol: string;
  status: 'OK' | 'FAILED';
  code: string | null;
  message: string | null;
  rowsNew: number;
  rowsRevised: number;
  lastSession: IsoDate | null;
}

/** Sessions asked for again before the newest stored one: corrections arrive within days (docs/RULES.md 6.5). */
const OVERLAP_SESSIONS = 10;
const OVERLAP_FX_DAYS = 14;
/** Symbols stored in one transaction, at most: a crash loses no more than what a provider lets us ask in a minute. */
const GROUP_MAX = 24;
/** Symbols asked for at once: when the first few meet a limit, the others are not asked. */
const AT_ONCE = 8;
/** After one of these every further request would end the same way, and may make a limit worse. */
const ENDS_ALL = new Set<FetchFailure['code']>(['KEY_MISSING', 'UNAUTHORISED', 'RATE_LIMITED']);

/** Activities that fetch market data. Both are idempotent: what a run has recorded is not asked for again. */
export function createMarketActivities(dependencies: MarketDependencies) {
  /** Fetches and stores bars and actions of these symbols from the policy's provider, and from the second where one is named. */
  async function fetchPrices(input: FetchPricesInput): Promise<{ outcomes: SymbolOutcome[] }> {
    const { provider, second_provider: second } = input.policy.market_data;
    const names = second === null || second === provider ? [provider] : [provider, second];
    const outcomes = [];
    for (const name of names) outcomes.push(...(await fetchFrom(dependencies, name, input)));
    return { outcomes };
  }

  /** Fetches and stores the rates of one currency pair. */
  async function fetchFx(input: FetchFxInput): Promise<{ outcome: SymbolOutcome }> {
    return { outcome: await fetchPair(dependencies, input) };
  }

  return { fetchPrices, fetchFx };
}

async function fetchFrom(
  dependencies: MarketDependencies,
  name: ProviderName,
  input: FetchPricesInput,
): Promise<SymbolOutcome[]> {
  const { db } = dependencies;
  const records = await findFetchRecords(db, input.runId, name, 'eod', input.symbols);
  const known = new Set(records.map(({ symbol }) => symbol));
  const pending = [...new Set(input.symbols)].filter((symbol) => !known.has(symbol));
  if (pending.length > 0) {
    const provider = await createProvider(name, { ...dependencies, policy: input.policy, now: clockOf(dependencies) });
    const newest = input.full ? new Map<string, IsoDate>() : await newestSessions(db, name, pending, input.asOfDate);
    let ended: FetchFailure | null = null;
    const size = Math.min(GROUP_MAX, input.policy.market_data.requests_per_minute);
    for (const group of batchesOf(pending, size)) {
      const answers: SymbolAnswer[] = [];
      for (const few of batchesOf(group, AT_ONCE)) {
        answers.push(
          ...(ended === null
            ? await askAll(provider, few, newest, input, dependencies.env)
            : few.map((symbol) => notAsked(symbol, ended as FetchFailure))),
        );
        ended ??=
          answers
            .map(({ answer }) => answer)
            .find((answer): answer is FetchFailure => !answer.ok && ENDS_ALL.has(answer.code)) ?? null;
      }
      records.push(...(await storeAnswers(dependencies, name, input, answers)));
    }
  }
  return records.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1)).map(outcomeOf);
}

export interface SymbolAnswer {
  symbol: string;
  answer: ProviderAnswer | FetchFailure;
}

async function askAll(
  provider: EodProvider,
  symbols: string[],
  newest: Map<string, IsoDate>,
  input: FetchPricesInput,
  env: NodeJS.ProcessEnv,
): Promise<SymbolAnswer[]> {
  const answers = await Promise.all(
    symbols.map(async (symbol) => ({ symbol, answer: await ask(provider, symbol, newest.get(symbol) ?? null, input) })),
  );
  activitySignal()?.throwIfAborted();
  return answers.map(({ symbol, answer }) => ({ symbol, answer: answer.ok ? answer : presentable(answer, env) }));
}

const notAsked = (symbol: string, { code, message }: FetchFailure): SymbolAnswer => ({
  symbol,
  answer: { ok: false, code, message: `not asked, for another symbol was answered: ${message}` },
});

/** The window that is missing; the whole history when a new action makes the provider restate all of it. */
async function ask(
  provider: EodProvider,
  symbol: string,
  newest: IsoDate | null,
  { asOfDate: to, policy }: FetchPricesInput,
): Promise<ProviderAnswer | FetchFailure> {
  const signal = activitySignal();
  const request = (from: IsoDate) => provider.fetchBars({ symbol, from, to, ...(signal && { signal }) });
  const whole = () => addSessions(to, -(policy.market_data.history_sessions - 1), policy.calendar);
  if (newest === null) return request(whole());
  const from = addSessions(newest, -OVERLAP_SESSIONS, policy.calendar);
  const answer = await request(from);
  return answer.ok && (await restatesHistory(answer, newest)) && from > whole() ? request(whole()) : answer;
}

/** Adjusted columns and split-adjusted prices are rewritten backwards at every action (docs/RULES.md 6.4). */
async function restatesHistory(answer: ProviderAnswer, newest: IsoDate): Promise<boolean> {
  if (!answer.actions.some(({ exDate }) => exDate > newest)) return false;
  if (answer.basis !== 'raw') return true;
  return (
    Array.isArray(answer.bars) &&
    (answer.bars as { adjClose: string | null }[]).some(({ adjClose }) => adjClose !== null)
  );
}

async function fetchPair(
  dependencies: MarketDependencies,
  { runId, tradingDay, asOfDate, pair, policy }: FetchFxInput,
): Promise<SymbolOutcome> {
  const { db, dataDir, env } = dependencies;
  const name = policy.market_data.fx_provider;
  const [known] = await findFetchRecords(db, runId, name, 'fx', [pair]);
  if (known) return outcomeOf(known);
  const newest = await newestRateDate(db, name, pair, asOfDate);
  const from =
    newest === null
      ? addSessions(asOfDate, -(policy.market_data.history_sessions - 1), policy.calendar)
      : addSessions(newest, -OVERLAP_FX_DAYS, policy.calendar);
  const provider = await createFxProvider(name, { ...dependencies, policy, now: clockOf(dependencies) });
  const signal = activitySignal();
  const answer = await provider.fetchRates({ pair, from, to: asOfDate, ...(signal && { signal }) });
  signal?.throwIfAborted();
  const record: FetchRecord = {
    runId,
    provider: name,
    kind: 'fx',
    symbol: pair,
    failure: null,
    rowsRead: 0,
    rowsNew: 0,
    rowsRevised: 0,
    lastSession: null,
    findings: [],
  };
  if (!answer.ok) {
    const failed = { ...record, failure: presentable(answer, env) };
    await insertFetchRecords(db, [failed]);
    return outcomeOf(failed);
  }
  return storeRates(dependencies, record, answer, { dataDir, tradingDay });
}

async function storeRates(
  { db }: MarketDependencies,
  record: FetchRecord,
  answer: FxAnswer,
  { dataDir, tradingDay }: { dataDir: string; tradingDay: IsoDate },
): Promise<SymbolOutcome> {
  const { runId, provider, symbol: pair } = record;
  const kept = await Promise.all(
    answer.payloads.map((payload) =>
      keepPayload({ dataDir, provider, date: tradingDay, symbol: pair, payload, retrievedAt: answer.retrievedAt }),
    ),
  );
  await appendManifest(dataDir, runId, kept);
  const stored = await inTransaction(db, async (trx) => {
    const counts = await insertRates(trx, {
      source: provider,
      pair,
      rates: answer.rates,
      payloadSha256: kept[0]?.sha256 ?? '',
      retrievedAt: answer.retrievedAt,
    });
    const done = {
      ...record,
      ...counts,
      rowsRead: answer.rates.length,
      lastSession: answer.rates.at(-1)?.date ?? null,
    };
    await together(trx, insertFetchRecords(trx, [done]), insertPayloads(trx, runId, kept));
    return done;
  });
  return outcomeOf(stored);
}

const outcomeOf = ({ provider, symbol, failure, rowsNew, rowsRevised, lastSession }: FetchRecord): SymbolOutcome => ({
  provider,
  symbol,
  status: failure ? 'FAILED' : 'OK',
  code: failure?.code ?? null,
  message: failure?.message ?? null,
  rowsNew,
  rowsRevised,
  lastSession,
});

const clockOf = ({ now }: MarketDependencies) => now ?? (() => new Date());

/** Ends requests when the workflow cancels the activity; there is none outside a worker. */
function activitySignal(): AbortSignal | undefined {
  try {
    return Context.current().cancellationSignal;
  } catch {
    return undefined;
  }
}
