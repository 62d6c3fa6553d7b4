import type { z } from 'zod';
import { parseInput } from '../../../contract/reading.js';
import { writeAgainSchema, type WriteAgain } from '../../../contract/renderings.js';
import { isIsoDate } from '../../../domain/dates.js';
import { outcomeOf, usageError, type OpsError, type Outcome } from '../../../domain/errors.js';
import { bounded } from '../../../domain/text.js';
import { isBeginningOfId, isUuid } from '../../../domain/shapes.js';
import { listRenderables, type Renderable } from '../../../db/renderables.js';
import { renderAlert } from './alert.js';
import { renderDay } from './day.js';
import { renderQuality } from './quality.js';
import { renderReconciliation } from './reconciliation.js';
import { renderRun } from './run.js';
import { renderStatement } from './statement.js';
import { LISTS, type Press } from './stored.js';
import { theOne } from '../../day/whole-id.js';
import { renderTicket } from './ticket.js';

type RenderJob = Renderable | (Omit<Extract<Renderable, { kind: 'run' }>, 'kind'> & { kind: 'quality' });

/** Writes the files of what an id or a trading day names once more. @returns the paths written */
export function writeAgain(press: Press, input: WriteAgain): Promise<Outcome<string[]>> {
  return outcomeOf(async () => {
    const asked = parseInput(writeAgainSchema, input);
    const jobs = named(await listRenderables(press.db), asked);
    refuseSeveral(asked, jobs);
    if (jobs.length === 0) throw namesNothing(asked);
    return renderJobs(press, jobs);
  });
}

type Asked = z.infer<typeof writeAgainSchema>;

/** Renders one after another: the order decides which of two files of one name stays, and it must be the newest. */
export async function renderJobs(press: Press, jobs: readonly RenderJob[]): Promise<string[]> {
  const files: string[] = [];
  for (const job of jobs) files.push(...(await renderJob(press, job)));
  return files;
}

function named(all: Renderable[], { kind, which, account }: Asked): RenderJob[] {
  const wanted = kind === 'quality' ? 'run' : kind;
  const found = all
    .filter((each) => each.kind === wanted && (isMeant(idOf(each), which) || each.tradingDay === which))
    .filter((each) => account === null || !('account' in each) || each.account === account);
  return kind !== 'quality'
    ? found
    : found.flatMap((each): RenderJob[] => (each.kind === 'run' && each.slot !== '1400' ? [{ ...each, kind }] : []));
}

/** By its whole id, or by its first eight characters or more. */
const isMeant = (id: string | null, which: string): boolean =>
  id !== null && (isBeginningOfId(which) || isUuid(which)) && id.startsWith(which.toLowerCase());

/** The beginning of an id must mean one. @throws OpsError ID_AMBIGUOUS */
function refuseSeveral({ kind, which }: Asked, jobs: readonly RenderJob[]): void {
  if (isIsoDate(which) || jobs.length < 2) return;
  const ids = jobs.map((job) => (job.kind === 'quality' ? job.runId : (idOf(job) ?? '')));
  theOne(kind, which, [...new Set(ids)], () => namesNothing({ kind, which, account: null }));
}

function idOf(each: Renderable): string | null {
  switch (each.kind) {
    case 'run':
      return each.runId;
    case 'ticket':
      return each.ticketId;
    case 'reconciliation':
      return each.reconciliationId;
    case 'alert':
      return each.alertId;
    case 'statement':
      return each.comparisonId;
    case 'day':
      return null;
  }
}

function renderJob(press: Press, job: RenderJob): Promise<string[]> {
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
    case 'statement':
      return renderStatement(press, { comparisonId: job.comparisonId });
    case 'day':
      return renderDay(press, { account: job.account, tradingDay: job.tradingDay });
  }
}

function namesNothing({ kind, which, account }: Asked): OpsError {
  return usageError('UNKNOWN_ID', `${kind}: ${bounded(which)}: ${whyNothing(kind, which, account)}`, {
    remedy: LISTS[kind],
  });
}

function whyNothing(kind: WriteAgain['kind'], which: string, account: string | null): string {
  if (isIsoDate(which)) {
    const none = kind === 'day' ? 'that day was never opened' : `no ${kind} of that trading day is stored`;
    return `${none}${account === null ? '' : ` for ${account}`}`;
  }
  return kind === 'day'
    ? 'must be a trading day YYYY-MM-DD'
    : 'is neither the id of one that is stored nor a trading day YYYY-MM-DD';
}
