import type { IncomingHttpHeaders } from 'node:http';
import type { Exposure } from '../domain/exposure.js';

/** What the desk makes of a request before anything else looks at it. */
export type Verdict =
  { pass: true } | { pass: false; status: 400 | 403 | 421; why: string } | { pass: false; redirect: string };

const PASS: Verdict = { pass: true };
const refuse = (status: 400 | 403 | 421, why: string): Verdict => ({ pass: false, status, why });

/** Who asks, and how. */
export interface Asked {
  method: string;
  /** Path and query, as they came. */
  url: string;
  headers: IncomingHttpHeaders;
  /** Names and values by turns, as they came: of two of one name `headers` has the first alone. */
  rawHeaders: readonly string[];
}

/** Where the desk is found: on this machine, or by the one address that others have of it. */
export interface Found {
  port: number;
  exposure: Exposure | null;
}

/** The host, with its port, that the desk answers to. */
export const hostOf = ({ port, exposure }: Found): string => exposure?.host ?? `localhost:${port}`;

/**
 * Lets in only what comes by the desk's own name, from a page of its own or from whoever types its address. The name
 * comes first, also before a GET: a page whose name was pointed to this machine asks as its own origin.
 */
export function judge({ method, url, headers, rawHeaders }: Asked, { port, exposure }: Found): Verdict {
  const host = hostOf({ port, exposure });
  const own = exposure?.origin ?? `http://${host}`;
  const isLook = method === 'GET' || method === 'HEAD';
  // Whoever stands before the desk may go by the other one (RFC 9112, 3.2).
  if (rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length > 1)
    return refuse(400, 'Host: must be said once');
  if (headers.host !== host) {
    // `up`, the doctor and a container ask how the desk is by this machine's name, and are told no more.
    if (headers.host === `localhost:${port}` && isLook && url === '/health') return PASS;
    const isHere = [`127.0.0.1:${port}`, `[::1]:${port}`, `localhost:${port}`].includes(headers.host ?? '');
    // Browsers trust one name alone with what is this machine's own, and cookies are of one name.
    if (isHere && isLook && url.startsWith('/'))
      return { pass: false, redirect: `${own}${exposure === null ? url : `${exposure.base}/`}` };
    return refuse(421, `the desk answers to ${host} only`);
  }
  const site = headers['sec-fetch-site'];
  const isOwn = site === 'same-origin' || site === 'none';
  if (isLook) {
    // A link in a mail is opened from elsewhere; a picture, a frame or a script of elsewhere is not for others to ask.
    const isOpened = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
    return site === undefined || isOwn || isOpened ? PASS : refuse(403, OTHER_ORIGIN);
  }
  if (headers.origin === own && (site === undefined || site === 'same-origin')) return PASS;
  return refuse(403, OTHER_ORIGIN);
}

const OTHER_ORIGIN = 'asked for by a page of another origin';

/** What every answer says of itself to a browser (docs/HOSTING.md, The desk). */
export const headersOf = ({ exposure }: Pick<Found, 'exposure'>) => ({
  ...SECURITY_HEADERS,
  // Loopback has no certificate; and below a path others have theirs on the same host.
  strictTransportSecurity: exposure?.base === '' ? { maxAge: 31_536_000, includeSubDomains: false } : (false as const),
});

const SECURITY_HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      requireTrustedTypesFor: ["'script'"],
      trustedTypes: ["'none'"],
    },
  },
  // With `no-referrer` a browser names no origin when it sends a form, and the guard would refuse it.
  referrerPolicy: { policy: 'same-origin' },
  frameguard: { action: 'deny' },
} as const;
