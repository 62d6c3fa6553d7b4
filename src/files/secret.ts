import { linkSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Makes a secret's file that its owner alone reads, whole or not at all. One that is there stays: of two who make it at
 * once, the second finds the first one's.
 */
export function makeSecret(file: string, text: string | Buffer): void {
  const written = `${file}.${process.pid}`;
  writeFileSync(written, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(written, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  } finally {
    rmSync(written);
  }
}
