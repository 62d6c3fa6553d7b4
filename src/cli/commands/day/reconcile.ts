import type { Command } from 'commander';
import path from 'node:path';
import type { ReconcileReply } from '../../../contract/day-messages.js';
import { resultOrThrow, usageError } from '../../../domain/errors.js';
import { nextOfDrift, nextOfReconciled } from '../../../reports/catalogue/next.js';
import { commandOfExplanation } from '../../../reports/commands.js';
import { explanationLines } from '../../../reports/reconciliation/lines.js';
import { tableLines } from '../../../reports/reconciliation/table-lines.js';
import { FILE_BYTES_MAX } from '../../../domain/text.js';
import { problemText } from '../../../domain/problems.js';
import { positionsFromFlags } from '../../../domain/reconciliation/snapshot.js';
import { prepareReconcile, type SnapshotRead } from '../../../operations/day/prepare.js';
import { readSnapshotTable } from '../../../operations/day/read-table.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { isTerminal } from '../../kit/ask.js';
import { withContext, type CommonFlags, type Context } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import type { Answer } from '../../kit/output.js';
import { readInputFile } from '../../kit/read-input.js';
import { askSnapshot, type Given } from './ask-snapshot.js';
import { runWaitedFor } from './next.js';
import { send } from './send.js';

interface ReconcileFlags {
  snapshotDate?: string;
  cashGbp?: string;
  cash?: string;
  position: string[];
  file?: string;
  notes?: string;
}

/** Records a snapshot, of flags, of a file or asked for, and says whether it agrees with the ledger. */
export async function reconcileDaily(command: Command): Promise<void> {
  const flags = command.optsWithGlobals<ReconcileFlags & CommonFlags>();
  const { snapshotDate } = flags;
  const asks = isAlone(flags);
  if (snapshotDate === undefined && !asks)
    command.error("error: required option '--snapshot-date <YYYY-MM-DD>' not specified");
  await withContext(command, async (context) => {
    const { read, told } = await snapshotOf(context, { ...flags, snapshotDate: snapshotDate ?? '' }, asks);
    const message = resultOrThrow(await prepareReconcile(installationOf(context), askerOf(context), read));
    const reply = await send<ReconcileReply>(context, message, 'Comparing with the ledger');
    const { tradingDay } = message.day;
    const answer = answerOf(
      context,
      reply,
      nextOfReconciled(tradingDay, await runWaitedFor(context, tradingDay), context.account.account),
    );
    return { ...answer, lines: [...told, ...answer.lines] };
  });
}

/**
 * Typed without figures, where somebody sits who can be asked for them. Machines, which want JSON, are refused as
 * ever.
 */
const isAlone = ({ cash, cashGbp = cash, position, file, json = false }: ReconcileFlags & CommonFlags): boolean =>
  cashGbp === undefined && position.length === 0 && file === undefined && !json && isTerminal();

async function snapshotOf(context: Context, flags: DatedFlags, asks: boolean): Promise<Given> {
  if (asks) return askSnapshot(context, flags);
  return flags.file === undefined
    ? { read: snapshotOfFlags(context, flags), told: [] }
    : snapshotOfFile(context, { ...flags, file: flags.file });
}

/** The flags of a snapshot whose date is known, or asked for. */
type DatedFlags = ReconcileFlags & { snapshotDate: string };

/** The figures of a file or of standard input; the cash may stand beside it. */
async function snapshotOfFile(
  context: Context,
  { file, position, snapshotDate, cashGbp, cash = cashGbp, notes = null }: FileFlags,
): Promise<Given> {
  if (position.length > 0)
    throw usageError('OPTIONS_CLASH', 'position: positions stand in the file of --file: leave one of the two out');
  const asked = {
    file,
    field: 'file',
    code: 'SNAPSHOT_UNREADABLE',
    tooLarge: 'SNAPSHOT_INVALID',
    maxBytes: FILE_BYTES_MAX,
    remedy: 'name the file of the positions, as text in UTF-8, or type them with --position SYMBOL=UNITS',
  };
  const text = await readInputFile(asked);
  const figures = resultOrThrow(await readSnapshotTable(installationOf(context), context.account, { text, cash }));
  const { account } = context.account;
  return {
    read: { account, snapshotDate, cash: figures.cash, positions: figures.positions, notes },
    told: tableLines(figures.table),
  };
}

type FileFlags = Omit<DatedFlags, 'notes' | 'file'> & { file: string; notes?: string | null };

function snapshotOfFlags(
  { account: { account } }: Context,
  {
    snapshotDate,
    cashGbp,
    cash = cashGbp,
    position,
    notes = null,
  }: Omit<DatedFlags, 'notes'> & { notes?: string | null },
): SnapshotRead {
  if (cash === undefined)
    throw usageError(
      'SNAPSHOT_INVALID',
      'cash: nothing: --cash-gbp must be given (an account in another currency may say --cash)',
    );
  const read = positionsFromFlags(position);
  if ('problems' in read) {
    throw usageError('SNAPSHOT_INVALID', problemText(read.problems), {
      remedy: 'Nothing was recorded. Correct the snapshot and reconcile again.',
    });
  }
  return { account, snapshotDate, cash, positions: read.positions, notes };
}

function answerOf(context: Context, reply: ReconcileReply, next: string): Answer {
  if (reply.refusal) resultOrThrow({ ok: false, refusal: reply.refusal });
  const report = reply.reportPath === null ? [] : [`Report: ${path.join(context.settings.dataDir, reply.reportPath)}`];
  const explained = reply.explanations.map((explanation) => ({
    ...explanation,
    command: commandOfExplanation(explanation, context.account, context.at),
  }));
  const data = { ...reply, explanations: explained };
  const perhaps = explanationLines(reply.explanations, context.account, context.at);
  const drift = (reply.drift ?? []).map(
    ({ what, drift: by, tolerance }) => `Drift: ${what} ${by} (tolerance ${tolerance})`,
  );
  if (reply.status === 'PASS') {
    const opened = reply.openedLedger ? ['THE LEDGER WAS EMPTY: this snapshot opened it, with one OPENING entry.'] : [];
    return { data, lines: ['RECONCILIATION_PASS', ...opened, ...drift, ...perhaps, ...report], next };
  }
  return {
    exitCode: EXIT.refused,
    data,
    lines: [
      `RECONCILIATION_${reply.status}`,
      ...reply.reasons.map(({ code, message }) => `${code}: ${message}`),
      ...drift,
      ...perhaps,
      ...report,
    ],
    next: nextOfDrift(reply.explanations, context.account, context.at),
  };
}
