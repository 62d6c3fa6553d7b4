import type { Command } from 'commander';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answered, composed } from './answered.js';

/** What a pipe or a file brings; null when it is nothing, as where no one types (`make psql` of a timer). */
async function typedInto(stdin: NodeJS.ReadStream): Promise<string | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer));
  const text = Buffer.concat(chunks).toString('utf8');
  return text.trim() === '' ? null : text;
}

/** Opens psql, has it do what a pipe brings, or proves the connection. */
export function psqlAction(args: string[], command: Command): Promise<void> {
  return answered(command, async (flags) => {
    const { runPsql, sanity } = await import('../../../runtime/postgres/psql.js');
    const settings = loadSettings();
    const addresses = resolveAddresses(settings);
    const url = flags.owner ? addresses.ownerDatabaseUrl : addresses.databaseUrl;
    const sql = args.length > 0 || process.stdin.isTTY ? null : await typedInto(process.stdin);
    if (args.length > 0 || process.stdin.isTTY || sql !== null) {
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
          ...(sql === null ? args : ['-v', 'ON_ERROR_STOP=1', '-c', sql]),
        );
      process.exitCode = await runPsql(url, args, sql);
      return null;
    }
    const found = await sanity(url);
    return {
      lines: [found.version, `user ${found.user}, database ${found.database}, at ${new URL(url).host}`],
      data: found,
    };
  });
}
