import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyBackup, copyRecordOf, pruneCopies } from '../../src/backup/copy.js';
import { copyHeads, headsFile, keepHead } from '../../src/backup/heads.js';
import { openPlace } from '../../src/backup/place.js';
import type { SecondPlace } from '../../src/backup/second-place.js';
import { verifyBackup } from '../../src/backup/verify.js';
import { headLine, type KeptHead } from '../../src/domain/audit/heads.js';
import { manifestName } from '../../src/domain/backup/manifest.js';
import { backupDirectory, writeBackup } from '../support/backups.js';
import { startS3Server, type S3Mood, type S3Server } from '../support/s3-server.js';

const AT = '2026-11-22T22:30:00.000Z';
// More than one piece of every stream, and not a multiple of age's chunk.
const CONTENT = randomBytes(300_001);
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'very-secret-words' };
const none = { s3_endpoint: null, s3_region: 'eu-west-2' };

let directory = '';
let mount = '';
let s3: S3Server;
let file = '';
beforeEach(async () => {
  directory = backupDirectory();
  mount = join(dirname(directory), 'mount');
  mkdirSync(mount);
  s3 = await startS3Server();
  file = writeBackup(directory, AT, CONTENT).file;
});
afterEach(async () => {
  await s3.close();
  rmSync(dirname(directory), { recursive: true, force: true });
});

const bucket = (env: NodeJS.ProcessEnv = KEYS) =>
  openPlace('s3://house/backups', { policy: { s3_endpoint: s3.url, s3_region: 'eu-west-2' }, directory, env });
const copy = async (place: SecondPlace, encryptTo: string[] | null = null) => {
  const order = {
    directory,
    file,
    encryptTo,
    signal: new AbortController().signal,
    now: () => new Date(AT),
    progress: () => undefined,
  };
  return copyBackup(place, order).finally(() => place.close());
};

