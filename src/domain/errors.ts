import { escapedLines } from './text.js';

/**
 * Of what kind an error is, which decides whether it may be tried again and with which exit code a command ends:
 * bad input, a rule that said no, a service that is away, something broken.
 */
export type ErrorKind = 'usage' | 'refused' | 'unreachable' | 'fault';

/** A rule's no, as data: a stable code, what happened, and what to do about it. */
export interface Refusal {
  kind: 'usage' | 'refused';
  code: string;
  message: string;
  remedy: string | null;
  /** Where it arose, of what nobody foresaw, for a log: places of the program, and nothing of what was read. */
  trace?: string;
}

/** What came of an operation: its result, or the refusal. Nothing was stored when it was refused. */
export type Outcome<T> = { ok: true; result: T } | { ok: false; refusal: Refusal };

/**
 * The one tagged error of the program: its kind, a stable code, what happened, and what to do about it. Whatever the
 * message quotes, it is plain text: it goes to terminals, into alerts and into the database.
 */
export class OpsError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly remedy: string | undefined;
  readonly trace: string | undefined;

  constructor(kind: ErrorKind, code: string, message: string, options: Options = {}) {
    super(escapedLines(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OpsError';
    this.kind = kind;
    this.code = code;
    this.remedy = options.remedy === undefined ? undefined : escapedLines(options.remedy);
    this.trace = options.trace;
  }
}

type Options = { remedy?: string; cause?: unknown; trace?: string };

/** Bad input: names field, value and rule. */
export const usageError = (code: string, message: string, options?: Options) =>
  new OpsError('usage', code, message, options);

/** A rule said no to a well-formed request. */
export const refusal = (code: string, message: string, options?: Options) =>
  new OpsError('refused', code, message, options);

/** Postgres, Temporal or the worker cannot be reached. */
export const unreachableError = (code: string, message: string, options?: Options) =>
  new OpsError('unreachable', code, message, options);

/** Something broke that should not. */
export const faultError = (code: string, message: string, options?: Options) =>
  new OpsError('fault', code, message, options);

/** A rule's no as data, from the error that says it: what a pure rule answers. */
export function refused({ kind, code, message, remedy, trace }: OpsError): { ok: false; refusal: Refusal } {
  if (kind !== 'usage' && kind !== 'refused') throw new TypeError(`${code}: a ${kind} is no refusal`);
  const told = { kind, code, message, remedy: remedy ?? null };
  return { ok: false, refusal: trace === undefined ? told : { ...told, trace } };
}

/** The outcome of work that may be refused by an error on its way; a fault, or a service that is away, goes on up. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, result: await work() };
  } catch (error) {
    if (!(error instanceof OpsError) || (error.kind !== 'usage' && error.kind !== 'refused')) throw error;
    return refused(error);
  }
}

/** The result of an outcome; a refusal is thrown, for a door that answers with errors. */
export function resultOrThrow<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.result;
  const { kind, code, message, remedy, trace } = outcome.refusal;
  throw new OpsError(kind, code, message, {
    ...(remedy !== null && { remedy }),
    ...(trace !== undefined && { trace }),
  });
}

/**
 * Where an error arose, and those that it was caused by: of each the name of its kind and the places of the program,
 * and never its message, which may hold what was read.
 */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return `a ${typeof error} was thrown`;
  const { name, message, stack = '', cause } = error;
  // The message stands before the places, and may have lines that look like one.
  const places = stack.slice(stack.lastIndexOf(message) + message.length).split('\n');
  const own = [name, ...places.filter((line) => /^\s+at /.test(line))].join('\n');
  return cause === undefined ? own : `${own}\ncaused by ${traceOf(cause)}`;
}

/** What the driver of the database puts before its own words. */
const STATEMENT = /^(select |insert into |update "|delete from |with )[\s\S]* - /i;

/**
 * What Postgres says of a connection (SQLSTATE classes 08, 28, 3D, 53 and 57: refused, unknown database, too many,
 * shutting down) holds no statement, and is what an operator needs.
 */
const OF_CONNECTION = /^(08|28|3D|53|57)/;

/**
 * What people are told of an error that nobody foresaw. Never what the database says of a statement: statement and
 * tables are no news for an operator, and may hold what was sent. The log has the whole of it.
 */
export function faultText(error: unknown): string {
  if (error instanceof OpsError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { severity, code } = error as { severity?: unknown; code?: unknown };
  const told = severity === undefined ? !STATEMENT.test(error.message) : OF_CONNECTION.test(String(code));
  if (told) return error.message || error.name;
  return `the database refused a statement${typeof code === 'string' ? ` (${code})` : ''}; the log says which`;
}

/** The same with the code in front, where there is one: why something did not come to pass. */
export const reasonOf = (error: unknown): string =>
  error instanceof OpsError ? `${error.code}: ${error.message}` : faultText(error);
