import { execa } from 'execa';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { workerArguments } from '../../src/runtime/processes/worker.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import type { Installation, WorkerProcess } from '../../test/support/stack.js';

const READY_MAX_MS = 60_000;

/**
 * Builds an earlier version of the code beside this one: the one that brought the newest migration, so that both know
 * the same tables. Built once for each commit, below `.build`.
 * @returns where its checkout is; null where there is no history to take it from, or it is not what is built here
 */
export async function buildOtherVersion(say: (line: string) => void): Promise<string | null> {
  const git = (...args: string[]) => execa('git', args, { cwd: repositoryRoot, reject: false });
  const { exitCode, stdout: commit } = await git('log', '-1', '--format=%H', '--', 'migrations');
  if (exitCode !== 0 || !/^[0-9a-f]{40}$/.test(commit)) return null;
  const directory = join(repositoryRoot, '.build', 'faults', `version-${commit.slice(0, 12)}`);
  const stamp = join(directory, '.whole');
  if (existsSync(stamp)) return directory;
  say(`Building the version of ${commit.slice(0, 12)} beside this one ...`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const archive = execa('git', ['archive', '--format=tar', commit], { cwd: repositoryRoot, encoding: 'buffer' });
  await execa('tar', ['-x', '-C', directory], { input: (await archive).stdout });
  symlinkSync(join(repositoryRoot, 'node_modules'), join(directory, 'node_modules'));
  await execa(join(directory, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json'], { cwd: directory });
  await execa(process.execPath, [join('dist', 'worker', 'bundle.js')], { cwd: directory });
  writeFileSync(stamp, commit);
  return directory;
}

/** Starts the worker of another checkout for an installation, beside its own. */
export async function startOtherWorker(checkout: string, { env, dataDir }: Installation): Promise<WorkerProcess> {
  const entry = join(checkout, 'dist', 'worker', 'main.js');
  const [, ...flags] = workerArguments(dataDir).toReversed();
  const output: string[] = [];
  const child = execa(process.execPath, [...flags.slice(1).toReversed(), entry, dataDir, '--extra'], {
    env,
    extendEnv: false,
    cwd: checkout,
    reject: false,
    all: true,
    buffer: false,
  });
  child.all.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const exited = child.then(({ exitCode }) => exitCode ?? null);
  let ended = false;
  void exited.then(() => (ended = true));
  const ready = join(dataDir, 'run', `worker-${child.pid}.ready`);
  await waitUntil(() => ended || existsSync(ready), READY_MAX_MS);
  if (ended) throw new Error(`The worker of ${checkout} ended:\n${output.join('')}`);
  return {
    pid: child.pid ?? 0,
    exited,
    log: () => output.join(''),
    kill: async (signal: NodeJS.Signals = 'SIGKILL') => {
      child.kill(signal);
      await exited;
    },
  };
}
