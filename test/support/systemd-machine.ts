import { execa } from 'execa';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';

const BOOT_MAX_MS = 30_000;
const PATH = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

export interface SystemdMachine {
  /** Runs a command line there, as root. */
  sh(script: string): Promise<{ code: number; text: string }>;
  stop(): Promise<void>;
}

/** A running systemd in namespaces of its own, or why there can be none here: it takes root, systemd, and a kernel that lets us. */
export async function startSystemdMachine(): Promise<SystemdMachine | string> {
  if (process.getuid?.() !== 0) return 'namespaces of its own take root';
  const base = mkdtempSync(join(inject('servers').root, 'systemd-'));
  const needed = [
    repositoryRoot,
    realpathSync(join(repositoryRoot, 'node_modules')),
    dirname(process.execPath),
    join(homedir(), '.cache'),
  ];
  const script = join(repositoryRoot, 'test', 'support', 'systemd-machine.sh');
  // With the test's own process it ends too, however that ends.
  const child = execa('setpriv', ['--pdeathsig', 'TERM', 'unshare', '--mount', '/bin/sh', script, base, ...needed], {
    reject: false,
    all: true,
    env: {},
  });
  let ended = false;
  void child.then(() => (ended = true));
  let init = 0;
  const running = await waitUntil(
    async () => {
      init = await initOf(child.pid ?? 0);
      return ended || (init > 0 && (await isRunning(init)));
    },
    BOOT_MAX_MS,
    250,
  );
  const stop = async () => {
    child.kill('SIGTERM');
    await child;
    rmSync(base, { recursive: true, force: true });
  };
  if (running && !ended) return { sh: (words) => inside(init, words), stop };
  await stop();
  return `systemd does not start in namespaces here: ${(await child).all?.trim().split('\n').at(-1) ?? ''}`;
}

/** The first process of the namespaces: the child of `unshare`, which is a child of the script. */
async function initOf(script: number): Promise<number> {
  const [unshared] = childrenOf(script);
  return unshared === undefined ? 0 : (childrenOf(unshared)[0] ?? 0);
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

async function isRunning(init: number): Promise<boolean> {
  const { text } = await inside(init, 'systemctl is-system-running');
  return /^(running|degraded)$/.test(text.trim());
}

async function inside(init: number, script: string): Promise<{ code: number; text: string }> {
  const enter = [
    '-t',
    String(init),
    '-m',
    '-u',
    '-i',
    '-n',
    '-p',
    '-C',
    `-r/proc/${init}/root`,
    `-w/proc/${init}/root`,
  ];
  const result = await execa(
    'nsenter',
    [
      ...enter,
      '/usr/bin/env',
      '-i',
      `PATH=${PATH}`,
      `HOME=${homedir()}`,
      '/bin/sh',
      '-c',
      `cd '${repositoryRoot}' && ${script}`,
    ],
    { reject: false, all: true, timeout: 120_000 },
  );
  return { code: result.exitCode ?? -1, text: result.all ?? '' };
}
