import path from 'node:path';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { contentHash } from '../../domain/hash.js';
import { parseUniverse } from '../../domain/policy/universe.js';
import type { UniverseRow } from '../../domain/types.js';
import { readConfigurationFile } from '../runs/configuration.js';
import type { SoundFile } from './check-policy.js';

/** What a universe would be accepted as, and which of its stocks may not be traded yet. */
export function checkUniverse(
  configDir: () => string,
  { file: named }: { file: string | undefined },
): Promise<
  Outcome<SoundFile & { universe: UniverseRow[]; enabled: number; benchmarks: number; unverified: string[] }>
> {
  return outcomeOf(async () => {
    const file = named ?? path.join(configDir(), 'universe.csv');
    const universe = parseUniverse(await readConfigurationFile(file), file);
    const enabled = universe.filter((row) => row.enabled && row.kind === 'stock');
    return {
      file,
      hash: contentHash(universe),
      universe,
      enabled: enabled.length,
      benchmarks: universe.filter(({ kind }) => kind === 'benchmark').length,
      unverified: enabled.filter(({ verifiedOn }) => verifiedOn === null).map(({ internalSymbol }) => internalSymbol),
    };
  });
}
