import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface Hit {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Milliseconds of the clock when it had arrived. */
  at: number;
}

export interface HttpReceiver {
  /** Without a slash at its end. */
  url: string;
  hits: Hit[];
  /** What it answers from now on; never ending a response is a hang. */
  answer: (response: ServerResponse, hit: Hit, count: number) => void;
  close(): void;
}

/** A local HTTP server that keeps what it is sent and answers as told. */
export async function startHttpReceiver(
  answer: HttpReceiver['answer'] = (response) => response.end('ok'),
): Promise<HttpReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const hit = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
          at: Date.now(),
        };
        receiver.hits.push(hit);
        receiver.answer(response, hit, receiver.hits.length);
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hits: [],
    answer,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}

/** Answers with a status and a body. */
export const answering =
  (status: number, body = '', headers: Record<string, string> = {}): HttpReceiver['answer'] =>
  (response) =>
    void response.writeHead(status, headers).end(body);

export interface MailReceiver {
  port: number;
  /** Whole messages, as they came. */
  mails: string[];
  close(): Promise<void>;
}

/** A local mail server without TLS that keeps what it takes. */
export async function startMailReceiver(options: SMTPServerOptions = {}): Promise<MailReceiver> {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          mails.push(Buffer.concat(chunks).toString('utf8'));
          done();
        });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}

/** An error that a mail server answers with this code. */
export const smtpError = (code: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode: code });
