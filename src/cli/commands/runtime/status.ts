import type { Command } from 'commander';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings } from '../../../runtime/settings.js';
import type { StackStatus } from '../../../runtime/status.js';
import { EXIT } from '../../kit/exit.js';
import type { Answer } from '../../kit/output.js';
import { answered, composed } from './answered.js';
import { processLines, statusLines } from './lines.js';

/** Every part, and the alerts that wait. */
export function statusAction(command: Command): Promise<void> {
  return answered(command, async () => {
    const status = await stackStatus();
    const { alertsWaiting, waitingLine } = await import('../../kit/open-alerts.js');
    const open = await alertsWaiting(status, resolveAddresses(loadSettings()).databaseUrl);
    const alerts = open && open.length > 0 ? ['', waitingLine(open)] : [];
    return {
      lines: [...statusLines(status), ...alerts],
      data: { ...status, openAlerts: open },
      ...(!status.healthy && { next: 'make up' }),
    };
  });
}

/** The processes alone. */
export function psAction(command: Command): Promise<void> {
  return answered(command, async () => {
    const settings = loadSettings();
    if (settings.runtime === 'compose') return (await composed()).show(settings, 'ps', '--all');
    const status = await stackStatus();
    const lines = [`data    ${status.dataDir}`, '', ...processLines(status)];
    return { lines, data: status.parts, ...(!status.healthy && { next: 'make up' }) };
  });
}

/** Whether each service answers. */
export function healthAction(command: Command): Promise<void> {
  return answered(command, async () => {
    const { health } = await import('../../../runtime/health.js');
    const checks = await health(loadSettings());
    const healthy = checks.every(({ ok }) => ok);
    const lines = checks.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'DOWN'}  ${name.padEnd(8)}  ${detail}`);
    const answer: Answer = { lines, data: { healthy, checks }, exitCode: healthy ? EXIT.done : EXIT.unreachable };
    return healthy ? answer : { ...answer, next: 'make up, and make logs when that does not help' };
  });
}

async function stackStatus(): Promise<StackStatus> {
  const { status } = await import('../../../runtime/stack.js');
  return status(loadSettings());
}
