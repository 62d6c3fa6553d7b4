import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../../../domain/errors.js';
import { contentHash } from '../../../domain/hash.js';
import { parsePolicy } from '../../../domain/policy/policy.js';
import { parseUniverse } from '../../../domain/policy/universe.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answer } from '../../kit/context.js';

const jsonFlag = (command: Command) => command.optsWithGlobals<{ json?: boolean }>().json ?? false;

/** Reads a policy and says what it would be accepted as; a fault is refused with its line, and nothing is stored. */
export async function checkPolicy(given: string | undefined, command: Command): Promise<void> {
  await answer(jsonFlag(command), async () => {
    const file = given ?? path.join(loadSettings().configDir, 'policy.yml');
    const policy = parsePolicy(await textOf(file), file);
    const { provider, second_provider: second, fx_provider: fx } = policy.market_data;
    return {
      data: { file, hash: contentHash(policy), policy },
      lines: [
        `${file} is sound: ${contentHash(policy)}`,
        ...Object.entries(policy.accounts).map(
          ([name, { base_currency, clock }]) => `  account ${name}: ${base_currency}, clock ${clock}`,
        ),
        `  operators: ${policy.operators.join(', ')}`,
        `  prices from ${provider}${second ? `, compared with ${second}` : ''}; rates from ${fx}`,
        `  trading mode ${policy.trading.mode}, cadence ${policy.trading.cadence}, scorer ${policy.trading.scorer}`,
      ],
      next: 'trading-ops universe check',
    };
  });
}

/** Reads a universe and says what it would be accepted as; a fault is refused with its line, and nothing is stored. */
export async function checkUniverse(given: string | undefined, command: Command): Promise<void> {
  await answer(jsonFlag(command), async () => {
    const file = given ?? path.join(loadSettings().configDir, 'universe.csv');
    const universe = parseUniverse(await textOf(file), file);
    const enabled = universe.filter(({ enabled: on, kind }) => on && kind === 'stock');
    const unverified = enabled
      .filter(({ verifiedOn }) => verifiedOn === null)
      .map(({ internalSymbol }) => internalSymbol);
    return {
      data: { file, hash: contentHash(universe), universe, unverified },
      lines: [
        `${file} is sound: ${contentHash(universe)}`,
        `  ${universe.length} rows, ${enabled.length} enabled stocks, ${universe.filter(({ kind }) => kind === 'benchmark').length} benchmarks`,
        ...(unverified.length > 0 ? [`  not yet verified at the broker, so not traded: ${unverified.join(', ')}`] : []),
      ],
      next: 'make run-0800',
    };
  });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw usageError('CONFIG_UNREADABLE', `${file} cannot be read: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
      remedy: 'name a file that exists, or set TRADING_OPS_CONFIG to the folder that holds policy.yml and universe.csv',
    });
  }
}
