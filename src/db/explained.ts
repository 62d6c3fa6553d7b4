import { faultError, OpsError, unreachableError } from '../domain/errors.js';
import { databaseTrouble } from './connect.js';

/** Turns "cannot connect" and "no schema" of the driver into the operator's words; leaves the rest as it is. */
export function explainDatabaseError(error: unknown, databaseUrl: string): unknown {
  if (error instanceof OpsError || !(error instanceof Error)) return error;
  const where = databaseUrl.replace(/\/\/.*@/, '//');
  const code = (error as NodeJS.ErrnoException).code ?? '';
  switch (databaseTrouble(error)) {
    case 'DISK_FULL':
      return faultError('DISK_FULL', `Postgres at ${where} has no room on its disk; nothing of this was stored`, {
        cause: error,
        remedy: 'free some space on that disk, then type it again',
      });
    case 'DATABASE_LOCKED':
      return unreachableError('DATABASE_LOCKED', 'another session holds what this needs, and does not let go', {
        cause: error,
        remedy: 'type it again; where it lasts: is a process of ours stopped (ps -o pid,stat,cmd, T is stopped)?',
      });
    case 'DATABASE_SLOW':
      return unreachableError('DATABASE_SLOW', `Postgres at ${where} took too long over a statement`, {
        cause: error,
        remedy: 'type it again; where it lasts: make logs',
      });
    case 'POSTGRES_DOWN':
      return unreachableError('POSTGRES_DOWN', `Postgres at ${where} does not answer (${code || saidBy(error)})`, {
        cause: error,
        remedy: 'make up',
      });
    case null:
  }
  if (code === '42P01') {
    return unreachableError('SCHEMA_MISSING', `the database at ${where} has no schema yet`, {
      cause: error,
      remedy: 'make migrate',
    });
  }
  return error;
}

/** What the driver said, without the statement that knex writes before it. */
const saidBy = ({ message }: Error): string => message.split(' - ').at(-1) ?? message;
