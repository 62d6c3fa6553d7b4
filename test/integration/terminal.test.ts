import { execaSync } from 'execa';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASH, fillsOf, MONDAY, startSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

/** What an operator gives at a terminal: a table, an answer to each question, a file to complete. */
const GROUP_MAX_MS = 240_000;
const at = (time: string) => ['--at', `${MONDAY}T${time}:00+01:00`];

let installation: Installation;
let seat: TestSeat;
let stop: () => Promise<void>;
const place = (name: string) => join(installation.dataDir, name);

beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { cadence: 'daily' });
  ({ seat, stop } = await startSeat(installation));
  await seat.run('0800', MONDAY);
  // What the day writes as it opens is none of the rows that are compared.
  await seat.viewWhen(MONDAY, ({ openedAt }) => openedAt !== null);
}, GROUP_MAX_MS);

afterAll(() => stop());

describe('reconcile-daily takes a table', { timeout: GROUP_MAX_MS }, () => {
  const snapshot = (...args: string[]) => ['reconcile-daily', ...at('09:00'), '--snapshot-date', MONDAY, ...args];
  const write = (name: string, content: string | Buffer) => {
    writeFileSync(place(name), content);
    return place(name);
  };

  it('and refuses what cannot be read or taken, without waiting and without a row', async () => {
    const fifo = place('fifo');
    execaSync('mkfifo', [fifo]);
    mkdirSync(place('directory'));
    truncateSync(write('huge.csv', ''), 8 * 1024 ** 3);
    const good = write('good.csv', `symbol,units\ncash,${CASH}\n`);
    const before = await fingerprint(seat.db);
    const cases: [args: string[], said: RegExp, input?: string][] = [
      [['--file', fifo], /SNAPSHOT_UNREADABLE: file: .*fifo: must be a regular file/],
      [['--file', '/dev/zero'], /SNAPSHOT_UNREADABLE: file: \/dev\/zero: must be a regular file/],
      [['--file', place('directory')], /SNAPSHOT_UNREADABLE: .*cannot be read \(EISDIR\)/],
      [['--file', '/nowhere.csv'], /SNAPSHOT_UNREADABLE: file: \/nowhere\.csv: cannot be read \(ENOENT\)/],
      [['--file', place('huge.csv')], /SNAPSHOT_INVALID: .*must be at most 262144 bytes/],
      [['--file', '-'], /SNAPSHOT_INVALID: file: -: must be at most 262144 bytes/, 'AAPL 1\n'.repeat(40_000)],
      [
        ['--file', write('latin.csv', Buffer.from('cash,\xA31', 'latin1'))],
        /SNAPSHOT_UNREADABLE: .*must be text in UTF-8/,
      ],
      [['--file', '-'], /SNAPSHOT_INVALID: file line 1: "NOBODY 1": must be a symbol/, 'NOBODY 1\ncash 1'],
      [['--file', '-', '--cash', '5'], /SNAPSHOT_INVALID: cash: "5": must be that of line 1 of the file, 1/, 'cash 1'],
      [['--file', '-', '--cash', '5'], /SNAPSHOT_INVALID: file: \(missing\): must name the positions/],
      [['--file', '-'], /SNAPSHOT_INVALID: cash: \(missing\): must stand in a line `cash`/, 'AAPL 1'],
      [['--file', good, '--position', 'AAPL=1'], /OPTIONS_CLASH: position: .*--file/],
    ];
    for (const [args, said, input] of cases) {
      const answer = await seat.cli(snapshot(...args), { timeoutMs: 30_000, ...(input !== undefined && { input }) });
      expect({ args, code: answer.code, said: answer.stderr }).toEqual({
        args,
        code: 64,
        said: expect.stringMatching(said),
      });
    }
    expect(await fingerprint(seat.db)).toEqual(before);
  });

  it('of a file, and of standard input, as the literal line says the same', async () => {
    const asked = snapshot('--file', write('table.csv', `\uFEFFposition;units\r\ncash;${CASH}\r\nAAPL;0\r\n`));
    const opened = await seat.cli(asked);
    expect(opened).toMatchObject({ code: 0, stdout: expect.stringContaining('THE LEDGER WAS EMPTY') });
    expect(opened.stdout).toMatch(/^Read 0 positions and the cash, 10000\.00\.\nNot held, as the table says: AAPL\.\n/);
    const pasted = await seat.cli(snapshot('--file', '-', '--notes', 'pasted'), {
      input: 'Available cash $10,000.00\n',
    });
    expect(pasted).toMatchObject({ code: 0, stdout: expect.stringContaining('RECONCILIATION_PASS') });
    const differs = await seat.cli(['--json', ...snapshot('--file', '-')], {
      input: `AAPL 1.5\nAAPL 0.5\ncash ${CASH}`,
    });
    expect(differs.code).toBe(2);
    expect(JSON.parse(differs.stdout)).toMatchObject({
      status: 'FAIL',
      reasons: [{ code: 'POSITION_UNKNOWN', subject: 'AAPL' }],
    });
    expect(await seat.db('snapshot_positions').select('symbol', 'units')).toEqual([
      { symbol: 'AAPL', units: expect.stringMatching(/^2(\.0+)?$/) },
    ]);
  });
});

