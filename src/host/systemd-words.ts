import { usageError } from '../domain/errors.js';

/** A path where the whole rest of the line is the value (PIDFile=, WorkingDirectory=): only specifiers are expanded there. */
export function pathText(path: string): string {
  return oneLine(path).replaceAll('%', '%%');
}

/** One word of a list (ReadWritePaths=, Environment=): quoted, for spaces and quotes in it are its own. */
export function word(text: string): string {
  return `"${pathText(text).replaceAll(/["\\]/g, '\\$&')}"`;
}

/** A command line of ExecStart=: as `word`, and a dollar sign in an argument is no variable. */
export function commandLine(program: string, ...args: string[]): string {
  return [word(program), ...args.map((text) => word(text).replaceAll('$', '$$$$'))].join(' ');
}

function oneLine(text: string): string {
  if (!/\p{Cc}/u.test(text)) return text;
  throw usageError(
    'PATH_NOT_PRINTABLE',
    `${JSON.stringify(text)} has a control character in it, which a systemd unit cannot hold`,
    {
      remedy: 'move it to a path without line breaks and other control characters',
    },
  );
}
