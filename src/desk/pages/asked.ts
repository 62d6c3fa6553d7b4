import type { BackupReply, RestoreTestReply } from '../../contract/backup.js';
import type { RunReply } from '../../contract/runs.js';
import { lookAtAsked, type AskedKind, type AskedState } from '../../operations/asked.js';
import { banner, code, facts, link, paragraph, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { verdictWord } from '../../reports/restore-proof/page.js';
import { deskText, deskWords } from '../desk-words.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';
import { NOBODY_SERVES } from '../view/kept.js';
import { lookAgain } from '../view/waits.js';

const TITLES: Record<AskedKind, string> = { run: 'Run', backup: 'Backup', 'restore-test': 'Restore test' };
const HERE: Record<AskedKind, string> = { run: '/runs', backup: '/backups', 'restore-test': '/backups' };
const COMMANDS: Record<AskedKind, string> = {
  run: 'trading-ops runs-last',
  backup: 'trading-ops backups list',
  'restore-test': 'trading-ops backups list',
};

/** How far something is that was asked for. */
export async function askedPage({ place, params, account }: Look): Promise<PageContent> {
  const id = params['workflowId'] ?? '';
  const { state, isServed } = await place.mail.with(async ({ client, workerIsUp }) => ({
    state: await lookAtAsked(client, id, place.now()),
    isServed: await workerIsUp(),
  }));
  const isUnderWay = state.result === null && state.failure === null;
  const title = `${TITLES[state.kind]} ${isUnderWay ? 'under way' : state.failure ? 'failed' : 'done'}`;
  return {
    title,
    here: HERE[state.kind],
    command: COMMANDS[state.kind],
    main:
      listMain(
        title,
        `Asked for at ${ukTime(state.askedAt)}.`,
        blocksOf(state, { base: `/${encodeURIComponent(account.account)}`, isServed }),
      ) + (isUnderWay ? lookAgain(howOf(state, isServed)) : ''),
  };
}

/** How what is under way stands, as the page tells it. */
const howOf = ({ waitsSince }: AskedState, isServed: boolean): string =>
  isServed ? (waitsSince === null ? 'on' : 'slow') : 'down';

/** @param where the address of the account's pages, and whether a worker is up */
function blocksOf(
  { kind, doing, waitsSince, result, failure }: AskedState,
  { base, isServed }: { base: string; isServed: boolean },
): Block[] {
  if (failure !== null)
    return [
      banner('bad', failure.code, deskText(failure.message)),
      ...(failure.remedy === null ? [] : [facts([['What to do', deskWords(failure.remedy, { base })]])]),
    ];
  if (result === null && !isServed)
    return [banner('warn', NOBODY_SERVES, 'It is kept, and goes on by itself when one is back: make up.')];
  if (waitsSince !== null)
    return [
      banner('warn', 'UNDER WAY, and the worker is slow', 'It is kept, and goes on by itself once one takes it up.'),
      facts([
        ['Its next step waits since', ukTime(waitsSince)],
        ['Where to look', code('trading-ops doctor')],
      ]),
    ];
  if (result === null)
    return [
      banner('plain', 'UNDER WAY', 'It goes on by itself, also where this page is left.'),
      facts([['Now', doing.join(', ') || 'waits for its next step']]),
    ];
  if (kind === 'run') return runBlocks(result as RunReply);
  return kind === 'backup' ? backupBlocks(result as BackupReply) : restoreBlocks(result as RestoreTestReply);
}

const runBlocks = ({ runId, outcome, summary }: RunReply): Block[] => [
  banner(outcome === 'FAIL' || outcome === 'MISSED' ? 'bad' : 'good', outcome, summary),
  paragraph([link(`/runs/${runId}`, 'Read the run')]),
];

const backupBlocks = ({ file, bytes, rows, copyProblem }: BackupReply): Block[] => [
  banner('good', 'BACKUP_DONE', file),
  ...(copyProblem === null ? [] : [banner('bad', 'NO COPY', copyProblem)]),
  facts([
    ['Bytes', bytes.toLocaleString('en-GB')],
    ['Rows', rows.toLocaleString('en-GB')],
  ]),
  paragraph([link('/backups', 'All backups')]),
];

const restoreBlocks = ({ proof }: RestoreTestReply): Block[] => [
  banner(proof.passed ? 'good' : 'bad', verdictWord(proof), proof.backup.file),
  ...proof.problems.map((problem) => paragraph(problem)),
  paragraph([link('/backups', 'All backups')]),
];