describe('the fills file', { timeout: GROUP_MAX_MS }, () => {
  it('is written as JSON and as CSV, never over another one, and is taken as either', async () => {
    expect((await seat.reconcile(MONDAY)).status).toBe('PASS');
    const { ticketId } = await seat.issue(MONDAY);
    const { material } = await seat.ticket(ticketId);
    const json = await seat.cli(['ticket', 'fills']);
    expect(JSON.parse(json.stdout)).toMatchObject({ fills: [{ sequence: 1, internal_symbol: 'AAPL', side: 'BUY' }] });
    const csv = await seat.cli(['ticket', 'fills', ticketId.slice(0, 8), '--csv']);
    const [header = '', row = ''] = csv.stdout.split('\n');
    expect(header).toBe(
      'sequence,internal_symbol,side,executed_status,units,fill_price,executed_value_base,filled_at,notes',
    );
    expect(row).toBe(`1,AAPL,BUY,,,,${material.lines[0]?.valueBase},,`);

    const file = place('fills.csv');
    const out = ['ticket', 'fills', '--csv', '--out', file];
    expect(await seat.cli(out)).toMatchObject({ code: 0, stdout: expect.stringContaining(`--file ${file}`) });
    expect({ text: readFileSync(file, 'utf8').trimEnd(), mode: statSync(file).mode & 0o777 }).toEqual({
      text: csv.stdout.trimEnd(),
      mode: 0o600,
    });
    expect(await seat.cli(out)).toMatchObject({ code: 64, stderr: expect.stringContaining('FILE_EXISTS: out: ') });
    expect(await seat.cli([...out, '--force'])).toMatchObject({ code: 0 });
    const nowhere = await seat.cli(['ticket', 'fills', '--out', '/nowhere/fills.json']);
    expect(nowhere).toMatchObject({ code: 64, stderr: expect.stringContaining('FILE_UNWRITABLE: out: /nowhere') });

    const [fill] = fillsOf(material);
    const half = `1,AAPL,BUY,PARTIAL,2,${fill?.fillPrice},${(Number(fill?.fillPrice) * 2).toFixed(2)}`;
    writeFileSync(file, `${header}\n${half},${fill?.filledAt},"half, the rest too late"\n`);
    const confirm = ['confirm-fills', ...at('15:20')];
    const before = await fingerprint(seat.db);
    const fifo = await seat.cli([...confirm, '--file', place('fifo')]);
    expect(fifo).toMatchObject({ code: 64, stderr: expect.stringMatching(/FILLS_UNREADABLE: .*regular file/) });
    const two = await seat.cli([...confirm, '--file', file, '--fills', 'other.json']);
    expect(two).toMatchObject({ code: 64, stderr: expect.stringContaining('OPTIONS_CLASH: file: ') });
    const open = await seat.cli([...confirm, '--file', '-'], { input: csv.stdout });
    expect(open).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/FILLS_INVALID: fills\[0\]\.executed_status/),
    });
    expect(await fingerprint(seat.db)).toEqual(before);
    const booked = await seat.cli([...confirm, '--file', file]);
    expect(booked).toMatchObject({ code: 0, stdout: expect.stringContaining('CONFIRMATION_BOOKED') });
    expect(await seat.db('fills').select('executed_status', 'notes')).toEqual([
      { executed_status: 'PARTIAL', notes: 'half, the rest too late' },
    ]);
  });
});
