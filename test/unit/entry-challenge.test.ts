import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { entryChallenge, isEntryChallenge } from '../../src/domain/signing/entry-challenge.js';

const [key, other] = [randomBytes(32), randomBytes(32)];
const HOST = 'desk.example.org';
const AT = '2026-11-28T22:00:00.000Z';
const asked = entryChallenge(key, { at: AT, nonce: randomBytes(10).toString('hex'), host: HOST });

it('is 32 bytes, and good for five minutes, for its host, by its key', () => {
  expect(asked).toMatch(/^[\da-f]{64}$/);
  const good = (challenge: string, at: string, host = HOST, by = key) => isEntryChallenge(by, challenge, { at, host });
  expect([AT, '2026-11-28T22:04:59.999Z', '2026-11-28T22:05:00.000Z'].map((at) => good(asked, at))).toEqual([
    true,
    true,
    false,
  ]);
  expect(good(asked, AT, 'evil.test')).toBe(false);
  expect(good(asked, AT, HOST, other)).toBe(false);
  expect(good(asked.toUpperCase(), AT)).toBe(false);
  for (const challenge of ['', asked.slice(1), `${asked}0`, '0'.repeat(64), 'f'.repeat(64)])
    expect([challenge, good(challenge, AT)]).toEqual([challenge, false]);
});

it('fails when any letter of it is another: also its end may not be put off', () => {
  const taken = [...asked].flatMap((was, place) =>
    [...'0123456789abcdef'].filter(
      (letter) =>
        letter !== was &&
        isEntryChallenge(key, asked.slice(0, place) + letter + asked.slice(place + 1), { at: AT, host: HOST }),
    ),
  );
  expect(taken).toEqual([]);
});
