import { randomInt } from 'node:crypto';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RuntimeRecord } from '../record.js';

/** Where the Web UI's own server listens: nobody but the gate knows. */
export type UiServer = NonNullable<RuntimeRecord['temporal']['uiServer']>;

const LOOPBACK = '127.0.0.1';
/** A UI that does not answer within this time is not there. */
const ANSWER_MAX_MS = 30_000;
/** The port may still be held by the server of an earlier version. */
const LISTEN_AGAIN_MS = 5_000;
/** What a query is asked with: none of them changes anything. */
const BODY_BYTES_MAX = 64 * 1024;
const QUERY = /^\/api\/v1\/namespaces\/[^/]+\/workflows\/[^/]+(\/runs\/[^/]+)?\/query\/[^/]+$/;
/**
 * Whoever reaches us by another name came through a name server that points to this machine: a page of somebody
 * else's.
 */
const OUR_NAMES = ['127.0.0.1', 'localhost'];

/**
 * An address that no page in a browser can guess, of the 16 million of loopback: the UI's server takes any Host and
 * hands out
 * its token, so a page whose name points to it could speak as the operator. Null where only 127.0.0.1 is loopback.
 */
export const hiddenUi = (port: number, platform = process.platform): UiServer | null =>
  platform === 'linux' ? { ip: [127, randomInt(1, 255), randomInt(1, 255), randomInt(1, 255)].join('.'), port } : null;

/**
 * Why a request is turned away; null when it may pass: whoever looks, by our own name, or asks a workflow where it
 * stands.
 */
export function whyRefused({
  method = '',
  url = '',
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): string | null {
  const own = hostOf(`http://${headers.host ?? ''}`);
  if (own === null) return 'the Web UI answers to 127.0.0.1 and localhost only';
  if (headers.origin !== undefined && hostOf(headers.origin) !== own) return 'asked for by a page of another origin';
  const site = headers['sec-fetch-site'];
  const navigates = headers['sec-fetch-mode'] === 'navigate' && method === 'GET';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigates)
    return 'asked for by a page of another origin';
  if (method === 'GET' || method === 'HEAD') return null;
  if (method === 'POST' && QUERY.test(url.split('?', 1)[0] ?? '')) return null;
  return 'the Web UI is for looking: what changes a day is typed as a command';
}

/** Host and port of a URL when the host is one of our names; else null. */
function hostOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { host, hostname } = new URL(url);
  return OUR_NAMES.includes(hostname) ? host : null;
}

/**
 * Opens the Web UI on its port of loopback, as a gate before its server. Never throws for a port that is taken: it
 * tells, and
 * tries again.
 * @returns closes it.
 */
export function openWebUi(port: number, upstream: UiServer, tell: (problem: string) => void): () => void {
  const server = createServer((asked, answer) => {
    const why = whyRefused(asked);
    if (why === null) return pass(asked, answer, upstream);
    asked.resume();
    answer.writeHead(403, { 'content-type': 'text/plain' }).end(`${why}\n`);
  });
  server.maxConnections = 64;
  server.requestTimeout = ANSWER_MAX_MS;
  return listening(server, port, tell);
}

function listening(server: Server, port: number, tell: (problem: string) => void): () => void {
  let again: NodeJS.Timeout | undefined;
  let told = false;
  const listen = () => server.listen(port, LOOPBACK);
  server.on('error', (error) => {
    if (!told) tell(`The Web UI cannot be opened on port ${port}: ${error.message}`);
    told = true;
    again = setTimeout(listen, LISTEN_AGAIN_MS).unref();
  });
  listen();
  server.unref();
  return () => {
    clearTimeout(again);
    server.close();
    server.closeAllConnections();
  };
}

function pass(asked: IncomingMessage, answer: ServerResponse, { ip, port }: UiServer): void {
  if (
    Number(asked.headers['content-length'] ?? 0) > BODY_BYTES_MAX ||
    asked.headers['transfer-encoding'] !== undefined
  ) {
    answer.writeHead(413).end();
    return;
  }
  const { method, url, headers } = asked;
  const onward = request({ host: ip, port, method, path: url, headers, timeout: ANSWER_MAX_MS }, (got) => {
    // In a frame of somebody else's page a click could be led astray.
    answer.writeHead(got.statusCode ?? 502, { ...got.headers, 'x-frame-options': 'DENY' });
    got.pipe(answer);
    got.on('error', () => answer.destroy());
  });
  onward.on('timeout', () => onward.destroy());
  onward.on('error', () => {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(502, { 'content-type': 'text/plain' }).end('Temporal does not answer: make up\n');
  });
  answer.on('close', () => onward.destroy());
  asked.pipe(onward);
}
