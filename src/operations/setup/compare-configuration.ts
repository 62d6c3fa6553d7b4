import { currentConfiguration } from '../../db/current-configuration.js';
import { sideBySide } from '../../db/transaction.js';
import type { Sha256 } from '../../domain/types.js';
import type { Installation } from '../installation.js';
import { readConfiguration } from '../runs/configuration.js';

/** A key of the policy: as the newest run pinned it, and as the file has it; null where one of them has none. */
export interface PolicyKey {
  key: string;
  pinned: string | null;
  file: string | null;
}

/** The policy and universe of the newest run beside those of the files. */
export interface ComparedConfiguration {
  keys: PolicyKey[];
  /** Null before the first run. */
  pinned: { policyHash: Sha256; universeHash: Sha256; symbols: number } | null;
  file: { policyHash: Sha256; universeHash: Sha256; symbols: number };
}

/** What is in force beside what the next run will pin. @throws OpsError of a file that is not sound */
export async function compareConfiguration({
  db,
  configDir,
}: Pick<Installation, 'db' | 'configDir'>): Promise<ComparedConfiguration> {
  const [pinned, file] = await sideBySide(
    db,
    () => currentConfiguration(db),
    () => readConfiguration(configDir),
  );
  const [then, now] = [flat(pinned?.policy ?? {}), flat(file.policy)];
  const names = [...new Set([...now.keys(), ...then.keys()])];
  return {
    keys: names.map((key) => ({ key, pinned: then.get(key) ?? null, file: now.get(key) ?? null })),
    pinned: pinned && {
      policyHash: pinned.policyHash,
      universeHash: pinned.universeHash,
      symbols: pinned.universe.length,
    },
    file: { policyHash: file.policyHash, universeHash: file.universeHash, symbols: file.universe.length },
  };
}

/** Every value of a tree under its whole name, `alerts.sinks.0.kind`. */
function flat(value: unknown, name = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null)
    return new Map(name === '' ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]]);
  const entries = Object.entries(value);
  if (entries.length === 0 && name !== '') return new Map([[name, Array.isArray(value) ? '[]' : '{}']]);
  return new Map(entries.flatMap(([key, inner]) => [...flat(inner, name === '' ? key : `${name}.${key}`)]));
}
