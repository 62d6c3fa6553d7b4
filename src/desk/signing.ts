import type { Signer } from '../contract/asker.js';
import { refusal } from '../domain/errors.js';
import { readKeyring } from '../operations/signing/keyring.js';
import { installationSigningKey } from '../runtime/signing/installation-key.js';
import { signAct } from '../runtime/signing/sign.js';
import type { Place } from './place.js';

/**
 * Signs what is asked for at the desk with the installation's key, in the name that the session claims. Whoever has a key
 * of their own signs with that one.
 */
export const signerOf =
  (place: Pick<Place, 'dataDir' | 'configDir'>): Signer =>
  async (operator, act) => {
    const { own, lines } = await readKeyring(place);
    if (lines.some((line) => line.operator === operator))
      throw refusal('KEY_IS_PERSONAL', `${operator} signs with a key of their own, which is not on the desk`, {
        remedy: 'type the command at the end of the page: it asks for the passphrase of the key',
      });
    const by = { kind: 'installation', installation: own.installation, operator } as const;
    return signAct(installationSigningKey(place.dataDir), by, act);
  };
