import type { Knex } from 'knex';
import type { FetchOutcome } from '../domain/decision/facts.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { rows, rowsQuestion, type Question } from './questions.js';
import type { CamelRow, Row } from './tables.js';

type AnswerColumn = Exclude<keyof Row<'fetch_results'>, 'run_id' | 'recorded_at' | 'seq'>;

/** How one symbol (or currency pair) fared in one run. */
export interface FetchRecord {
  runId: string;
  provider: string;
  kind: 'eod' | 'fx';
  symbol: string;
  /** Null when it went well. */
  failure: { code: string; message: string } | null;
  rowsRead: number;
  rowsNew: number;
  rowsRevised: number;
  lastSession: IsoDate | null;
  findings: FetchOutcome['findings'];
}

/** Records outcomes; the first record of a run, provider, kind and symbol stands. */
export const insertFetchRecords = (db: Db, records: FetchRecord[]): Knex.QueryBuilder | null =>
  records.length === 0
    ? null
    : db('fetch_results')
        .insert(
          records.map((record) => ({
            run_id: record.runId,
            provider: record.provider,
            kind: record.kind,
            symbol: record.symbol,
            status: record.failure ? 'FAILED' : 'OK',
            code: record.failure?.code ?? null,
            message: record.failure?.message ?? null,
            rows_read: record.rowsRead,
            rows_new: record.rowsNew,
            rows_revised: record.rowsRevised,
            last_session: record.lastSession,
            findings: JSON.stringify(record.findings),
          })),
        )
        .onConflict(['run_id', 'provider', 'kind', 'symbol'])
        .ignore();

/** What a run has recorded so far of these symbols: a repeated activity goes on from there. */
export async function findFetchRecords(
  db: Db,
  runId: string,
  provider: string,
  kind: 'eod' | 'fx',
  symbols: string[],
): Promise<FetchRecord[]> {
  const found = await rows<CamelRow<'fetch_results', 'run_id' | Exclude<AnswerColumn, 'status'>>>(
    db,
    `
    select run_id as "runId", provider, kind, symbol, code, message, rows_read as "rowsRead", rows_new as "rowsNew",
           rows_revised as "rowsRevised", last_session as "lastSession", findings
      from fetch_results where run_id = ? and provider = ? and kind = ? and symbol = any(?)`,
    [runId, provider, kind, symbols],
  );
  return found.map(({ code, message, ...record }) => ({
    ...record,
    failure: code === null ? null : { code, message: message ?? '' },
  }));
}

/** What a provider answered for one symbol or pair. */
export type FetchRow = CamelRow<'fetch_results', AnswerColumn>;

/** Fetches of a run, by kind, provider and symbol. */
export const fetchesOfRunQuestion = (db: Db, runId: string): Question<FetchRow[]> =>
  rowsQuestion<FetchRow>(
    db,
    `
  select provider, kind, symbol, status, code, message, rows_read as "rowsRead", rows_new as "rowsNew",
    rows_revised as "rowsRevised", last_session as "lastSession", findings
  from fetch_results where run_id = ? order by kind, provider, symbol`,
    [runId],
  );
