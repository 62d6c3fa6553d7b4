import { Command } from 'commander';
import { registerDay } from '../../src/cli/commands/day/register.js';
import type { Installation } from './stack.js';

/**
 * The commands of the day in the test's own process, one after another: what a hundred of them say of input, without a
 * hundred times the half second of a process of its own. What a process adds (exit, signals, streams) others test.
 */
export async function cliHere(
  { env }: Pick<Installation, 'env'>,
  args: string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const kept = {
    env: { ...process.env },
    exitCode: process.exitCode,
    stdout: process.stdout.write,
    stderr: process.stderr.write,
  };
  const listens = (name: 'stdout' | 'stderr') => (text: string | Uint8Array) => {
    said[name] += String(text);
    return true;
  };
  Object.assign(process.env, env);
  process.stdout.write = listens('stdout');
  process.stderr.write = listens('stderr');
  try {
    const program = new Command('trading-ops').option('--json');
    registerDay(program);
    for (const command of [program, ...program.commands]) command.exitOverride();
    await program.parseAsync(['node', 'trading-ops', ...args]);
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    process.stdout.write = kept.stdout;
    process.stderr.write = kept.stderr;
    process.exitCode = kept.exitCode;
    for (const name of Object.keys(process.env)) if (!(name in kept.env)) delete process.env[name];
    Object.assign(process.env, kept.env);
  }
}
