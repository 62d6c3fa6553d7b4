import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendManifest } from '../../src/providers/archive.js';
import { refuseLinks, writeArtifacts } from '../../src/reports/write.js';

let home: string;
let dataDir: string;
let elsewhere: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'links-')));
  dataDir = path.join(home, 'data');
  elsewhere = path.join(home, 'elsewhere');
  for (const directory of [dataDir, elsewhere]) mkdirSync(directory);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const file = { path: 'artifacts/runs/one/summary.md', text: 'figures' };
const write = (durable = false) => writeArtifacts(dataDir, [file], { durable });

describe('nothing is written through a link', () => {
  for (const at of ['artifacts', 'artifacts/runs', 'artifacts/runs/one'])
    it(`where ${at} is one`, async () => {
      mkdirSync(path.dirname(path.join(dataDir, at)), { recursive: true });
      symlinkSync(elsewhere, path.join(dataDir, at));
      for (const durable of [false, true])
        await expect(write(durable)).rejects.toMatchObject({
          kind: 'fault',
          code: 'WRITES_THROUGH_LINK',
          message: expect.stringContaining(elsewhere) as string,
        });
      expect(readdirSync(elsewhere)).toEqual([]);
    });

  it('where the file itself is one: the link is replaced, and what it led to stays', async () => {
    const target = path.join(elsewhere, 'victim');
    writeFileSync(target, 'mine');
    mkdirSync(path.join(dataDir, 'artifacts/runs/one'), { recursive: true });
    symlinkSync(target, path.join(dataDir, file.path));
    await write();
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(readFileSync(path.join(dataDir, file.path), 'utf8')).toBe('figures');
  });

  it('where the manifest of the payloads is one', async () => {
    const folder = path.join(dataDir, 'data/market/csv/2014-06-11');
    mkdirSync(folder, { recursive: true });
    symlinkSync(path.join(elsewhere, 'victim'), path.join(folder, 'manifest.jsonl'));
    const kept = {
      provider: 'csv',
      kind: 'eod',
      symbol: 'A',
      request: '',
      retrievedAt: '',
      sha256: '',
      bytes: 1,
      path: 'data/market/csv/2014-06-11/A.csv',
    } as const;
    await expect(appendManifest(dataDir, 'run', [kept])).rejects.toThrow(/ELOOP/);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('but the data directory may be reached by one, and what is not there yet is made', async () => {
    const byLink = path.join(home, 'link');
    symlinkSync(dataDir, byLink);
    await writeArtifacts(byLink, [file]);
    expect(readFileSync(path.join(dataDir, file.path), 'utf8')).toBe('figures');
    await expect(refuseLinks(byLink, path.join(byLink, 'artifacts/not/yet'))).resolves.toBeUndefined();
  });
});
