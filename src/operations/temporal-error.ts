import type {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { ActivityFailure, ApplicationFailure } from '@temporalio/common';

/** Errors of Temporal's that are told apart here, by the names that they bear. */
interface TemporalErrors {
  ActivityFailure: ActivityFailure;
  ApplicationFailure: ApplicationFailure;
  ScheduleAlreadyRunning: ScheduleAlreadyRunning;
  ScheduleNotFoundError: ScheduleNotFoundError;
  WorkflowExecutionAlreadyStartedError: WorkflowExecutionAlreadyStartedError;
  WorkflowFailedError: WorkflowFailedError;
  WorkflowNotFoundError: WorkflowNotFoundError;
  WorkflowUpdateFailedError: WorkflowUpdateFailedError;
  WorkflowUpdateRPCTimeoutOrCancelledError: WorkflowUpdateRPCTimeoutOrCancelledError;
}

/**
 * Whether an error is that one of Temporal's. By its name and not by its class: whoever may have to explain one would
 * load the client for it, which takes a quarter of a second and 30 MB, before anything is asked of the server.
 */
export const isTemporalError = <Name extends keyof TemporalErrors>(
  error: unknown,
  name: Name,
): error is TemporalErrors[Name] => error instanceof Error && error.name === name;
