import { Agent, request, type IncomingHttpHeaders } from 'node:http';

/** What came back, and how long the last byte of it took, milliseconds. */
export interface Got {
  status: number;
  body: string;
  headers: IncomingHttpHeaders;
  ms: number;
}

/** A browser as a server sees it: one connection that is kept, and a cookie. */
export interface Browser {
  get(path: string, headers?: Record<string, string>): Promise<Got>;
  post(path: string, form: Record<string, string>): Promise<Got>;
  close(): void;
}

/** @param port of this machine; the name is `localhost`, as the desk wants it */
export function openBrowser(port: number, cookie?: string): Browser {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const own = { host: `localhost:${port}`, ...(cookie && { cookie }) };
  const send = (method: string, path: string, headers: Record<string, string>, body = '') =>
    new Promise<Got>((resolve, reject) => {
      const began = performance.now();
      const asked = request(
        { host: '127.0.0.1', port, path, method, agent, headers: { ...own, ...headers } },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              body: Buffer.concat(parts).toString('utf8'),
              headers: answer.headers,
              ms: performance.now() - began,
            }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  return {
    get: (path, headers = {}) => send('GET', path, headers),
    post: (path, form) =>
      send(
        'POST',
        path,
        { origin: `http://localhost:${port}`, 'content-type': 'application/x-www-form-urlencoded' },
        new URLSearchParams(form).toString(),
      ),
    close: () => agent.destroy(),
  };
}
