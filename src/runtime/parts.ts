import { faultText } from '../domain/errors.js';
import { endOfRegularSync } from '../files/regular.js';

/** A line of a log has a few hundred. */
const BYTES_OF_LINES = 1024 * 1024;

/** How one part of the stack is. `external` parts are named by the environment; up and down leave them alone. */
export type PartState = 'running' | 'starting' | 'unreachable' | 'stopped' | 'not built';

export interface PartStatus {
  name: 'postgres' | 'temporal' | 'worker' | 'desk';
  state: PartState;
  /** True when the environment points to it, so that it is not this installation's to start or stop. */
  external: boolean;
  version: string | null;
  /** host:port, without any password; null for a part that listens nowhere. */
  address: string | null;
  pid: number | null;
  log: string | null;
  /** A sentence for people: what is wrong, or what is worth knowing. */
  detail: string | null;
}

export type Progress = (line: string) => void;

/** The last lines of a log file; empty when there is none. */
export function tail(file: string, lines: number): string {
  try {
    return endOfRegularSync(file, BYTES_OF_LINES).trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}

/** The message of whatever was thrown. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  return faultText(error);
}
