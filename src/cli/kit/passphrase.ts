import { usageError } from '../../domain/errors.js';

/** Holds a passphrase for scripts; `TRADING_OPS_KEY_PASSWORD_FILE` names a file with it. */
const VARIABLE = 'TRADING_OPS_KEY_PASSWORD';

/**
 * The passphrase of a key: that of the environment, or typed at the terminal, where it is not shown.
 * @throws OpsError PASSPHRASE_MISSING where there is neither
 */
export async function passphraseOf(what: string): Promise<string> {
  const given = process.env[VARIABLE];
  if (given) return given;
  if (!process.stdin.isTTY)
    throw usageError('PASSPHRASE_MISSING', `passphrase: (missing): ${what} has one, and nobody is here to type it`, {
      remedy: `type the command at a terminal, or set ${VARIABLE}_FILE to a file that holds it`,
    });
  process.stderr.write(`Passphrase of ${what}: `);
  const typed = await hidden(process.stdin);
  process.stderr.write('\n');
  return typed;
}

/** What is typed up to the end of the line, key by key, without showing it. */
function hidden(terminal: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const done = (settle: () => void) => {
      terminal.setRawMode(false);
      terminal.pause();
      terminal.off('data', take);
      settle();
    };
    const take = (chunk: Buffer) => {
      for (const key of chunk.toString('utf8')) {
        if (key === '\r' || key === '\n') return done(() => resolve(typed));
        if (key === '\u0003' || key === '\u0004')
          return done(() => reject(usageError('PASSPHRASE_MISSING', 'passphrase: (missing): it was broken off')));
        typed = key === '\u007f' || key === '\b' ? typed.slice(0, -1) : typed + key;
      }
    };
    terminal.setRawMode(true);
    terminal.resume();
    terminal.on('data', take);
  });
}
