import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

/**
 * The words typed after `--` on make's own command line. Make takes `SYMBOL=UNITS` for one of its variables and every
 * other word for a target, so a recipe reads what was typed from the process that runs it.
 * @param pid process id of make.
 */
export function argumentsOfMake(pid: string): string[] {
  const words = wordsFromProc(pid) ?? wordsFromPs(pid);
  const dashes = words.indexOf('--');
  return dashes < 0 ? [] : words.slice(dashes + 1);
}

function wordsFromProc(pid: string): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').split('\0');
  } catch {
    return null;
  }
}

/** Where there is no /proc, ps shows the words without their quotes: words that follow a value belong to it. */
function wordsFromPs(pid: string): string[] {
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'command=', '-p', pid], { encoding: 'utf8' });
  return joinValues((stdout ?? '').trim().split(/\s+/));
}

/** Joins what ps took apart: after `--notes`, everything up to the next flag is one value. */
export function joinValues(words: string[]): string[] {
  const joined: string[] = [];
  let inValue = false;
  for (const word of words) {
    const isFlag = word.startsWith('--');
    if (inValue && !isFlag) joined.push(`${joined.pop()} ${word}`);
    else joined.push(word);
    inValue = !isFlag && joined.at(-2)?.startsWith('--') === true && joined.at(-2) !== '--';
  }
  return joined;
}
