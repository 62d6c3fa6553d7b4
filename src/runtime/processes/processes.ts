import { spawn, spawnSync } from 'node:child_process';
import { closeSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { faultError } from '../../domain/errors.js';
import { appendRegularSync, readRegularSync } from '../../files/regular.js';

/** A process told apart from any later one that gets the same number: pid and the moment it was started. */
export const ProcessIdentity = z.object({ pid: z.number().int().positive(), started: z.string() });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** The identity of a live process, or null. A zombie is not alive: it only waits for its parent to notice. */
export function identify(pid: number): ProcessIdentity | null {
  const started = process.platform === 'linux' ? startedFromProc(pid) : startedFromPs(pid);
  return started === null ? null : { pid, started };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** The command line of a process, words joined by spaces; empty when it cannot be known. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return askPs(['-o', 'args=', '-p', String(pid)]).trim();
  } catch {
    return '';
  }
}

/**
 * Live processes whose command line contains every given word: how a process is found again whose pid file was lost.
 */
export function findByCommandLine(...words: string[]): ProcessIdentity[] {
  return allPids()
    .filter((pid) => pid !== process.pid)
    .filter((pid) => words.every((word) => ` ${commandLine(pid)} `.includes(` ${word} `)))
    .map(identify)
    .filter((found) => found !== null);
}

/**
 * The process a pid file names, when it is still that very process; null for none, dead, or a stranger with its
 * number.
 */
export function readPidFile(file: string): ProcessIdentity | null {
  try {
    const parsed = ProcessIdentity.safeParse(JSON.parse(readRegularSync(file)));
    return parsed.success && isAlive(parsed.data) ? parsed.data : null;
  } catch {
    return null;
  }
}

export async function writePidFile(file: string, identity: ProcessIdentity): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(identity)}\n`, { mode: 0o600 });
}

export function removeFile(file: string): void {
  rmSync(file, { force: true });
}

/** What to start, and as whom. */
export interface DetachedCommand {
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  logFile: string;
  uid?: number;
  gid?: number;
}

/** Starts a process that outlives this one, in a session of its own, its output appended to a log file. */
export async function startDetached(command: DetachedCommand): Promise<ProcessIdentity> {
  const log = appendRegularSync(command.logFile);
  try {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(command.uid !== undefined && { uid: command.uid, gid: command.gid }),
    });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const pid = child.pid ?? 0;
    // A process that is dead already gets an identity that nothing alive can have.
    return identify(pid) ?? { pid, started: 'ended at once' };
  } finally {
    closeSync(log);
  }
}

/**
 * Stops a process: each signal in turn, SIGKILL at last, when it is still there after the grace (milliseconds, each).
 * Throws a fault when it may not be signalled or survives even SIGKILL.
 */
export async function stopProcess(target: ProcessIdentity, signals: NodeJS.Signals[], graceMs: number): Promise<void> {
  for (const signal of [...signals, 'SIGKILL'] as const) {
    sendSignal(target, signal);
    if (await waitUntil(() => !isAlive(target), graceMs)) return;
  }
  throw faultError(
    'PROCESS_WILL_NOT_END',
    `Process ${target.pid} (${commandLine(target.pid)}) does not end, not even by SIGKILL.`,
  );
}

/** Polls until the condition holds; false when the time (milliseconds) is over first. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 50,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (Date.now() >= deadline) return false;
    await delay(everyMs);
  }
}

function sendSignal(target: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw faultError(
      'PROCESS_NOT_YOURS',
      `Process ${target.pid} (${commandLine(target.pid)}) belongs to another user.`,
      {
        cause,
        remedy: 'Run the command as the user who started this installation.',
      },
    );
  }
}

/** Boot id and start tick: unique over reboots too. */
function startedFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may itself hold spaces and parentheses: count fields after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return null;
  }
}

function startedFromPs(pid: number): string | null {
  const line = askPs(['-o', 'state=,lstart=', '-p', String(pid)]).trim();
  return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
}

function allPids(): number[] {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  return askPs(['-axo', 'pid=']).split('\n').map(Number).filter(Boolean);
}

/**
 * What `ps` says, in plain English; empty where it fails. By Node itself: every command and the desk load this file.
 */
function askPs(args: readonly string[]): string {
  const { status, stdout } = spawnSync('ps', args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return status === 0 ? stdout : '';
}
