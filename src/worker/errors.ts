import type { Context } from '@temporalio/activity';
import { isGrpcServiceError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { databaseTrouble } from '../db/connect.js';
import { faultError, faultText, OpsError } from '../domain/errors.js';
import { isFinal } from '../domain/retry.js';

/** Turns errors into Temporal's, once. */
export function errorInterceptor({ info, log }: Context): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof ApplicationFailure || (error as Error).name === 'CancelledFailure') throw error;
        const failure = failureOf(error, info.attempt);
        // The history is read by many and kept for long, and what an error came of may hold a statement: that is for the log.
        log.warn(failure.message, { code: failure.type, error: wholeOf(error) });
        throw failure;
      }
    },
  };
}

/** gRPC's UNAVAILABLE: an activity that asks Temporal itself may find the server restarting. */
const UNAVAILABLE = 14;

/** Whether an error, or what it came of, says that Temporal is away, so that trying again later is right. */
export function isTemporalAway(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause)
    if (isGrpcServiceError(one) && Number(one.code) === UNAVAILABLE) return true;
  return false;
}

const codeOf = (error: unknown): string =>
  databaseTrouble(error) ?? (isTemporalAway(error) ? 'TEMPORAL_DOWN' : 'FAULT');

/** A full disk, a held lock and a busy server end by themselves or by somebody's hand, as one that is away comes back. */
const PASSING = new Set(['DISK_FULL', 'DATABASE_LOCKED', 'DATABASE_SLOW', 'POSTGRES_DOWN', 'TEMPORAL_DOWN']);

function failureOf(error: unknown, attempt: number): ApplicationFailure {
  const known = error instanceof OpsError ? error : faultError(codeOf(error), faultText(error), { cause: error });
  const isAway = PASSING.has(codeOf(error));
  return ApplicationFailure.create({
    message: known.message,
    type: known.code,
    nonRetryable: isFinal(known.kind, { isAway, attempt }),
    details: [{ kind: known.kind, remedy: known.remedy ?? null }],
  });
}

/** An error with all that it came of, as the log tells it. */
function wholeOf(error: unknown): string[] {
  const told: string[] = [];
  for (let one = error; one !== undefined && one !== null && told.length < CAUSES_MAX; one = (one as Error).cause)
    told.push(one instanceof Error ? (one.stack ?? one.message) : String(one));
  return told;
}

const CAUSES_MAX = 10;
