import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../../src/runtime/paths.js';
import type { Installation } from './stack.js';

/** How a command ended, and what it said; without the last end of a line, as of a process. */
export interface Said {
  code: number;
  stdout: string;
  stderr: string;
}

const built = () =>
  import(pathToFileURL(join(repositoryRoot, 'dist', 'cli', 'program.js')).href) as Promise<
    typeof import('../../src/cli/program.js')
  >;

/** Streams, variables and the exit code are the process's: one command at a time has them. */
let last: Promise<unknown> = Promise.resolve();

/**
 * A command of the compiled command line in the test's own process: what hundreds of them do and say, without a hundred
 * times the second of a process of its own. They wait for each other. What a process adds (its end, signals, terminals,
 * what is left when it is killed, several at once) is for `runCli`.
 */
export function cliHere(
  { env }: Pick<Installation, 'env'>,
  words: string[],
  { env: more = {}, input = '' }: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Said> {
  const said = last.then(() => asCommand({ ...env, ...more }, input, words));
  last = said.catch(() => undefined);
  return said;
}

async function asCommand(env: NodeJS.ProcessEnv, input: string, words: string[]): Promise<Said> {
  const { runProgram } = await built();
  const { stdin, stdout, stderr } = process;
  const kept = { env: process.env, exitCode: process.exitCode, umask: process.umask(0o077) };
  const [out, err] = [hearing(stdout), hearing(stderr)];
  process.env = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  process.exitCode = undefined;
  Object.defineProperty(process, 'stdin', {
    configurable: true,
    value: Readable.from(input === '' ? [] : [Buffer.from(input)], { objectMode: false }),
  });
  try {
    await runProgram(words.map(asTyped));
    return { code: Number(process.exitCode ?? 0), stdout: out.heard(), stderr: err.heard() };
  } finally {
    Object.defineProperty(process, 'stdin', { configurable: true, value: stdin });
    process.umask(kept.umask);
    process.env = kept.env;
    process.exitCode = kept.exitCode;
    out.stop();
    err.stop();
  }
}

/** A word as a process is given it: bytes that end at NUL, which nobody can type, and half a character is none. */
function asTyped(word: string): string {
  if (word.includes('\0')) throw new Error('No word of a command holds NUL');
  return Buffer.from(word).toString();
}

/** What is written to a stream from now on, instead of writing it. */
function hearing(stream: NodeJS.WriteStream): { heard(): string; stop(): void } {
  const { write } = stream;
  let heard = '';
  stream.write = (text: string | Uint8Array) => {
    heard += typeof text === 'string' ? text : Buffer.from(text).toString();
    return true;
  };
  return { heard: () => heard.replace(/\r?\n$/, ''), stop: () => void (stream.write = write) };
}
