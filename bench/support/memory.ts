import { readFileSync } from 'node:fs';

/** Resident memory of a process in MB, as the kernel counts it: `VmRSS` now, `VmHWM` at its highest. */
export function residentMb(pid: number, which: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${which}:`));
  return Number(/\d+/.exec(line ?? '')?.[0]) / 1024;
}
