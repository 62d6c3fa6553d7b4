import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base64url as toText, bytesOf } from '../../src/domain/base64url.js';
import { actOf } from '../../src/domain/signing/act.js';
import { signedShape, stated, type Signed } from '../../src/domain/signing/attestation.js';
import { KEYS_HEADER, parseKeys, type KeyLine, type Keyring } from '../../src/domain/signing/keys.js';
import { isHostOfPasskeys, originAt } from '../../src/domain/signing/passkey-host.js';
import { faultOfAnswer, readRegistration } from '../../src/domain/signing/passkey.js';
import { bytesToSign, faultOfSignature } from '../../src/domain/signing/verify.js';
import {
  answers,
  base64url,
  newPasskey,
  registers,
  type Otherwise,
  type SoftPasskey,
} from '../support/authenticator.js';

const HOST = 'localhost:8240';
const HERE = '11111111-1111-4111-8111-111111111111';
const NOW = '2026-11-28T14:00:00.000Z';
const passkey = newPasskey(HOST);
const challenge = new Uint8Array(randomBytes(32));

/** Why an answer to the challenge does not count. */
const faultOf = (answer: string, more: Partial<Parameters<typeof faultOfAnswer>[1]> = {}) =>
  faultOfAnswer(answer, { challenge, publicKey: passkey.publicKey, host: HOST, ...more });

/** The same bytes, but for one bit of one of them. */
const changedAt = (at: number) => (bytes: Buffer) => {
  const changed = Buffer.from(bytes);
  changed[at] = (bytes[at] ?? 0) ^ 1;
  return changed;
};

describe('the answer of a passkey', () => {
  it('counts for what was asked, on the page that asked it', () => {
    expect(faultOf(answers(passkey, challenge))).toBeNull();
    const exposed = newPasskey('desk.example.org');
    const answer = answers(exposed, challenge);
    expect(faultOf(answer, { publicKey: exposed.publicKey, host: 'desk.example.org' })).toBeNull();
    // A synchronised key says so; a page may add what it likes to what the browser says.
    expect(faultOf(answers(passkey, challenge, { flags: 0x1d }))).toBeNull();
    expect(faultOf(answers(passkey, challenge, { client: { other_keys: 'do not compare this' } }))).toBeNull();
  });

  it.each<[string, Otherwise, string]>([
    ['to another question', { challenge: new Uint8Array(32) }, 'it answers another question'],
    ['that made a key', { type: 'webauthn.create' }, 'it is no answer to webauthn.get'],
    ['on another port', { origin: 'http://localhost:8241' }, 'another origin than http://localhost:8240'],
    ['with a certificate', { origin: 'https://localhost:8240' }, 'another origin'],
    ['on another site', { origin: 'http://localhost.evil.test:8240' }, 'another origin'],
    ['of another name', { name: 'evil.test' }, 'it belongs to another name than localhost'],
    ['within another page', { client: { crossOrigin: true } }, 'within another page'],
    ['within a page that is named', { client: { topOrigin: 'https://evil.test' } }, 'within another page'],
    ['of nobody', { flags: 0x04 }, 'nobody was there'],
    ['of somebody, not known whom', { flags: 0x01 }, 'did not prove who they are'],
    ['of a copy that cannot be', { flags: 0x15 }, 'its flags contradict each other'],
    ['of nearly the name', { said: changedAt(31) }, 'it belongs to another name than localhost'],
    ['that is short', { said: (bytes) => bytes.subarray(0, 36) }, 'is too short'],
    ['that has no flags', { said: (bytes) => bytes.subarray(0, 32) }, 'is too short'],
  ])('does not count: %s', (_, otherwise, why) => {
    expect(faultOf(answers(passkey, challenge, otherwise))).toContain(why);
  });

  it('of another key does not count, nor under a key that is none', () => {
    const other = newPasskey(HOST);
    expect(faultOf(answers(other, challenge))).toContain('of another key');
    for (const publicKey of ['', 'x', `${'A'.repeat(43)}.${'A'.repeat(43)}`, passkey.publicKey.split('.')[0] ?? ''])
      expect(faultOf(answers(passkey, challenge), { publicKey })).toContain('of another key');
  });

  it('does not count when any byte of any part is another', () => {
    const parts = answers(passkey, challenge)
      .split('.')
      .map((part) => Buffer.from(part, 'base64url'));
    const taken = parts.flatMap((part, index) =>
      [...part.keys()].flatMap((at) =>
        [1, 2, 4, 8, 16, 32, 64, 128].flatMap((bit) => {
          const changed = parts.map((one) => Buffer.from(one));
          (changed[index] as Buffer)[at] = (part[at] ?? 0) ^ bit;
          return faultOf(changed.map(base64url).join('.')) === null ? [`part ${index}, byte ${at}, bit ${bit}`] : [];
        }),
      ),
    );
    expect(taken).toEqual([]);
  });

  it('does not count where the browser says nothing that can be read', () => {
    const [head = '', , signature = ''] = answers(passkey, challenge).split('.');
    for (const client of [
      Buffer.from('null'),
      Buffer.from('1'),
      Buffer.from('{'),
      Buffer.from('{"type":"\xff"}', 'latin1'),
    ])
      expect(faultOf([head, base64url(client), signature].join('.'))).toBe('what the browser says is not JSON');
  });

  it('that is cut, longer or of other bytes does not count, and never throws', () => {
    const whole = answers(passkey, challenge);
    const [head = '', client = '', signature = ''] = whole.split('.');
    for (const answer of [
      '',
      '..',
      'a.b.c',
      `${head}.${client}`,
      `${whole}.`,
      `${head}.${client}.${signature}AA`,
      `${whole}=`,
    ])
      expect(faultOf(answer), answer).not.toBeNull();
    const bytes = fc.uint8Array({ maxLength: 120 }).map(base64url);
    const clients = fc.json().map((text) => base64url(Buffer.from(text)));
    fc.assert(
      fc.property(
        fc.oneof(bytes, fc.constant(head)),
        fc.oneof(bytes, clients, fc.constant(client)),
        bytes,
        (...random) => {
          expect(faultOf(random.join('.'))).not.toBeNull();
        },
      ),
    );
  });
});

