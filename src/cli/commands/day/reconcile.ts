import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { isSession, nextSession, tradingDayOf } from '../../../domain/calendar/calendar.js';
import { usageError } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { positionsFromFlags, parseSnapshot, problemText } from '../../../domain/reconciliation/snapshot.js';
import type { IsoDate } from '../../../domain/types.js';
import type { ReconcileCommand, ReconcileReply } from '../../../contract/day-messages.js';
import { commandOfExplanation } from '../../../reports/commands.js';
import { askDay } from '../../kit/ask-day.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

interface ReconcileFlags {
  snapshotDate: string;
  cashGbp?: string;
  cash?: string;
  position: string[];
  notes?: string;
}

/** Records a snapshot and says whether it agrees with the ledger. */
export async function reconcileDaily(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const tradingDay = dayOf(context);
    const read = snapshotOf(command.opts<ReconcileFlags>(), tradingDay);
    const message: ReconcileCommand = { commandId: randomUUID(), ...read, operator: context.operator(), at: context.at };
    const reply = await askDay<ReconcileReply>(context, { tradingDay, name: 'reconcile', id: message.commandId, command: message, doing: 'Comparing with the ledger' });
    return answerOf(context, reply);
  });
}

/** The day a snapshot is for: today's session, or the next one when the market is closed today. */
function dayOf({ at, policy }: Context): IsoDate {
  const today = tradingDayOf(at);
  return isSession(today, policy.calendar) ? today : nextSession(today, policy.calendar);
}

function snapshotOf(flags: ReconcileFlags, tradingDay: IsoDate) {
  const cash = flags.cashGbp ?? flags.cash;
  if (cash === undefined) throw usageError('SNAPSHOT_INVALID', 'cash: nothing: --cash-gbp must be given (an account in another currency may say --cash)');
  const read = positionsFromFlags(flags.position);
  const parsed = parseSnapshot({ snapshotDate: flags.snapshotDate, cash, positions: 'positions' in read ? read.positions : {}, notes: flags.notes ?? null }, tradingDay);
  const problems = [read, parsed].flatMap((result) => ('problems' in result ? result.problems : []));
  if (problems.length > 0 || 'problems' in parsed) {
    throw usageError('SNAPSHOT_INVALID', problemText(problems), { remedy: 'Nothing was recorded. Correct the snapshot and reconcile again.' });
  }
  return parsed.snapshot;
}

function answerOf(context: Context, reply: ReconcileReply): Answer {
  const report = reply.reportPath === null ? [] : [`Report: ${path.join(context.settings.dataDir, reply.reportPath)}`];
  if (reply.status === 'PASS') {
    const opened = reply.openedLedger ? ['THE LEDGER WAS EMPTY: this snapshot opened it, with one OPENING entry.'] : [];
    return { data: reply, lines: ['RECONCILIATION_PASS', ...opened, ...report], next: 'make run-1400, at 14:00' };
  }
  const explained = reply.explanations.map((explanation) => ({ ...explanation, command: commandOfExplanation(explanation, context.account, context.at) }));
  return {
    exitCode: EXIT.refused, data: { ...reply, explanations: explained },
    lines: [`RECONCILIATION_${reply.status}`, ...reply.reasons.map(({ code, message }) => `${code}: ${message}`),
      ...explained.flatMap(({ text, command }) => [`Perhaps: ${text}`, ...(command ? [`  ${command}`] : [])]), ...report],
    next: explained.find(({ command }) => command)?.command ?? 'find out what differs, book it, and reconcile again',
  };
}
