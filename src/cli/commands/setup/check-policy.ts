import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { checkPolicy as soundPolicy } from '../../../operations/setup/check-policy.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answer } from '../../kit/context.js';

// Asked only where no file is named: a file may be checked wherever it lies, with no installation around.
const configDir = () => loadSettings().configDir;

/** Reads a policy and says what it would be accepted as; a fault is refused with its line, and nothing is stored. */
export async function checkPolicy(given: string | undefined, command: Command): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, async () => {
    const { file, hash, policy } = resultOrThrow(await soundPolicy(configDir, { file: given }));
    const { provider, second_provider: second, fx_provider: fx } = policy.market_data;
    return {
      data: { file, hash, policy },
      lines: [
        `${file} is sound: ${hash}`,
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
