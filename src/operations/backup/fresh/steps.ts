import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { factsBeyond } from '../../../backup/beyond.js';
import { restoreAndCompare } from '../../../backup/prove.js';
import { assertSpace } from '../../../backup/space.js';
import { newestVerified, type VerifiedBackup } from '../../../backup/verify.js';
import type { Alert } from '../../../contract/alerts.js';
import { connect } from '../../../db/connect.js';
import { migrateToLatest } from '../../../db/migrate.js';
import { serverVersion } from '../../../db/server.js';
import { ageText, type LostFacts, type RestoreProof } from '../../../domain/backup/proof.js';
import { refusal } from '../../../domain/errors.js';
import { raiseAlert } from '../../alerts/raise.js';
import { verifyAllTickets, type TicketProblems } from '../../day/verify-tickets.js';
import { violationText } from '../../guard/tell-books.js';
import { brokenBooks } from '../../guard/verify-books.js';
import { backupOf, backupToProve } from '../choose.js';
import { judgeTickets, type JudgedTickets } from '../judge-tickets.js';
import { makeDatabaseBackup } from '../make.js';
import { backupHome } from '../place.js';
import { recordProofInRestored } from '../record-proof.js';

/** Connection strings of one cluster, by role. */
export interface ClusterUrls {
  superuser: string;
  owner: string;
  app: string;
}

/** A proof that was asked for: whose installation, by whom, and where it tells what it does. */
export interface FreshOrder {
  installation: { dataDir: string; configDir: string };
  operator: string;
  /** Prove the newest backup as it is, whatever the live database has beyond it. */
  loseNewer: boolean;
  now(): Date;
  signal: AbortSignal;
  progress(line: string): void;
}

/**
 * The steps of the proof on the two clusters that the runtime hands over: what is backed up, and whether what is restored
 * is the same.
 */
export function freshRestoreSteps(order: FreshOrder) {
  const { installation, operator, now, signal, progress } = order;
  const { dataDir } = installation;
  const home = backupHome(installation);
  const { directory } = home;
  const startedAt = now().toISOString();
  let chosen: VerifiedBackup | undefined;
  let lost: LostFacts | null = null;
  let differedBefore: Map<string, TicketProblems> | null = null;
  let verification = 0;

  /** Chooses the newest whole backup, or makes one when the database has facts beyond it. */
  async function prior(cluster: ClusterUrls | null): Promise<string> {
    const begun = performance.now();
    chosen = cluster ? await choose(cluster) : await unread();
    verification = performance.now() - begun;
    return chosen.file;
  }

  async function choose({ superuser, app }: ClusterUrls): Promise<VerifiedBackup> {
    const newest = order.loseNewer ? await backupToProve(directory, null) : await newestVerified(directory);
    await assertSpace(superuser, dataDir);
    const beyond = newest && (await factsBeyond(superuser, newest));
    return withDatabase(app, async (db) => {
      const hasTickets = await db.schema.hasTable('tickets');
      if (hasTickets) differedBefore = (await verifyAllTickets(db, toldTickets('prior'))).problems;
      if (newest && (order.loseNewer || beyond === null)) {
        lost = beyond;
        return newest;
      }
      return freshBackup(db, app, newest);
    });
  }

  async function unread(): Promise<VerifiedBackup> {
    if (!order.loseNewer) {
      throw refusal(
        'PRIOR_UNREADABLE',
        'the present database does not start, so nobody can say what it has beyond the newest backup',
        {
          remedy:
            'make logs says why it does not start; to go back to the newest backup all the same: make restore-fresh-test -- --lose-newer',
        },
      );
    }
    return backupToProve(directory, null);
  }

  async function freshBackup(db: Knex, url: string, older: VerifiedBackup | null): Promise<VerifiedBackup> {
    progress(
      older
        ? `The database has facts beyond ${older.file}: backing it up first`
        : 'There is no whole backup: making one first',
    );
    const place = {
      ...home,
      db,
      databaseUrl: url,
      raiseAlert: (alert: Alert) => raiseAlert(db, alert),
      host: { now, signal, progress: () => undefined },
    };
    const requestedAt = now().toISOString();
    const { file } = await makeDatabaseBackup(place, { reason: 'manual', operator, requestedAt });
    return backupToProve(directory, file);
  }

  /** Restores into the empty cluster, compares, recomputes every ticket, and records the proof there when it passed. */
  async function restore({ owner, app }: ClusterUrls, priorData: string): Promise<RestoreProof> {
    const backup = chosen ?? (await backupToProve(directory, null));
    progress(`Restoring ${backup.file}, taken ${backup.takenAt}, ${ageText(backup.takenAt, startedAt)} ago`);
    const { took, ...restored } = await restoreAndCompare({
      backup,
      databaseUrl: owner,
      serverMajor: (await withDatabase(owner, serverVersion)).major,
      signal,
      progress,
    });
    if (restored.found) await bringUpToDate(owner);
    return withDatabase(app, async (db) => {
      const tickets = restored.found ? await verifyTickets(db) : { verified: 0, differing: [], problems: [] };
      progress('Checking every invariant of the books, and every fact against the audit log');
      const broken = restored.found ? await brokenBooks({ db, kept: null, keys: null, slots: null }) : [];
      const problems = [...restored.problems, ...tickets.problems, ...broken.slice(0, BROKEN_MAX).map(violationText)];
      const proof: RestoreProof = {
        proofId: randomUUID(),
        kind: 'FRESH',
        passed: problems.length === 0,
        backup: backupOf(backup),
        startedAt,
        finishedAt: now().toISOString(),
        operator,
        expected: backup.manifest.figures,
        found: restored.found,
        problems,
        tickets: { verified: tickets.verified, differing: tickets.differing },
        took: { verification, ...took },
        priorData,
        lost,
      };
      if (proof.passed) await recordProofInRestored({ db, dataDir }, backup, proof);
      return proof;
    });
  }

  /** The program beside a database is today's: a backup of an earlier one gets the migrations it lacks. */
  async function bringUpToDate(ownerUrl: string): Promise<void> {
    const applied = await migrateToLatest(ownerUrl);
    if (applied.length > 0)
      progress(
        `The backup is of an earlier version: applied ${applied.length} ${applied.length === 1 ? 'migration' : 'migrations'}`,
      );
  }

  /** Where facts are lost on purpose, the prior database cannot tell what differed before. */
  const verifyTickets = async (db: Knex): Promise<JudgedTickets> =>
    judgeTickets(await verifyAllTickets(db, toldTickets('restored')), lost === null ? differedBefore : null);

  function toldTickets(which: 'prior' | 'restored'): (done: number, of: number) => void {
    return (done, of) => {
      if (done === of || done % 25 === 0)
        progress(`Recomputing every ticket of the ${which} database: ${done} of ${of}`);
      signal.throwIfAborted();
    };
  }

  return { prior, restore };
}

/** So many invariants that are broken are told one by one. */
const BROKEN_MAX = 20;

async function withDatabase<T>(url: string, work: (db: Knex) => Promise<T>): Promise<T> {
  const db = connect(url, 4);
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}
