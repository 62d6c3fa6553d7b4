import { ageText } from '../../domain/backup/proof.js';
import { backupHome } from '../../operations/backup/place.js';
import { outlineBackups } from '../../operations/backup/outline.js';
import { banner, code, link, paragraph, table, toned, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { csvText } from '../../reports/render/csv.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

/** Every backup, by its manifest and its length. */
export async function backupsPage({ place, account: { account } }: Look): Promise<PageContent> {
  const { directory } = backupHome(place);
  const backups = await outlineBackups(directory);
  const newest = backups.find(({ state }) => state === 'verified');
  const head: Block =
    newest === undefined
      ? banner('bad', 'There is no whole backup')
      : banner('good', `The newest is ${ageText(newest.takenAt, place.now())} old`, [code(newest.file)]);
  const rows = backups.map(({ file, state, takenAt, bytes, manifest, copy, problem }) => [
    code(file),
    state === 'verified' ? toned('good', 'whole') : toned('bad', `${state}: ${problem ?? ''}`),
    ukTime(takenAt),
    bytes.toLocaleString('en-GB'),
    manifest?.operator ?? manifest?.reason ?? '',
    copy === null ? 'none' : copy.encrypted ? 'encrypted' : 'not encrypted',
  ]);
  return {
    title: 'Backups',
    here: '/backups',
    command: 'trading-ops backups verify --all',
    main: listMain('Backups', directory, [
      head,
      paragraph([
        link(`/${encodeURIComponent(account)}/backups/now`, 'Back up now'),
        ' · ',
        link(`/${encodeURIComponent(account)}/backups/restore-test`, 'Test a restore'),
      ]),
      ...(rows.length === 0
        ? []
        : [
            paragraph([link('/backups.csv', 'As CSV')]),
            table(['Backup', 'State', 'Taken', 'Bytes#', 'Made by', 'Copy'], rows),
          ]),
      paragraph([
        'A restore into a fresh cluster stops the database that the desk stands on: ',
        code('make restore-fresh-test'),
        ' at a terminal.',
      ]),
      paragraph('Here each is told by its manifest and its length; the command below reads every byte.'),
    ]),
  };
}

/** Every backup as CSV, newest first. */
export async function backupsCsv({ place }: Look): Promise<string> {
  const backups = await outlineBackups(backupHome(place).directory);
  return csvText([
    ['backup', 'state', 'problem', 'taken_at', 'bytes', 'sha256', 'reason', 'operator', 'copy'],
    ...backups.map(({ file, state, problem, takenAt, bytes, manifest, copy }) => [
      file,
      state,
      problem ?? null,
      takenAt,
      bytes,
      manifest?.sha256 ?? null,
      manifest?.reason ?? null,
      manifest?.operator ?? null,
      copy === null ? 'none' : copy.encrypted ? 'encrypted' : 'not encrypted',
    ]),
  ]);
}
