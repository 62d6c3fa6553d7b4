import { createInterface } from 'node:readline';
import { usageError } from '../../domain/errors.js';
import { escapedLines } from '../../domain/text.js';
import { print } from './output.js';

/** A conversation with whoever sits at the terminal. */
export interface Dialog {
  /** What was typed to a question, up to the end of the line. @throws OpsError BROKEN_OFF */
  ask(question: string): Promise<string>;
  say(lines: readonly string[]): void;
}

/** Where it is held; standard error, so that standard output has the answer alone. */
export interface Streams {
  input: NodeJS.ReadableStream;
  output: NodeJS.WriteStream;
}

/** Whether there is somebody to ask. */
export const isTerminal = (): boolean => process.stdin.isTTY;

/** What is told of a conversation that ended before its end: nobody said yes. */
export const brokenOff = () =>
  usageError('BROKEN_OFF', 'answers: the questions were broken off: nothing was recorded or booked', {
    remedy: 'type it again',
  });

/**
 * Holds a conversation and closes it; the terminal is free again for whatever asks next, such as a passphrase.
 * @throws OpsError BROKEN_OFF when Ctrl-C or the end of the input comes before the last answer
 */
export async function inDialog<T>(
  work: (dialog: Dialog) => Promise<T>,
  { input, output }: Streams = { input: process.stdin, output: process.stderr },
): Promise<T> {
  // Without a history: a figure of one line is not offered for the next.
  const lines = createInterface({ input, output, historySize: 0 });
  // What is typed ahead, or pasted, answers the questions in their order.
  const typed: string[] = [];
  let waiting: { resolve(line: string): void; reject(error: Error): void } | null = null;
  let closed = false;
  lines.on('line', (line) => {
    if (waiting === null) typed.push(line);
    else waiting.resolve(line);
    waiting = null;
  });
  lines.on('close', () => {
    closed = true;
    waiting?.reject(brokenOff());
  });
  const ask = (question: string) =>
    new Promise<string>((resolve, reject) => {
      const next = typed.shift();
      lines.setPrompt(escapedLines(question));
      if (!closed) lines.prompt();
      if (next !== undefined) resolve(next);
      else if (closed) reject(brokenOff());
      else waiting = { resolve, reject };
    });
  try {
    return await work({ ask, say: (text) => print(output, text.join('\n')) });
  } finally {
    lines.close();
  }
}

/** Asks until an answer is read: what is wrong with one is said, and the question comes again. */
export async function askUntil<T>(
  dialog: Dialog,
  question: string,
  read: (typed: string) => Promise<Read<T>> | Read<T>,
): Promise<T> {
  for (;;) {
    const answer = await read((await dialog.ask(question)).trim());
    if ('value' in answer) return answer.value;
    dialog.say([`  ${answer.rule}`]);
  }
}

/** An answer that was understood, or the rule that it breaks. */
export type Read<T> = { value: T } | { rule: string };

/** Asks a question of yes or no; there is no default. */
export const askYesOrNo = (dialog: Dialog, question: string): Promise<boolean> =>
  askUntil(dialog, `${question} (yes/no): `, (typed): Read<boolean> => {
    const word = typed.toLowerCase();
    return word === 'yes' || word === 'no' ? { value: word === 'yes' } : { rule: 'must be yes or no' };
  });
