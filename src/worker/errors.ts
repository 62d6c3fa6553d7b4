import type { Context } from '@temporalio/activity';
import { isGrpcServiceError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { isDatabaseAway } from '../db/connect.js';
import { faultError, faultText, OpsError } from '../domain/errors.js';

/** So often a fault is tried again before whoever asked is told: by then it is no hiccup. */
const FAULT_ATTEMPTS_MAX = 5;

/**
 * Turns errors into Temporal's, once. A refusal or bad input is final; a service that is away is waited for without
 * end; a fault is tried a few times and then told, so that nobody waits for what will never come.
 */
export function errorInterceptor({ info }: Context): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof ApplicationFailure || (error as Error).name === 'CancelledFailure') throw error;
        throw failureOf(error, info.attempt);
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

function codeOf(error: unknown): string {
  if (isDatabaseAway(error)) return 'POSTGRES_DOWN';
  return isTemporalAway(error) ? 'TEMPORAL_DOWN' : 'FAULT';
}

function failureOf(error: unknown, attempt: number): ApplicationFailure {
  const known = error instanceof OpsError ? error : faultError(codeOf(error), faultText(error), { cause: error });
  const waits = known.kind === 'unreachable' || isDatabaseAway(error) || isTemporalAway(error);
  const final = known.kind === 'usage' || known.kind === 'refused' || (!waits && attempt >= FAULT_ATTEMPTS_MAX);
  return ApplicationFailure.create({
    message: known.message,
    type: known.code,
    nonRetryable: final,
    ...(error instanceof Error && { cause: error }),
    details: [{ kind: known.kind, remedy: known.remedy ?? null }],
  });
}
