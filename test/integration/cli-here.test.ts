import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliHere } from '../support/cli-here.js';
import { useDemoPolicy } from '../support/day.js';
import { createInstallation, runCli, type Installation } from '../support/stack.js';

/** Most tests ask the command line in their own process: it says there what the program itself says. */
let installation: Installation;
beforeAll(async () => {
  installation = await createInstallation({ temporal: false });
  useDemoPolicy(installation);
});
afterAll(() => installation.cleanup());

const REFUSED = ['reconcile-daily', '--at', '2018-05-07T09:00:00+01:00', '--snapshot-date', '2018-05-07'];

describe('a command in the process of a test', { timeout: 60_000 }, () => {
  it.each<[what: string, code: number, words: string[], options?: { env?: NodeJS.ProcessEnv; input?: string }]>([
    ['help', 0, ['reconcile-daily', '--help']],
    ['the version', 0, ['--version']],
    ['an answer', 0, ['alerts', 'list', '--open']],
    ['an answer for machines', 0, ['policy', 'check', '--json']],
    ['a word that is none', 64, ['buy', 'AAPL \u202e']],
    ['a variable', 64, [...REFUSED, '--cash', '1'], { env: { TRADING_OPS_OPERATOR: 'mallory' } }],
    ['standard input', 64, [...REFUSED, '--file', '-'], { input: 'NOBODY 1\ncash 1' }],
    ['half a character', 64, ['explain', 'a\uD800b']],
    ['what does not hold', 2, ['doctor', '--json']],
    ['a refusal', 2, ['ticket', 'show', 'ffffffff']],
    [
      'a server that is away',
      69,
      ['runs-last', '--json'],
      { env: { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/none' } },
    ],
  ])('ends and says as the program: %s', async (_what, code, words, options) => {
    const here = await cliHere(installation, words, options);
    expect(here.code).toBe(code);
    const apart = await runCli(installation, words, options);
    expect(alike(here)).toEqual(alike(apart));
    expect(`${here.stdout}${here.stderr}`).not.toBe('');
  });

  it('writes for its owner alone, as the program does, and leaves the process as it was', async () => {
    const before = { env: { ...process.env }, exitCode: process.exitCode, umask: process.umask() };
    expect(await cliHere(installation, ['backup', '--direct'])).toMatchObject({ code: 0 });
    const directory = path.join(installation.dataDir, 'backups', 'postgres');
    const modes = readdirSync(directory).map((name) => statSync(path.join(directory, name)).mode & 0o777);
    expect(new Set(modes)).toEqual(new Set([0o600]));
    expect({ env: { ...process.env }, exitCode: process.exitCode, umask: process.umask() }).toEqual(before);
  });
});

/** What is another each time: how long something took, how much memory is free. */
const alike = (said: object): string => JSON.stringify(said).replaceAll(/[-+]?\d+(\.\d+)?( ?[kMG]?B| ms| s)\b/g, '<n>');
