import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { isAgePublicKey } from '../../src/domain/backup/age-key.js';
import { backupPolicyOf } from '../../src/domain/policy/backup.js';
import { parsePolicy } from '../../src/domain/policy/policy.js';

const BASE = [
  'version: 1',
  'accounts: { main: { base_currency: GBP } }',
  'operators: [op]',
  'market_data: { provider: csv }',
  'backup:',
];
const read = (...lines: string[]) =>
  parsePolicy([...BASE, ...lines.map((line) => `  ${line}`), ''].join('\n'), 'policy.yml').backup;
const said = (...lines: string[]): string => {
  try {
    read(...lines);
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the policy section backup', () => {
  it('has a default for every key, and a policy that was stored without it has the same', () => {
    const { backup, ...older } = parsePolicy(BASE.slice(0, 4).join('\n'), 'policy.yml');
    expect(backup).toEqual({
      keep_daily: 30,
      keep_monthly: 12,
      keep_verified_min: 3,
      max_age_hours: 26,
      at_close: true,
      daily_at: '22:30',
      copy_to: null,
      s3_endpoint: null,
      s3_region: 'eu-west-2',
      encrypt_to: null,
    });
    expect(backupPolicyOf(older as { backup?: typeof backup })).toEqual(backup);
  });

  it.each([
    ['keep_monthly: -1', 'policy.yml:6: backup.keep_monthly: -1: must be at least 0'],
    ['keep_verified_min: 31', 'policy.yml:6: backup.keep_verified_min: 31: must be at most keep_daily, 30'],
    ['max_age_hours: -1', 'policy.yml:6: backup.max_age_hours: -1: must be more than 0'],
    ['daily_at: "25:00"', 'policy.yml:6: backup.daily_at: "25:00": must be a time of day HH:MM, UK time'],
    [
      'copy_to: mnt/backups',
      'policy.yml:6: backup.copy_to: "mnt/backups": must be null, an absolute directory such as /mnt/backups, or s3://bucket/prefix',
    ],
    [
      'copy_to: s3://B',
      'policy.yml:6: backup.copy_to: "s3://B": must be null, an absolute directory such as /mnt/backups, or s3://bucket/prefix',
    ],
    [
      's3_endpoint: https://s3.example.org',
      'policy.yml:6: backup.s3_endpoint: "https://s3.example.org": is of use only when copy_to is s3://bucket/prefix',
    ],
    ['encrypt_to: []', 'policy.yml:6: backup.encrypt_to: []: must be null or name at least one key'],
    [
      'encrypt_to: [age1qqqq]',
      'policy.yml:6: backup.encrypt_to.0: "age1qqqq": must be a public key of age (age1…), whole and without a typing error',
    ],
    ['keep_days: 3', 'policy.yml:6: backup.keep_days: 3: is not a key of the policy; did you mean "keep_daily"?'],
  ])('refuses %s with file, line, value and rule', (line, message) => {
    expect(said(line)).toBe(message);
  });

  it('takes a directory, a bucket with a prefix, and an endpoint', () => {
    expect(read('copy_to: /mnt/backups').copy_to).toBe('/mnt/backups');
    expect(read('copy_to: s3://house-backups/trading/ops', 's3_endpoint: "http://127.0.0.1:9000"').s3_endpoint).toBe(
      'http://127.0.0.1:9000',
    );
  });
});

describe('a public key of age', () => {
  it('is taken as the library makes it, and refused with any one letter changed', async () => {
    const key = await identityToRecipient(await generateX25519Identity());
    const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
    const typos = Array.from(
      key,
      (letter, i) =>
        key.slice(0, i) + (letters[(letters.indexOf(letter) + 1) % letters.length] ?? 'q') + key.slice(i + 1),
    );
    expect([isAgePublicKey(key), typos.filter(isAgePublicKey)]).toEqual([true, []]);
    expect(isAgePublicKey(await identityToRecipient(await generateHybridIdentity()))).toBe(true);
    expect([key.toUpperCase(), key.slice(0, -1), `AGE-SECRET-KEY-1${key.slice(4)}`, ''].filter(isAgePublicKey)).toEqual(
      [],
    );
  });
});
