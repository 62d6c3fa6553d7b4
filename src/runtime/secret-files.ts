import { usageError } from '../domain/errors.js';
import { readRegularSync, whyUnreadable } from '../files/regular.js';

/**
 * What a variable that may be given by file ends with; others with `_FILE` (SSL_CERT_FILE) are files for somebody
 * else.
 */
const SECRET_FILE = /^(?!AWS_)([A-Z][A-Z0-9_]*_(?:URL|KEY|PASSWORD|TOKEN|SECRET))_FILE$/;

/**
 * Adds to the environment what it names by files, so that no secret has to stand in it from outside: `NAME_FILE` is a
 * file with the value of `NAME`, and TRADING_OPS_ENV_FILE one with many (`NAME=value` a line, as systemd reads them).
 * What is set already wins. Throws a usage error that names variable and file, never its content.
 */
export function readSecretFiles(env: NodeJS.ProcessEnv): void {
  const many = env['TRADING_OPS_ENV_FILE'];
  if (many)
    for (const [name, value] of environmentLines(read('TRADING_OPS_ENV_FILE', many))) setDefault(env, name, value);
  for (const [variable, file] of Object.entries(env)) {
    const name = SECRET_FILE.exec(variable)?.[1];
    if (name && file && !env[name]) setDefault(env, name, read(variable, file).trim());
  }
}

function setDefault(env: NodeJS.ProcessEnv, name: string, value: string): void {
  if (!env[name] && value !== '') env[name] = value;
}

/** The variables of a file of `NAME=value` lines. */
export function environmentLines(text: string): [string, string][] {
  return text.split('\n').flatMap((line) => {
    const [, name, value] = /^\s*([A-Za-z_]\w*)=(.*?)\s*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, unquoted(value)]];
  });
}

function unquoted(value: string): string {
  return /^"(.*)"$/.exec(value)?.[1]?.replaceAll(/\\(.)/g, '$1') ?? /^'(.*)'$/.exec(value)?.[1] ?? value;
}

function read(variable: string, file: string): string {
  try {
    return readRegularSync(file);
  } catch (cause) {
    throw usageError(
      'SECRET_FILE_UNREADABLE',
      `${variable} names ${file}, which cannot be read (${whyUnreadable(cause)})`,
      {
        cause,
        remedy: 'correct the path, or let this user read the file',
      },
    );
  }
}