describe('a new passkey', () => {
  const read = (registration: string) => readRegistration(registration, { challenge, host: HOST });

  it('is read with its key and what browsers know it by', () => {
    const { publicKey, credentialId } = passkey;
    expect(read(registers(passkey, challenge))).toEqual({ passkey: { publicKey, credentialId } });
  });

  it.each<[string, Otherwise, string]>([
    ['asked for otherwise', { challenge: new Uint8Array(32) }, 'another question'],
    ['that only answers', { type: 'webauthn.get' }, 'no answer to webauthn.create'],
    ['of another page', { origin: 'http://localhost:1' }, 'another origin'],
    ['of another name', { name: '127.0.0.1' }, 'another name'],
    ['without proof of a person', { flags: 0x41 }, 'did not prove who they are'],
    ['without a key', { flags: 0x05 }, 'no key of P-256'],
  ])('is none: %s', (_, otherwise, why) => {
    expect(read(registers(passkey, challenge, otherwise))).toEqual({ fault: expect.stringContaining(why) });
  });

  it('is none where it is cut, or its key is no point', () => {
    const [head = '', client = ''] = registers(passkey, challenge).split('.');
    const bytes = Buffer.from(head, 'base64url');
    for (const length of [0, 36, 37, 54, 60, bytes.length - 1])
      expect(read(`${base64url(bytes.subarray(0, length))}.${client}`), String(length)).toHaveProperty('fault');
    // An id may be as long as the standard lets it be; what an extension adds stands behind the key.
    const long = { ...passkey, credentialId: base64url(randomBytes(600)) };
    expect(read(registers(long, challenge))).toMatchObject({ passkey: { credentialId: long.credentialId } });
    const more = { said: (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('a0', 'hex')]), flags: 0xc5 };
    expect(read(registers(passkey, challenge, more))).toMatchObject({ passkey: { publicKey: passkey.publicKey } });
    const none = { fault: 'it holds no key of P-256 (ES256)' };
    expect(read(registers({ ...passkey, credentialId: '' }, challenge))).toEqual(none);
    const key = 37 + 16 + 2 + 16;
    for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 42, 43, 44])
      expect([at, read(registers(passkey, challenge, { said: changedAt(key + at) }))]).toEqual([at, none]);
    const off = {
      ...passkey,
      publicKey: `${base64url(new Uint8Array(32).fill(1))}.${passkey.publicKey.split('.')[1]}`,
    };
    expect(read(registers(off, challenge))).toEqual({ fault: 'it holds no key of P-256 (ES256)' });
  });
});

