import { ApplicationFailure } from '@temporalio/common';
import type { Reading } from '../contract/reading.js';
import type { Refusal } from '../domain/errors.js';
import { escapedLines } from '../domain/text.js';

/**
 * What a workflow was started with, in its shape. Whoever starts one by hand may give it anything or nothing, and an
 * error of another kind than Temporal's would have the server try its first step again without end.
 * @throws ApplicationFailure with the reading's code, for good
 */
export function startedWith<T>(reading: Reading<T>): T {
  if (reading.ok) return reading.value;
  throw startRefused(reading.refusal);
}

/** Why a workflow cannot be as it was started, as its failure says it. */
export const startRefused = ({ message, code, kind, remedy }: Refusal): ApplicationFailure =>
  ApplicationFailure.nonRetryable(escapedLines(message), code, { kind, remedy });
