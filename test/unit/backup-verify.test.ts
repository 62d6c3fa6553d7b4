import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupFindings } from '../../src/backup/findings.js';
import { pruneBackups } from '../../src/backup/prune.js';
import { listBackups, newestVerified, verifyBackup } from '../../src/backup/verify.js';
import { manifestName, manifestText, sealManifest, type Manifest } from '../../src/domain/backup/manifest.js';
import { compareFigures } from '../../src/domain/backup/compare.js';
import { backupDirectory, writeBackup } from '../support/backups.js';

const OLD = '2026-11-20T22:30:00.000Z';
const NEW = '2026-11-21T22:30:00.000Z';
const RULES = { max_age_hours: 26 };
let directory = '';
let [older, newer] = [{} as Manifest, {} as Manifest];
beforeEach(() => {
  directory = backupDirectory();
  [older, newer] = [writeBackup(directory, OLD), writeBackup(directory, NEW, randomBytes(5_000))];
});
afterEach(() => rmSync(dirname(directory), { recursive: true, force: true }));

const path = (name: string) => join(directory, name);
const codes = async (now: string) =>
  (await backupFindings(directory, now, RULES)).map(({ code, subject }) => `${code} ${subject}`);

describe('a backup that is not as it was written', () => {
  it('with any bit of any byte of its manifest flipped is damaged, and the one before it is the newest', async () => {
    const text = readFileSync(path(manifestName(newer.file)));
    const accepted: number[] = [];
    for (let at = 0; at < text.length; at++) {
      const flipped = Buffer.from(text);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path(manifestName(newer.file)), flipped);
      if ((await verifyBackup(directory, newer.file)).state !== 'damaged') accepted.push(at);
    }
    expect([text.length > 500, accepted]).toEqual([true, []]);
    expect((await newestVerified(directory))?.file).toBe(older.file);
  });

  it('whose manifest was edited by hand is told so, also when it was written anew without its hash', async () => {
    const edited = { ...newer, figures: { ...newer.figures, tables: [{ name: 'public.bars', rows: 5 }] } };
    writeFileSync(path(manifestName(newer.file)), manifestText(edited));
    expect(await verifyBackup(directory, newer.file)).toMatchObject({
      state: 'damaged',
      problem: expect.stringMatching(/^the manifest was altered by hand: its content has SHA-256/),
    });
    writeFileSync(path(manifestName(newer.file)), manifestText({ ...newer, note: 'x' } as Manifest));
    expect((await verifyBackup(directory, newer.file)).problem).toMatch(
      /^the manifest was altered: manifest: must be left out: note/,
    );
    writeFileSync(path(manifestName(newer.file)), JSON.stringify(newer));
    expect((await verifyBackup(directory, newer.file)).problem).toMatch(/its bytes are not those that were written/);
    const { manifestSha256, ...content } = newer;
    expect(manifestSha256).not.toBe('');
    writeFileSync(path(manifestName(newer.file)), manifestText(sealManifest({ ...content, file: older.file })));
    expect((await verifyBackup(directory, newer.file)).problem).toBe(
      `the manifest is of ${older.file}, not of ${newer.file}`,
    );
  });

  it('that was cut, added to or lost its dump or manifest says which', async () => {
    const problem = async () => (await verifyBackup(directory, newer.file)).problem;
    appendFileSync(path(newer.file), 'x');
    expect(await problem()).toBe('it has 5001 bytes, its manifest says 5000: it was added to');
    truncateSync(path(newer.file), 4_999);
    expect(await problem()).toBe('it has 4999 bytes, its manifest says 5000: it was cut short');
    rmSync(path(manifestName(newer.file)));
    expect(await verifyBackup(directory, newer.file)).toMatchObject({
      state: 'incomplete',
      problem: 'it has no manifest: it was never finished, or the manifest was removed',
    });
    renameSync(path(newer.file), path('.partial-x'));
    writeFileSync(path(manifestName(newer.file)), manifestText(newer));
    expect(await problem()).toBe('the manifest is here, the dump is not');
    expect((await listBackups(directory)).map(({ file, state }) => [file, state])).toEqual([
      [newer.file, 'incomplete'],
      [older.file, 'verified'],
    ]);
    expect((await newestVerified(directory))?.file).toBe(older.file);
  });
});

describe('findings for alerts', () => {
  it('none while the newest whole one is young enough; then it is stale, and without any too', async () => {
    expect(await codes('2026-11-23T00:30:00.000Z')).toEqual([]);
    expect(await codes('2026-11-23T00:30:01.000Z')).toEqual(['BACKUP_STALE database']);
    expect((await backupFindings(directory, '2026-11-23T06:30:00Z', RULES))[0]?.message).toBe(
      `The newest whole backup, ${newer.file}, is 32 hours old; at most 26 are allowed.`,
    );
    expect(await backupFindings(join(directory, 'none'), NEW, RULES)).toMatchObject([
      { code: 'BACKUP_STALE', message: 'There is no whole backup.' },
    ]);
  });

  it('a damaged one is told and does not count as young', async () => {
    truncateSync(path(newer.file), 100);
    expect(await codes('2026-11-22T02:00:00.000Z')).toEqual(['BACKUP_STALE database', `BACKUP_DAMAGED ${newer.file}`]);
  });

  it('an older one that was cut short is told in the same hour, one that was altered by the next backup', async () => {
    writeFileSync(path(older.file), Buffer.from(`DUMP of ${OLD}`));
    expect(await codes(NEW)).toEqual([]);
    truncateSync(path(older.file), 1);
    expect(await codes(NEW)).toEqual([`BACKUP_DAMAGED ${older.file}`]);
  });

  it('one of a clock that ran ahead by more than an hour is not the newest for ever', async () => {
    writeBackup(directory, '2036-01-01T00:00:00.000Z');
    expect(await codes('2026-11-24T22:30:00.000Z')).toEqual(['BACKUP_STALE database']);
  });
});

it('retention deletes with the manifest, and leaves damaged ones where they are', async () => {
  truncateSync(path(older.file), 1);
  const third = writeBackup(directory, '2026-11-19T22:30:00.000Z');
  const { deleted, left } = await pruneBackups(directory, { keep_daily: 1, keep_monthly: 0, keep_verified_min: 1 });
  expect([deleted, left.map(({ file, state }) => [file, state])]).toEqual([
    [third.file],
    [
      [newer.file, 'verified'],
      [older.file, 'damaged'],
    ],
  ]);
  expect((await listBackups(directory)).map(({ file }) => file)).toEqual([newer.file, older.file]);
});

it('figures that differ are named on both sides', () => {
  const figures = {
    ...newer.figures,
    ledger: [{ account: 'main', book: 'ledger', ledgerAccount: 'Assets:Cash', commodity: 'GBP', total: '100.000000' }],
  };
  const found = {
    ...figures,
    tables: [
      { name: 'public.bars', rows: 3 },
      { name: 'public.runs', rows: 0 },
    ],
    ledger: [{ ...figures.ledger[0]!, total: '99.000000' }],
  };
  expect(compareFigures(figures, figures)).toEqual([]);
  expect(compareFigures(figures, found)).toEqual([
    { what: 'main ledger Assets:Cash GBP', expected: '100.000000', found: '99.000000' },
    { what: 'rows of public.bars', expected: '4', found: '3' },
    { what: 'rows of public.runs', expected: null, found: '0' },
  ]);
});
