import type { IncomingHttpHeaders } from 'node:http';

/** What the desk makes of a request before anything else looks at it. */
export type Verdict =
  { pass: true } | { pass: false; status: 403 | 421; why: string } | { pass: false; redirect: string };

const PASS: Verdict = { pass: true };
const refuse = (status: 403 | 421, why: string): Verdict => ({ pass: false, status, why });

/** Who asks, and how. */
export interface Asked {
  method: string;
  /** Path and query, as they came. */
  url: string;
  headers: IncomingHttpHeaders;
}

/**
 * Lets in only what comes by the desk's own name, from a page of its own or from whoever types its address. The name
 * comes first, also before a GET: a page whose name was pointed to this machine asks as its own origin.
 * @param port on which a browser finds the desk
 */
export function judge({ method, url, headers }: Asked, port: number): Verdict {
  const own = `http://localhost:${port}`;
  const isLook = method === 'GET' || method === 'HEAD';
  if (headers.host !== `localhost:${port}`) {
    const isAddress = headers.host === `127.0.0.1:${port}` || headers.host === `[::1]:${port}`;
    // Browsers trust this name alone with what is this machine's own, and cookies are of one name.
    if (isAddress && isLook && url.startsWith('/')) return { pass: false, redirect: `${own}${url}` };
    return refuse(421, `the desk answers to localhost:${port} only`);
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
export const SECURITY_HEADERS = {
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
  // Loopback has no certificate; what is exposed gets this from its own address.
  strictTransportSecurity: false,
  // With `no-referrer` a browser names no origin when it sends a form, and the guard would refuse it.
  referrerPolicy: { policy: 'same-origin' },
  frameguard: { action: 'deny' },
} as const;
