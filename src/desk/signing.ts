import type { Signer } from '../contract/asker.js';
import { refuseOwnKey } from '../operations/signing/choose-key.js';
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
    refuseOwnKey(operator, lines);
    const by = { kind: 'installation', installation: own.installation, operator } as const;
    return signAct(installationSigningKey(place.dataDir), by, act);
  };
