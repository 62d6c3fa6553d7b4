import { describe, expect, it } from 'vitest';
import { enteredBefore, secondsLeft, seenSince, seesPages, type EntryKind } from '../../src/domain/entry.js';
import { exposureOf } from '../../src/domain/exposure.js';
import { deskSchema } from '../../src/domain/policy/desk.js';

describe('whoever was let in', () => {
  it.each<[EntryKind, boolean, boolean]>([
    ['code', false, true],
    ['code', true, false],
    ['enrol', false, false],
    ['enrol', true, false],
    ['passkey', false, true],
    ['passkey', true, true],
  ])('by a %s, exposed %s, sees pages: %s', (entry, isExposed, sees) => {
    expect(seesPages(entry, isExposed)).toBe(sees);
  });

  it('is forgotten sooner where other machines reach the desk', () => {
    const at = '2026-11-28T12:00:00.000Z';
    const seen = { enteredAt: at, seenAt: at };
    expect([secondsLeft(seen, at), secondsLeft(seen, at, true)]).toEqual([43_200, 1_800]);
    expect(seenSince(at, true)).toBe('2026-11-28T11:30:00.000Z');
  });

  it.each([
    [false, '2026-12-28T12:00:00.000Z'],
    [true, '2026-11-29T12:00:00.000Z'],
  ])('is let in no longer than that however often they look, exposed %s: until %s', (isExposed, end) => {
    const enteredAt = '2026-11-28T12:00:00.000Z';
    const before = (seconds: number) => new Date(Date.parse(end) - seconds * 1_000).toISOString();
    const left = (at: string) => secondsLeft({ enteredAt, seenAt: at }, at, isExposed);
    expect([left(before(90)), left(before(1)), left(end), left(before(-60))]).toEqual([90, 1, 0, 0]);
    expect(enteredBefore(end, isExposed)).toBe(enteredAt);
  });
});

describe('the public address of a desk', () => {
  it.each([
    ['https://desk.example.org', { origin: 'https://desk.example.org', host: 'desk.example.org', base: '' }],
    ['https://desk.example.org/', { origin: 'https://desk.example.org', host: 'desk.example.org', base: '' }],
    ['https://a.ts.net:8443/x/y', { origin: 'https://a.ts.net:8443', host: 'a.ts.net:8443', base: '/x/y' }],
  ])('is %s', (address, parts) => {
    expect(exposureOf(address)).toEqual(parts);
    expect(deskSchema.parse({ public_url: address }).public_url).toBe(address);
  });

  it.each([
    'http://desk.example.org',
    'https://localhost:8240',
    'https://10.0.0.1',
    'https://desk.example.org:443',
    'https://Desk.example.org',
    'https://user@desk.example.org',
    'https://desk.example.org?x',
    'https://desk.example.org/#x',
    'https://desk.example.org//evil',
    'https://desk.example.org/a/../b',
    'https://desk.example.org/"onload',
    'desk.example.org',
    '',
  ])('is not %j', (address) => {
    expect(exposureOf(address)).toBeNull();
    expect(deskSchema.safeParse({ public_url: address }).success).toBe(false);
  });

  it('is none by itself, and proxies are named by their addresses', () => {
    expect(deskSchema.parse({ public_url: null })).toEqual({ public_url: null });
    for (const [named, good] of [
      ['127.0.0.1', true],
      ['10.0.0.0/8', true],
      ['fd00::/8', true],
      ['proxy.example.org', false],
      ['10.0.0.0/33', false],
      ['true', false],
    ] as const)
      expect([named, deskSchema.safeParse({ trusted_proxies: [named] }).success]).toEqual([named, good]);
  });
});
