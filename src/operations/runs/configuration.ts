import path from 'node:path';
import { contentHash } from '../../domain/hash.js';
import { parsePolicy, type Policy } from '../../domain/policy/policy.js';
import type { Account, Sha256, UniverseRow } from '../../domain/types.js';
import { parseUniverse } from '../../domain/policy/universe.js';
import { readRegular } from '../../files/regular.js';
import { unreadable } from '../../files/unreadable.js';

export interface Configuration {
  policy: Policy;
  policyHash: Sha256;
  universe: UniverseRow[];
  universeHash: Sha256;
}

/** The text of a file of the configuration. @throws OpsError CONFIG_UNREADABLE, MACHINE_EXHAUSTED */
export async function readConfigurationFile(file: string): Promise<string> {
  try {
    return await readRegular(file);
  } catch (cause) {
    throw unreadable(
      file,
      cause,
      'name a file that exists, or set TRADING_OPS_CONFIG to the folder that holds policy.yml and universe.csv (config/ of the repository has both)',
    );
  }
}

/** What was read last: the two files change rarely, and every run reads them. */
let lastRead: { texts: readonly string[]; configuration: Configuration } | null = null;

/** Reads and checks policy.yml and universe.csv; every refusal names file, line, value and rule. */
export async function readConfiguration(configDir: string): Promise<Configuration> {
  const policyFile = path.join(configDir, 'policy.yml');
  const universeFile = path.join(configDir, 'universe.csv');
  // One after the other: of two missing files it is always the policy that is told.
  const texts = [await readConfigurationFile(policyFile), await readConfigurationFile(universeFile)] as const;
  if (lastRead?.texts.every((text, index) => text === texts[index])) return lastRead.configuration;
  const [policyText, universeText] = texts;
  const policy = parsePolicy(policyText, policyFile);
  const universe = parseUniverse(universeText, universeFile);
  const configuration = { policy, policyHash: contentHash(policy), universe, universeHash: contentHash(universe) };
  lastRead = { texts, configuration };
  return configuration;
}

/** The accounts that the policy names. */
export function accountsOf(policy: Policy): Account[] {
  return Object.entries(policy.accounts).map(([account, { base_currency, clock }]) => ({
    account,
    baseCurrency: base_currency,
    clock,
  }));
}
