import type { FetchRecord } from '../../db/fetch-results.js';
import { addSessions } from '../../domain/calendar/calendar.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { IsoDate } from '../../domain/types.js';
import type { FetchFailure, PassedOver, ProviderAnswer, ProviderName } from '../../providers/provider.js';
import type { Installation } from '../installation.js';

/** What a fetch works on: the installation's database and files, and the keys of its providers. */
export interface Fetcher extends Pick<Installation, 'db' | 'dataDir'> {
  /** Where providers find their keys. */
  env: NodeJS.ProcessEnv;
  /** Ends requests that are under way. */
  signal?: AbortSignal | undefined;
  /** Told whenever a provider was heard, well or not. */
  onProgress?: () => void;
  /** Answers to exactly these symbols that were read a moment ago; undefined where they must be asked for. */
  ahead?: (provider: ProviderName, symbols: readonly string[]) => SymbolAnswer[] | undefined;
}

/** What a run fetches under. */
export interface FetchScope {
  runId: string;
  /** Names the folder that payloads are kept in. */
  tradingDay: IsoDate;
  /** Nothing after it is stored. */
  asOfDate: IsoDate;
  policy: Policy;
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

/** What a provider said of one symbol. */
export interface SymbolAnswer {
  symbol: string;
  answer: ProviderAnswer | FetchFailure;
}

/** Symbols stored in one transaction, at most: a crash loses no more than what a provider lets us ask in a minute. */
export const GROUP_MAX = 24;
/** Symbols asked for at once: when the first few meet a limit, the others are not asked. */
export const AT_ONCE = 8;

/** What a payload that was received now is stamped with; decides nothing. */
export const received = (): Date => new Date();

/** The first session of a history that is fetched whole. */
export const wholeHistoryFrom = ({ asOfDate, policy }: Pick<FetchScope, 'asOfDate' | 'policy'>): IsoDate =>
  addSessions(asOfDate, -(policy.market_data.history_sessions - 1), policy.calendar);

/** A record of which nothing is known yet. */
export const emptyRecord = (key: Pick<FetchRecord, 'runId' | 'provider' | 'kind' | 'symbol'>): FetchRecord => ({
  ...key,
  failure: null,
  rowsRead: 0,
  rowsNew: 0,
  rowsRevised: 0,
  lastSession: null,
  findings: [],
});

/** A file that was passed over for a newer one is named, as of the newest date that was read. */
export const passedOverFindings = (
  files: PassedOver | undefined,
  lastSession: IsoDate | null,
): FetchRecord['findings'] =>
  files === undefined || lastSession === null
    ? []
    : [
        {
          code: 'FILE_PASSED_OVER',
          session: lastSession,
          message: `${files.read} was read, the newest; passed over: ${files.others.join(', ')}`.slice(0, 300),
        },
      ];

/** What is told of a record. */
export const fared = ({
  provider,
  symbol,
  failure,
  rowsNew,
  rowsRevised,
  lastSession,
}: FetchRecord): SymbolOutcome => ({
  provider,
  symbol,
  status: failure ? 'FAILED' : 'OK',
  code: failure?.code ?? null,
  message: failure?.message ?? null,
  rowsNew,
  rowsRevised,
  lastSession,
});
