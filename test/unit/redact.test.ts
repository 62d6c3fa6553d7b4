import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../src/domain/redact.js';

describe('secrets in texts', () => {
  it('are taken out wherever they stand, however often', () => {
    expect(redact('key=abc&again=abc: abc refused, abcabc', ['abc'])).toBe('key=***&again=***: *** refused, ******');
    expect(redact('one two one', ['one', 'two'])).toBe('*** *** ***');
  });

  it('are taken out as they look in a URL too', () => {
    expect(redact('?apikey=a%20b%2Fc&x=a b/c', ['a b/c'])).toBe('?apikey=***&x=***');
  });

  it('are taken as they are, not as patterns', () => {
    expect(redact('a.c abc $& a.c', ['a.c'])).toBe('*** abc $& ***');
    expect(redact('.* and more', ['.*'])).toBe('*** and more');
  });

  it('that are part of one another leave nothing of the longer one', () => {
    expect(redact('token tok-123-456', ['tok-123', 'tok-123-456'])).toBe('token ***');
    expect(redact('token tok-123-456', ['tok-123-456', 'tok-123'])).toBe('token ***');
  });

  it('that are empty change nothing', () => {
    expect(redact('as it was', ['', ''])).toBe('as it was');
    expect(redact('as it was', [])).toBe('as it was');
  });

  it('property: no secret is left, in any order of secrets', () => {
    const secret = fc.string({ minLength: 4, maxLength: 12 }).filter((text) => !text.includes('*'));
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        fc.array(fc.string({ maxLength: 8 })),
        (secrets, between) => {
          const text = secrets
            .map((one, index) => `${between[index] ?? ' '}${one}${encodeURIComponent(one)}${one}`)
            .join('/');
          const clean = redact(text, secrets);
          for (const one of secrets) expect(clean).not.toContain(one);
        },
      ),
    );
  });
});
