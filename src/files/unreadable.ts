import { faultError, usageError, type OpsError } from '../domain/errors.js';
import { whyUnreadable } from './regular.js';

/** What the system says when the machine has nothing left to give, and nothing is wrong with the file. */
const EXHAUSTED = ['EMFILE', 'ENFILE', 'ENOMEM'];

/**
 * Why a file of the configuration could not be read: `CONFIG_UNREADABLE`, which somebody mends; or
 * `MACHINE_EXHAUSTED`, a fault that passes, so that nothing is refused for it for good.
 */
export function unreadable(file: string, cause: unknown, remedy: string): OpsError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const message = `${file} cannot be read: ${whyUnreadable(cause)}`;
  return EXHAUSTED.includes(code)
    ? faultError('MACHINE_EXHAUSTED', message, { cause, remedy: 'type it again' })
    : usageError('CONFIG_UNREADABLE', message, { cause, remedy });
}