describe('a statement that a passkey signed', () => {
  const act = actOf({ purpose: 'ruling', account: null, content: { ruling: 'genuine' } });
  const attestation = stated(act, { installation: HERE, operator: 'ada', nonce: '0'.repeat(32), at: NOW });
  const signedBy = (by: SoftPasskey, otherwise: Otherwise = {}): Signed => ({
    attestation,
    kind: 'passkey',
    key: by.publicKey,
    signature: answers(by, bytesToSign(attestation), otherwise),
  });
  const line = (more: Partial<KeyLine> = {}): KeyLine => ({
    operator: 'ada',
    kind: 'passkey',
    publicKey: passkey.publicKey,
    host: HOST,
    from: '2026-11-01T00:00:00Z',
    until: null,
    label: '',
    ...more,
  });
  const own = { installation: HERE, publicKey: 'A'.repeat(43) };
  const codeOf = (signed: Signed, ...lines: KeyLine[]) =>
    faultOfSignature(signed, { operator: 'ada', act, at: NOW }, { own, lines } satisfies Keyring)?.code ?? null;

  it('counts in the name of whoever has the key, at the host of its line, while it is in force', () => {
    const signed = signedBy(passkey);
    expect(signedShape().parse(structuredClone(signed))).toEqual(signed);
    expect(codeOf(signed, line())).toBeNull();
    expect(codeOf(signed)).toBe('SIGNATURE_INVALID');
    expect(codeOf(signed, line({ host: 'localhost:8241' }))).toBe('SIGNATURE_INVALID');
    expect(codeOf(signed, line({ operator: 'bo' }))).toBe('SIGNATURE_OF_ANOTHER');
    expect(codeOf(signed, line({ until: '2026-11-28T13:00:00Z' }))).toBe('SIGNATURE_INVALID');
    expect(codeOf(signedBy(passkey, { flags: 0x01 }), line())).toBe('SIGNATURE_INVALID');
    expect(codeOf({ ...signed, kind: 'ed25519' }, line())).toBe('SIGNATURE_INVALID');
  });

  it('has one shape', () => {
    const signed = signedBy(passkey);
    const [x = ''] = passkey.publicKey.split('.');
    for (const wrong of [
      { ...signed, key: x },
      { ...signed, key: `${passkey.publicKey}.${x}` },
      { ...signed, kind: 'ed25519' },
      { ...signed, signature: '0'.repeat(128) },
      { ...signed, signature: `${signed.signature}=` },
      { ...signed, signature: `${signed.signature}.AA` },
      { ...signed, signature: `${'A'.repeat(4_096)}.AA.AA` },
    ])
      expect(signedShape().safeParse(wrong).success, JSON.stringify(wrong).slice(-80)).toBe(false);
  });

  it('fails when any letter of the statement, the key or the answer is another', () => {
    const signed = signedBy(passkey);
    const text = JSON.stringify(signed);
    const values = [...text.matchAll(/:"([^"]*)"|:null/g)];
    const taken = values.flatMap(({ 0: whole, index }) =>
      whole.startsWith(':"')
        ? whole
            .slice(2, -1)
            .split('')
            .flatMap((was, place) =>
              [...'0eAQ_-.'].flatMap((letter) => {
                if (letter === was) return [];
                const at = index + 2 + place;
                const changed = JSON.parse(text.slice(0, at) + letter + text.slice(at + 1)) as Signed;
                return codeOf(changed, line()) === null ? [text.slice(at - 10, at + 1)] : [];
              }),
            )
        : [],
    );
    expect(taken).toEqual([]);
  });

  it('has its key in a line of operators.keys, with the host that it belongs to', () => {
    const row = (host: string, key = passkey.publicKey) => `ada,passkey,${key},${host},2026-11-01T00:00:00Z,,laptop`;
    const read = (text: string) => parseKeys(`${KEYS_HEADER}\n${text}\n`, 'operators.keys');
    expect(read(row(HOST))).toEqual([line({ label: 'laptop' })]);
    expect(() => read(row(''))).toThrow('operators.keys:2: host: "": must be the host that the passkey belongs to');
    expect(() => read(row('https://localhost'))).toThrow('must be the host that the passkey belongs to');
    expect(() => read(row(HOST, 'x.y'))).toThrow('must be a public key of P-256: x.y');
  });
});