describe('the second place', () => {
  it('is a directory: dump and manifest arrive byte for byte, readable by their owner alone, and verify there as they do here', async () => {
    const record = await copy(await openPlace(mount, { policy: none, directory, env: {} }));
    expect(record).toMatchObject({ place: mount, encrypted: false, copiedAt: AT });
    expect(readdirSync(mount).toSorted()).toEqual([file, manifestName(file)]);
    expect(statSync(join(mount, file)).mode & 0o777).toBe(0o600);
    expect(await verifyBackup(mount, file)).toMatchObject({ state: 'verified' });
    expect(await copyRecordOf(directory, file)).toEqual(record);
  });

  it('keeps every head of the audit log it was ever given, whatever becomes of those on the machine', async () => {
    const head = (seq: number): KeptHead => ({ seq, hash: String(seq).repeat(64), at: AT, of: `backup ${seq}` });
    const dataDir = dirname(directory);
    const signal = new AbortController().signal;
    for (const open of [() => openPlace(mount, { policy: none, directory, env: {} }), () => bucket()]) {
      rmSync(headsFile(dataDir), { force: true });
      const send = async (): Promise<string> => {
        const place = await open();
        try {
          await copyHeads(dataDir, place, signal);
          return (await place.list()).includes('audit-heads.jsonl')
            ? (await (await place.get('audit-heads.jsonl', signal)).toArray()).map(String).join('')
            : '';
        } finally {
          place.close();
        }
      };
      expect(await send()).toBe('');
      for (const seq of [1, 2]) await keepHead(dataDir, head(seq));
      expect(await send()).toBe(headLine(head(1)) + headLine(head(2)));
      // Cut here, and begun anew.
      writeFileSync(headsFile(dataDir), headLine(head(3)));
      expect(await send()).toBe([1, 2, 3].map((seq) => headLine(head(seq))).join(''));
      rmSync(headsFile(dataDir));
      expect(await send()).toBe([1, 2, 3].map((seq) => headLine(head(seq))).join(''));
    }
  });

  it('is a bucket: the same, by signed requests below the prefix', async () => {
    await copy(await bucket());
    expect([...s3.objects.keys()].toSorted()).toEqual([`house/backups/${file}`, `house/backups/${manifestName(file)}`]);
    expect(s3.objects.get(`house/backups/${file}`)?.equals(CONTENT)).toBe(true);
  });

  it('gets what only the holder of the private key can read', async () => {
    const identity = await generateX25519Identity();
    const record = await copy(await bucket(), [await identityToRecipient(identity)]);
    const stored = s3.objects.get(`house/backups/${file}.age`) as Buffer;
    expect([record.encrypted, stored.length, stored.includes(CONTENT.subarray(0, 32)), s3.objects.size]).toEqual([
      true,
      record.files[0]?.bytes,
      false,
      2,
    ]);
    const [mine, other] = [new Decrypter(), new Decrypter()];
    mine.addIdentity(identity);
    other.addIdentity(await generateX25519Identity());
    expect(Buffer.from(await mine.decrypt(stored)).equals(CONTENT)).toBe(true);
    await expect(other.decrypt(stored)).rejects.toThrow('no identity');
    expect(
      Buffer.from(await mine.decrypt(s3.objects.get(`house/backups/${manifestName(file)}.age`) as Buffer)).toString(),
    ).toBe(readFileSync(join(directory, manifestName(file)), 'utf8'));
  });

  it('is asked once for a backup that is there already', async () => {
    await copy(await bucket());
    const before = s3.requests.length;
    await copy(await bucket());
    expect(s3.requests.length).toBe(before);
  });

  it.each<[S3Mood, RegExp]>([
    ['denied', /AccessDenied, status 403/],
    ['no-bucket', /NoSuchBucket, status 404/],
    ['slow-down', /SlowDown, status 503/],
    ['alters', /reads back with SHA-256 [0-9a-f]{64}, it was written with [0-9a-f]{64}/],
    ['hangs-up', /ECONNRESET|EPIPE|socket hang up/],
  ])(
    'fails when the service is "%s": the words say so and no secret, the local backup stays, no copy is recorded',
    async (mood, why) => {
      s3.mood = mood;
      const error = await copy(await bucket()).then(
        () => null,
        (failure: Error) => failure,
      );
      expect(error).toMatchObject({ code: 'BACKUP_COPY_FAILED', message: expect.stringMatching(why) });
      expect(error?.message).not.toContain(KEYS.AWS_SECRET_ACCESS_KEY);
      expect(await verifyBackup(directory, file)).toMatchObject({ state: 'verified' });
      expect(await copyRecordOf(directory, file)).toBeNull();
      s3.mood = 'well';
      expect(await copy(await bucket())).toMatchObject({ place: 's3://house/backups' });
    },
  );

  it('is refused without keys, where the directory is missing or a file, and where it is that of the backups', async () => {
    writeFileSync(join(mount, 'file'), '');
    const refused = (place: string) =>
      openPlace(place, { policy: none, directory, env: {} }).then(
        () => 'opened',
        (error: Error) => error.message,
      );
    expect(await refused('s3://house/backups')).toMatch('AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set');
    expect(await refused(join(mount, 'not-mounted'))).toMatch(
      'the directory is not there (a mount that is not mounted?)',
    );
    expect(await refused(join(mount, 'file'))).toMatch('it is a file');
    expect(await refused(directory)).toMatch('it is the directory of the backups themselves');
  });

  it.each(['directory', 'bucket'])('keeps what the policy says, unfinished copies apart: %s', async (kind) => {
    const open = () => (kind === 'bucket' ? bucket() : openPlace(mount, { policy: none, directory, env: {} }));
    const files = ['2026-11-18', '2026-11-19', '2026-11-20'].map(
      (day) => writeBackup(directory, `${day}T22:30:00.000Z`).file,
    );
    for (const name of [...files, file]) {
      file = name;
      await copy(await open());
    }
    const lost = manifestName(files[0] as string);
    if (kind === 'bucket') s3.objects.delete(`house/backups/${lost}`);
    else rmSync(join(mount, lost));
    const place = await open();
    expect(await pruneCopies(place, { keep_daily: 1, keep_monthly: 0, keep_verified_min: 2 })).toEqual([files[1]]);
    expect((await place.list()).filter((name) => name.endsWith('.dump')).toSorted()).toEqual([
      files[0],
      files[2],
      file,
    ]);
    place.close();
  });
});
