import { ApplicationFailure } from '@temporalio/common';
import { wellFormed, type Reading } from '../contract/reading.js';
import { OpsError } from '../domain/errors.js';

/**
 * What a workflow was started with, in its shape. Whoever starts one by hand may give it anything or nothing, and an
 * error of another kind than Temporal's would have the server try its first step again without end.
 * @throws ApplicationFailure with the reading's code, for good
 */
export function startedWith<T>(reading: Reading<T>): T {
  try {
    return wellFormed(reading);
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    const { message, code, kind, remedy = null } = error;
    throw ApplicationFailure.nonRetryable(message, code, { kind, remedy });
  }
}
