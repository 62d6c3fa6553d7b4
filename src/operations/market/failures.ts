import type { FetchFailure } from '../../providers/provider.js';
import { redact } from '../../domain/redact.js';

/** A failure that may be stored and shown: no key, no control characters (Postgres text takes no NUL), not endless. */
export function presentable({ code, message }: FetchFailure, env: NodeJS.ProcessEnv): FetchFailure {
  const keys = [env['TIINGO_API_KEY'], env['ALPHAVANTAGE_API_KEY']].map((key) => (key ?? '').trim());
  return {
    ok: false,
    code,
    message: redact(message, keys)
      .replaceAll(/\p{Cc}+/gu, ' ')
      .slice(0, 500),
  };
}
