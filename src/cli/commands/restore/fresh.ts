import type { Command } from 'commander';
import { createInterface } from 'node:readline/promises';
import { factsBeyond } from '../../../backup/beyond.js';
import { tellFailure } from '../../../operations/backup/failed.js';
import { recordProof } from '../../../operations/backup/record-proof.js';
import { workUnderWay } from '../../../operations/runs/under-way.js';
import { restoreReportPath } from '../../../reports/restore-proof/page.js';
import { newestVerified } from '../../../backup/verify.js';
import { sessionsAtWork } from '../../../backup/sessions.js';
import type { Rebuilt } from '../../../operations/day/rebuild.js';
import { connect } from '../../../db/connect.js';
import { ageText, type LostFacts, type RestoreProof } from '../../../domain/backup/proof.js';
import { actionText } from '../../../reports/restore-proof/page.js';
import { OpsError, reasonOf, refusal } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { installationPaths } from '../../../runtime/paths.js';
import { postgresProcess } from '../../../runtime/postgres/server.js';
import { waitUntil } from '../../../runtime/processes/processes.js';
import { databaseUrl, readRecord } from '../../../runtime/record.js';
import { assertOwnCluster, restoreOnFreshCluster } from '../../../runtime/postgres/restore-fresh.js';
import { serviceOf } from '../../../runtime/processes/service.js';
import { workerProcess } from '../../../runtime/processes/worker.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { finishRestore } from './finish.js';
import { freshRestoreSteps } from './fresh-work.js';
import { proofLines } from './lines.js';
import { rebuiltLines } from '../day/rebuild.js';
import { showSteps } from '../../kit/steps.js';
import { withTemporal } from '../../kit/temporal.js';

interface FreshFlags {
  yes?: boolean;
  loseNewer?: boolean;
  json?: boolean;
}

/** So long a step that is just ending is waited for before it counts as under way. */
const SETTLE_MS = 5_000;

/** The runbook's destructive proof: the newest whole backup, restored into an empty cluster that takes the live one's place. */
export async function restoreFresh(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = command.optsWithGlobals<FreshFlags>();
    assertOwnCluster(context.settings);
    assertNoService(context);
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
  });
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
      const order = { settings, operator, loseNewer: flags.loseNewer ?? false, signal: stop.signal, progress };
      let rebuilt: Rebuilt | undefined;
      const proof = await restoreOnFreshCluster<RestoreProof>(settings, progress, {
        ...freshRestoreSteps(order),
        signal: stop.signal,
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
  const newest = await newestVerified(paths.backups);
  const record = readRecord(settings.dataDir);
  if (!newest && loseNewer)
    throw refusal('NO_BACKUP', `there is no whole backup in ${paths.backups}`, { remedy: 'make backup' });
  const beyond =
    newest && record && postgresProcess(paths) ? await factsBeyond(databaseUrl(record, 'superuser'), newest) : null;
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
  await assertNone(() => sessionsAtWork(databaseUrl(record, 'superuser')));
}

function assertQuietWorkflows({ settings }: Context, messages: boolean): Promise<void> {
  return withTemporal(settings, (client) => assertNone(() => workUnderWay(client, { messages })));
}

async function assertNone(look: () => Promise<string[]>): Promise<void> {
  let found: string[] = [];
  if (await waitUntil(async () => (found = await look()).length === 0, SETTLE_MS, 250)) return;
  throw refusal(
    'WORK_UNDER_WAY',
    `a restore now would cut this short:\n${found.map((line) => `  ${line}`).join('\n')}`,
    {
      remedy:
        'wait until it is done (make day, or the Temporal Web UI; make up when the worker is down), then: make restore-fresh-test',
    },
  );
}

/** systemd would start the parts again, or stop the restored ones, by its own rules. */
function assertNoService({ settings }: Context): void {
  const paths = installationPaths(settings.dataDir);
  const service = [postgresProcess(paths), workerProcess(paths)]
    .map((running) => running && serviceOf(running.pid))
    .find(Boolean);
  if (!service) return;
  throw refusal(
    'RUN_BY_SYSTEMD',
    `${service} is run by systemd, which would start and stop parts in the middle of the proof`,
    {
      remedy:
        'systemctl stop trading-ops.target; make up; make restore-fresh-test; make down; systemctl start trading-ops.target',
    },
  );
}
