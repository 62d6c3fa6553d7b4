import { resultOrThrow } from '../../domain/errors.js';
import type { RunRow } from '../../db/run-results.js';
import { listRuns } from '../../operations/runs/list.js';
import { runsNotBegun, type RunAskedFor } from '../../operations/runs/not-begun.js';
import { pageRuns, type RunsOfDay } from '../../operations/runs/page.js';
import { readRun } from '../../operations/runs/read-run.js';
import {
  banner,
  link,
  paragraph,
  table,
  toned,
  type Block,
  type Span,
  type Text,
} from '../../reports/render/document.js';
import { counted, ukClock, ukTime, weekday } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { RunFacts } from '../../reports/run/facts.js';
import { runDocument } from '../../reports/run/page.js';
import { unendedWord } from '../../reports/run/unended.js';
import type { Instant } from '../../domain/types.js';
import { csvText } from '../../reports/render/csv.js';
import { ALL_ROWS } from '../csv.js';
import type { Look, PageContent } from '../look.js';
import { documentMain, listMain } from '../view/document.js';
import { pathWith } from '../view/filter.js';

/** The runs by trading day and slot, newest day first, a page at a time. */
export async function runsPage({ place, account: { account }, query, at }: Look): Promise<PageContent> {
  const before = query['before'] ?? null;
  const { days, older } = resultOrThrow(await pageRuns(place.db, { before }));
  const waiting = before === null ? await runsNotBegun(place.db, await place.mail.runsUnderWay()) : [];
  return {
    title: 'Runs',
    here: '/runs',
    command: 'trading-ops runs-last',
    main: listMain(
      'Runs',
      'Fifty trading days a page, newest first. MISSED: nothing ran at its time. CLOSED: no session.',
      [
        paragraph([
          link(`/${encodeURIComponent(account)}/runs/start`, 'Start a run'),
          ' · ',
          link('/runs.csv', 'All runs as CSV'),
        ]),
        ...waitingBlocks(waiting),
        ...(days.length === 0
          ? [paragraph('There is nothing yet.')]
          : [
              table(
                ['Trading day', '08:00', '14:00', 'Others'],
                days.map((day) => dayRow(day, at)),
              ),
            ]),
        ...(older === null ? [] : [paragraph([link(pathWith('/runs', { before: older }), 'Older days')])]),
      ],
    ),
  };
}

/** What was asked for and waits for a worker stands in no row of the list yet. */
const waitingBlocks = (runs: readonly RunAskedFor[]): Block[] =>
  runs.length === 0
    ? []
    : [
        banner('warn', `${counted(runs.length, 'run was', 'runs were')} asked for and not begun`, [
          'What waits for a worker is kept, and goes on by itself: ',
          ...runs
            .slice(0, WAITING_SHOWN)
            .flatMap(({ workflowId, slot, at }, index): Span[] => [
              index === 0 ? '' : ', ',
              link(`/asked/${encodeURIComponent(workflowId)}`, `${slot} of ${ukTime(at)}`),
            ]),
          runs.length > WAITING_SHOWN ? ` and ${runs.length - WAITING_SHOWN} more` : '',
        ]),
      ];
const WAITING_SHOWN = 8;

const dayRow = ({ tradingDay, runs }: RunsOfDay, now: Instant): Text[] => [
  `${weekday(tradingDay).slice(0, 3)} ${tradingDay}`,
  slotText(
    runs.filter(({ slot }) => slot === '0800'),
    now,
  ),
  slotText(
    runs.filter(({ slot }) => slot === '1400'),
    now,
  ),
  runs
    .filter(({ slot }) => slot !== '0800' && slot !== '1400')
    .flatMap((run, index) => [index === 0 ? '' : '; ', ...runSpans(run, now, `${run.slot} `)]),
];

/** A slot that has several runs shows each: the second of a slot repeats it, or came after one that was missed. */
const slotText = (runs: readonly RunRow[], now: Instant): Text =>
  runs.length === 0 ? 'none' : runs.flatMap((run, index) => [index === 0 ? '' : '; ', ...runSpans(run, now)]);

function runSpans(run: RunRow, now: Instant, before = ''): Span[] {
  const { runId, outcome, at, operator, summary } = run;
  const isBad = outcome === 'MISSED' || outcome === 'FAIL' || outcome === 'FAILED';
  return [
    link(`/runs/${runId}`, `${before}${ukClock(at)}`),
    ' ',
    isBad ? toned('bad', outcome) : (outcome ?? toned('warn', unendedWord(at, now))),
    ` by ${operator}`,
    isBad && summary !== null ? `: ${summary}` : '',
  ];
}

/** A run as it is written down. */
export async function runPage({ place, params }: Look): Promise<PageContent> {
  const facts = resultOrThrow(await readRun(place.db, { runId: params['runId'] ?? '' }));
  const document = runDocument(facts);
  return {
    title: document.title,
    here: null,
    command: `trading-ops render run ${facts.run.runId}`,
    main: documentMain(document, renderBlocks(wayOn(facts))),
  };
}

/** Accounts that are led on to from a run; of a thousand each has its own pages. */
const LED_ON_MAX = 8;

/** Where the day goes on at the desk: what the document says as commands. */
function wayOn({ run, tickets, accounts }: RunFacts): Block[] {
  const ways: [account: string, page: string, text: string][] =
    run.slot === '1400'
      ? tickets.map(({ account, ticketId, kind }) => [account, `tickets/${ticketId}`, `The ${kind} ticket`])
      : run.slot === '0800' && run.outcome === 'PASS'
        ? accounts.map(({ account }) => [account, 'reconcile', 'Reconcile'])
        : [];
  if (ways.length === 0) return [];
  return [
    paragraph(
      ways
        .slice(0, LED_ON_MAX)
        .flatMap(([account, page, text], index): Span[] => [
          index === 0 ? '' : ' · ',
          link(`/${encodeURIComponent(account)}/${page}`, ways.length === 1 ? text : `${text}, ${account}`),
        ]),
    ),
  ];
}

/** Every run as CSV, newest first. */
export async function runsCsv({ place }: Look): Promise<string> {
  const runs = resultOrThrow(await listRuns(place.db, { limit: ALL_ROWS }));
  return csvText([
    [
      'trading_day',
      'slot',
      'outcome',
      'summary',
      'operator',
      'at',
      'as_of_date',
      'run',
      'workflow',
      'policy',
      'universe',
    ],
    ...runs.map((run) => [
      run.tradingDay,
      run.slot,
      run.outcome,
      run.summary,
      run.operator,
      run.at,
      run.asOfDate,
      run.runId,
      run.workflowId,
      run.policyHash,
      run.universeHash,
    ]),
  ]);
}
