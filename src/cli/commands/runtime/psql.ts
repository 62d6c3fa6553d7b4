import type { Command } from 'commander';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answered, composed } from './answered.js';

/** Opens psql, or proves the connection. */
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
