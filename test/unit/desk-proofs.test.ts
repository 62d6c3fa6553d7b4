import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';

/** Who may confirm, as the table of the threats has them. */
const THREATS = [
  'CSRF',
  'DNS rebinding',
  'fixation',
  'brute force',
  'clickjacking',
  'stored HTML',
  'path traversal',
  'cache, Back after sign-out',
  'forged signal, forged row',
  'replay, swapped content',
  'open redirect, proxy headers',
  'flood',
  'a file that is sent',
];
const CHECKS = 25;

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const [, section = ''] = /\n## What shows that the desk holds\n([\s\S]*?)\n## /.exec(read('docs/DEVELOPING.md')) ?? [];
const rows = section
  .split('\n')
  .flatMap((line) => (/^\| (?!---)([^|]+) \| (.+) \|$/.exec(line)?.slice(1, 3) as [string, string][] | undefined) ?? [])
  .flatMap((each, index, all) => (index % 2 === 0 ? [[String(each), String(all[index + 1])] as const] : []))
  .filter(([what]) => !['threat', 'check'].includes(what));

/** The titles of a file's tests: what stands first in the brackets of `it`, and after a table of `each` or `for`. */
const titlesIn = (source: string): string[] =>
  [
    ...source.matchAll(
      /(?<=\bit\(|\]\)\(|\w\)\()\s*(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1,\s*(?:async )?(?:\(|\{|function)/g,
    ),
  ].map(([, , title = '']) => title);

describe('what shows that the desk holds', () => {
  it('is said of every threat and of each check, in their order', () => {
    const named = rows.map(([what]) => what);
    expect(named.slice(0, THREATS.length)).toEqual(THREATS);
    expect(named.slice(THREATS.length).map((what) => Number(what.split(' ', 1)[0]))).toEqual(
      Array.from({ length: CHECKS }, (_, index) => index + 1),
    );
  });

  it.each(rows)('%s: by tests that are there', (_, shownBy) => {
    const named = [...shownBy.matchAll(/`((?:unit|integration|browser|faults)\/[\w-]+)` \*([^*]+)\*/g)];
    expect(named.length).toBeGreaterThan(0);
    for (const [, file = '', title = ''] of named) {
      const found = titlesIn(read(`test/${file}.test.ts`)).filter((each) => each.includes(title));
      expect([file, title, found.length]).toEqual([file, title, 1]);
    }
    // Whatever else is named between backticks is none of a test.
    const files = shownBy.match(/`[a-z]+\/[^`]*`/g) ?? [];
    expect(files).toHaveLength(named.length);
  });
});
