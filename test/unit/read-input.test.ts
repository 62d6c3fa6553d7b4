import { execaSync } from 'execa';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readInputFile } from '../../src/cli/kit/read-input.js';
import { writeOutputFile } from '../../src/cli/kit/write-output.js';

const home = mkdtempSync(join(tmpdir(), 'read-input-'));
afterAll(() => rmSync(home, { recursive: true }));
const at = (name: string) => join(home, name);
const write = (name: string, content: string | Buffer) => {
  writeFileSync(at(name), content);
  return at(name);
};
const read = (file: string) =>
  readInputFile({
    file,
    field: 'file',
    code: 'UNREADABLE',
    tooLarge: 'INVALID',
    maxBytes: 1_000,
    remedy: 'name it',
  }).catch(({ message, remedy }: { message: string; remedy: string }) => `${message}; ${remedy}`);

describe('a file that an operator names', () => {
  it('is read whole, up to the limit', async () => {
    expect(await read(write('good', '\uFEFFa\n'))).toBe('\uFEFFa\n');
    expect(await read(write('full', 'x'.repeat(1_000)))).toHaveLength(1_000);
  });

  it('is refused, and not waited for, where it is none', async () => {
    execaSync('mkfifo', [at('fifo')]);
    mkdirSync(at('directory'));
    truncateSync(write('huge', ''), 8 * 1024 ** 3);
    expect(await read(at('fifo'))).toMatch(/file: .*fifo: must be a regular file.*; name it$/);
    expect(await read('/dev/zero')).toMatch(/\/dev\/zero: must be a regular file/);
    expect(await read(at('directory'))).toMatch(/cannot be read \(EISDIR\)/);
    expect(await read('/nowhere.csv')).toMatch(/\/nowhere\.csv: cannot be read \(ENOENT\)/);
    expect(await read(at('huge'))).toMatch(/must be at most 1000 bytes; name it$/);
    expect(await read(write('long', 'x'.repeat(1_001)))).toMatch(/must be at most 1000 bytes/);
    expect(await read(write('latin', Buffer.from('cash,\xA31', 'latin1')))).toMatch(/must be text in UTF-8/);
  });
});

describe('a file that is written', () => {
  const told = (file: string, force = false) =>
    writeOutputFile(file, 'new', { force }).then(
      () => 'written',
      (error: { code: string }) => error.code,
    );

  it('takes the place of another one by force alone, and never that of a device', async () => {
    expect(await told(at('out'))).toBe('written');
    expect(await told(at('out'))).toBe('FILE_EXISTS');
    expect(await told(at('out'), true)).toBe('written');
    expect(await told('/dev/null', true)).toBe('FILE_UNWRITABLE');
    expect(await told(at('nowhere/out'))).toBe('FILE_UNWRITABLE');
    expect(await told(at('nowhere/out'), true)).toBe('FILE_UNWRITABLE');
  });
});
