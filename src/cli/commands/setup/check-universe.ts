import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { checkUniverse as soundUniverse } from '../../../operations/setup/check-universe.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answer } from '../../kit/context.js';
import { counted } from '../../../reports/render/format.js';

// Asked only where no file is named: a file may be checked wherever it lies, with no installation around.
const configDir = () => loadSettings().configDir;

/** Reads a universe and says what it would be accepted as; a fault is refused with its line, and nothing is stored. */
export async function checkUniverse(given: string | undefined, command: Command): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, async () => {
    const { file, hash, universe, enabled, benchmarks, unverified } = resultOrThrow(
      await soundUniverse(configDir, { file: given }),
    );
    return {
      data: { file, hash, universe, unverified },
      lines: [
        `${file} is sound: ${hash}`,
        `  ${counted(universe.length, 'row')}, ${counted(enabled, 'enabled stock')}, ${counted(benchmarks, 'benchmark')}`,
        ...(unverified.length > 0 ? [`  not yet verified at the broker, so not traded: ${unverified.join(', ')}`] : []),
      ],
      next: 'make run-0800',
    };
  });
}
