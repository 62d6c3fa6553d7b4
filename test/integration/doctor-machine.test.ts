import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecord, writeRecord, type RuntimeRecord } from '../../src/runtime/record.js';
import { up } from '../../src/runtime/stack.js';
import { useDemoPolicy } from '../support/day.js';
import { createPrivateStack, type PrivateStack } from '../support/stack.js';
import { asked, says } from '../support/doctor.js';

describe('the machine and its files', () => {
  let stack: PrivateStack;
  let record: RuntimeRecord;
  beforeAll(async () => {
    stack = await createPrivateStack();
    useDemoPolicy(stack);
    record = readRecord(stack.dataDir) as RuntimeRecord;
  });
  afterAll(() => stack.cleanup());

  it('ports held by us, and one that a stranger took while we were down', async () => {
    await says(stack, 'ports', `ok: ${record.postgres.port}, ${record.temporal.port}`);
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const taken = (stranger.address() as { port: number }).port;
    const other = path.join(stack.dataDir, '..', 'other');
    mkdirSync(other);
    await writeRecord(other, { ...record, postgres: { ...record.postgres, port: taken } });
    await says(stack, 'ports', `fail: ${taken} is used by`, { settings: { dataDir: other } });
    stranger.close();
  });

  it('a desk that does not run, and one that does', async () => {
    await says(stack, 'desk', 'fail: the desk does not run');
    await up(stack.settings, () => undefined, { parts: ['desk'] });
    await says(stack, 'desk', `ok: localhost:${record.desk?.port}`);
  });

  it('a data directory that is not there, or that Postgres may not enter', async () => {
    await says(stack, 'data directory', 'ok: ');
    await says(stack, 'data directory', /^fail: .*nowhere does not exist/, {
      settings: { dataDir: path.join(stack.dataDir, 'nowhere') },
    });
    const home = path.join(stack.dataDir, '..');
    chmodSync(home, 0o700);
    await says(
      stack,
      'data directory',
      process.getuid?.() === 0 ? 'fail: could not be checked: the `postgres` user may not enter' : 'ok: ',
    );
    chmodSync(home, 0o755);
  });

  it('space, once a file system', async () => {
    expect(await asked(stack, 'disk space')).toEqual([expect.stringMatching(/^(ok|warn): \d+\.\d GB free at /)]);
  });

  it('secrets that others may read', async () => {
    await says(stack, 'permissions', 'ok: closed');
    const dump = path.join(stack.dataDir, 'backups', 'postgres', 'x.dump');
    mkdirSync(path.dirname(dump), { recursive: true, mode: 0o700 });
    writeFileSync(dump, '', { mode: 0o600 });
    await says(stack, 'permissions', 'ok: closed');
    chmodSync(dump, 0o644);
    await says(stack, 'permissions', /^fail: .*x\.dump is open to other users/);
    rmSync(dump);
    chmodSync(path.join(stack.dataDir, 'runtime.json'), 0o640);
    await says(stack, 'permissions', /^fail: .*runtime\.json is open/);
    chmodSync(path.join(stack.dataDir, 'runtime.json'), 0o600);
  });

  it('a policy that anybody may change', async () => {
    await says(stack, 'configuration files', 'ok: ');
    chmodSync(path.join(stack.configDir, 'policy.yml'), 0o646);
    await says(stack, 'configuration files', /^fail: anybody may change .*policy\.yml/);
    chmodSync(path.join(stack.configDir, 'policy.yml'), 0o644);
  });

  it('what a restore proof left', async () => {
    await says(stack, 'leftovers', 'ok: none');
    mkdirSync(path.join(stack.dataDir, 'postgres-data.bak-20261122T070000Z'));
    await says(stack, 'leftovers', /^warn: postgres-data\.bak-20261122T070000Z \(\d+ MB\)/);
    rmSync(path.join(stack.dataDir, 'postgres-data.bak-20261122T070000Z'), { recursive: true });
  });
});
