import { fingerprintOf, type KeyLine } from '../../domain/signing/keys.js';
import { chooseKey } from '../../operations/signing/choose-key.js';
import type { Settings } from '../../runtime/settings.js';
import type { SigningKey } from '../../runtime/signing/installation-key.js';
import { hasPersonalKey, openPersonalKey, personalKeysDir } from '../../runtime/signing/personal-keys.js';
import { machineClock } from './context.js';
import { passphraseOf } from './passphrase.js';

/** What was opened once is not asked for again by the same command. */
const opened = new Map<string, SigningKey>();

/**
 * The key of an operator that is in force and lies here, opened.
 * @param lines every line of theirs in operators.keys.
 * @throws OpsError KEY_NOT_HERE, PASSPHRASE_MISSING, PASSPHRASE_WRONG
 */
export async function personalKey(
  { dataDir }: Pick<Settings, 'dataDir'>,
  operator: string,
  lines: readonly KeyLine[],
): Promise<SigningKey> {
  const dir = personalKeysDir(dataDir);
  const isHere = (publicKey: string) => hasPersonalKey(dir, publicKey);
  const { publicKey } = chooseKey(operator, lines, { now: machineClock(), isHere });
  const known = opened.get(publicKey);
  if (known) return known;
  const passphrase = isHere(publicKey) ? await passphraseOf(`key ${fingerprintOf(publicKey)} of ${operator}`) : '';
  const key = openPersonalKey(dir, publicKey, passphrase);
  opened.set(publicKey, key);
  return key;
}
