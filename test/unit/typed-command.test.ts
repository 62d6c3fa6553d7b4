import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { flagWords } from '../../src/desk/forms/typed-command.js';

describe('a command as it is shown', () => {
  it.each(['eToro', 'paid in', '"quoted"', "it's", '$HOME `id` $(id) \\', '=HYPERLINK("http://x","y")', '-n; ls'])(
    'says %s to a shell as it was typed on the page',
    (note) => {
      const words = flagWords('notes', note).join(' ');
      expect(execFileSync('sh', ['-c', `printf '%s|' ${words}`], { encoding: 'utf8' })).toBe(`--notes|${note}|`);
    },
  );
});
