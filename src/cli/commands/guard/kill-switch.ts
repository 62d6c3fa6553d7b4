import type { Command } from 'commander';
import { killSwitchEvents, killSwitchState } from '../../../db/kill-switch.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { engageKillSwitch, resetKillSwitch, type KillSwitchTurned } from '../../../operations/guard/kill-switch.js';
import { ukTime } from '../../../reports/render/format.js';
import { configurationInForce } from '../../../operations/runs/configuration-in-force.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

/** Whether the kill switch is engaged, and everything that ever happened to it. */
export async function killSwitchStatus(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const [state, events] = [await killSwitchState(db, account.account), await killSwitchEvents(db, account.account)];
    const history = events.map(
      ({ event, operator, at, reason }) => `  ${ukTime(at)}  ${event}  ${operator}: ${reason}`,
    );
    return {
      data: { account: account.account, ...state, events },
      lines: [
        `Kill switch of ${account.account}: ${state.engaged ? `ENGAGED (${state.reason})` : 'not engaged'}`,
        ...history,
      ],
      next: state.engaged
        ? `find out why, then: trading-ops kill-switch reset${
            account.account === 'main' ? '' : ` --account ${account.account}`
          } --reason "<why it may trade again>"`
        : 'trading-ops day',
    };
  });
}

/** Engages the kill switch, also while policy.yml or universe.csv is broken. */
export async function engage(command: Command): Promise<void> {
  await withContext(
    command,
    async (context) => {
      const { reason } = command.opts<{ reason: string }>();
      return answerOf(
        resultOrThrow(
          await engageKillSwitch(installationOf(context), askerOf(context), {
            account: context.account.account,
            reason,
          }),
        ),
      );
    },
    configurationInForce,
  );
}

/** Resets the kill switch. */
export async function reset(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { reason } = command.opts<{ reason: string }>();
    return answerOf(
      resultOrThrow(
        await resetKillSwitch(installationOf(context), askerOf(context), { account: context.account.account, reason }),
      ),
    );
  });
}

/** One that already stands like that stays as it is. */
function answerOf(turned: KillSwitchTurned): Answer {
  const { account, event } = turned;
  const stands =
    event === 'ENGAGED' ? 'engaged: no TRADE is issued until it is reset' : 'reset: the other gates decide again';
  const same = event === 'ENGAGED' ? 'is engaged already' : 'is not engaged';
  return {
    data: turned,
    next: 'trading-ops kill-switch status',
    lines: [
      turned.turned
        ? `Kill switch of ${account} ${stands}.`
        : `Kill switch of ${account}: nothing changed, it ${same}.`,
    ],
  };
}
