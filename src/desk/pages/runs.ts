import { resultOrThrow } from '../../domain/errors.js';
import { listRuns } from '../../operations/runs/list.js';
import { readRun } from '../../operations/runs/read-run.js';
import { link, paragraph, table, toned } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { runDocument } from '../../reports/run/page.js';
import type { Look, PageContent } from '../look.js';
import { documentMain, listMain } from '../view/document.js';

/** The newest runs. */
export async function runsPage({ place, account: { account } }: Look): Promise<PageContent> {
  const runs = resultOrThrow(await listRuns(place.db, { limit: '100' }));
  const rows = runs.map(({ runId, tradingDay, slot, outcome, operator, at, summary }) => [
    tradingDay,
    [link(`/runs/${runId}`, slot)],
    outcome === 'MISSED' || outcome === 'FAIL' ? toned('bad', outcome) : (outcome ?? 'under way'),
    summary ?? '',
    operator,
    ukTime(at),
  ]);
  return {
    title: 'Runs',
    here: '/runs',
    command: 'trading-ops runs-last',
    main: listMain('Runs', 'The newest hundred, newest first.', [
      paragraph([link(`/${encodeURIComponent(account)}/runs/start`, 'Start a run')]),
      ...(rows.length === 0 ? [] : [table(['Trading day', 'Slot', 'Outcome', 'Summary', 'Operator', 'At'], rows)]),
    ]),
  };
}

/** A run as it is written down. */
export async function runPage({ place, params }: Look): Promise<PageContent> {
  const facts = resultOrThrow(await readRun(place.db, { runId: params['runId'] ?? '' }));
  const document = runDocument(facts);
  return {
    title: document.title,
    here: null,
    command: `trading-ops render run ${facts.run.runId}`,
    main: documentMain(document),
  };
}
