import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { execa } from 'execa';
import getPort, { portNumbers } from 'get-port';
import { waitUntil } from './processes.js';

/** How long a port of ours may take to be given back, milliseconds. */
const FREED_MAX_MS = 3_000;

/** The ports people know; an installation gets them where they are free when it is first started. */
export const USUAL_PORTS = { postgres: 5432, temporal: 7233, ui: 8233 } as const;

/** Picks a port that is free on loopback and not in `taken`: the preferred one, else any. */
export async function pickPort(preferred: number, taken: readonly number[] = []): Promise<number> {
  return !taken.includes(preferred) && (await isFree(preferred)) ? preferred : anyPort(taken);
}

/**
 * A free port below those that Linux (32768) and the others hand out to outgoing connections: one of these could take it
 * at any moment until our server listens, or while it is stopped.
 */
export function anyPort(taken: readonly number[] = []): Promise<number> {
  const from = randomInt(15_000, 32_000);
  return getPort({ host: '127.0.0.1', exclude: [...taken], port: portNumbers(from, from + 500) });
}

/** True when nothing listens on this port, neither on loopback nor on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', undefined]) if (!(await canListen(port, host))) return false;
  return true;
}

/**
 * True when a port is free or becomes so in a moment: a server that was just killed still holds its port until the last of
 * its threads has ended, and clients of it should find the next one where it was.
 */
export async function becomesFree(port: number, timeoutMs = FREED_MAX_MS): Promise<boolean> {
  return waitUntil(() => isFree(port), timeoutMs);
}

/** Who listens on a port, for an error message: "nginx (pid 812)", or "another process" when the system does not tell. */
export async function whoListens(port: number): Promise<string> {
  const lsof = await execa('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { reject: false });
  const [pid, name] = [/^p(\d+)/m.exec(lsof.stdout ?? '')?.[1], /^c(.+)/m.exec(lsof.stdout ?? '')?.[1]];
  if (pid) return `${name} (pid ${pid})`;
  const ss = await execa('ss', ['-ltnpH', `sport = :${port}`], { reject: false });
  const found = /\(\("([^"]+)",pid=(\d+)/.exec(ss.stdout ?? '');
  return found ? `${found[1]} (pid ${found[2]})` : 'another process';
}

function canListen(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    // A client that looks for the server that was here must not be kept waiting, nor keep the port.
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
