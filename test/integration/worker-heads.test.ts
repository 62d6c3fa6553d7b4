import { expect, test } from 'vitest';
import { keptHeads } from '../../src/backup/heads.js';
import { appendAudit, auditHead } from '../../src/db/audit.js';
import { connect } from '../../src/db/connect.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
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
