/*
 * A passkey belongs to a name, and signs what a page of that very address asks for: a page of another port of the same
 * machine is another program's.
 */

/** The host of an origin without its port, which browsers know a passkey by. */
export const relyingParty = (host: string): string => host.replace(/:\d+$/, '');

/** The origin of the pages at a host; loopback has no certificate, and everything else has one. */
export const originAt = (host: string): string => `${relyingParty(host) === 'localhost' ? 'http' : 'https'}://${host}`;

/** Labels of lower-case letters, digits and hyphens, the last no number: browsers give an IP address no passkey. */
const HOST =
  /^(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)*(?=[a-z\d-]*[a-z])[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?::[1-9]\d{0,4})?$/;

/** Whether pages at a host can have passkeys: a name, with its port where that is not the usual one. */
export function isHostOfPasskeys(host: string): boolean {
  const port = Number(/:(\d+)$/.exec(host)?.[1] ?? 1);
  const usual = relyingParty(host) === 'localhost' ? 80 : 443;
  return host.length <= 200 && HOST.test(host) && port <= 65_535 && port !== usual;
}
