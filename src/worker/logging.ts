import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import { pino, stdTimeFunctions } from 'pino';

const LEVEL: Record<LogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

const logging = { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } as const;

/**
 * Installs one JSON logger for worker, workflows and activities, and Temporal's own metrics where a port is named;
 * must run before any connection is made. Metrics are for looking: a port that is taken is told, and the worker works
 * without them.
 */
export function installLogging(level: string, metricsPort?: number): void {
  const logger = pino({ level, errorKey: 'error', timestamp: stdTimeFunctions.isoTime, base: null });
  const options = {
    logger: new DefaultLogger('DEBUG', ({ level: from, message, meta }) => logger[LEVEL[from]]({ ...meta }, message)),
    telemetryOptions: { logging },
  };
  if (metricsPort === undefined) return void Runtime.install(options);
  // Loopback only, whatever is set: the endpoint has no login and answers to any Host.
  const metrics = { prometheus: { bindAddress: `127.0.0.1:${metricsPort}` } };
  try {
    Runtime.install({ ...options, telemetryOptions: { logging, metrics } });
  } catch (error) {
    Runtime.install(options);
    logger.warn(
      { port: metricsPort, error: (error as Error).message },
      'the metrics cannot be shown: the worker goes on without',
    );
  }
}
