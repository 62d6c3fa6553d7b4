import path from 'node:path';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { contentHash } from '../../domain/hash.js';
import { benchmarkMeant, refuseUnknownBenchmark } from '../../domain/policy/performance.js';
import { parsePolicy, type Policy } from '../../domain/policy/policy.js';
import { parseUniverse } from '../../domain/policy/universe.js';
import type { Sha256 } from '../../domain/types.js';
import { readConfigurationFile } from '../runs/configuration.js';

/** A file of the configuration that is sound, and what it is known by. */
export interface SoundFile {
  file: string;
  hash: Sha256;
}

/**
 * What a policy would be accepted as: the installation's own, beside its universe, or another file by itself; a fault
 * is refused with its line.
 */
export function checkPolicy(
  configDir: () => string,
  { file: named }: { file: string | undefined },
): Promise<Outcome<SoundFile & { policy: Policy }>> {
  return outcomeOf(async () => {
    const file = named ?? path.join(configDir(), 'policy.yml');
    const policy = parsePolicy(await readConfigurationFile(file), file);
    if (named === undefined) {
      const universeFile = path.join(configDir(), 'universe.csv');
      const universe = parseUniverse(await readConfigurationFile(universeFile), universeFile);
      refuseUnknownBenchmark(benchmarkMeant(policy, universe), universe);
    }
    return { file, hash: contentHash(policy), policy };
  });
}
