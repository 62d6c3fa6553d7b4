import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepareFolder, variantsIn } from '../../src/simulation/memory/files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'walk-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('counts what reports say that they took, and one for a file that says what no report does', async () => {
  const said = (number: number, text: string) =>
    writeFileSync(join(folder, `walk_2014-01-02_2014-02-03_${number}.json`), text);
  said(1, JSON.stringify({ variants: { inThisReport: 12, before: 0 } }));
  expect(await variantsIn(folder)).toEqual({ keys: new Set(), unnamed: 12 });
  for (const [index, count] of ['"7"', '-50', '0', '1.5', '1e12', 'null', '[3]'].entries())
    said(index + 2, `{"variants":{"inThisReport":${count}}}`);
  said(9, '{"variants":{"inThis');
  writeFileSync(join(folder, 'notes.json'), '{"variants":{"inThisReport":5}}');
  expect(await variantsIn(folder)).toEqual({ keys: new Set(), unnamed: 12 + 8 });
  // Those that are known by what they were asked for with are one each, however often they were walked.
  const [one, two] = ['a'.repeat(64), 'b'.repeat(64)];
  said(10, JSON.stringify({ variants: { inThisReport: 2, before: 0, keys: [one, two] } }));
  said(11, JSON.stringify({ variants: { inThisReport: 1, before: 2, keys: [one] } }));
  expect(await variantsIn(folder)).toEqual({ keys: new Set([one, two]), unnamed: 12 + 8 });
  said(12, JSON.stringify({ variants: { inThisReport: 1, keys: ['<script>'] } }));
  expect((await variantsIn(folder)).unnamed).toBe(12 + 8 + 1);
  expect(await variantsIn(join(folder, 'none'))).toEqual({ keys: new Set(), unnamed: 0 });
});

it('makes the folder of a report before the walk, and says where none can be made', async () => {
  const deep = join(folder, 'a', 'b');
  await prepareFolder(deep);
  await prepareFolder(deep);
  expect(existsSync(deep)).toBe(true);
  writeFileSync(join(folder, 'file'), '');
  const code = 'FILE_UNWRITABLE';
  await expect(prepareFolder(join(folder, 'file', 'x'))).rejects.toMatchObject({ code });
  await expect(prepareFolder(join(folder, 'file'))).rejects.toMatchObject({ code });
  // Node makes several levels there without an end.
  await expect(prepareFolder('/proc/walks/x')).rejects.toMatchObject({ code });
});
