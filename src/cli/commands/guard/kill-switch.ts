import type { Command } from 'commander';
import { parseInput } from '../../../contract/reading.js';
import { turnKillSwitchSchema } from '../../../contract/kill-switch.js';
import { OF_THE_KILL_SWITCH } from '../../../db/connect.js';
import { OpsError, reasonOf, resultOrThrow } from '../../../domain/errors.js';
import { placeMeant } from '../../../operations/accounts/meant.js';
import {
  killSwitchStanding,
  standingByFiles,
  type KillSwitchStanding,
} from '../../../operations/guard/kill-switch-standing.js';
import { EVERY_ACCOUNT, leaveLatch, type Latch } from '../../../operations/guard/latch.js';
import { readConfiguration } from '../../../operations/runs/configuration.js';
import type { Settings } from '../../../runtime/settings.js';
import { atMost } from '../../kit/pulse.js';
import { engageKillSwitch, resetKillSwitch, type KillSwitchTurned } from '../../../operations/guard/kill-switch.js';
import { ukTime } from '../../../reports/render/format.js';
import { areFilesBroken, configurationInForce } from '../../../operations/runs/configuration-in-force.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { machineClock, operatorAsked, withContext, type CommonFlags } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

/** Whether the kill switch is engaged, and everything that ever happened to it; by its files while Postgres is away. */
export async function killSwitchStatus(command: Command): Promise<void> {
  await withContext(
    command,
    async ({ db, account: { account }, settings: { dataDir } }) => {
      const { events, ...standing } = await killSwitchStanding({ db, dataDir }, account);
      const history = events.map(
        ({ event, operator, at, reason }) => `  ${ukTime(at)}  ${event}  ${operator}: ${reason}`,
      );
      return standingAnswer(standing, history, { events });
    },
    { instead: standingAlone },
  );
}

/** @throws the error, where no file says that it is engaged, or the error is none of a server that is away. */
async function standingAlone(error: unknown, { settings, flags }: { settings: Settings; flags: CommonFlags }) {
  if (error instanceof OpsError && error.kind !== 'unreachable') throw error;
  const { account } = await meantOr(settings.configDir, flags);
  const standing = await standingByFiles(settings.dataDir, account);
  if (!standing) throw error;
  const why = reasonOf(error);
  return standingAnswer(standing, [`What is stored of it cannot be told (${why}).`], { why });
}

function standingAnswer(standing: KillSwitchStanding, lines: string[], data: object): Answer {
  const { account, engaged, reason, waiting } = standing;
  return {
    data: { ...standing, ...data },
    lines: [
      `Kill switch of ${account}: ${engaged ? `ENGAGED (${reason})` : 'not engaged'}`,
      ...waiting.map((one) => `  ${ukTime(one.at)}  ENGAGED by a file, not booked yet  ${one.operator}: ${one.reason}`),
      ...lines,
    ],
    next: engaged
      ? `find out why, then: trading-ops kill-switch reset${
          account === 'main' ? '' : ` --account ${account}`
        } --reason "<why it may trade again>"`
      : 'trading-ops day',
  };
}

/** How long Postgres has to take it: half of the five seconds after which trading has stopped, whatever there is. */
const TAKEN_WITHIN_MS = 2_500;

/**
 * Engages the kill switch, also while policy.yml or universe.csv is broken. What Postgres does not take at once (it is
 * away, stopped, its disk is full, somebody holds a lock) stands in a file, which stops the worker's tickets just the
 * same.
 */
export async function engage(command: Command): Promise<void> {
  const { reason } = command.opts<{ reason: string }>();
  await withContext(
    command,
    async (context) => {
      const input = { account: context.account.account, reason };
      return answerOf(resultOrThrow(await engageKillSwitch(installationOf(context), askerOf(context), input)));
    },
    {
      load: configurationInForce,
      patience: OF_THE_KILL_SWITCH,
      within: atMost(TAKEN_WITHIN_MS),
      instead: (error, { settings, flags }) => engageByFile(error, reason, settings, flags),
    },
  );
}

/**
 * What is wrong with the words, or not allowed, is told; whatever else there is does not keep anybody from stopping.
 */
async function engageByFile(
  error: unknown,
  reason: string,
  { dataDir, configDir, at = machineClock() }: Settings,
  flags: CommonFlags,
): Promise<Answer> {
  if (error instanceof OpsError && (error.kind === 'usage' || error.kind === 'refused') && !areFilesBroken(error))
    throw error;
  const { account, operator } = await meantOr(configDir, flags);
  parseInput(turnKillSwitchSchema, { account, reason });
  const latch = { account, operator, reason, at: new Date(flags.at ?? at).toISOString() };
  const file = await leaveLatch(dataDir, latch);
  const whom = account === EVERY_ACCOUNT ? 'every account' : account;
  return {
    data: { account, event: 'ENGAGED', turned: true, reason, file, why: reasonOf(error) },
    next: 'trading-ops kill-switch status',
    lines: [
      `Kill switch of ${whom} engaged by a file: the worker of this data directory issues no TRADE.`,
      `Postgres did not take it (${reasonOf(error)}); it is booked as soon as it does.`,
      file,
    ],
  };
}

/** Who and whom, as the files say; while they are broken, whoever types for every account. */
async function meantOr(configDir: string, flags: CommonFlags): Promise<Pick<Latch, 'account' | 'operator'>> {
  const typed = flags.operator ?? process.env['TRADING_OPS_OPERATOR'] ?? 'system';
  try {
    const { policy } = await readConfiguration(configDir);
    const { account } = placeMeant(policy, { account: flags.account, at: undefined }, machineClock());
    return { account: account.account, operator: operatorAsked(policy, flags.operator) };
  } catch (error) {
    if (!areFilesBroken(error)) throw error;
    return { account: flags.account ?? EVERY_ACCOUNT, operator: typed };
  }
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
