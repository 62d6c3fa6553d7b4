/** Exit codes of the `trading-ops` command (PRODUCT.md section 6). */
export const EXIT = { done: 0, fault: 1, refused: 2, usage: 64, unreachable: 69 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * The one tagged error of the program: a stable code, what happened, and what to do about it.
 * A gate's "no" is a value, not an error; it becomes an OpsError only at the edge, to set the exit code.
 */
export class OpsError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly remedy: string | undefined;

  constructor(exitCode: ExitCode, code: string, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OpsError';
    this.code = code;
    this.exitCode = exitCode;
    this.remedy = options.remedy;
  }
}

type Options = { remedy?: string; cause?: unknown };

/** Bad input: names field, value and rule. Exit 64. */
export const usageError = (code: string, message: string, options?: Options) =>
  new OpsError(EXIT.usage, code, message, options);

/** A rule said no to a well-formed request. Exit 2. */
export const refusal = (code: string, message: string, options?: Options) =>
  new OpsError(EXIT.refused, code, message, options);

/** Postgres, Temporal or the worker cannot be reached. Exit 69. */
export const unreachableError = (code: string, message: string, options?: Options) =>
  new OpsError(EXIT.unreachable, code, message, options);

/** Something broke that should not. Exit 1. */
export const faultError = (code: string, message: string, options?: Options) =>
  new OpsError(EXIT.fault, code, message, options);
