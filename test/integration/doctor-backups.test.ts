import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { cliHere } from '../support/cli-here.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';
import { says, laterBy, POLICY_TEXT, writePolicy } from '../support/doctor.js';

const ALONE = /^warn: .* by a row of the database alone/;

/** A proof of the newest backup, as whoever has the application's password writes it. */
async function forgeProof({ settings: { databaseUrl = '' } }: Installation): Promise<void> {
  const db = connect(databaseUrl, 1);
  try {
    await db.raw(
      `insert into restore_proofs
         (proof_id, kind, passed, file, sha256, backup_taken_at, started_at, finished_at, proof, report_path)
       select ?, 'FRESH', true, file, sha256, taken_at, now(), now(), '{}', 'x'
         from backups order by taken_at desc limit 1`,
      [randomUUID()],
    );
  } finally {
    await db.destroy();
  }
}

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

  it('a restore proof: none, a fresh one, and none that only a row tells of', async () => {
    await says(installation, 'restore proof', 'warn: never');
    expect((await cliHere(installation, ['backup', '--direct'])).code).toBe(0);
    const worker = await startWorkerHere(installation);
    expect(await cliHere(installation, ['restore-test'])).toMatchObject({ code: 0 });
    await worker.stop();
    const proved = /^ok: trading-ops-.*, 0 days ago, by artifacts\/reports\/restore_test_.*\.json/;
    await says(installation, 'restore proof', proved);
    // A row of the application's role beside it, and its report gone.
    await forgeProof(installation);
    await says(installation, 'restore proof', proved);
    rmSync(path.join(installation.dataDir, 'artifacts/reports'), { recursive: true });
    await says(installation, 'restore proof', ALONE);
  });

  it('a restore proof: an old one, and one that only a row tells of', async () => {
    expect((await cliHere(installation, ['backup', '--direct'])).code).toBe(0);
    await forgeProof(installation);
    await says(installation, 'restore proof', ALONE);
    const worker = await startWorkerHere(installation);
    expect(await cliHere(installation, ['restore-test'])).toMatchObject({ code: 0 });
    await worker.stop();
    await says(installation, 'restore proof', /^warn: trading-ops-.*, 32 days ago/, {
      now: laterBy(32 * 24 * 3_600_000),
    });
  });
});
