import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/domain/hash.js';
import { OpsError } from '../../src/domain/errors.js';
import { actOf, answerAct } from '../../src/domain/signing/act.js';
import {
  recordedShape,
  signedShape,
  type Act,
  type Attestation,
  type KeyKind,
  type Signed,
} from '../../src/domain/signing/attestation.js';
import { fingerprintOf, KEYS_HEADER, parseKeys, type Keyring } from '../../src/domain/signing/keys.js';
import { unproved } from '../../src/domain/signing/facts.js';
import { approveKey, endKey, keyLines } from '../../src/operations/signing/operator-keys.js';
import {
  attestationHash,
  bytesToSign,
  faultOfSignature,
  ownSignersOf,
  peopleOf,
  signedWhileInForce,
} from '../../src/domain/signing/verify.js';

const NOW = '2026-11-27T14:00:00.000Z';
const HERE = '11111111-1111-4111-8111-111111111111';
const THERE = '22222222-2222-4222-8222-222222222222';
const TICKET = '33333333-3333-4333-8333-333333333333';

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, x: publicKey.export({ format: 'jwk' }).x as string };
}
const [own, ada, bo, cy, stranger] = [newKey(), newKey(), newKey(), newKey(), newKey()];

const act = answerAct({
  ticket: { ticketId: TICKET, account: 'main', tradingDay: '2026-11-27', materialHash: 'a'.repeat(64) },
  hash: 'b'.repeat(64),
  amends: null,
});
const line = (operator: string, key: { x: string }, more: Partial<Keyring['lines'][number]> = {}) => ({
  operator,
  kind: 'ed25519' as KeyKind,
  publicKey: key.x,
  host: null,
  from: '2026-11-01T00:00:00Z',
  until: null,
  label: '',
  ...more,
});
const ring = (...lines: Keyring['lines'][number][]): Keyring => ({
  own: { installation: HERE, publicKey: own.x },
  lines,
});

function signedBy(
  key: { privateKey: Parameters<typeof sign>[2]; x: string },
  kind: KeyKind,
  more: Partial<Attestation> = {},
): Signed {
  const attestation: Attestation = {
    version: 1,
    ...act,
    installation: HERE,
    operator: 'ada',
    nonce: '0'.repeat(32),
    at: '2026-11-27T13:59:00.000Z',
    ...more,
  };
  const signature = sign(null, bytesToSign(attestation), key.privateKey as never).toString('hex');
  return { attestation, kind, key: key.x, signature };
}
/** A signature that has a byte below 16: one digit of it is a nought. */
function signedWithSmallByte(): Signed {
  for (let nonce = 0; ; nonce++) {
    const signed = signedBy(own, 'installation', { nonce: String(nonce).padStart(32, '0') });
    if (/^(..)*0/.test(signed.signature)) return signed;
  }
}
const codeOf = (signed: Signed | null, keyring: Keyring, more: Partial<Parameters<typeof faultOfSignature>[1]> = {}) =>
  faultOfSignature(signed, { operator: 'ada', act, at: NOW, ...more }, keyring)?.code ?? null;

describe('a statement', () => {
  it('is canonical JSON as RFC 8785 sorts it (section 3.2.3), by UTF-16 code units', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const written = canonicalJson(Object.fromEntries(keys.map((key, at) => [key, at])));
    expect(Object.keys(JSON.parse(written) as object).toSorted()).toEqual(
      ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'].toSorted(),
    );
    expect(written).toBe('{"\\r":1,"1":3,"\u0080":5,"\u00f6":6,"\u20ac":0,"\u{1f600}":4,"\ufb33":2}');
  });

  it('is hashed over its canonical JSON, whatever the order of its keys', () => {
    const { attestation } = signedBy(own, 'installation');
    const reversed = Object.fromEntries(Object.entries(attestation).toReversed()) as unknown as Attestation;
    expect(attestationHash(reversed)).toBe(attestationHash(attestation));
    expect(Buffer.from(bytesToSign(attestation)).toString('hex')).toBe(attestationHash(attestation));
  });

  it('has one shape', () => {
    const signed = signedBy(own, 'installation');
    expect(signedShape().parse(structuredClone(signed))).toEqual(signed);
    for (const wrong of [
      { ...signed, more: 1 },
      { ...signed, kind: 'password' },
      { ...signed, key: 'x' },
      { ...signed, signature: signed.signature.toUpperCase() },
      { ...signed, attestation: { ...signed.attestation, nonce: '0' } },
      { ...signed, attestation: { ...signed.attestation, version: 2 } },
      { ...signed, attestation: { ...signed.attestation, purpose: 'anything' } },
    ])
      expect(signedShape().safeParse(wrong).success).toBe(false);
  });
});

