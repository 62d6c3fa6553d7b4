import type { Command } from 'commander';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { filesOf } from '../../../operations/files/files.js';
import { retentionDay } from '../../../operations/files/retention.js';
import { renderAlert } from '../../../operations/files/render/alert.js';
import { renderDay } from '../../../operations/files/render/day.js';
import { renderQuality } from '../../../operations/files/render/quality.js';
import { renderReconciliation } from '../../../operations/files/render/reconciliation.js';
import { renderRun } from '../../../operations/files/render/run.js';
import { renderTicket } from '../../../operations/files/render/ticket.js';
import type { Press } from '../../../operations/files/render/stored.js';
import { resolveInside } from '../../../reports/write.js';
import { listRenderables, type Renderable } from '../../../reports/renderable.js';
import { usageError } from '../../../domain/errors.js';
import { isIsoDate } from '../../../domain/dates.js';
import { isPastKeeping } from '../../../domain/policy/artifacts.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';
import { bounded } from '../../../domain/text.js';

export type RenderKind = Renderable['kind'] | 'quality';
type Job = Renderable | (Omit<Extract<Renderable, { kind: 'run' }>, 'kind'> & { kind: 'quality' });

/** Renders what the id or date names. */
export async function renderOne(kind: RenderKind, which: string, command: Command): Promise<void> {
  const asked = command.opts<{ account?: string }>().account;
  await withContext(command, async (context) => {
    const jobs = chosen(await listRenderables(context.db), kind, which, asked);
    if (jobs.length === 0) throw unknown(kind, which, asked);
    return answerOf(context, await withProgress(`Rendering ${kind} ${which}`, () => renderJobs(context, jobs)));
  });
}

/** Renders everything, or what is missing on disk. */
export async function renderAll(missingOnly: boolean, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const all = await listRenderables(context.db);
    const jobs = missingOnly ? await withMissingFiles(context, all) : all;
    return answerOf(
      context,
      await withProgress(`Rendering ${jobs.length} of ${all.length}`, () => renderJobs(context, jobs)),
    );
  });
}

function chosen(all: Renderable[], kind: RenderKind, which: string, account: string | undefined): Job[] {
  const wanted = kind === 'quality' ? 'run' : kind;
  const found = all
    .filter((each) => each.kind === wanted && (idOf(each) === which || each.tradingDay === which))
    .filter((each) => account === undefined || !('account' in each) || each.account === account);
  return kind !== 'quality'
    ? found
    : found.flatMap((each): Job[] => (each.kind === 'run' && each.slot !== '1400' ? [{ ...each, kind }] : []));
}

const idOf = (each: Renderable): string | null =>
  'runId' in each
    ? each.runId
    : 'ticketId' in each
      ? each.ticketId
      : 'reconciliationId' in each
        ? each.reconciliationId
        : 'alertId' in each
          ? each.alertId
          : null;

/** One after another: the order decides which of two files of one name stays, and it must be the newest. */
async function renderJobs({ db, settings }: Context, jobs: Job[]): Promise<string[]> {
  const press = { db, dataDir: settings.dataDir };
  const files: string[] = [];
  for (const job of jobs) files.push(...(await renderJob(press, job)));
  return files;
}

async function renderJob(press: Press, job: Job): Promise<string[]> {
  switch (job.kind) {
    case 'run':
      return renderRun(press, { runId: job.runId });
    case 'quality':
      return renderQuality(press, { runId: job.runId });
    case 'ticket':
      return renderTicket(press, { ticketId: job.ticketId });
    case 'reconciliation':
      return renderReconciliation(press, { reconciliationId: job.reconciliationId });
    case 'alert':
      return renderAlert(press, { alertId: job.alertId });
    case 'day':
      return renderDay(press, { account: job.account, tradingDay: job.tradingDay });
  }
}

/** What lacks a file that retention keeps: the others were removed on purpose, and are rendered when they are asked for. */
async function withMissingFiles(
  { db, settings: { dataDir }, policy, at }: Context,
  all: Renderable[],
): Promise<Renderable[]> {
  const [keep, today] = [policy.artifacts.keep_days, await retentionDay(db, at)];
  const missing = await Promise.all(
    all.map(async (each) => {
      const kept = filesOf(each).filter(({ kind }) => !isPastKeeping(keep, kind, each.tradingDay, today));
      return (await Promise.all(kept.map((file) => isThere(dataDir, file.path)))).includes(false);
    }),
  );
  return all.filter((_, index) => missing[index]);
}

// A power cut may leave the name of a file without its text.
const isThere = (dataDir: string, file: string): Promise<boolean> =>
  stat(resolveInside(dataDir, file)).then(
    ({ size }) => size > 0,
    () => false,
  );

function answerOf({ settings }: Context, files: string[]): Answer {
  const count = files.length === 1 ? '1 file was' : `${files.length} files were`;
  return {
    data: { files: files.map((file) => path.join(settings.dataDir, file)) },
    lines:
      files.length === 0
        ? ['Nothing is missing: every artifact is there.']
        : [`${count} rendered from the database:`, ...files.map((file) => `  ${path.join(settings.dataDir, file)}`)],
    next: 'trading-ops status',
  };
}

const LISTS: Record<RenderKind, string> = {
  run: 'trading-ops runs-last',
  quality: 'trading-ops runs-last',
  ticket: 'trading-ops tickets-last',
  reconciliation: 'trading-ops runs-last',
  day: 'trading-ops runs-last',
  alert: 'trading-ops alerts-last',
};

function unknown(kind: RenderKind, which: string, account: string | undefined) {
  const rule = isIsoDate(which)
    ? `${kind === 'day' ? 'that day was never opened' : `no ${kind} of that trading day is stored`}${account ? ` for ${account}` : ''}`
    : kind === 'day'
      ? 'must be a trading day YYYY-MM-DD'
      : 'is neither the id of one that is stored nor a trading day YYYY-MM-DD';
  return usageError('UNKNOWN_ID', `${kind}: ${bounded(which)}: ${rule}`, { remedy: LISTS[kind] });
}
