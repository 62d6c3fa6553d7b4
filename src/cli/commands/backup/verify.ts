import type { Command } from 'commander';
import type { Backup } from '../../../backup/verify.js';
import { connect } from '../../../db/connect.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { verifyBackups } from '../../../operations/backup/verify.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings } from '../../../runtime/settings.js';
import { EXIT } from '../../kit/exit.js';
import { withProgress } from '../../kit/progress.js';
import { bytesText } from './lines.js';
import { toldOf, withBackups } from './told.js';

/** Checks one backup or all; exit 2 when one is not whole. */
export async function checkBackups(file: string | undefined, command: Command): Promise<void> {
  await withBackups(command, async (directory) => {
    const { all = false } = command.opts<{ all?: boolean }>();
    const db = connect(resolveAddresses(loadSettings()).databaseUrl, 1);
    const verifying = () => verifyBackups({ directory, db }, { file, all }).finally(() => db.destroy());
    const { backups: checked, compared, verdict } = resultOrThrow(await withProgress('Checking every byte', verifying));
    const whole = verdict === 'BACKUP_VERIFIED';
    return {
      exitCode: whole ? EXIT.done : EXIT.refused,
      data: { directory, whole, compared, backups: checked.map(toldOf) },
      lines: [
        verdict,
        ...checked.map(lineOf),
        compared === null
          ? 'Postgres does not answer: the manifests were not compared with its record.'
          : `${compared} of ${checked.length} compared with the database's own record.`,
      ],
      next: whole
        ? 'trading-ops backups list'
        : 'make backup; keep the damaged file aside until you know why (docs/INCIDENTS.md, BACKUP_DAMAGED)',
    };
  });
}

const lineOf = ({ file, state, problem, manifest }: Backup): string =>
  manifest
    ? `${file}: whole, ${bytesText(manifest.bytes)}, SHA-256 ${manifest.sha256}, ` +
      `${manifest.figures.tables.length} tables`
    : `${file}: ${state}: ${problem}`;
