import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cliHere } from '../support/cli-here.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';
import { says, laterBy, POLICY_TEXT, writePolicy } from '../support/doctor.js';

describe('what happens by itself: backups', () => {
  let installation: Installation;
  const usePolicy = (text: string) => writePolicy(installation, text);
  beforeEach(async () => {
    installation = await createInstallation();
    usePolicy(POLICY_TEXT);
  });
  afterEach(() => installation.cleanup());

  it('backups: none, a fresh one, an old one, and one that was cut short', async () => {
    await says(installation, 'backup', 'fail: none');
    const made = await cliHere(installation, ['backup', '--direct']);
    expect(made).toMatchObject({ code: 0 });
    await says(installation, 'backup', /^ok: trading-ops-.*\.dump, 0\.0 hours old/);
    await says(installation, 'backup', /^fail: .*, 27\.\d hours old, at most 26/, { now: laterBy(27.1 * 3_600_000) });
    const directory = path.join(installation.dataDir, 'backups', 'postgres');
    const dump = path.join(directory, readdirSync(directory).find((name) => name.endsWith('.dump')) ?? '');
    chmodSync(dump, 0o600);
    writeFileSync(dump, readFileSync(dump).subarray(0, 1_000));
    await says(installation, 'backup', 'fail: none of 1 is whole');
  });

  it('a second place for backups: none, away, empty, and with a fresh copy', async () => {
    await says(installation, 'backup copies', 'warn: none');
    const place = path.join(installation.dataDir, 'usb');
    usePolicy(`${POLICY_TEXT}backup: { copy_to: ${place} }\n`);
    await says(installation, 'backup copies', `fail: ${place}: no backup has a copy there yet`);
    mkdirSync(place);
    expect((await cliHere(installation, ['backup', '--direct'])).code).toBe(0);
    await says(installation, 'backup copies', new RegExp(`^ok: ${place}: trading-ops-.*, copied 0\\.0 hours ago`));
    await says(installation, 'backup copies', new RegExp(`^fail: ${place}: .*copied 30\\.0 hours ago`), {
      now: laterBy(30 * 3_600_000),
    });
    rmSync(place, { recursive: true });
    await says(installation, 'backup copies', `fail: ${place}: ENOENT`);
  });

  it('a restore proof: none, a fresh one, and an old one', async () => {
    await says(installation, 'restore proof', 'warn: never');
    expect((await cliHere(installation, ['backup', '--direct'])).code).toBe(0);
    const worker = await startWorkerHere(installation);
    expect(await cliHere(installation, ['restore-test'])).toMatchObject({ code: 0 });
    await worker.stop();
    await says(installation, 'restore proof', /^ok: trading-ops-.*, 0 days ago/);
    await says(installation, 'restore proof', /^warn: trading-ops-.*, 32 days ago/, {
      now: laterBy(32 * 24 * 3_600_000),
    });
  });
});
