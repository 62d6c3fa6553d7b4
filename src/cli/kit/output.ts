import { faultText, OpsError } from '../../domain/errors.js';
import { escapedLines } from '../../domain/text.js';
import { EXIT, type ExitCode } from './exit.js';

/** What a command has to say: lines for people, data for machines, and the command to type next. */
export interface Answer {
  exitCode?: ExitCode;
  lines: string[];
  data: unknown;
  next?: string | undefined;
}

/** The one way to a terminal: whatever a text quotes, no character of it commands the terminal or turns its writing. */
export function print(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${escapedLines(text)}\n`);
}

/** Prints an answer on standard output and sets the exit code. */
export function printAnswer(answer: Answer, json: boolean): void {
  const text = json
    ? JSON.stringify(answer.data, null, 2)
    : [...answer.lines, ...(answer.next ? ['', `Next: ${answer.next}`] : [])].join('\n');
  print(process.stdout, json ? text : typable(text));
  process.exitCode = answer.exitCode ?? EXIT.done;
}

/** Prints an error on standard error without a stack trace (unless LOG_LEVEL is debug) and sets the exit code. */
export function printError(error: unknown, json: boolean): void {
  const known = error instanceof OpsError;
  const code = known ? error.code : 'FAULT';
  const message = faultText(error);
  const remedy = known ? error.remedy : "trading-ops status; the worker's log: make logs; LOG_LEVEL=debug tells all";
  if (json) print(process.stderr, JSON.stringify({ error: { code, message, remedy } }));
  else print(process.stderr, `${code}: ${message}${remedy ? `\nNext: ${typable(remedy)}` : ''}`);
  if (process.env['LOG_LEVEL'] === 'debug' && error instanceof Error) print(process.stderr, String(error.stack));
  if (process.env['LOG_LEVEL'] === 'debug' && known && error.trace)
    print(process.stderr, `It arose of a ${error.trace}`);
  process.exitCode = EXIT[known ? error.kind : 'fault'];
}

/**
 * Whoever reads may have read enough (`| head`): then nobody is left to tell anything, and the command ends as it
 * stands.
 */
export function endWithReader(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

/** Commands as they can be typed in the checkout, where the program is not on PATH. */
const typable = (text: string): string => text.replace(/(^|[\s`(])trading-ops (?=[a-z])/gm, '$1./trading-ops ');
