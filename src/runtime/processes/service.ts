import { readFileSync } from 'node:fs';

/**
 * The unit of ours that systemd runs a process in; null for one that was started by hand, or where there is no
 * systemd.
 */
export function serviceOf(pid: number): string | null {
  try {
    return /\/(trading-ops[\w@-]*\.service)\b/.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}
