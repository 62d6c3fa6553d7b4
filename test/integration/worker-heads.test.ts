import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { headsFile, keptHeads } from '../../src/backup/heads.js';
import { appendAudit, auditHead } from '../../src/db/audit.js';
import { connect } from '../../src/db/connect.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { driveDay, MONDAY, withSeat } from '../support/day.js';
import { createInstallation } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

test('a worker keeps the newest record of the audit log outside of the database', { timeout: 60_000 }, async () => {
  const installation = await createInstallation();
  const db = connect(resolveAddresses(installation.settings).databaseUrl, 1);
  const about = { at: '2026-11-28T08:00:00.000Z', account: null, actor: 'test', subject: 'x' };
  await appendAudit(db, { ...about, action: 'x.y', detail: {} });
  const worker = await startWorkerHere(installation);
  const kept = async () => (await keptHeads(installation.dataDir, `${installation.dataDir}/backups`)).heads;
  try {
    const head = (await auditHead(db)) ?? expect.unreachable();
    await expect.poll(kept, { timeout: 30_000 }).toContainEqual(expect.objectContaining(head));
  } finally {
    await worker.stop();
    await db.destroy();
  }
});

test('a file of heads that is gone, emptied or cut is missed by who kept one in it', { timeout: 120_000 }, () =>
  withSeat({ cadence: 'daily', mode: 'dry-run' }, async (seat, { dataDir }) => {
    const file = headsFile(dataDir);
    await seat.run('0800', MONDAY);
    const early = readFileSync(file);
    rmSync(file);
    expect((await seat.cli(['audit', 'verify'])).stdout).toMatch(
      /^AUDIT_BROKEN\naudit-heads\.jsonl is gone, or holds nothing: a worker kept heads in it$/m,
    );
    writeFileSync(file, early);
    await driveDay(seat, MONDAY);
    expect((await seat.cli(['backup'])).code).toBe(0);
    const whole = readFileSync(file, 'utf8');
    const lines = whole.trimEnd().split('\n');
    const verify = async () => (await seat.cli(['audit', 'verify'])).stdout;
    const examine = async () => (await seat.cli(['doctor'])).stdout;
    expect(await verify()).toContain('AUDIT_INTACT');
    const [confirmation, backup] = ['confirmation ', 'backup '].map((of) => lines.findIndex((one) => one.includes(of)));
    expect([confirmation, backup]).not.toContain(-1);

    rmSync(file);
    const gone = /^AUDIT_BROKEN\naudit-heads\.jsonl is gone, or holds nothing: 2 heads .* the newest with backup /;
    expect(await verify()).toMatch(gone);
    expect(await examine()).toMatch(/audit log.*audit-heads\.jsonl is gone/);
    writeFileSync(file, '');
    expect(await verify()).toMatch(gone);
    // What a worker adds to it afterwards takes nobody's place.
    writeFileSync(file, lines.filter((one) => one.includes('as the worker saw it')).join('\n'));
    expect(await verify()).toMatch(/2 heads that were kept in it are not there/);
    writeFileSync(
      file,
      lines
        .toSpliced(backup!, 1)
        .map((one) => `${one}\n`)
        .join(''),
    );
    expect(await verify()).toMatch(/was cut or written anew: 1 head .* the newest with backup trading-ops-/);
    writeFileSync(
      file,
      lines
        .toSpliced(confirmation!, 1)
        .map((one) => `${one}\n`)
        .join(''),
    );
    expect(await verify()).toMatch(/1 head that was kept in it is not there, the newest with confirmation /);
    // Nobody trades the less for it.
    expect((await seat.cli(['books', 'verify'])).code).toBe(0);
    writeFileSync(file, whole);
    expect(await verify()).toContain('AUDIT_INTACT');
  }),
);
