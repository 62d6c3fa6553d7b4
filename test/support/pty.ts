import { execa } from 'execa';
import { join } from 'node:path';
import { repositoryRoot } from '../../src/runtime/paths.js';
import type { Installation } from './stack.js';

/** What is waited for on the screen, and what is typed then. */
export type Talk = [seen: RegExp, typed: string][];

/** Keys that end a conversation. */
export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

/** Longer than any command of a test takes. */
const MAX_MS = 60_000;

/**
 * Types at a command as a person does, on a pseudo-terminal of `script` (util-linux): each answer once its question
 * stands on the screen.
 * @param command the words of a shell; by default the compiled command line is put before them
 * @returns the exit code and everything that stood on the screen, without the terminal's own signs
 */
export async function atTerminal(
  installation: Installation,
  command: string,
  talk: Talk,
  program = `${process.execPath} ${join(repositoryRoot, 'dist', 'cli', 'main.js')}`,
): Promise<{ code: number; screen: string }> {
  const child = execa('script', ['-qefc', `${program} ${command}`, '/dev/null'], {
    env: { ...installation.env, TERM: 'xterm' },
    extendEnv: false,
    cwd: repositoryRoot,
    reject: false,
    timeout: MAX_MS,
    stdin: 'pipe',
    buffer: false,
  });
  const left = [...talk];
  let [screen, looked] = ['', 0];
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8');
    for (let next = left[0]; next; next = left[0]) {
      const [seen, typed] = next;
      const found = seen.exec(plain(screen.slice(looked)));
      if (!found) return;
      left.shift();
      looked = screen.length;
      child.stdin.write(typed);
    }
  });
  const { exitCode } = await child;
  if (left.length > 0) throw new Error(`never asked: ${left[0]?.[0]}; the screen said:\n${plain(screen)}`);
  return { code: exitCode ?? -1, screen: plain(screen) };
}

/** What the terminal shows: without the signs that move its cursor. */
const plain = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '');
