import type { IsoDate } from '../domain/types.js';
import type { Db } from '../db/connect.js';
import { rowsQuestion } from './facts-query.js';

/** What a provider answered for one symbol or pair. */
export interface FetchRow {
  provider: string;
  kind: 'eod' | 'fx';
  symbol: string;
  status: 'OK' | 'FAILED';
  code: string | null;
  message: string | null;
  rowsRead: number;
  rowsNew: number;
  rowsRevised: number;
  lastSession: IsoDate | null;
  findings: { code: string; session: IsoDate; message: string }[];
}

/** Fetches of a run, by kind, provider and symbol. */
export const fetchesQuestion = (db: Db, runId: string) =>
  rowsQuestion<FetchRow>(
    db,
    `
  select provider, kind, symbol, status, code, message, rows_read as "rowsRead", rows_new as "rowsNew", rows_revised as "rowsRevised",
    last_session as "lastSession", findings from fetch_results where run_id = ? order by kind, provider, symbol`,
    [runId],
  );