describe('a signature', () => {
  it('verifies a vector of RFC 8032 (7.1, test 2): the keys are those of every other implementation', () => {
    const seed = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';
    const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex');
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const x = createPublicKey(privateKey).export({ format: 'jwk' }).x as string;
    expect(Buffer.from(x, 'base64url').toString('hex')).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    );
    expect(codeOf(signedBy({ privateKey, x }, 'ed25519'), ring(line('ada', { x })))).toBeNull();
  });

  it('of the installation counts for whoever has no key of their own', () => {
    const signed = signedBy(own, 'installation');
    expect(codeOf(signed, ring())).toBeNull();
    expect(codeOf(signed, ring(line('bo', bo)))).toBeNull();
    expect(codeOf(signed, ring(line('ada', ada)))).toBe('SIGNATURE_OF_ANOTHER');
    // A key that has ended is no way back.
    expect(codeOf(signed, ring(line('ada', ada, { until: '2026-11-02T00:00:00Z' })))).toBe('SIGNATURE_OF_ANOTHER');
    // What the installation signed before stays signed.
    const before = ring(line('ada', ada, { from: '2026-11-27T13:59:30Z' }));
    expect(faultOfSignature(signed, { operator: 'ada', act }, before)).toBeNull();
  });

  it('that is dated back counts by when it was said or recorded, not by what its sender wrote', () => {
    const [dated, from] = [{ at: '2026-11-27T12:00:00Z' }, '2026-11-27T12:00:01Z'];
    const keyed = ring(line('ada', ada, { from }));
    const ended = ring(line('ada', ada, { until: from }));
    const [installations, adas] = [signedBy(own, 'installation', dated), signedBy(ada, 'ed25519', dated)];
    const onRecord = (signed: Signed, recordedAt: string, keyring: Keyring) =>
      faultOfSignature({ ...signed, recordedAt }, { operator: 'ada', act }, keyring)?.code ?? null;
    expect(codeOf(installations, keyed)).toBe('SIGNATURE_OF_ANOTHER');
    expect(codeOf(adas, ended)).toBe('SIGNATURE_INVALID');
    // Two clocks may differ by five minutes.
    for (const [recordedAt, ofAnother, ofEnded] of [
      ['2026-11-27T12:00:00Z', null, null],
      ['2026-11-27T12:05:00Z', null, null],
      ['2026-11-27T12:05:02Z', 'SIGNATURE_OF_ANOTHER', 'SIGNATURE_INVALID'],
      [NOW, 'SIGNATURE_OF_ANOTHER', 'SIGNATURE_INVALID'],
    ] as const) {
      expect(onRecord(installations, recordedAt, keyed)).toBe(ofAnother);
      expect(onRecord(adas, recordedAt, ended)).toBe(ofEnded);
    }
    // Two names with one person's keys are one person.
    const both = [installations, signedBy(bo, 'ed25519', { operator: 'bo' })].map((one) => ({
      ...one,
      recordedAt: NOW,
    }));
    const rings = ring(line('ada', ada, { from }), line('bo', bo));
    expect(peopleOf(both, act, rings)).toBe(1);
    expect(recordedShape().safeParse(both[0]).success).toBe(true);
    expect(signedShape().safeParse(both[0]).success).toBe(false);
  });

  it('of a person counts in their name, while their key is in force', () => {
    const signed = signedBy(ada, 'ed25519');
    expect(codeOf(signed, ring(line('ada', ada)))).toBeNull();
    expect(codeOf(signed, ring(line('bo', ada)))).toBe('SIGNATURE_OF_ANOTHER');
    expect(codeOf(signed, ring())).toBe('SIGNATURE_INVALID');
    expect(codeOf(signed, ring(line('ada', ada, { from: '2026-11-27T13:59:30Z' })))).toBe('SIGNATURE_INVALID');
    const ended = ring(line('ada', ada, { until: '2026-11-27T13:59:30Z' }));
    expect(codeOf(signed, ended)).toBe('SIGNATURE_INVALID');
    expect(faultOfSignature(signed, { operator: 'ada', act }, ended)).toBeNull();
  });

  it('is missing, of a stranger, of another kind, or of the future', () => {
    expect(codeOf(null, ring())).toBe('SIGNATURE_MISSING');
    expect(codeOf(signedBy(stranger, 'installation'), ring())).toBe('SIGNATURE_INVALID');
    expect(codeOf(signedBy(ada, 'installation'), ring(line('ada', ada)))).toBe('SIGNATURE_INVALID');
    expect(codeOf(signedBy(own, 'ed25519'), ring())).toBe('SIGNATURE_INVALID');
    expect(codeOf(signedBy(ada, 'passkey'), ring(line('ada', ada)))).toBe('SIGNATURE_INVALID');
    expect(codeOf(signedBy(own, 'installation', { at: '2026-11-27T14:05:01Z' }), ring())).toBe('SIGNATURE_INVALID');
    expect(codeOf(signedBy(own, 'installation', { at: '2026-11-27T14:04:59Z' }), ring())).toBeNull();
  });

  it('of what was amended since may be true until a machine with another clock can know, and no longer', () => {
    const after = (...recorded: (string | undefined)[]) =>
      recorded.map((recordedAt) => ({
        ...signedBy(bo, 'ed25519', { operator: 'bo' }),
        ...(recordedAt !== undefined && { recordedAt }),
      }));
    const at = (instant: string) => signedBy(own, 'installation', { at: instant });
    for (const [instant, recorded, holds] of [
      ['2026-11-27T13:00:00Z', ['2026-11-27T13:00:00Z'], true],
      ['2026-11-26T08:00:00Z', ['2026-11-27T13:00:00Z'], true],
      ['2026-11-27T13:05:00Z', ['2026-11-27T13:00:00Z'], true],
      ['2026-11-27T13:05:01Z', ['2026-11-27T13:00:00Z'], false],
      // Countersigned later: it took its place when the first of them was recorded.
      ['2026-11-27T13:05:01Z', ['2026-11-27T14:00:00Z', '2026-11-27T13:00:00Z'], false],
      ['2026-11-27T13:00:00Z', [], false],
      ['2026-11-27T13:00:00Z', [undefined], false],
    ] as const)
      expect([instant, signedWhileInForce(at(instant), after(...recorded))]).toEqual([instant, holds]);
  });

  it('is of one thing, and fits no other', () => {
    const other: Partial<Act>[] = [
      { account: 'second' },
      { tradingDay: '2026-11-26' },
      { purpose: 'amend' },
      { amends: TICKET },
      { ticket: { id: THERE, materialHash: 'a'.repeat(64) } },
      { ticket: { id: TICKET, materialHash: 'c'.repeat(64) } },
      { ticket: null },
    ];
    const signed = signedBy(own, 'installation');
    for (const more of other)
      expect(codeOf(signed, ring(), { act: { ...act, ...more } }), JSON.stringify(more)).toBe('SIGNATURE_OF_ANOTHER');
    expect(codeOf(signed, ring(), { operator: 'bo' })).toBe('SIGNATURE_OF_ANOTHER');
    expect(codeOf(signedBy(own, 'installation', { installation: THERE }), ring())).toBe('SIGNATURE_OF_ANOTHER');
    // One digit of what was sent.
    expect(codeOf(signed, ring(), { act: { ...act, contentHash: `c${'b'.repeat(63)}` } })).toBe('SIGNATURE_INVALID');
  });

  it('of another installation counts where the key file names it, for what is stored and never for what is new', () => {
    const signed = signedBy(stranger, 'installation', { installation: THERE });
    const named = ring(line('*', stranger, { kind: 'installation', host: THERE }));
    expect(faultOfSignature(signed, { operator: 'ada', act }, named)).toBeNull();
    expect(codeOf(signed, named)).toBe('SIGNATURE_OF_ANOTHER');
    expect(faultOfSignature(signed, { operator: 'ada', act }, ring())?.code).toBe('SIGNATURE_OF_ANOTHER');
  });

  it('fails when anything of it is changed: each character of the statement, the key and the signature', () => {
    const signed = signedWithSmallByte();
    const leaves: [string[], string][] = [];
    const walk = (value: unknown, path: string[]): void => {
      if (typeof value === 'string') leaves.push([path, value]);
      else if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    };
    walk(signed, []);
    // Each of them, not a sample: `0e` written `eX` was the same byte to a reader that took what it could.
    const taken = leaves.flatMap(([path, text]) =>
      [...text].flatMap((was, place) =>
        [...'0123456789abcdefXYZ '].flatMap((letter) => {
          if (letter === was) return [];
          const changed = structuredClone(signed);
          let at = changed as unknown as Record<string, unknown>;
          for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
          at[path.at(-1) as string] = text.slice(0, place) + letter + text.slice(place + 1);
          return codeOf(changed, ring()) === null ? [`${path.join('.')} ${place} ${letter}`] : [];
        }),
      ),
    );
    expect(taken).toEqual([]);
  });
});

