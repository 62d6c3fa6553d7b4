import { execaSync } from 'execa';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { resultOrThrow } from '../../src/domain/errors.js';
import { D } from '../../src/domain/money.js';
import type { Asker } from '../../src/contract/asker.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { checkSnapshotDate, previewReconcile, snapshotForm } from '../../src/operations/day/preview.js';
import { CASH, fillsOf, MONDAY, startSeat, TUESDAY, useDemoPolicy, type TestSeat } from '../support/day.js';
import { atTerminal, CTRL_C, CTRL_D, type Talk } from '../support/pty.js';
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
    const good = write('good.csv', `symbol,units\ncash,${CASH}\n`);
    const before = await fingerprint(seat.db);
    const cases: [args: string[], said: RegExp, input?: string][] = [
      [['--file', fifo], /SNAPSHOT_UNREADABLE: file: .*fifo: must be a regular file/],
      [['--file', '-'], /SNAPSHOT_INVALID: file: -: must be at most 262144 bytes/, 'AAPL 1\n'.repeat(40_000)],
      [['--file', '-'], /SNAPSHOT_INVALID: file line 1: "NOBODY 1": must be a symbol/, 'NOBODY 1\ncash 1'],
      [['--file', '-', '--cash', '5'], /SNAPSHOT_INVALID: cash: "5": must be that of line 1 of the file, 1/, 'cash 1'],
      [['--file', good, '--position', 'AAPL=1'], /OPTIONS_CLASH: position: .*--file/],
    ];
    for (const [args, said, input] of cases) {
      const answer = await seat.cliApart(snapshot(...args), {
        timeoutMs: 30_000,
        ...(input !== undefined && { input }),
      });
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
    expect(fifo).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/FILLS_UNREADABLE: .*regular file[^]*Next: .*ticket fills --out/),
    });
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
    const slip = place('slip.csv');
    const fills = await seat.cli(['ticket', 'fills', ticketId, '--csv', '--out', slip, ...at('15:30')]);
    expect(fills.stdout).toContain(
      `confirm-fills --file ${slip} --ticket ${ticketId} --amend --account main --at ${MONDAY}T14:30:00.000Z`,
    );
    const reported = readFileSync(slip, 'utf8');
    expect(reported).toContain('1,AAPL,BUY,PARTIAL,2,');
    writeFileSync(slip, reported.replace('half, the rest', 'half; the rest'));
    const amended = await seat.cli(['confirm-fills', '--file', slip, '--ticket', ticketId, '--amend', ...at('15:30')]);
    expect(amended).toMatchObject({ code: 0, stdout: expect.stringContaining('CONFIRMATION_BOOKED') });
    expect(await seat.db('fills').orderBy('notes').pluck('notes')).toEqual([
      'half, the rest too late',
      'half; the rest too late',
    ]);
  });
});

describe('a preview', { timeout: GROUP_MAX_MS }, () => {
  it('says what the gate says, and writes no row', async () => {
    await seat.closed(MONDAY);
    const { dataDir, configDir } = installation;
    const now = () => new Date().toISOString();
    const asker: Asker = { operator: 'demo', door: 'cli', claimedAt: londonInstant(TUESDAY, '09:00') };
    const held = (await seat.db('postings').where({ commodity: 'AAPL' }).sum({ units: 'amount' }))[0]?.['units'];
    const snapshots = fc.sample(
      fc.record({
        cash: fc.integer({ min: 0, max: 2_000_000 }).map((pennies) => D(pennies).div(100).toFixed(2)),
        AAPL: fc.constantFrom(String(held), '0', '2.0001', '2.00011', '4'),
        SP500: fc.constantFrom('0', '0', '1'),
      }),
      { seed: 11, numRuns: 25 },
    );
    const before = await fingerprint(seat.db);
    const ask = ({ cash, AAPL, SP500 }: (typeof snapshots)[number]) => {
      const positions = Object.fromEntries(Object.entries({ AAPL, SP500 }).filter(([, units]) => Number(units) > 0));
      return { cash, positions };
    };
    const where = { db: seat.db, dataDir, configDir, now };
    const wrong = { account: 'main', snapshotDate: TUESDAY, notes: null, cash: '1', positions: {} };
    expect(await previewReconcile(where, asker, wrong)).toMatchObject({ result: { status: 'FAIL' } });
    expect(await fingerprint(seat.db)).toEqual(before);
    await seat.run('0800', TUESDAY);
    for (const snapshot of snapshots) {
      const figures = ask(snapshot);
      const typed = { account: 'main', snapshotDate: TUESDAY, notes: null, ...figures };
      const preview = await previewReconcile(where, asker, typed);
      const { status, reasons } = await seat.reconcile(TUESDAY, figures);
      const [row] = await seat.db('reconciliations').orderBy('seq', 'desc').limit(1).select('evidence');
      const { lines, explanations } = row?.evidence ?? {};
      expect(preview).toMatchObject({ ok: true, result: { status, reasons, lines, explanations } });
    }
  });
});

