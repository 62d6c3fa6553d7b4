import type { Command } from 'commander';
import type { Backup } from '../../../backup/verify.js';
import { backupsDirectory } from '../../../backup/directory.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answer } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

/** A backup as machines are told of it. */
export const toldOf = <B extends Backup>({ manifest, ...backup }: B) => ({
  ...backup,
  sha256: manifest?.sha256 ?? null,
  reason: manifest?.reason ?? null,
  figures: manifest?.figures ?? null,
});

/** Runs a command on the directory of backups, which needs neither services nor configuration. */
export async function withBackups(command: Command, action: (directory: string) => Promise<Answer>): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, () =>
    action(backupsDirectory(loadSettings().dataDir)),
  );
}
