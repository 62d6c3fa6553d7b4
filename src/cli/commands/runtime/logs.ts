import type { Command } from 'commander';
import { loadSettings } from '../../../runtime/settings.js';
import { answered, composed } from './answered.js';

/** The end of each log, and what is added to it. */
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
