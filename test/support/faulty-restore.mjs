import { connect } from '../../dist/db/connect.js';
import { restoreAndCompare } from '../../dist/backup/prove.js';
import { newestVerified } from '../../dist/backup/verify.js';
import { databaseUrl } from '../../dist/runtime/record.js';
import { installationPaths } from '../../dist/runtime/paths.js';
import { restoreOnFreshCluster } from '../../dist/runtime/postgres/restore-fresh.js';
import { loadSettings } from '../../dist/runtime/settings.js';

/**
 * A restore on a fresh cluster that dies by SIGKILL at a step: `FAULT_STEP` counts what the runtime tells of its progress
 * and what happens between. Prints each step before it is taken, so that a run without a fault lists them. Plain JavaScript upon
 * the compiled program, as faulty-worker.mjs.
 */
const settings = loadSettings();
const wanted = Number(process.env['FAULT_STEP'] ?? '-1');
let step = 0;

/** @param {string} what */
function at(what) {
  process.stdout.write(`${step} ${what}\n`);
  if (step === wanted) process.kill(process.pid, 'SIGKILL');
  step += 1;
}

const backup = await newestVerified(installationPaths(settings.dataDir).backups);
if (!backup) throw new Error('there is no backup');
const { signal } = new AbortController();
const verdict = await restoreOnFreshCluster(settings, at, {
  signal,
  assertQuiet: async () => at('the worker is stopped'),
  prior: async () => {
    at('the prior database is closed');
    return backup.file;
  },
  restore: async (record) => {
    at('the empty cluster runs');
    const { problems } = await restoreAndCompare({
      backup,
      databaseUrl: databaseUrl(record, 'owner'),
      serverMajor: Number.parseInt(backup.manifest.database.serverVersion, 10),
      signal,
      progress: at,
    });
    const db = connect(databaseUrl(record, 'app'), 1);
    // What only the restored database has: it tells the two apart.
    await db('audit_log').insert({
      at: new Date().toISOString(),
      account: null,
      actor: 'test',
      action: 'restore.marked',
      subject: 'restored',
      detail: '{}',
    });
    await db.destroy();
    at('the comparison is done');
    return { passed: process.env['FAULT_VERDICT'] !== 'no' && problems.length === 0 };
  },
  finish: async () => at("the restored database is the installation's"),
});
at(verdict.passed ? 'PASS' : 'FAIL');
