import { execa } from 'execa';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { persist } from '../../test/support/persist.js';
import type { House } from './house.js';
import type { Fault, Part } from './kinds.js';

/** What befalls the machine while a step is under way; resolves when everything is up again. */
export async function strike(house: House, fault: Fault): Promise<void> {
  if ('afterMs' in fault) await pause(fault.afterMs);
  switch (fault.kind) {
    case 'killed':
      await kill(house, fault.parts);
      await pause(fault.downMs);
      return comeBack(house);
    case 'frozen':
      return frozen(house, fault.part, fault.forMs);
    case 'provider':
      return house.provider.fail(fault.what, fault.requests);
    case 'cut':
      house.links[fault.line].cut();
      await pause(fault.forMs);
      return house.links[fault.line].open();
    case 'blackhole':
      house.links[fault.line].swallow();
      await pause(fault.forMs);
      return house.links[fault.line].open(fault.ends);
    case 'disk full': {
      const disk = house.stage.disks[fault.disk];
      await disk.fill();
      await pause(fault.forMs);
      await disk.free();
      return comeBack(house);
    }
    case 'no files':
      return withoutFiles(house, fault.forMs);
    case 'policy edited':
      return editPolicy(house, fault.what);
    default:
      throw new Error(`${fault.kind} does not strike the machine`);
  }
}

/** Ends parts with SIGKILL; Postgres as by `pg_ctl stop -m immediate`. */
export async function kill(house: House, parts: readonly Part[]): Promise<void> {
  await Promise.all(
    parts.map((part) =>
      part === 'worker' ? house.killWorker() : house.stage.kill(part, part === 'postgres' ? 'SIGQUIT' : 'SIGKILL'),
    ),
  );
}

/** Starts what is down and waits until the simulator's own client has found Temporal again. */
export async function comeBack(house: House): Promise<void> {
  await persist(() => house.stage.start());
  await persist(() => house.client.workflowService.getSystemInfo({}));
  await house.startWorker();
}

/** Stops a part with all its processes, and lets it go on. */
async function frozen(house: House, part: Part, forMs: number): Promise<void> {
  const pid = part === 'worker' ? house.workerPid : house.stage.pidOf(part);
  if (pid === undefined) return;
  const pids = [pid, ...childrenOf(pid)];
  signal(pids, 'SIGSTOP');
  await pause(forMs);
  signal(pids, 'SIGCONT');
}

/** The worker's limit of open files is below what it has open. */
async function withoutFiles(house: House, forMs: number): Promise<void> {
  const pid = house.workerPid;
  if (pid === undefined) return;
  await execa('prlimit', ['--pid', String(pid), '--nofile=16:'], { reject: false });
  await pause(forMs);
  await execa('prlimit', ['--pid', String(pid), '--nofile=1024:'], { reject: false });
  return comeBack(house);
}

/** Processes that a process has started itself: the backends of Postgres. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        // "pid (name) state ppid": a name may have spaces.
        return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]) === parent;
      } catch {
        return false;
      }
    })
    .map(Number);
}

function signal(pids: readonly number[], name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** What somebody does to the policy's file; `mendPolicy` undoes it. */
function editPolicy(house: House, what: Extract<Fault, { kind: 'policy edited' }>['what']): Promise<void> {
  const file = join(house.installation.configDir, 'policy.yml');
  const text = house.policyText;
  if (what === 'gone') renameSync(file, `${file}.away`);
  if (what === 'comment') writeFileSync(file, `# edited\n${text}`);
  if (what === 'slippage') writeFileSync(file, text.replace('slippage_bps: 1000', 'slippage_bps: 900'));
  if (what === 'broken') writeFileSync(file, text.slice(0, text.length / 2));
  return Promise.resolve();
}

export function mendPolicy(house: House): void {
  writeFileSync(join(house.installation.configDir, 'policy.yml'), house.policyText);
}
