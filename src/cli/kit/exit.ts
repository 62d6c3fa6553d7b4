import type { ErrorKind } from '../../domain/errors.js';

/** Exit codes of the `trading-ops` command (docs/RULES.md 5.1). */
export const EXIT = { done: 0, fault: 1, refused: 2, usage: 64, unreachable: 69 } as const satisfies Record<
  ErrorKind | 'done',
  number
>;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
