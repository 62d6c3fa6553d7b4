import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import {
  dumpName,
  manifestName,
  manifestText,
  readManifest,
  sealManifest,
  type ManifestBody,
} from '../../src/domain/backup/manifest.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { installationPaths } from '../../src/runtime/paths.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { databaseUrl, readRecord } from '../../src/runtime/record.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import { driveDay, MONDAY, withSeat, type TestSeat } from '../support/day.js';
import { startWorkerProcess, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const TEST_MAX_MS = 180_000;
const NEWER = '2030-01-01T00:00:00.000Z';

const backupsOf = ({ dataDir }: Installation) => installationPaths(dataDir).backups;
const newestDump = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.dump'))
    .toSorted()
    .at(-1) as string;

/** A second backup of the same dump whose manifest, whole and sealed, says something else of the database. */
function disguised(directory: string, change: (body: ManifestBody) => ManifestBody): string {
  const dump = newestDump(directory);
  const { manifest } = readManifest(readFileSync(join(directory, manifestName(dump)), 'utf8'), dump);
  if (!manifest) throw new Error(`${dump} has no manifest`);
  const { manifestSha256: _, ...body } = manifest;
  const file = dumpName(NEWER);
  copyFileSync(join(directory, dump), join(directory, file));
  writeFileSync(
    join(directory, manifestName(file)),
    manifestText(sealManifest(change({ ...body, file, takenAt: NEWER }))),
  );
  return file;
}

const rowsPlusOne =
  (table: string) =>
  (body: ManifestBody): ManifestBody => ({
    ...body,
    figures: {
      ...body.figures,
      tables: body.figures.tables.map((known) => (known.name === table ? { ...known, rows: known.rows + 1 } : known)),
    },
  });

/** Names of the scratch databases that restore tests of this installation have left. */
const scratchOf = ({ settings }: Installation) => {
  const { ownerDatabaseUrl } = resolveAddresses(settings);
  const database = decodeURIComponent(new URL(ownerDatabaseUrl).pathname.slice(1));
  return withClient(ownerDatabaseUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "select datname from pg_database where starts_with(datname, $1) and datname like '%\\_restore\\_%'",
      [database.slice(0, 40)],
    );
    return rows.map(({ datname }) => datname);
  });
};

/** Everything but what the test itself records. */
async function facts(seat: TestSeat): Promise<Record<string, string>> {
  const {
    restore_proofs: _proofs,
    audit_log: _log,
    fact_digests: _digests,
    alerts: _alerts,
    ...rest
  } = await fingerprint(seat.db);
  return rest;
}

