import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server behaves: as it should, or as services do when something is wrong. */
export type S3Mood = 'well' | 'denied' | 'no-bucket' | 'slow-down' | 'alters' | 'hangs-up';

/** A server on this machine that speaks the part of S3 that copies need: put, get, list (two names a page), delete. */
export interface S3Server {
  url: string;
  /** Objects by bucket and key: `bucket/prefix/name`. */
  objects: Map<string, Buffer>;
  requests: string[];
  mood: S3Mood;
  close(): Promise<void>;
}

const PAGE = 2;
const FAULTS: Partial<Record<S3Mood, [number, string]>> = {
  denied: [403, 'AccessDenied'],
  'no-bucket': [404, 'NoSuchBucket'],
  'slow-down': [503, 'SlowDown'],
};

export async function startS3Server(): Promise<S3Server> {
  const s3: S3Server = { url: '', objects: new Map(), requests: [], mood: 'well', close: async () => undefined };
  const server: Server = createServer(
    (request, response) => void answer(s3, request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  s3.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  s3.close = () =>
    new Promise((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return s3;
}

async function answer(s3: S3Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://s3');
  const key = decodeURIComponent(url.pathname.slice(1));
  s3.requests.push(`${request.method} ${key}`);
  if (s3.mood === 'hangs-up') return void request.socket.destroy();
  const body = await bodyOf(request);
  const fault = FAULTS[s3.mood];
  if (fault)
    return xml(response, fault[0], `<Error><Code>${fault[1]}</Code><Message>told so by the test</Message></Error>`);
  if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
    return xml(response, 403, '<Error><Code>SignatureMissing</Code></Error>');
  if (request.method === 'PUT') {
    s3.objects.set(key, s3.mood === 'alters' ? altered(body) : body);
    return void response.writeHead(200, { etag: '"x"' }).end();
  }
  if (request.method === 'DELETE') return void (s3.objects.delete(key), response.writeHead(204).end());
  if (url.searchParams.get('list-type') === '2') return listing(s3, key.replace(/\/$/, ''), url, response);
  const object = s3.objects.get(key);
  if (!object) return xml(response, 404, '<Error><Code>NoSuchKey</Code></Error>');
  response.writeHead(200, { 'content-length': object.length }).end(object);
}

function listing(s3: S3Server, bucket: string, url: URL, response: ServerResponse): void {
  const [prefix, after] = [url.searchParams.get('prefix') ?? '', url.searchParams.get('continuation-token') ?? ''];
  const keys = [...s3.objects.keys()]
    .filter((name) => name.startsWith(`${bucket}/${prefix}`))
    .map((name) => name.slice(bucket.length + 1))
    .filter((name) => name > after)
    .toSorted();
  const page = keys.slice(0, PAGE);
  const more = keys.length > PAGE;
  xml(
    response,
    200,
    `<ListBucketResult><Name>${bucket}</Name><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''}${page.map((name) => `<Contents><Key>${name}</Key><Size>1</Size></Contents>`).join('')}</ListBucketResult>`,
  );
}

const xml = (response: ServerResponse, status: number, text: string): void =>
  void response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?>${text}`);

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function altered(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 1;
  return copy;
}
