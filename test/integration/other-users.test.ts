import { INSTALLATION_KEY_FILE } from '../../src/domain/signing/keys.js';
import { execa } from 'execa';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { loadSettings } from '../../src/runtime/settings.js';
import { down } from '../../src/runtime/stack.js';
import { runCli } from '../support/stack.js';
import { cleanEnvironment } from '../support/servers.js';

/** Nobody's: a user who owns nothing and is in no group. */
const STRANGER = { uid: 65_534, gid: 65_534 };
const dataDir = join(inject('servers').root, `other-users-${process.pid}`);
const env = cleanEnvironment({ TRADING_OPS_DATA: dataDir, TRADING_OPS_CONFIG: join(repositoryRoot, 'config') });
afterAll(() => down(loadSettings(env), () => undefined));

describe('another user of the machine', { timeout: 300_000 }, () => {
  it("reads no file of an installation and lists none of its directories: not Temporal's, logs, reports, backups nor passwords", async ({
    skip,
  }) => {
    if (process.getuid?.() !== 0) skip('to be somebody else takes root');
    const installation = { env, dataDir } as Parameters<typeof runCli>[0];
    for (const typed of [['up'], ['migrate'], ['backup'], ['alerts', 'test']]) {
      const { code, stderr } = await runCli(installation, typed, { timeoutMs: 240_000 });
      expect([0, 2], `${typed.join(' ')}: ${stderr}`).toContain(code);
    }
    // A run writes a summary, whatever comes of it.
    await runCli(installation, ['run-ops'], { timeoutMs: 120_000 });
    const found = async (who: object, ...tests: string[]) =>
      (await execa('find', [dataDir, ...tests], { ...who, cwd: '/', reject: false })).stdout
        .split('\n')
        .filter(Boolean);
    const all = await found({}, '-type', 'f');
    for (const part of ['temporal/temporal.db', 'logs/worker.log', 'artifacts/', 'backups/postgres/', 'runtime.json'])
      expect(
        all.filter((file) => file.startsWith(join(dataDir, part))),
        part,
      ).not.toEqual([]);
    expect(await found(STRANGER, '-readable')).toEqual([]);
    // Not because of a closed parent alone: asked for each by its name.
    const readable = await execa(
      '/bin/sh',
      ['-c', 'for f in "$@"; do test -r "$f" && echo "$f"; done; true', 'sh', ...all],
      {
        ...STRANGER,
        cwd: '/',
      },
    );
    // The public half of the key alone: whatever signs nothing may be seen, for a worker of another user holds against it.
    expect(readable.stdout).toBe(join(dataDir, INSTALLATION_KEY_FILE));
  });
});
