import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepPayload } from '../../src/providers/archive.js';
import { createCsvProvider } from '../../src/providers/csv.js';
import { createCsvFxProvider } from '../../src/providers/fx-csv.js';
import { asOutcome, type FetchFailure } from '../../src/providers/provider.js';
import { quotable, quotableName } from '../../src/providers/quoted.js';

const now = () => new Date('2014-06-11T07:00:00Z');
const SECRET = 'root:$6$salt$notahash:19000:0:99999:7:::';
const GOOD = 'Date,Open,High,Low,Close,Volume\n2014-06-09,92.7,93.88,91.75,93.7,75414997\n';
let home: string;
let folder: string;
let secret: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'files-'));
  folder = path.join(home, 'drop');
  secret = path.join(home, 'secret');
  mkdirSync(folder);
  writeFileSync(secret, `${SECRET}\n${SECRET}\n`);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (name: string) => path.join(folder, name);
const window = { from: '2014-06-05', to: '2014-06-10' };

/** What a morning makes of the folder: bars of a symbol, and rates; bars are read to the end. */
async function outcomes(): Promise<(FetchFailure | { ok: true })[]> {
  const bars = await asOutcome(async () => {
    const answer = await createCsvProvider(folder, now).fetchBars({ symbol: 'AAPL', ...window });
    if (answer.ok) for await (const _ of answer.bars) void _;
    return answer;
  });
  return [bars, await createCsvFxProvider(folder, now).fetchRates({ pair: 'GBPUSD', ...window })];
}

describe('what lies in a drop folder besides files', () => {
  const kinds: Record<string, (name: string) => void> = {
    'a pipe that nobody writes to': (name) => void execFileSync('mkfifo', [at(name)]),
    'a link to a device without end': (name) => symlinkSync('/dev/zero', at(name)),
    'a link to a file elsewhere': (name) => symlinkSync(secret, at(name)),
    'a link to a file of the folder': (name) => {
      writeFileSync(at('other.txt'), GOOD);
      symlinkSync('other.txt', at(name));
    },
    'a link to itself': (name) => symlinkSync(name, at(name)),
    'a directory': (name) => mkdirSync(at(name)),
  };
  for (const [kind, make] of Object.entries(kinds))
    it(`${kind} is told at once, and nothing of it is read`, { timeout: 5_000 }, async () => {
      for (const name of ['AAPL.csv', 'GBPUSD.csv']) make(name);
      const [bars, rates] = await outcomes();
      expect(bars).toMatchObject({
        ok: false,
        code: 'FILE_UNREADABLE',
        message: expect.stringContaining('AAPL.csv') as string,
      });
      expect(rates).toMatchObject({
        ok: false,
        code: 'FILE_UNREADABLE',
        message: expect.stringContaining('GBPUSD.csv') as string,
      });
      expect(JSON.stringify([bars, rates])).not.toContain('root');
    });

  it('as splits.csv it fails the symbols that would be read by it', { timeout: 5_000 }, async () => {
    writeFileSync(at('AAPL.csv'), GOOD);
    execFileSync('mkfifo', [at('splits.csv')]);
    expect((await outcomes())[0]).toMatchObject({
      ok: false,
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('splits.csv') as string,
    });
  });

  it('beside a second file of the symbol it is passed over', { timeout: 5_000 }, async () => {
    writeFileSync(at('AAPL.csv'), GOOD);
    execFileSync('mkfifo', [at('AAPL (1).csv')]);
    expect((await outcomes())[0]).toMatchObject({ ok: true });
  });

  it('a file of a terabyte is refused by its size', { timeout: 5_000 }, async () => {
    for (const name of ['AAPL.csv', 'GBPUSD.csv']) {
      writeFileSync(at(name), GOOD);
      truncateSync(at(name), 1024 ** 4);
    }
    for (const outcome of await outcomes()) expect(outcome).toMatchObject({ ok: false, code: 'TOO_LARGE' });
  });

  it('what is kept of a large file is the file that was read, never what has taken its name', async () => {
    symlinkSync(secret, at('AAPL.csv'));
    const payload = { kind: 'eod' as const, extension: 'csv', request: 'file', body: { file: at('AAPL.csv') } };
    await expect(
      keepPayload({
        dataDir: home,
        provider: 'csv',
        date: '2014-06-11',
        symbol: 'AAPL',
        payload,
        retrievedAt: now().toISOString(),
      }),
    ).rejects.toThrow(/PAYLOAD|links are not followed/);
  });
});

describe('messages never repeat what a file holds', () => {
  it('also of a hard link, which looks like any file', async () => {
    for (const name of ['AAPL.csv', 'GBPUSD.csv', 'splits.csv']) linkSync(secret, at(name));
    const told = JSON.stringify(await outcomes());
    expect(told).toContain('"ok":false');
    expect(told).not.toMatch(/root|salt|19000/);
  });

  it('in a column of figures, of dates, of names, in the header, in a row that breaks off', async () => {
    const rows = [
      `2014-06-09,92.7,93.88,91.75,${SECRET},1\n`,
      `${SECRET},92.7,93.88,91.75,93.7,1\n`,
      `2014-06-09,92.7,93.88,${SECRET}`,
      `2014-06-09,92.7,93.88,91.75,93.7,1,${SECRET}\n`,
    ];
    const texts = [
      ...rows.map((row) => `Date,Open,High,Low,Close,Volume\n${row}`),
      `${SECRET},Open\n1,2\n`,
      `<html>${SECRET}`,
      `{"x":"${SECRET}"}`,
    ];
    for (const text of texts) {
      for (const name of ['AAPL.csv', 'GBPUSD.csv', 'splits.csv']) writeFileSync(at(name), text);
      const told = JSON.stringify(await outcomes());
      expect(told, text).not.toMatch(/root|salt|19000/);
    }
  });

  it('a figure and a name are repeated, what is neither is described', () => {
    for (const figure of ['', 'N/D', 'null', '-1.5e3', '12/31/2014', '$92.70', 'NaN'])
      expect(quotable(figure)).toBe(JSON.stringify(figure));
    expect(quotable(SECRET)).toBe(`a text of ${SECRET.length} characters`);
    expect(quotable(undefined)).toBe('nothing');
    expect(quotableName('BRK.B')).toBe('BRK.B');
    expect(quotableName(SECRET)).toBe(`a text of ${SECRET.length} characters`);
  });

  it('no text of four letters and more is repeated as a figure', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,20}$/), (word) => {
        fc.pre(!/^(null|true|false|infinity|inf|nan)$/.test(word));
        return !quotable(word).includes(word);
      }),
    );
  });
});
