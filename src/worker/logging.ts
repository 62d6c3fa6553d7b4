import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import { pino, stdTimeFunctions } from 'pino';

const LEVEL: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Installs one JSON logger for worker, workflows and activities; must run before any connection is made. */
export function installLogging(level: string): void {
  const logger = pino({ level, errorKey: 'error', timestamp: stdTimeFunctions.isoTime, base: null });
  Runtime.install({
    logger: new DefaultLogger('DEBUG', ({ level: from, message, meta }) => logger[LEVEL[from]]({ ...meta }, message)),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}
