import { randomInt } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort, { portNumbers } from 'get-port';
import { identify, readPidFile, waitUntil } from './processes.js';

/** How long a port of ours may take to be given back, milliseconds. */
const FREED_MAX_MS = 3_000;

/** The ports people know; an installation gets them where they are free when it is first started. */
export const USUAL_PORTS = { postgres: 5432, temporal: 7233, ui: 8233, desk: 8240 } as const;

/**
 * Picks a port that is free on loopback and not in `taken`: the preferred one, else any. It is this process's from then
 * on: another installation that is started in the same second gets another one.
 */
export async function pickPort(preferred: number, taken: readonly number[] = []): Promise<number> {
  return !taken.includes(preferred) && (await isFree(preferred)) && claim(preferred) ? preferred : anyPort(taken);
}

/**
 * A free port below those that Linux (32768) and the others hand out to outgoing connections: one of these could take
 * it at any moment until our server listens, or while it is stopped.
 */
export async function anyPort(taken: readonly number[] = []): Promise<number> {
  const exclude = [...taken];
  for (;;) {
    const from = randomInt(15_000, 32_000);
    const port = await getPort({ host: '127.0.0.1', exclude, port: portNumbers(from, from + 500) });
    if (claim(port)) return port;
    exclude.push(port);
  }
}

/** Where processes of this machine say which ports they have picked, until their servers listen there. */
const CLAIMS = join(tmpdir(), 'trading-ops-ports');
const OPEN_TO_ALL = 0o1777;

/**
 * Takes a port that nobody listens on yet. False when a live process has taken it; that of a dead one is taken over.
 * Where there is no such place, whoever listens first has it, as ever.
 */
export function claim(port: number, claims = CLAIMS): boolean {
  const file = join(claims, String(port));
  try {
    if (mkdirSync(claims, { recursive: true }) !== undefined) chmodSync(claims, OPEN_TO_ALL);
    if (readPidFile(file) !== null) return false;
    if (existsSync(file) && !clearDead(file)) return false;
    writeFileSync(file, JSON.stringify(identify(process.pid)), { flag: 'wx', mode: 0o644 });
    chmodSync(file, 0o644);
    return true;
  } catch (error) {
    return !['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/**
 * Removes the claim of a dead process; false when somebody else did so meanwhile and has the port: that claim is put
 * back.
 */
function clearDead(file: string): boolean {
  const aside = `${file}.${process.pid}`;
  renameSync(file, aside);
  const isDead = readPidFile(aside) === null;
  if (!isDead && !existsSync(file)) linkSync(aside, file);
  rmSync(aside, { force: true });
  return isDead;
}

/** True when nothing listens on this port, neither on loopback nor on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', undefined]) if (!(await canListen(port, host))) return false;
  return true;
}

/**
 * True when a port is free or becomes so in a moment: a server that was just killed still holds its port until the last
 * of its threads has ended, and clients of it should find the next one where it was.
 */
export async function becomesFree(port: number, timeoutMs = FREED_MAX_MS): Promise<boolean> {
  return waitUntil(() => isFree(port), timeoutMs);
}

/**
 * Who listens on a port, for an error message: "nginx (pid 812)", or "another process" when the system does not tell.
 */
export async function whoListens(port: number): Promise<string> {
  const { execa } = await import('execa');
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