describe('two people', () => {
  const keyring = ring(line('bo', bo), line('cy', cy));
  const [first, typed] = ['ada', 'dee'].map((operator) => signedBy(own, 'installation', { operator }));
  const third = signedBy(cy, 'ed25519', { operator: 'cy' });
  const second = signedBy(bo, 'ed25519', { operator: 'bo' });
  const row = (...signatures: (Signed | undefined)[]) => ({
    id: '1',
    operator: signatures[0]?.attestation.operator ?? '',
    act,
    signatures: signatures.filter((one) => one !== undefined),
  });

  it('with keys of their own alone; a ticket from before that is decided again as it was', () => {
    const typedAndOwn = row(first, second);
    expect([unproved(typedAndOwn, keyring, 2, false), unproved(typedAndOwn, keyring, 2)]).toEqual([
      null,
      { code: 'SIGNATURE_MISSING', message: 'ada, bo signed it, and 2 people must, each with a key of their own' },
    ]);
    expect(ownSignersOf(typedAndOwn.signatures, act, keyring)).toEqual(['bo']);
  });

  it.each([
    ['two names with keys of their own', [third, second], 2, null],
    // Whoever sits at the machine may have a key of their own besides.
    ['one with a key of their own, and a name typed at the machine', [first, second], 1, 'ada, bo signed it, and 2 '],
    [
      'two names with the key of one machine',
      [first, typed],
      1,
      'ada, dee signed it, and 2 people must, each with a key',
    ],
    ['one name twice', [first, first], 1, 'ada signed it, and 2 people must'],
    ['a third who is one of them by name alone', [first, third, second], 2, null],
  ])('are %s', (_what, signatures, people, why) => {
    expect(peopleOf(row(...signatures).signatures, act, keyring)).toBe(people);
    expect(unproved(row(...signatures), keyring, 2)?.message ?? null).toEqual(
      why === null ? null : expect.stringContaining(why),
    );
    expect(unproved(row(...signatures), keyring, 1)).toBeNull();
  });
});

