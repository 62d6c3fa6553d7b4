import { randomBytes } from 'node:crypto';
import type { Signer } from '../contract/asker.js';
import { refuseOwnKey } from '../operations/signing/choose-key.js';
import { readKeyring } from '../operations/signing/keyring.js';
import { installationSigningKey } from '../runtime/signing/installation-key.js';
import { signAct } from '../runtime/signing/sign.js';
import { statedUnder } from '../operations/signing/stated.js';
import type { Place } from './place.js';

/**
 * Signs what is asked for at the desk with the installation's key, in the name that the session claims. Whoever has a key
 * of their own signs with that one.
 * @param once what a form that is sent twice carries both times: both make one statement, which has one answer
 */
export const signerOf =
  (place: Pick<Place, 'db' | 'dataDir' | 'configDir'>, once?: string): Signer =>
  async (operator, act) => {
    const { own, lines } = await readKeyring(place);
    refuseOwnKey(operator, lines);
    const by = { kind: 'installation', installation: own.installation, operator } as const;
    const key = installationSigningKey(place.dataDir);
    if (!isOnce(once)) return signAct(key, by, act);
    return signAct(key, by, act, (await statedUnder(place, once))?.signed.attestation.at, once);
  };

/** What a review is known by, made anew with each. */
export const newOnce = (): string => randomBytes(16).toString('hex');
const isOnce = (text: string | undefined): text is string => text !== undefined && /^[\da-f]{32}$/.test(text);

/** The facts that a review led to before, by their ids; null where it led to none. */
export const askedBefore = async (
  place: Pick<Place, 'db'>,
  once: string | undefined,
): Promise<readonly string[] | null> => (isOnce(once) ? ((await statedUnder(place, once))?.ids ?? null) : null);
