import { execa } from 'execa';
import { statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dumpPrograms } from '../../src/backup/programs.js';
import { newestVerified } from '../../src/backup/verify.js';
import { manifestText, sealManifest } from '../../src/domain/backup/manifest.js';
import { installationPaths } from '../../src/runtime/paths.js';
import type { BackupReply } from '../../src/contract/backup.js';
import type { Installation } from '../support/stack.js';
import { driveDay, MONDAY, withSeat } from '../support/day.js';

const directoryOf = ({ dataDir }: Installation) => installationPaths(dataDir).backups;

describe('make backup', () => {
  it('by the worker: dumped, verified, recorded, with rows and totals of the same snapshot; mode 0600 in 0700', async () => {
    await withSeat({}, async (seat, installation) => {
      await driveDay(seat);
      const directory = directoryOf(installation);
      // A process of its own: the rights asserted below are the worker's doing, not those of a command beside it in
      // this process.
      const made = await seat.cliApart(['backup']);
      expect(made.stderr).toMatch(/^Backing up the database(\nBacking up the database: .*)*$/);
      expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^BACKUP_DONE: .*\.dump\n/) });
      const newest = await newestVerified(directory);
      expect(newest).not.toBeNull();
      expect([
        statSync(directory).mode & 0o777,
        statSync(newest!.path).mode & 0o777,
        statSync(`${newest!.path}.manifest.json`).mode & 0o777,
      ]).toEqual([0o700, 0o600, 0o600]);
      const rows = Number((await seat.db('bars').count({ n: '*' }))[0]!.n);
      expect(newest!.manifest.figures.tables.find(({ name }) => name === 'public.bars')).toEqual({
        name: 'public.bars',
        rows,
      });
      expect(newest!.manifest.figures.ledger).toContainEqual({
        account: 'main',
        book: 'ledger',
        ledgerAccount: 'Equity:Opening',
        commodity: 'USD',
        total: '-10000.000000',
      });
      expect(newest!.manifest.figures.tables.filter(({ name }) => name.startsWith('desk.'))).toEqual([]);
      const { stdout: listed } = await execa((await dumpPrograms(0)).pgRestore, ['--list', newest!.path]);
      expect(listed).toMatch(/ TABLE desk sessions /);
      expect(listed, 'no session comes back').not.toMatch(/TABLE DATA desk /);
      expect(await seat.db('backups').pluck('file')).toEqual([newest!.file]);
      expect(await seat.db('audit_log').where({ action: 'backup.made' }).pluck('subject')).toEqual([newest!.file]);
      const direct = await seat.cli(['backup', '--direct', '--json']);
      expect(direct.code).toBe(0);
      expect(JSON.parse(direct.stdout)).toMatchObject({ reused: false, verified: 2, deleted: [], damaged: [] });
      expect(await seat.cli(['backups', 'verify', '--all'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("2 of 2 compared with the database's own record."),
      });

      // Whoever edits a manifest and makes its hash fit is found by the database, which knows the one that was made.
      const { manifestSha256: _, ...content } = newest!.manifest;
      writeFileSync(`${newest!.path}.manifest.json`, manifestText(sealManifest({ ...content, operator: 'nobody' })));
      const forged = await seat.cli(['backups', 'verify', newest!.file]);
      expect(forged).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(
          /^BACKUP_DAMAGED\n.*its manifest was written anew: its hash is [0-9a-f]{64}, the database recorded/,
        ),
      });
    });
  });

  it('at the close of a day, by a workflow of its own that the day does not wait for', async () => {
    await withSeat({ backUpAtClose: true }, async (seat, installation) => {
      await driveDay(seat);
      const made = (await seat.client.workflow
        .getHandle(`database-backup/close/main/${MONDAY}`)
        .result()) as BackupReply;
      const newest = await newestVerified(directoryOf(installation));
      expect([made.file, newest?.manifest.reason]).toEqual([newest?.file, 'close-out']);
      const events = newest?.manifest.figures.tables.find(({ name }) => name === 'public.day_events');
      expect(events?.rows).toBe(2);
    });
  });
});