describe('bytes as text', () => {
  it('are those of every other implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url');
        expect(toText(bytes)).toBe(text);
        expect(bytesOf(text)).toEqual(bytes);
      }),
    );
  });
});

describe('a host of passkeys', () => {
  it.each(['localhost', 'localhost:8240', 'desk.example.org', 'desk.example.org:8443', 'a1', 'xn--bcher-kva.example'])(
    'is %s',
    (host) => {
      expect(isHostOfPasskeys(host)).toBe(true);
      expect(new URL(originAt(host)).origin).toBe(originAt(host));
    },
  );

  it.each([
    '',
    '127.0.0.1',
    '127.0.0.1:8240',
    '10.1',
    '[::1]',
    'localhost:80',
    'desk.example.org:443',
    'desk.example.org:0',
    'desk.example.org:65536',
    'Desk.example.org',
    'desk.example.org/x',
    '-desk.example.org',
    'desk..example.org',
    'desk.example.org.',
    'user@desk.example.org',
  ])('is not %s', (host) => expect(isHostOfPasskeys(host)).toBe(false));
});

describe('another implementation', () => {
  const expected = { expectedOrigin: `http://${HOST}`, expectedRPID: 'localhost' } as const;
  const asked = { expectedChallenge: base64url(challenge), requireUserVerification: true } as const;
  const [x = '', y = ''] = passkey.publicKey.split('.');
  const cose = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    Buffer.from(x, 'base64url'),
    Buffer.from('225820', 'hex'),
    Buffer.from(y, 'base64url'),
  ]);

  /** Whether the library takes an answer. */
  async function takes(answer: string): Promise<boolean> {
    const [authenticatorData = '', clientDataJSON = '', signature = ''] = answer.split('.');
    const { credentialId: id } = passkey;
    try {
      const { verified } = await verifyAuthenticationResponse({
        ...expected,
        ...asked,
        response: {
          id,
          rawId: id,
          type: 'public-key',
          clientExtensionResults: {},
          response: { authenticatorData, clientDataJSON, signature },
        },
        credential: { id, publicKey: new Uint8Array(cose), counter: 0 },
      });
      return verified;
    } catch {
      return false;
    }
  }

  it.each<[string, Otherwise]>([
    ['as it should be', {}],
    ['a synchronised key', { flags: 0x1d }],
    ['another question', { challenge: new Uint8Array(32) }],
    ['another kind', { type: 'webauthn.create' }],
    ['another origin', { origin: 'http://localhost:8241' }],
    ['another name', { name: 'evil.test' }],
    ['nobody there', { flags: 0x04 }],
    ['nobody known', { flags: 0x01 }],
    ['flags that contradict each other', { flags: 0x15 }],
  ])('says the same of an answer: %s', async (_, otherwise) => {
    const answer = answers(passkey, challenge, otherwise);
    expect(faultOf(answer) === null).toBe(await takes(answer));
  });

  it('says the same of an answer with any byte changed', async () => {
    const parts = answers(passkey, challenge)
      .split('.')
      .map((part) => Buffer.from(part, 'base64url'));
    for (const [index, part] of parts.entries())
      for (let at = index; at < part.length; at += 9) {
        const changed = parts.map((one) => Buffer.from(one));
        (changed[index] as Buffer)[at] = (part[at] ?? 0) ^ 1;
        const answer = changed.map(base64url).join('.');
        expect([index, at, faultOf(answer) === null]).toEqual([index, at, await takes(answer)]);
      }
  });

  it('reads the same key and the same name of a new passkey', async () => {
    const [authenticatorData = '', clientDataJSON = ''] = registers(passkey, challenge).split('.');
    const bytes = Buffer.from(authenticatorData, 'base64url');
    const head = Buffer.from('a363666d74646e6f6e656761747453746d74a06861757468446174615900', 'hex');
    const attestationObject = base64url(Buffer.concat([head, Buffer.from([bytes.length]), bytes]));
    const { credentialId: id } = passkey;
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      ...expected,
      ...asked,
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON, attestationObject },
      },
    });
    expect(verified).toBe(true);
    expect(registrationInfo?.credential.id).toBe(id);
    expect(Buffer.from(registrationInfo?.credential.publicKey ?? []).equals(cose)).toBe(true);
  });
});
