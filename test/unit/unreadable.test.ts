import { describe, expect, it } from 'vitest';
import { unreadable } from '../../src/files/unreadable.js';

const because = (code: string) => unreadable('policy.yml', Object.assign(new Error(code), { code }), 'mend it');

describe('a file that cannot be read', () => {
  it.each(['ENOENT', 'EACCES', 'EISDIR'])('is for somebody to mend: %s', (code) => {
    expect(because(code)).toMatchObject({
      kind: 'usage',
      code: 'CONFIG_UNREADABLE',
      message: `policy.yml cannot be read: ${code}`,
      remedy: 'mend it',
    });
  });

  it.each(['EMFILE', 'ENFILE', 'ENOMEM'])('is tried again where the machine has nothing left to give: %s', (code) => {
    expect(because(code)).toMatchObject({ kind: 'fault', code: 'MACHINE_EXHAUSTED', remedy: 'type it again' });
  });
});
