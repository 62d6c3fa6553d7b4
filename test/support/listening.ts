import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** An address of this machine that takes connections. */
export interface Listening {
  ip: string;
  port: number;
}

/** Addresses that a process listens on, as the kernel says. */
export function listeningOf(pid: number): Listening[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const LISTEN = '0A';
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN && sockets.has(fields[9] ?? ''))
    .map((fields) => {
      const [address = '', port = ''] = (fields[1] ?? '').split(':');
      const ip = [6, 4, 2, 0].map((from) => Number.parseInt(address.slice(from, from + 2), 16)).join('.');
      return { ip, port: Number.parseInt(port, 16) };
    });
}