describe('the form of a snapshot', { timeout: GROUP_MAX_MS }, () => {
  it('comes with the day on which it is read, which it takes: on a weekend and a holiday too', async () => {
    const where = { db: seat.db, ...installation, now: () => new Date().toISOString() };
    for (const [readOn, time, tradingDay, asOfDate] of [
      ['2018-05-09', '09:00', '2018-05-09', '2018-05-08'],
      ['2018-05-11', '22:30', '2018-05-11', '2018-05-10'],
      ['2018-05-12', '10:00', '2018-05-14', '2018-05-11'],
      ['2018-05-28', '10:00', '2018-05-29', '2018-05-25'],
    ] as const) {
      const asker: Asker = { operator: 'demo', door: 'cli', claimedAt: londonInstant(readOn, time) };
      const form = resultOrThrow(await snapshotForm(where, asker, 'main'));
      expect(form).toMatchObject({ readOn, tradingDay, asOfDate });
      const read = { account: 'main', snapshotDate: form.readOn };
      expect(await checkSnapshotDate(where, asker, read)).toMatchObject({ ok: true });
    }
  });
});

describe('by keyboard', { timeout: GROUP_MAX_MS }, () => {
  const reconcile = `reconcile-daily --at ${TUESDAY}T09:30:00+01:00`;

  it.each([
    ['Ctrl-C', CTRL_C],
    ['the end of the input', CTRL_D],
    ['no', '1\n\n\nno\n'],
  ])('%s records nothing', async (_, end) => {
    const before = await fingerprint(seat.db);
    const { code, screen } = await atTerminal(installation, reconcile, [
      [/Date the figures are of \[2018-05-08\]: $/, '\n'],
      [/Available cash in USD \(ledger [\d.]+\): $/, end],
    ]);
    expect({ code, screen }).toEqual({ code: 64, screen: expect.stringContaining('BROKEN_OFF') });
    expect(await fingerprint(seat.db)).toEqual(before);
  });

  it('a snapshot is asked for figure by figure, reviewed and recorded', async () => {
    const [sum] = await seat
      .db('postings')
      .where({ commodity: 'USD', ledger_account: 'Assets:Cash' })
      .sum({ cash: 'amount' });
    const talk: Talk = [
      [/Date the figures are of \[2018-05-08\]: $/, '2018-05-09\n'],
      [/must not be in the future[^]*\[2018-05-08\]: $/, '\n'],
      [/Available cash in USD \(ledger [\d.]+\): $/, '\n'],
      [/must be typed[^]*\): $/, '1.234,56\n'],
      [
        /may be read in more than one way[^]*\): $/,
        `$${D(sum?.cash ?? 0)
          .plus(1)
          .toFixed(2)}\n`,
      ],
      [/1 of 1 {2}AAPL.*, ledger 2: $/, '\n'],
      [/Any other position\?.*: $/, 'nobody\n'],
      [/must be a symbol or etoro_search_name[^]*: $/, 'aapl\n'],
      [/was answered already: AAPL[^]*: $/, '\n'],
      [
        /cash \(USD\)[^]*typed[^]*1\.00[^]*within[^]*AAPL[^]*agreed[^]*RECONCILIATION_PASS[^]*Record\? \(yes\/no\): $/,
        'perhaps\n',
      ],
      [/must be yes or no[^]*: $/, 'yes\n'],
    ];
    const { code, screen } = await atTerminal(installation, reconcile, talk);
    expect({ code, screen }).toEqual({ code: 0, screen: expect.stringMatching(/RECONCILIATION_PASS[^]*Next: /) });
  });

  it('a ticket is answered line by line, looked at in sentences and booked', async () => {
    const { ticketId, kind } = await seat.issue(TUESDAY);
    expect(kind).toBe('TRADE');
    const { material } = await seat.ticket(ticketId);
    const [line] = material.lines;
    const price = D(line?.referencePrice ?? 0);
    const units = D(line?.valueBase ?? 0)
      .div(price)
      .toDecimalPlaces(6, 1);
    const confirm = `confirm-fills --at ${TUESDAY}T15:20:00+01:00`;
    const before = await fingerprint(seat.db);
    const broken = await atTerminal(installation, confirm, [
      [/DONE, PARTIAL, SKIPPED or FAILED: $/, 'skipped\n'],
      [/window has closed[^]*Note, why: $/, '\n'],
      [/must say why[^]*: $/, 'too dear\n'],
      [/1\. SKIPPED, no BUY of AAPL: too dear[^]*Book\? \(yes\/no, or the number of a line to correct\): $/, CTRL_C],
    ]);
    expect(broken).toEqual({ code: 64, screen: expect.stringContaining('BROKEN_OFF') });
    expect(await fingerprint(seat.db)).toEqual(before);

    const { code, screen } = await atTerminal(installation, confirm, [
      [/1\. BUY [\d.]+ USD of "AAPL"[^]*skip if the price is above[^]*FAILED: $/, 'bought\n'],
      [/must be one of DONE[^]*: $/, 'done\n'],
      [/Units: $/, `${units.toFixed()}\n`],
      [/Price, USD a share: $/, '1,234\n'],
      [/more than one way[^]*Price, USD a share: $/, `${price.toFixed()}\n`],
      [/Value, what cash went down by, USD: $/, '1\n'],
      [/Time in the UK \[now, 15:20\]: $/, '14:41\n'],
      [/executed_value_base: [^]*The line once more:[^]*: $/, 'DONE\n'],
      [/Units: $/, `${units.toFixed()}\n`],
      [/Price, USD a share: $/, `${price.times('1.08').toFixed(2)}\n`],
      [/Value, what cash went down by, USD: $/, `${line?.valueBase}\n`],
      [/Time in the UK \[now, 15:20\]: $/, '25:00\n'],
      [/must be a UK time[^]*: $/, '\n'],
      [/skip price[^]*It departs from the ticket\. Why\?[^]*: $/, 'the price ran away\n'],
      [/1\. BOUGHT [^]*15:20 UK time[^]*owned: the price ran away[^]*Cash [^]*Book\?[^]*: $/, '1\n'],
      [/FAILED: $/, 'DONE\n'],
      [/Units: $/, `${units.toFixed()}\n`],
      [/Price, USD a share: $/, `${price.toFixed()}\n`],
      [/Value, what cash went down by, USD: $/, `${line?.valueBase}\n`],
      [/Time in the UK \[now, 15:20\]: $/, '14:41\n'],
      [/1\. BOUGHT [^]*14:41 UK time \(BST\)[^]*Cash [\d.]+ -[\d.]+ = [\d.]+ USD[^]*Book\?[^]*: $/, 'yes\n'],
    ]);
    expect({ code, screen }).toEqual({ code: 0, screen: expect.stringContaining('CONFIRMATION_BOOKED') });
    expect((await seat.closed(TUESDAY)).state).toBe('closed');
    const again = await atTerminal(installation, confirm, []);
    expect(again).toEqual({ code: 2, screen: expect.stringMatching(/ALREADY_CONFIRMED_DIFFERENTLY: .*--amend/) });
  });

  it('nobody is asked where there is no terminal, and no machine that wants JSON', async () => {
    const answer = await seat.cli(['reconcile-daily', ...at('09:00')]);
    expect(answer).toMatchObject({ code: 64, stderr: expect.stringContaining("required option '--snapshot-date") });
    const fills = await seat.cli(['confirm-fills', ...at('15:20')]);
    expect(fills).toMatchObject({ code: 64, stderr: expect.stringContaining('FILLS_MISSING') });
    const { code, screen } = await atTerminal(installation, `--json ${reconcile}`, []);
    expect({ code, screen }).toEqual({ code: 64, screen: expect.stringContaining("required option '--snapshot-date") });
  });
});
