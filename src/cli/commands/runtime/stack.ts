import type { Command } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import type { Progress } from '../../../runtime/parts.js';
import type { RestoreState } from '../../../runtime/postgres/restore-state.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import type { PartName } from '../../../runtime/stack.js';
import type { StackStatus } from '../../../runtime/status.js';
import { type Answer, printAnswer, printError } from '../../kit/output.js';
import { processLines, statusLines } from './lines.js';
import { showSteps } from '../../kit/steps.js';
import { bounded } from '../../../domain/text.js';

interface Flags {
  json?: boolean;
  worker?: boolean;
  follow?: boolean;
  lines?: string;
  owner?: boolean;
  only?: string;
}

export function upAction(command: Command): Promise<void> {
  return answered(command, (flags) =>
    showSteps(async (progress) => {
      const settings = loadSettings();
      if (settings.runtime === 'compose') return (await composed()).upComposed(settings, progress, flags);
      const { up } = await import('../../../runtime/stack.js');
      const parts = await partsOf(flags.only);
      const finish = async (state: RestoreState) => {
        const { finishRestore } = await import('../restore/finish.js');
        const { rebuiltLines } = await import('../day/rebuild.js');
        for (const line of rebuiltLines(await finishRestore(settings, state, progress))) progress(line);
      };
      const status = await up(settings, progress, {
        worker: flags.worker !== false,
        finishRestore: finish,
        ...(parts && { parts }),
      });
      return { lines: statusLines(status), data: status, next: parts ? 'make status' : await nextAfterUp(settings) };
    }),
  );
}

export function downAction(command: Command): Promise<void> {
  return answered(command, (flags) => showSteps((progress) => stopParts(progress, flags.only)));
}

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

export function psAction(command: Command): Promise<void> {
  return answered(command, async () => {
    const settings = loadSettings();
    if (settings.runtime === 'compose') return (await composed()).show(settings, 'ps', '--all');
    const status = await stackStatus();
    return { lines: processLines(status), data: status.parts, ...(!status.healthy && { next: 'make up' }) };
  });
}

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

export function logsAction(command: Command): Promise<void> {
  return answered(command, async (flags) => {
    const { parseInput } = await import('../../../contract/reading.js');
    const { readLogsSchema } = await import('../../../contract/lists.js');
    const { followLogs, logPaths, logTails } = await import('../../../runtime/processes/logs.js');
    const settings = loadSettings();
    const { lines: count } = parseInput(readLogsSchema, { lines: flags.lines });
    if (settings.runtime === 'compose')
      return (await composed()).show(settings, 'logs', '--tail', String(count), ...(flags.follow ? ['--follow'] : []));
    const tails = logTails(settings, count);
    const lines = tails.flatMap(({ path, text }) => [`==> ${path} <==`, text, '']);
    if (!flags.follow)
      return {
        lines: lines.length > 0 ? lines : [`No logs yet in ${settings.dataDir}/logs`],
        data: { paths: logPaths(settings), tails },
      };
    process.stdout.write(`${lines.join('\n')}\n`);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
    await followLogs(settings, (line) => process.stdout.write(`${line}\n`), stop.signal);
    return null;
  });
}

export function psqlAction(args: string[], command: Command): Promise<void> {
  return answered(command, async (flags) => {
    const { runPsql, sanity } = await import('../../../runtime/postgres/psql.js');
    const settings = loadSettings();
    const addresses = resolveAddresses(settings);
    const url = flags.owner ? addresses.ownerDatabaseUrl : addresses.databaseUrl;
    if (args.length > 0 || process.stdin.isTTY) {
      // The container has a psql of the server's own version; this machine may have none.
      if (settings.runtime === 'compose')
        return (await composed()).show(
          settings,
          'exec',
          ...(process.stdin.isTTY ? [] : ['-T']),
          'postgres',
          'psql',
          '-U',
          new URL(url).username,
          '-d',
          'trading_ops',
          ...args,
        );
      process.exitCode = await runPsql(url, args);
      return null;
    }
    const found = await sanity(url);
    return {
      lines: [found.version, `user ${found.user}, database ${found.database}, at ${new URL(url).host}`],
      data: found,
    };
  });
}

async function nextAfterUp(settings: Settings): Promise<string> {
  const { migrationState } = await import('../../../db/migrate.js');
  const { missing } = await migrationState(resolveAddresses(settings).ownerDatabaseUrl);
  return missing.length > 0
    ? `make migrate (${missing.length} to apply)`
    : 'make run-0800, or make run-ops to see the gates without a ticket';
}

async function partsOf(only: string | undefined): Promise<readonly PartName[] | undefined> {
  const { PARTS } = await import('../../../runtime/stack.js');
  if (only === undefined) return undefined;
  const part = PARTS.find((name) => name === only);
  if (part) return [part];
  throw usageError('PART_UNKNOWN', `only: ${bounded(only)}: must be one of ${PARTS.join(', ')}`);
}

async function stopParts(progress: Progress, only: string | undefined): Promise<Answer> {
  const settings = loadSettings();
  if (settings.runtime === 'compose') return (await composed()).downComposed(settings, progress, only);
  const { down } = await import('../../../runtime/stack.js');
  const parts = await partsOf(only);
  const status = await down(settings, progress, parts);
  if (parts)
    return { lines: [`The ${parts.join()} of ${status.dataDir} does not run.`], data: status, next: 'make up' };
  const left = status.parts.filter((part) => part.external && part.state === 'running').map((part) => part.name);
  const lines = [
    `Nothing of ${status.dataDir} is running.`,
    ...left.map((name) => `${name} was left alone: the environment names it.`),
  ];
  return { lines, data: status, next: 'make up' };
}

async function stackStatus(): Promise<StackStatus> {
  const { status } = await import('../../../runtime/stack.js');
  return status(loadSettings());
}

const composed = () => import('../host/compose.js');

/** Prints what the action answers (null: it has printed already), or its error. */
async function answered(command: Command, action: (flags: Flags) => Promise<Answer | null>): Promise<void> {
  const flags = command.optsWithGlobals<Flags>();
  try {
    const answer = await action(flags);
    if (answer) printAnswer(answer, flags.json ?? false);
  } catch (error) {
    printError(error, flags.json ?? false);
  }
}
