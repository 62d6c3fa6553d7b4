import { open, rm, stat } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { usageError } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';

/** For its owner alone: it says what a household trades. */
const MODE = 0o600;

/**
 * Writes a file that an operator names; one that is there is replaced only by force, and then whole or not at all.
 * @throws OpsError FILE_EXISTS, FILE_UNWRITABLE
 */
export async function writeOutputFile(file: string, text: string, { force }: { force: boolean }): Promise<void> {
  try {
    if (force) await replace(file, text);
    else await create(file, text);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw usageError('FILE_EXISTS', `out: ${bounded(file)}: must not be there already`, {
        cause,
        remedy: 'name another file, or add --force',
      });
    throw usageError('FILE_UNWRITABLE', `out: ${bounded(file)}: cannot be written (${code ?? message})`, { cause });
  }
}

/** A device or a pipe is not replaced by a file: who runs as root would lose /dev/null. */
async function replace(file: string, text: string): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there && !there.isFile()) throw new Error('it is no regular file');
  await writeFileAtomic(file, text, { mode: MODE });
}

async function create(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', MODE);
  try {
    await handle.writeFile(text);
  } catch (error) {
    // No half of a file is left behind by a full disk.
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}