describe('operators.keys', () => {
  const row = (cells: Partial<Record<string, string>>) =>
    Object.values({
      operator: 'ada',
      kind: 'ed25519',
      public_key: ada.x,
      host: '',
      from: '2026-11-01T00:00:00Z',
      until: '',
      label: "Ada's key file",
      ...cells,
    }).join(',');
  const read = (...rows: string[]) => parseKeys([KEYS_HEADER, ...rows, ''].join('\n'), 'operators.keys');

  it('has a line a key, below its header, with comments between', () => {
    const other = row({ operator: '*', kind: 'installation', public_key: bo.x, host: THERE, label: '' });
    const text = `# Keys of the operators.\n${KEYS_HEADER}\n\n# Ada\n${row({})}\n${other}\n`;
    expect(parseKeys(text, 'operators.keys')).toEqual([
      line('ada', ada, { label: "Ada's key file" }),
      line('*', bo, { kind: 'installation', host: THERE }),
    ]);
    expect(read()).toEqual([]);
    expect(fingerprintOf(ada.x)).toMatch(/^[\da-f]{16}$/);
  });

  it.each([
    [
      'an unknown kind',
      row({ kind: 'rsa' }),
      'operators.keys:2: kind: "rsa": must be installation, ed25519 or passkey',
    ],
    ['a key that is none', row({ public_key: 'abc' }), 'public_key: "abc": must be a public key of ed25519'],
    ['a date without offset', row({ from: '2026-11-01' }), 'from: "2026-11-01": must be a time with offset'],
    [
      'an end before the beginning',
      row({ until: '2026-10-01T00:00:00Z' }),
      'until: "2026-10-01T00:00:00Z": must not be',
    ],
    ['a person as an installation', row({ kind: 'installation', host: THERE }), 'operator: "ada": must be * for'],
    ['an installation as a person', row({ operator: '*' }), 'operator: "*": must be * for'],
    ['a host of a key file', row({ host: 'localhost' }), 'host: "localhost": must be empty'],
    ['no operator', row({ operator: '' }), 'operator: "": must be the name'],
    ['a missing cell', row({}).split(',').slice(0, 6).join(','), 'CSV'],
    ['another header', `more\n${row({})}`, 'CSV'],
  ])('refuses %s', (_, text, says) => {
    const error = refusalOf(() => read(text));
    expect(error).toMatchObject({ kind: 'usage', code: 'KEYS_INVALID' });
    expect(error.message).toContain(says);
  });

  it('ends the key that is meant, whatever labels and comments say', async () => {
    const configDir = mkdtempSync(join(tmpdir(), 'trading-ops-keys-'));
    try {
      const file = join(configDir, 'operators.keys');
      const rows = [
        KEYS_HEADER,
        `# ${ada.x}`,
        '',
        row({ operator: 'bo', public_key: bo.x, label: `"mine, not ${ada.x}"` }),
        `bo,ed25519,${stranger.x},,2026-11-01T00:00:00Z,,ada ${ada.x}`,
        row({ operator: 'ada', public_key: ada.x, label: 'ada' }),
        '',
      ];
      writeFileSync(file, rows.join('\n'));
      await endKey(configDir, fingerprintOf(ada.x), NOW);
      const after = readFileSync(file, 'utf8').split('\n');
      expect(after.filter((text, index) => text !== rows[index])).toEqual([
        `ada,ed25519,${ada.x},,2026-11-01T00:00:00Z,${NOW},ada`,
      ]);
    } finally {
      rmSync(configDir, { recursive: true });
    }
  });

  it('has the key of whoever has a name like a comment, or with blanks and quotes', async () => {
    const configDir = mkdtempSync(join(tmpdir(), 'trading-ops-keys-'));
    try {
      cpSync(join('config', 'demo'), configDir, { recursive: true });
      const policy = join(configDir, 'policy.yml');
      writeFileSync(policy, readFileSync(policy, 'utf8').replace(/^operators:.*$/m, `operators: ['#eve', 'a "b", c']`));
      for (const [operator, key] of [
        ['#eve', ada],
        ['a "b", c', bo],
      ] as const) {
        const offered = [{ operator, kind: 'ed25519' as const, publicKey: key.x, host: null, label: ' #1 ' }];
        const { line: written } = await approveKey(configDir, { fingerprint: fingerprintOf(key.x), offered, now: NOW });
        await endKey(configDir, fingerprintOf(key.x), NOW);
        expect(await keyLines(configDir)).toContainEqual({ ...written, operator, until: NOW });
      }
    } finally {
      rmSync(configDir, { recursive: true });
    }
  });

  it('refuses a key that stands twice, and a header that is another', () => {
    expect(refusalOf(() => read(row({}), row({ operator: 'bo' }))).message).toContain(
      `operators.keys:3: public_key: "${ada.x}": stands already on line 2`,
    );
    expect(refusalOf(() => parseKeys('operator,key\n', 'operators.keys')).message).toContain('header');
  });
});

function refusalOf(work: () => unknown): OpsError {
  try {
    work();
  } catch (error) {
    if (error instanceof OpsError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('what is asked for', () => {
  it('is known by everything that was said', () => {
    const one = actOf({ purpose: 'booking', account: 'main', content: { operation: 'book-cash', amount: '10' } });
    expect(one).toMatchObject({ purpose: 'booking', account: 'main', tradingDay: null, ticket: null, amends: null });
    const other = actOf({ purpose: 'booking', account: 'main', content: { operation: 'book-cash', amount: '11' } });
    expect(other.contentHash).not.toBe(one.contentHash);
  });

  it('of an answer is an amendment where it takes the place of another', () => {
    expect(
      answerAct({
        ticket: { ticketId: TICKET, account: 'm', tradingDay: '2026-11-27', materialHash: '' },
        hash: '',
        amends: THERE,
      }).purpose,
    ).toBe('amend');
  });
});
