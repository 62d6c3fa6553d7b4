import { isHostOfPasskeys } from './signing/passkey-host.js';

/** Where the desk is found by other machines, from its one public address. */
export interface Exposure {
  /** `https://` and the host, with its port where that is not the usual one. */
  origin: string;
  host: string;
  /** The path that everything of the desk stands below, without a slash at its end; empty for none. */
  base: string;
}

const BASE = /^(?:\/[A-Za-z\d][A-Za-z\d._-]*)*$/;

/** The parts of a public address; null for one that a desk cannot have. */
export function exposureOf(address: string): Exposure | null {
  const [, host = '', path = ''] = /^https:\/\/([^/?#@]+)([^?#]*)$/.exec(address) ?? [];
  const base = path.replace(/\/$/, '');
  const name = host.replace(/:\d+$/, '');
  if (!isHostOfPasskeys(host) || name === 'localhost' || !BASE.test(base)) return null;
  return { origin: `https://${host}`, host, base };
}
