import type { Signer } from '../../contract/asker.js';
import { readKeyring } from '../../operations/signing/keyring.js';
import type { Settings } from '../../runtime/settings.js';
import { installationSigningKey } from '../../runtime/signing/installation-key.js';
import { signAct } from '../../runtime/signing/sign.js';
import { personalKey } from './personal-key.js';

/**
 * Signs what a command asks for, in the one place where commands do: with the operator's own key once they have one,
 * else with the installation's.
 */
export const signerOf =
  (settings: Pick<Settings, 'dataDir' | 'configDir'>): Signer =>
  async (operator, act) => {
    const { own, lines } = await readKeyring(settings);
    const theirs = lines.filter((line) => line.operator === operator);
    const by = { installation: own.installation, operator };
    return theirs.length === 0
      ? signAct(installationSigningKey(settings.dataDir), { ...by, kind: 'installation' }, act)
      : signAct(await personalKey(settings, operator, theirs), { ...by, kind: 'ed25519' }, act);
  };