describe('restore-test', { timeout: TEST_MAX_MS }, () => {
  it('restores a real day into a scratch database, finds it the same, records it and leaves nothing', () =>
    withSeat({}, async (seat, installation) => {
      await driveDay(seat);
      expect(await seat.cli(['backup'])).toMatchObject({ code: 0 });
      const before = await facts(seat);
      const answer = await seat.cli(['restore-test', '--json']);
      expect(answer, answer.stderr).toMatchObject({ code: 0 });
      const proof = JSON.parse(answer.stdout) as {
        passed: boolean;
        expected: { tables: { name: string; rows: number }[]; ledger: object[] };
        found: object;
        files: string[];
        proofId: string;
      };
      expect(proof).toMatchObject({
        kind: 'SCRATCH',
        passed: true,
        operator: 'demo',
        problems: [],
        found: proof.expected,
      });
      expect(proof.expected.tables.find(({ name }) => name === 'public.fills')?.rows).toBeGreaterThan(0);
      expect(proof.expected.ledger.length).toBeGreaterThan(3);
      expect(await facts(seat)).toEqual(before);
      expect(await scratchOf(installation)).toEqual([]);
      const [row] = await seat.db('restore_proofs');
      expect(row).toMatchObject({
        proof_id: proof.proofId,
        kind: 'SCRATCH',
        passed: true,
        file: newestDump(backupsOf(installation)),
        report_path: proof.files[0],
      });
      expect(await seat.db('audit_log').where({ action: 'restore.proved' }).pluck('actor')).toEqual(['demo']);
      const report = readFileSync(join(installation.dataDir, proof.files[0] as string), 'utf8');
      expect(report).toContain('RESTORE_TEST_PASS');
      for (const { name, rows } of proof.expected.tables) expect(report).toContain(`| ${name} | ${rows} | ${rows} |`);
      expect(report).toMatch(/main \(ledger\): Assets:Cash, USD \| (\S+) \| \1 \|/);
      await expect(seat.db('restore_proofs' as string).update({ passed: false })).rejects.toThrow(
        /append-only|permission denied/,
      );
    }));

  it.each([
    [
      'rows of a table',
      rowsPlusOne('public.fills'),
      /rows of public\.fills: 3 in the backup, 2 restored|rows of public\.fills: 2 in the backup, 1 restored/,
    ],
    [
      'a total of the ledger',
      (body: ManifestBody): ManifestBody => ({
        ...body,
        figures: {
          ...body.figures,
          ledger: body.figures.ledger.map((line, index) => (index === 0 ? { ...line, total: '1.00' } : line)),
        },
      }),
      /main ledger \S+ \S+: 1\.00 in the backup, \S+ restored/,
    ],
    [
      'the audit log',
      (body: ManifestBody): ManifestBody => ({
        ...body,
        figures: { ...body.figures, audit: { records: body.figures.audit?.records ?? 0, head: 'f'.repeat(64) } },
      }),
      /audit head: f{64} in the backup/,
    ],
  ])('%s that differ: FAIL with exit 2, an alert, and the next good one recovers it', (_what, change, said) =>
    withSeat({}, async (seat, installation) => {
      await driveDay(seat);
      await seat.cli(['backup']);
      const good = newestDump(backupsOf(installation));
      const file = disguised(backupsOf(installation), change);
      const answer = await seat.cli(['restore-test']);
      expect(answer, answer.stderr).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(new RegExp(`^RESTORE_TEST_FAIL: ${file}`)),
      });
      expect(answer.stdout).toMatch(said);
      expect(await seat.db('alerts').where({ code: 'RESTORE_PROOF_FAILED' }).pluck('message')).toEqual([
        expect.stringMatching(said),
      ]);
      expect(await seat.db('restore_proofs').pluck('passed')).toEqual([false]);
      expect(await scratchOf(installation)).toEqual([]);
      expect(await seat.cli(['restore-test', '--file', good])).toMatchObject({ code: 0 });
      const failures = seat.db('alerts').where({ code: 'RESTORE_PROOF_FAILED' }).select('alert_id');
      expect(await seat.db('alert_events').where({ kind: 'RECOVERED' }).whereIn('alert_id', failures)).toHaveLength(1);
    }),
  );

  it("an audit record altered in the dump's database is found by the chain, also when the manifest agrees", () =>
    withSeat({}, async (seat, installation) => {
      await driveDay(seat);
      const record = readRecord(join(inject('servers').root, 'shared'));
      if (!record) throw new Error('the shared servers have no record');
      const name = new URL(installation.settings.databaseUrl ?? '').pathname.slice(1);
      await withClient(databaseUrl(record, 'superuser', name), async (client) => {
        await client.query('alter table audit_log disable trigger user');
        await client.query(`update audit_log set actor = 'mallory' where seq = 2`);
        await client.query('alter table audit_log enable trigger user');
      });
      await seat.cli(['backup']);
      expect(await seat.cli(['restore-test'])).toMatchObject({
        code: 2,
        stdout: expect.stringContaining('audit record 2: was altered'),
      });
    }));

  it('refuses a damaged file, an unknown one, and an empty directory, and passes over a damaged newest one', () =>
    withSeat({}, async (seat, installation) => {
      expect(await seat.cli(['restore-test'])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^NO_BACKUP: /),
      });
      await seat.cli(['backup']);
      const good = newestDump(backupsOf(installation));
      const bad = disguised(backupsOf(installation), (body) => body);
      const bytes = readFileSync(join(backupsOf(installation), bad));
      bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
      writeFileSync(join(backupsOf(installation), bad), bytes);
      expect(await seat.cli(['restore-test', '--file', bad])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^BACKUP_DAMAGED: .*it was altered/),
      });
      expect(await seat.cli(['restore-test', '--file', 'nothing.dump'])).toMatchObject({
        code: 64,
        stderr: expect.stringMatching(/^BACKUP_UNKNOWN: file: nothing\.dump: /),
      });
      expect(await seat.cli(['restore-test'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`RESTORE_TEST_PASS: ${good}`),
      });
      expect(await seat.db('alerts').where({ code: 'RESTORE_PROOF_FAILED' })).toEqual([]);
      expect(await scratchOf(installation)).toEqual([]);
      // The same old dump by a new name, its manifest sealed anew: every byte verifies, and so does every row.
      for (const name of [bad, manifestName(bad)]) rmSync(join(backupsOf(installation), name));
      const resealed = disguised(backupsOf(installation), (body) => body);
      expect(await seat.cli(['backups', 'verify', resealed])).toMatchObject({ code: 0 });
      const old = 'it is older than its name says: audit record ';
      expect(await seat.cli(['restore-test'])).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(
          new RegExp(`^RESTORE_TEST_FAIL: ${resealed}(.*\\n)*.*${old}\\d+ was written before 2030`),
        ),
      });
      const { findings } = JSON.parse((await seat.cli(['doctor', '--json'])).stdout) as {
        findings: { name: string; status: string; found: string }[];
      };
      expect(findings.find(({ name }) => name === 'backup')).toMatchObject({
        status: 'fail',
        found: expect.stringMatching(new RegExp(`^${resealed}, .*${old}\\d+`)),
      });
    }));

  it('an owner who may not create databases: refused with the statement that allows it, and no alert', () =>
    withSeat({ worker: false }, async (seat, installation) => {
      await startWorkerProcess(installation, { DATABASE_OWNER_URL: installation.settings.databaseUrl });
      expect(await seat.cli(['backup'])).toMatchObject({ code: 0 });
      expect(await seat.cli(['restore-test'])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /^SCRATCH_NOT_PERMITTED: the role trading_ops_app may not create databases.*\nNext: .*ALTER ROLE trading_ops_app CREATEDB/,
        ),
      });
      expect(await seat.db('alerts').where({ code: 'RESTORE_PROOF_FAILED' })).toEqual([]);
    }));

  it('a worker killed in the middle: the next one begins anew, ends with PASS, and no scratch database is left', () =>
    withSeat({ worker: false }, async (seat, installation) => {
      const first = await startWorkerProcess(installation);
      await driveDay(seat, MONDAY);
      await seat.cli(['backup']);
      const asked = seat.cliApart(['restore-test'], { timeoutMs: 120_000 });
      expect(await waitUntil(async () => (await scratchOf(installation)).length > 0, 60_000, 5)).toBe(true);
      await first.kill();
      await startWorkerProcess(installation);
      expect(await asked).toMatchObject({ code: 0, stdout: expect.stringContaining('RESTORE_TEST_PASS') });
      expect(await scratchOf(installation)).toEqual([]);
      expect(await seat.db('restore_proofs').pluck('passed')).toEqual([true]);
    }));
});
