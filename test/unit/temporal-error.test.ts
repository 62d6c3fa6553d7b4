import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { isTemporalError } from '../../src/operations/temporal-error.js';

/** One of each, as Temporal's client makes them. */
const ERRORS = {
  ActivityFailure: new ActivityFailure('x', 'confirm', '1', RetryState.NON_RETRYABLE_FAILURE, 'worker'),
  ApplicationFailure: ApplicationFailure.nonRetryable('x', 'DAY_CLOSED'),
  ScheduleAlreadyRunning: new ScheduleAlreadyRunning('x', 'run-0800'),
  ScheduleNotFoundError: new ScheduleNotFoundError('x', 'run-0800'),
  WorkflowExecutionAlreadyStartedError: new WorkflowExecutionAlreadyStartedError('x', 'id', 'tradingDay'),
  WorkflowFailedError: new WorkflowFailedError('x', undefined, RetryState.TIMEOUT),
  WorkflowNotFoundError: new WorkflowNotFoundError('x', 'id', undefined),
  WorkflowUpdateFailedError: new WorkflowUpdateFailedError('x', undefined),
  WorkflowUpdateRPCTimeoutOrCancelledError: new WorkflowUpdateRPCTimeoutOrCancelledError('x'),
} as const;
const NAMES = Object.keys(ERRORS) as (keyof typeof ERRORS)[];

describe("Temporal's errors are known by their names", () => {
  it.each(NAMES)('%s, and no other', (name) => {
    expect(NAMES.filter((other) => isTemporalError(ERRORS[name], other))).toEqual([name]);
  });

  it('and nothing else is taken for one', () => {
    for (const other of [new Error('ApplicationFailure'), { name: 'ApplicationFailure' }, 'ApplicationFailure', null])
      expect(NAMES.filter((name) => isTemporalError(other, name))).toEqual([]);
  });
});
