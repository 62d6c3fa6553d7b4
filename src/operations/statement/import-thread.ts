import { parentPort, workerData } from 'node:worker_threads';
import { connect } from '../../db/connect.js';
import { explainDatabaseError } from '../../db/explained.js';
import { OpsError } from '../../domain/errors.js';
import type { ImportAsked, ImportTold } from './import-apart.js';
import { importStatement } from './import.js';

/*
 * A thread of its own that imports one statement and ends: what a file takes to be read, compared and written down keeps
 * nobody else waiting, and what would never end is ended with the thread.
 */

/** One for the transaction, one beside it. */
const CONNECTIONS = 2;

async function work({ databaseUrl, dataDir, configDir, at, asker, input }: ImportAsked): Promise<ImportTold> {
  const db = connect(databaseUrl, CONNECTIONS);
  try {
    const outcome = await importStatement({ db, dataDir, configDir, now: () => at }, asker, input);
    if (!outcome.ok) return { outcome };
    const { stored, isNew } = outcome.result;
    return { outcome: { ok: true, result: { statementId: stored.statementId, isNew } } };
  } catch (error) {
    const known = explainDatabaseError(error, databaseUrl);
    if (!(known instanceof OpsError)) throw error;
    const { kind, code, message, remedy } = known;
    return { trouble: { kind, code, message, remedy: remedy ?? null } };
  } finally {
    await db.destroy();
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin, as a window has
parentPort?.postMessage(await work(workerData as ImportAsked));
