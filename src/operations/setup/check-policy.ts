import path from 'node:path';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { contentHash } from '../../domain/hash.js';
import { parsePolicy, type Policy } from '../../domain/policy/policy.js';
import type { Sha256 } from '../../domain/types.js';
import { readConfigurationFile } from '../runs/configuration.js';

/** A file of the configuration that is sound, and what it is known by. */
export interface SoundFile {
  file: string;
  hash: Sha256;
}

/** What a policy would be accepted as: the installation's own, or another file; a fault is refused with its line. */
export function checkPolicy(
  configDir: () => string,
  { file: named }: { file: string | undefined },
): Promise<Outcome<SoundFile & { policy: Policy }>> {
  return outcomeOf(async () => {
    const file = named ?? path.join(configDir(), 'policy.yml');
    const policy = parsePolicy(await readConfigurationFile(file), file);
    return { file, hash: contentHash(policy), policy };
  });
}
