import * as fc from 'fast-check';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  alertPath,
  dailyReportPath,
  dataQualityPath,
  historyPath,
  reconciliationPath,
  runSummaryPath,
  signalsPath,
  ticketPath,
} from '../../src/reports/paths.js';
import { resolveInside, writeArtifacts, writeFault } from '../../src/reports/write.js';
import { OpsError } from '../../src/domain/errors.js';
import { unicodeText } from '../support/unicode-text.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'artifacts-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** Where a path leads, or the code it is refused with. */
function outcome(make: () => string): string {
  try {
    return resolveInside('/data', make());
  } catch (error) {
    return error instanceof OpsError ? error.code : String(error);
  }
}

describe('paths', () => {
  test('are those of the contract', () => {
    const run = '0a1b2c3d-0000-4000-8000-000000000800';
    expect(runSummaryPath(run, 'md')).toBe(`artifacts/runs/${run}/run_summary.md`);
    expect(ticketPath(run, 'html')).toBe(`artifacts/tickets/${run}/ticket.html`);
    expect(dataQualityPath('2018-01-04', run)).toBe('artifacts/reports/data_quality_2018-01-04_0a1b2c3d.md');
    expect(reconciliationPath('2018-01-05', '2018-01-05T09:15:02.123+01:00')).toBe(
      'artifacts/reports/reconcile_2018-01-05_20180105T081502Z.md',
    );
    expect(reconciliationPath('2018-01-05', '2018-01-05T08:15:02Z', 2)).toBe(
      'artifacts/reports/reconcile_2018-01-05_20180105T081502Z-2.md',
    );
    expect(dailyReportPath('main', '2018-01-05', 'html')).toBe('artifacts/reports/daily_main_2018-01-05.html');
    expect(signalsPath('2018-01-04')).toBe('artifacts/signals/2018-01-04.json');
    expect(alertPath(run)).toBe(`artifacts/alerts/${run}.json`);
    expect(historyPath('main', '2018-01-05')).toBe('artifacts/reports/history_main_2018-01-05.json');
    expect(historyPath('main', '2018-01-05', 1)).toBe('artifacts/reports/history_main_2018-01-05_1.json');
  });

  test('never lead out of the artifacts, whatever the id', () => {
    const id = fc.oneof(
      unicodeText({ maxLength: 20 }),
      fc
        .array(fc.constantFrom('..', '/', '\\', '.', 'a', '\0', '%2e'), { maxLength: 8 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(id, (text) => {
        const made = [
          () => runSummaryPath(text, 'md'),
          () => ticketPath(text, 'md'),
          () => dailyReportPath(text, text, 'md'),
          () => alertPath(text),
          () => signalsPath(text),
        ].map(outcome);
        expect(made.filter((each) => each !== 'UNSAFE_PATH' && !each.startsWith('/data/artifacts/'))).toEqual([]);
      }),
      { numRuns: 50 },
    );
    for (const bad of ['../x', '..', '.', '', 'a/b', 'a\\b', '.hidden', 'a..b'])
      expect(() => ticketPath(bad, 'md')).toThrow(OpsError);
  }, 30_000);
});

describe('writing', () => {
  test('makes directories, replaces whole files and leaves nothing behind', async () => {
    const files = [
      { path: 'artifacts/runs/r1/run_summary.md', text: 'one' },
      { path: 'artifacts/runs/r1/run_summary.json', text: '{}' },
    ];
    expect(await writeArtifacts(dataDir, files)).toEqual(files.map((file) => file.path));
    await writeArtifacts(dataDir, [{ path: files[0]!.path, text: 'two' }]);
    expect(await readFile(path.join(dataDir, files[0]!.path), 'utf8')).toBe('two');
    expect((await readdir(path.join(dataDir, 'artifacts/runs/r1'))).toSorted()).toEqual([
      'run_summary.json',
      'run_summary.md',
    ]);
  });

  test.each([
    '../outside.md',
    '/etc/passwd',
    'artifacts/../outside.md',
    'artifacts',
    'data/market/x',
    'artifacts/a\0b',
  ])('refuses %j and writes nothing', async (bad) => {
    await expect(
      writeArtifacts(dataDir, [
        { path: 'artifacts/good.md', text: 'x' },
        { path: bad, text: 'x' },
      ]),
    ).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('says which file cannot be written, why, and what to do', async () => {
    await mkdir(path.join(dataDir, 'artifacts'));
    await writeFile(path.join(dataDir, 'artifacts/reports'), 'a file in the way');
    const failure = await writeArtifacts(dataDir, [{ path: 'artifacts/reports/daily.md', text: 'x' }]).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'NOT_WRITABLE', kind: 'fault' });
    expect((failure as OpsError).message).toContain(
      `Cannot write ${path.join(dataDir, 'artifacts/reports/daily.md')}: a file is where a directory should be`,
    );
    expect((failure as OpsError).remedy).toContain('Move that file away');
  });

  test('keeps the old file when the new one cannot be written', async () => {
    await writeArtifacts(dataDir, [{ path: 'artifacts/alerts/a.json', text: 'old' }]);
    await mkdir(path.join(dataDir, 'artifacts/alerts/b.json'));
    await expect(writeArtifacts(dataDir, [{ path: 'artifacts/alerts/b.json', text: 'new' }])).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
    });
    expect(await readFile(path.join(dataDir, 'artifacts/alerts/a.json'), 'utf8')).toBe('old');
    expect((await readdir(path.join(dataDir, 'artifacts/alerts'))).toSorted()).toEqual(['a.json', 'b.json']);
  });

  test.each([
    ['ENOSPC', 'DISK_FULL', 'the disk is full'],
    ['EACCES', 'NOT_WRITABLE', 'permission is denied'],
    ['EROFS', 'NOT_WRITABLE', 'read-only'],
    ['EIO', 'NOT_WRITABLE', 'EIO'],
  ])('%s becomes %s in words', (errno, code, words) => {
    const fault = writeFault('/data/artifacts/x.md', Object.assign(new Error('no'), { code: errno }));
    expect(fault).toMatchObject({ code, kind: 'fault' });
    expect(fault.message).toContain(words);
    expect(fault.remedy).toBeTruthy();
  });
});
