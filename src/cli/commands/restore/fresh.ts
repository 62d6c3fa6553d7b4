import type { Command } from 'commander';
import { createInterface } from 'node:readline/promises';
import { planFreshRestore, refuseUnderSystemd, refuseWhileUnderWay } from '../../../operations/backup/fresh/admit.js';
import { freshRestoreSteps, type ClusterUrls } from '../../../operations/backup/fresh/steps.js';
import { tellFailure } from '../../../operations/backup/failed.js';
import { recordProof } from '../../../operations/backup/record-proof.js';
import { workUnderWay } from '../../../operations/runs/under-way.js';
import { restoreReportPath } from '../../../reports/restore-proof/page.js';
import { sessionsAtWork } from '../../../backup/sessions.js';
import type { Rebuilt } from '../../../operations/day/rebuild.js';
import { connect } from '../../../db/connect.js';
import { ageText, type LostFacts, type RestoreProof } from '../../../domain/backup/proof.js';
import { actionText } from '../../../reports/restore-proof/page.js';
import { OpsError, reasonOf } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { installationPaths } from '../../../runtime/paths.js';
import { postgresProcess } from '../../../runtime/postgres/server.js';
import { waitUntil } from '../../../runtime/processes/processes.js';
import { databaseUrl, readRecord, type RuntimeRecord } from '../../../runtime/record.js';
import { assertOwnCluster, restoreOnFreshCluster } from '../../../runtime/postgres/restore-fresh.js';
import { serviceOf } from '../../../runtime/processes/service.js';
import { workerProcess } from '../../../runtime/processes/worker.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { finishRestore } from './finish.js';
import { proofLines } from './lines.js';
import { rebuiltLines } from '../day/rebuild.js';
import { showSteps } from '../../kit/steps.js';
import { withTemporal } from '../../kit/temporal.js';

interface FreshFlags {
  yes?: boolean;
  loseNewer?: boolean;
  json?: boolean;
}

/** The runbook's destructive proof: the newest whole backup, restored into an empty cluster that takes the live one's place. */
export async function restoreFresh(command: Command): Promise<void> {
  await withContext(command, (context) => restoreAsked(context, command.optsWithGlobals<FreshFlags>()), {
    // It stops Postgres itself: a server that does not answer is what is wanted for a while.
    within: (_pulse, work) => work,
  });
}

async function restoreAsked(context: Context, flags: FreshFlags): Promise<Answer> {
  assertOwnCluster(context.settings);
  refuseUnderSystemd(serviceOfParts(context));
  const operator = context.operator();
  await assertNothingUnderWay(context);
  const plan = await planOf(context, flags.loseNewer ?? false);
  if (!(await agreed(plan, flags)))
    return {
      exitCode: EXIT.refused,
      data: { done: false },
      lines: ['Nothing was changed.'],
      next: 'make restore-test, which leaves the live database alone',
    };
  return prove(context, operator, flags, plan);
}

async function prove(context: Context, operator: string, flags: FreshFlags, plan: string[]): Promise<Answer> {
  const { settings } = context;
  const stop = new AbortController();
  const interrupted = () =>
    stop.abort(
      new OpsError(
        'fault',
        'INTERRUPTED',
        'The restore proof was interrupted; the prior data directory is in its place, as it was.',
        { remedy: 'make restore-fresh-test' },
      ),
    );
  // Not `once`: what cleans up temporary files at a signal (signal-exit) ends the process where it finds no other listener.
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    return await showSteps(async (progress) => {
      for (const line of plan) progress(line);
      const { signal } = stop;
      const loseNewer = flags.loseNewer ?? false;
      const order = { installation: settings, operator, loseNewer, now: () => new Date(), signal, progress };
      const steps = freshRestoreSteps(order);
      let rebuilt: Rebuilt | undefined;
      const proof = await restoreOnFreshCluster<RestoreProof>(settings, progress, {
        prior: (record) => steps.prior(record && urlsOf(record)),
        restore: (record, priorData) => steps.restore(urlsOf(record), priorData),
        signal,
        assertQuiet: () => assertQuietWorkflows(context, false),
        finish: async (state) => {
          rebuilt = await finishRestore(settings, state, progress);
        },
      });
      return proof.passed ? passed(context, proof, rebuilt) : failed(context, proof);
    });
  } catch (error) {
    await tell(context, error);
    throw error;
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}

function passed({ settings }: Context, proof: RestoreProof, rebuilt: Rebuilt | undefined): Answer {
  const files = [restoreReportPath(proof, 'md'), restoreReportPath(proof, 'json')];
  const lostAnswers = (rebuilt?.lost.length ?? 0) > 0;
  return {
    data: { ...proof, files, rebuilt },
    ...(lostAnswers && { exitCode: EXIT.refused }),
    lines: [
      ...proofLines(proof, settings.dataDir, files),
      ...totals(proof),
      ...(proof.lost ? ['Lost, as --lose-newer allowed:', ...lostLines(proof.lost)] : []),
      ...(rebuilt ? rebuiltLines(rebuilt) : []),
      `The prior data directory is ${proof.priorData}; when you need it no more: rm -r ${proof.priorData}`,
    ],
    next: lostAnswers
      ? 'docs/INCIDENTS.md, CONFIRMATION_LOST'
      : workerProcess(installationPaths(settings.dataDir))
        ? 'make status'
        : 'make up, for the worker did not run before either',
  };
}

