import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { EXIT, OpsError } from '../domain/errors.js';

const BEAT_MS = 2_000;

/** Tells the server every two seconds that the activity's worker lives, so that a dead one is replaced in seconds. */
export function heartbeatInterceptor(context: Context): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const timer = setInterval(() => context.heartbeat(), BEAT_MS);
      try {
        return await next(input);
      } finally {
        clearInterval(timer);
      }
    },
  };
}

/**
 * Turns the program's own errors into Temporal's, once: a refusal or bad input is final, everything else (a service
 * away, a fault) is tried again.
 */
export function errorInterceptor(): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        if (!(error instanceof OpsError)) throw error;
        const final = error.exitCode === EXIT.usage || error.exitCode === EXIT.refused;
        throw ApplicationFailure.create({
          message: error.message, type: error.code, nonRetryable: final, cause: error,
          details: [{ exitCode: error.exitCode, remedy: error.remedy ?? null }],
        });
      }
    },
  };
}
