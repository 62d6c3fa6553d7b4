import type { Command } from 'commander';
import { z } from 'zod';
import { killSwitchAlert, raiseAlert, recoverAlert } from '../../../operations/alerts/raise.js';
import { appendAudit, auditBreaks, auditHead } from '../../../db/audit.js';
import { killSwitchEvents, killSwitchState, turnKillSwitch } from '../../../db/kill-switch.js';
import { inTransaction } from '../../../db/transaction.js';
import { EXIT } from '../../kit/exit.js';
import { ukTime } from '../../../reports/render/format.js';
import { bookkeeper, parseFlags, reasonSchema } from '../../kit/flags.js';
import { withContext } from '../../kit/context.js';

/** Whether the kill switch is engaged, and everything that ever happened to it. */
export async function killSwitchStatus(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const [state, events] = [await killSwitchState(db, account.account), await killSwitchEvents(db, account.account)];
    const history = events.map(({ event, operator, at, reason }) => `  ${ukTime(at)}  ${event}  ${operator}: ${reason}`);
    return {
      data: { account: account.account, ...state, events },
      lines: [`Kill switch of ${account.account}: ${state.engaged ? `ENGAGED (${state.reason})` : 'not engaged'}`, ...history],
      next: state.engaged ? 'find out why, then: trading-ops kill-switch reset --reason "<why it may trade again>"' : 'trading-ops day',
    };
  });
}

/** Engages or resets the kill switch; one that already stands like that stays as it is. */
export async function turn(event: 'ENGAGED' | 'RESET', command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { reason } = parseFlags(z.object({ reason: reasonSchema }), command.opts());
    const { account, operator, at } = await bookkeeper(context);
    const turned = await inTransaction(context.db, async (trx) => {
      const before = await killSwitchEvents(trx, account.account);
      const done = await turnKillSwitch(trx, { account: account.account, event, reason, operator, at, idempotencyKey: `${account.account}/${event}/${before.length}` });
      if (!done) return false;
      if (event === 'ENGAGED') await raiseAlert(trx, killSwitchAlert(account.account, reason, operator, at, null));
      else await recoverAlert(trx, { account: account.account, code: 'KILL_SWITCH_ENGAGED', subject: account.account, message: `${operator} reset it: ${reason}`, at });
      await appendAudit(trx, { at, account: account.account, actor: operator, action: `kill_switch.${event.toLowerCase()}`, subject: account.account, detail: { reason } });
      return true;
    });
    const stands = event === 'ENGAGED' ? 'engaged: no TRADE is issued until it is reset' : 'reset: the other gates decide again';
    return {
      data: { account: account.account, event, turned, reason },
      lines: [turned ? `Kill switch of ${account.account} ${stands}.` : `Kill switch of ${account.account}: nothing changed, it ${event === 'ENGAGED' ? 'is engaged already' : 'is not engaged'}.`],
      next: 'trading-ops kill-switch status',
    };
  });
}

/** Checks the audit log's hash chain. */
export async function verifyAudit(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const [breaks, head] = [await auditBreaks(db), await auditHead(db)];
    const intact = breaks.length === 0;
    return {
      exitCode: intact ? EXIT.done : EXIT.refused,
      data: { intact, records: head?.seq ?? 0, head: head?.hash ?? null, breaks },
      lines: intact
        ? [`AUDIT_INTACT: ${head?.seq ?? 0} records${head ? `, newest hash ${head.hash}` : ''}`]
        : ['AUDIT_BROKEN', ...breaks.map(({ seq, problem }) => `record ${seq} ${problem}`)],
      next: intact ? 'trading-ops status' : 'stop trading (trading-ops kill-switch engage), keep the database as it is, and restore a verified backup beside it to compare',
    };
  });
}
