import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyPort, claim, pickPort } from '../../src/runtime/processes/ports.js';
import { identify } from '../../src/runtime/processes/processes.js';

let claims: string;
beforeEach(() => {
  claims = path.join(mkdtempSync(path.join(tmpdir(), 'claims-')), 'ports');
});
afterEach(() => rmSync(path.dirname(claims), { recursive: true, force: true }));

describe('two installations that start in the same second', () => {
  it('pick different ports before either of their servers listens', async () => {
    const preferred = await anyPort();
    const picked = await Promise.all(Array.from({ length: 12 }, () => pickPort(preferred)));
    expect(new Set(picked).size).toBe(12);
    // A claim is this process's, and not given twice.
    expect(picked).not.toContain(preferred);
  });

  it('a port that a live process took is not given, that of a dead one is, and users share the place', () => {
    expect(claim(20_001, claims)).toBe(true);
    expect(claim(20_001, claims)).toBe(false);
    expect(JSON.parse(readFileSync(path.join(claims, '20001'), 'utf8'))).toEqual(identify(process.pid));
    expect(statSync(claims).mode & 0o7777).toBe(0o1777);
    writeFileSync(path.join(claims, '20002'), JSON.stringify({ pid: 1, started: 'long ago' }));
    expect(claim(20_002, claims)).toBe(true);
    writeFileSync(path.join(claims, '20003'), 'not a claim');
    expect(claim(20_003, claims)).toBe(true);
  });

  it('where there is no place for claims a free port is taken as ever', () => {
    writeFileSync(path.dirname(claims) + '/file', '');
    expect(claim(20_001, path.dirname(claims) + '/file/ports')).toBe(true);
  });
});
