import { execa } from 'execa';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argumentsOfMake, joinValues } from '../../src/cli/kit/make-arguments.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { MONDAY, startSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';

const MAKE_MAX_MS = 120_000;

let installation: Installation;
let seat: TestSeat;
let stop: () => Promise<void>;

beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation);
  const universe = join(installation.configDir, 'universe.csv');
  const more = ['MSFT', 'V'].map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,2018-05-01,demo\n`);
  writeFileSync(universe, readFileSync(universe, 'utf8') + more.join(''));
  ({ seat, stop } = await startSeat(installation));
  await seat.run('ops', MONDAY);
}, MAKE_MAX_MS);

afterAll(() => stop());

/** Types a line after `make`, in a shell as an operator would; what is built is left as it is. */
async function make(line: string, time = '09:00') {
  const { exitCode, stdout, stderr } = await execa('bash', ['-c', `exec make ${line}`], {
    cwd: repositoryRoot,
    extendEnv: false,
    reject: false,
    env: {
      ...installation.env,
      MAKEFLAGS: '--old-file=dist/.built --old-file=.build/packages',
      TRADING_OPS_AT: `${MONDAY}T${time}:00+01:00`,
    },
  });
  return { exitCode, stdout, stderr };
}

interface Snapshot {
  cash: string;
  notes: string | null;
  positions: Record<string, string>;
}

async function newestSnapshot(): Promise<Snapshot> {
  const snapshot = await seat
    .db('snapshots')
    .orderBy('recorded_at', 'desc')
    .first<{ snapshot_id: string; cash: string; notes: string | null }>();
  const held = await seat
    .db('snapshot_positions')
    .where({ snapshot_id: snapshot.snapshot_id })
    .orderBy('symbol')
    .select<{ symbol: string; units: string }[]>();
  return {
    cash: snapshot.cash,
    notes: snapshot.notes,
    positions: Object.fromEntries(held.map(({ symbol, units }) => [symbol, units])),
  };
}

describe('make reconcile-daily', { timeout: MAKE_MAX_MS }, () => {
  it("takes the runbook's line literally", async () => {
    const said = await make(
      `reconcile-daily -- --snapshot-date ${MONDAY} --cash-gbp 1000.50 --position AAPL=10 --position MSFT=2.5 --notes "manual etoro snapshot"`,
    );
    expect(said).toMatchObject({ exitCode: 0, stderr: '' });
    expect(said.stdout).toMatch(
      /^RECONCILIATION_PASS\nTHE LEDGER WAS EMPTY: .*\nReport: .*\n\nNext: make run-0800 for the prices of .*, then make run-1400, at 14:00$/,
    );
    expect(await newestSnapshot()).toEqual({
      cash: '1000.50',
      notes: 'manual etoro snapshot',
      positions: { AAPL: '10.000000', MSFT: '2.500000' },
    });
  });

  it.each([
    ['a note that is the name of a target', '--notes test', 'test', '09:01'],
    ['a note that would remove what is built', '--notes clean', 'clean', '09:02'],
    ['a note of several targets, quoted', '--notes "up down demo"', 'up down demo', '09:03'],
    [
      'quotes, dollars, backslashes and percent signs',
      `--notes 'it'\\''s "50 %" of $HOME, $(shell touch x) \\n \`id\`'`,
      'it\'s "50 %" of $HOME, $(shell touch x) \\n `id`',
      '09:04',
    ],
    ['words beyond ASCII', '--notes "Überweisung £5 – 日本"', 'Überweisung £5 – 日本', '09:05'],
    ['a note with an equals sign and a hash', '--notes "A=B # not a remark; ls"', 'A=B # not a remark; ls', '09:06'],
  ])('takes %s, and runs nothing else', async (_name, flag, note, time) => {
    const built = readFileSync(join(repositoryRoot, 'dist', 'cli', 'main.js'), 'utf8');
    const said = await make(
      `reconcile-daily -- --snapshot-date ${MONDAY} --cash-gbp 1000.50 --position AAPL=10 --position MSFT=2.5 ${flag}`,
      time,
    );
    expect(said).toMatchObject({ exitCode: 0, stderr: '' });
    expect(said.stdout).toMatch(
      /^RECONCILIATION_PASS\nReport: .*\n\nNext: make run-0800 for the prices of .*, then make run-1400, at 14:00$/,
    );
    expect(await newestSnapshot()).toMatchObject({ notes: note });
    expect(readFileSync(join(repositoryRoot, 'dist', 'cli', 'main.js'), 'utf8')).toBe(built);
    expect(existsSync(join(repositoryRoot, 'x'))).toBe(false);
  });

  it("takes symbols that make and the shell know as variables: PATH is UiPath's", async () => {
    const said = await make(
      `reconcile-daily -- --snapshot-date ${MONDAY} --cash-gbp 1000.50 --position V=3 --position MAKE=1 --position SHELL=2 --position PATH=4`,
      '09:10',
    );
    expect(said.exitCode).toBe(2);
    expect(said.stdout).toMatch(/^RECONCILIATION_FAIL\n/);
    expect((await newestSnapshot()).positions).toEqual({
      MAKE: '1.000000',
      PATH: '4.000000',
      SHELL: '2.000000',
      V: '3.000000',
    });
  });

  it('tells wrong usage, and a target that takes no flags refuses them', async () => {
    const before = await seat.db('snapshots');
    const wrong = await make(`reconcile-daily -- --snapshot-date ${MONDAY} --cash-gbp lots`);
    expect(wrong).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(/^SNAPSHOT_INVALID: cash: .*lots.*: must be an amount/),
    });
    expect(wrong.stderr).toContain('Error 64');
    const none = await make('test -- --watch');
    expect(none).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('make test takes nothing after --') });
    expect(await seat.db('snapshots')).toEqual(before);
  });
});

describe("the words after -- on make's own command line", () => {
  it('are read from the process, each as it was typed', async () => {
    const typed = ['--notes', 'it\'s "a" $HOME \\ note', '', '--position', 'AAPL=10', 'é'];
    const child = execa(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', 'reconcile-daily', '--', ...typed], {
      reject: false,
    });
    try {
      expect(argumentsOfMake(String(child.pid))).toEqual(typed);
    } finally {
      child.kill('SIGKILL');
      await child;
    }
  });

  it('are none without --, nor of a process that is gone', () => {
    expect(argumentsOfMake(String(process.pid))).toEqual([]);
    expect(argumentsOfMake('999999999')).toEqual([]);
  });

  it('are joined again where only ps tells them, without their quotes', () => {
    const asPs =
      'make reconcile-daily -- --snapshot-date 2026-11-23 --cash-gbp 1000.50 --position AAPL=10 --position MSFT=2.5 --notes manual etoro snapshot';
    expect(joinValues(asPs.split(' '))).toEqual([
      'make',
      'reconcile-daily',
      '--',
      '--snapshot-date',
      '2026-11-23',
      '--cash-gbp',
      '1000.50',
      '--position',
      'AAPL=10',
      '--position',
      'MSFT=2.5',
      '--notes',
      'manual etoro snapshot',
    ]);
    expect(joinValues(['make', 'ticket', '--', 'show', 'id'])).toEqual(['make', 'ticket', '--', 'show', 'id']);
    expect(joinValues(['make', 'run-0800', '--', '--full'])).toEqual(['make', 'run-0800', '--', '--full']);
  });
});