const totals = ({ expected, found }: RestoreProof): string[] =>
  expected.ledger
    .filter(({ ledgerAccount }) => ledgerAccount.startsWith('Assets:'))
    .map((before) => {
      const after = found?.ledger.find(
        (line) =>
          line.account === before.account &&
          line.book === before.book &&
          line.ledgerAccount === before.ledgerAccount &&
          line.commodity === before.commodity,
      );
      return `  ${before.account} ${before.book} ${before.ledgerAccount} ${before.commodity}: ${before.total} in the backup, ${after?.total ?? 'none'} restored`;
    });

/** The prior database is back: there the failed proof is recorded, and its alert raised. */
async function failed({ settings, addresses }: Context, proof: RestoreProof): Promise<Answer> {
  const db = connect(addresses.databaseUrl, 2);
  try {
    const files = await recordProof({ db, dataDir: settings.dataDir }, { ...proof, priorData: null });
    return {
      exitCode: EXIT.refused,
      data: { ...proof, priorData: null, files },
      lines: [
        ...proofLines(proof, settings.dataDir, files),
        'The prior data directory is in its place again, and everything runs as before.',
      ],
      next: 'docs/INCIDENTS.md, RESTORE_PROOF_FAILED',
    };
  } finally {
    await db.destroy();
  }
}

/** A fault on the way is an alert too, where the prior database runs again; a refusal, or Ctrl-C, is told to whoever asked. */
async function tell({ settings, addresses }: Context, error: unknown): Promise<void> {
  if (error instanceof OpsError && (error.kind !== 'fault' || error.code === 'INTERRUPTED')) return;
  const db = connect(addresses.databaseUrl, 1);
  const failure = {
    failed: 'restore',
    of: 'the newest backup',
    why: reasonOf(error),
    at: new Date().toISOString(),
  } as const;
  await tellFailure({ db, dataDir: settings.dataDir }, failure).catch(() => undefined);
  await db.destroy();
}

/** What will be done, said loudly, because nothing else here stops a running system. */
async function planOf({ settings }: Context, loseNewer: boolean): Promise<string[]> {
  const paths = installationPaths(settings.dataDir);
  const record = readRecord(settings.dataDir);
  const superuser = record && postgresProcess(paths) ? databaseUrl(record, 'superuser') : null;
  const { newest, beyond } = await planFreshRestore({ directory: paths.backups, loseNewer, superuser });
  return [
    `RESTORE PROOF: the worker and Postgres of ${settings.dataDir} are stopped, ${paths.postgresData} is kept aside, and a backup takes its place`,
    newest
      ? `Newest whole backup: ${newest.file}, ${ageText(newest.takenAt, new Date().toISOString())} old`
      : 'There is no whole backup yet: one is made first',
    ...(beyond
      ? [
          loseNewer
            ? 'LOST by it, for the backup does not have them:'
            : 'The database has facts beyond it, so a new backup is made first:',
          ...lostLines(beyond),
        ]
      : []),
  ];
}

const LOST_MAX = 12;

function lostLines({ tables, actions }: LostFacts): string[] {
  const rows = tables.map(
    ({ name, backup, live }) => `${name.replace(/^public\./, '')} ${live - backup > 0 ? '+' : ''}${live - backup}`,
  );
  return [
    `  rows: ${rows.join(', ') || 'none'}`,
    ...actions.slice(-LOST_MAX).map((action) => `  ${actionText(action)}`),
    ...(actions.length > LOST_MAX ? [`  and ${actions.length - LOST_MAX} earlier ones`] : []),
  ];
}

/** At a terminal a human says yes; without one, the command was typed into a script or by make, and goes on. */
async function agreed(plan: string[], { yes, json }: FreshFlags): Promise<boolean> {
  if (yes || json || !process.stdin.isTTY || !process.stderr.isTTY) return true;
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await ask.question(`${plan.join('\n')}\nType yes to go on: `)).trim().toLowerCase() === 'yes';
  } finally {
    ask.close();
  }
}

async function assertNothingUnderWay(context: Context): Promise<void> {
  await assertQuietWorkflows(context, true);
  const record = readRecord(context.settings.dataDir);
  if (!record || !postgresProcess(installationPaths(context.settings.dataDir))) return;
  await refuseWhileUnderWay(() => sessionsAtWork(databaseUrl(record, 'superuser')), waiting);
}

function assertQuietWorkflows({ settings }: Context, messages: boolean): Promise<void> {
  return withTemporal(settings, (client) => refuseWhileUnderWay(() => workUnderWay(client, { messages }), waiting));
}

const waiting = (ask: () => Promise<boolean>, forMs: number) => waitUntil(ask, forMs, 250);

const urlsOf = (record: RuntimeRecord): ClusterUrls => ({
  superuser: databaseUrl(record, 'superuser'),
  owner: databaseUrl(record, 'owner'),
  app: databaseUrl(record, 'app'),
});

/** The unit that runs a part of this installation, where one does. */
function serviceOfParts({ settings }: Context): string | null {
  const paths = installationPaths(settings.dataDir);
  const services = [postgresProcess(paths), workerProcess(paths)].map((running) => running && serviceOf(running.pid));
  return services.find(Boolean) ?? null;
}
