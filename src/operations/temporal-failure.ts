import { DAY_CROWDED } from '../contract/day-messages.js';
import { OpsError, unreachableError, type ErrorKind } from '../domain/errors.js';
import { isTemporalError } from './temporal-error.js';

/**
 * The program's own error behind a failed workflow or update, with its code, exit code and remedy; null where there is
 * none.
 */
export function ownErrorBehind(error: unknown): OpsError | null {
  let cause: unknown = error;
  while (
    isTemporalError(cause, 'WorkflowFailedError') ||
    isTemporalError(cause, 'WorkflowUpdateFailedError') ||
    isTemporalError(cause, 'ActivityFailure')
  )
    cause = cause.cause;
  if (cause instanceof OpsError) return cause;
  if (!isTemporalError(cause, 'ApplicationFailure')) return null;
  const [details] = (cause.details ?? []) as { kind?: ErrorKind; remedy?: string | null }[];
  return new OpsError(
    details?.kind ?? 'refused',
    cause.type ?? 'FAULT',
    cause.message,
    details?.remedy ? { remedy: details.remedy } : {},
  );
}

/** The same of any of Temporal's errors: also what is told of a server that is away, or of a day that takes no more. */
export function explainTemporalError(error: unknown, address: string): unknown {
  const own = ownErrorBehind(error);
  if (own !== null) return own;
  if (isUnavailable(error)) return stoppedAnswering(address, error);
  if (isCrowded(error)) {
    const { kind, code, message, remedy } = DAY_CROWDED;
    return new OpsError(kind, code, message, { cause: error, ...(remedy !== null && { remedy }) });
  }
  return error;
}

/** What is told of a server that was there and is not any more. */
export const stoppedAnswering = (address: string, cause?: unknown): OpsError =>
  unreachableError('TEMPORAL_DOWN', `Temporal at ${address} stopped answering`, { cause, remedy: 'make up' });

const isUnavailable = (error: unknown): boolean =>
  /UNAVAILABLE|DEADLINE_EXCEEDED|ECONNREFUSED|Channel has been shut down/.test(textOf(error));

/** What the server says of ten updates that wait, of two thousand, and of ten thousand signals. */
const isCrowded = (error: unknown): boolean =>
  /limit for signal events|in-flight updates|number of distinct updates/.test(textOf(error));

const textOf = (error: unknown): string =>
  `${(error as Error | undefined)?.message} ${((error as Error | undefined)?.cause as Error | undefined)?.message}`;
