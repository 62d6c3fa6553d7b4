import { exposureOf, type Exposure } from '../../domain/exposure.js';
import { signsByKeys } from '../signing/signs-by.js';
import { readKeyring } from '../signing/keyring.js';
import type { SigningPlace } from '../signing/place.js';
import { readConfiguration } from '../runs/configuration.js';

/** How the desk is reached from other machines. */
export interface Exposed {
  exposure: Exposure | null;
  trustedProxies: readonly string[];
}

/** By this machine alone. */
export const NOT_EXPOSED: Exposed = { exposure: null, trustedProxies: [] };

/** What the policy's file says of that now. @throws OpsError CONFIG_UNREADABLE, POLICY_INVALID */
export async function readExposure(configDir: string): Promise<Exposed> {
  const { desk } = (await readConfiguration(configDir)).policy;
  const address = desk?.public_url ?? null;
  return { exposure: address === null ? null : exposureOf(address), trustedProxies: desk?.trusted_proxies ?? [] };
}

/** Operators who have no passkey of a host that is in force, and so are not let in there. */
export async function withoutPasskey(
  place: Pick<SigningPlace, 'dataDir' | 'configDir' | 'now'>,
  host: string,
): Promise<string[]> {
  const [keyring, { policy }] = await Promise.all([readKeyring(place), readConfiguration(place.configDir)]);
  return policy.operators.filter((operator) => signsByKeys(keyring, { operator, host }, place.now()).by !== 'passkey');
}

/**
 * Whether a passkey may still let somebody in at a host: the policy names them, and one of theirs is in force there. The
 * end of a key that was lost is the end of whoever came in by it too, where there is no other.
 * @throws OpsError CONFIG_UNREADABLE, POLICY_INVALID, SIGNING_KEY_MISSING, KEYS_INVALID
 */
export async function isLetInStill(
  place: Pick<SigningPlace, 'dataDir' | 'configDir' | 'now'>,
  { operator, host }: { operator: string | null; host: string },
): Promise<boolean> {
  const [keyring, { policy }] = await Promise.all([readKeyring(place), readConfiguration(place.configDir)]);
  if (operator === null || !policy.operators.includes(operator)) return false;
  return signsByKeys(keyring, { operator, host }, place.now()).by === 'passkey';
}
