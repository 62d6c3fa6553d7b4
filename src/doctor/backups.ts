import { copyRecordOf } from '../backup/copy.js';
import { knownAgainst } from '../operations/backup/check-record.js';
import { dumpNames, newestVerified } from '../backup/verify.js';
import { newestKnownProof } from '../operations/backup/known-proof.js';
import { backupPolicyOf } from '../domain/policy/backup.js';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { fail, ok, warn, type Check, type Verdict } from './finding.js';

const HOUR_MS = 3_600_000;

const newest: Check = {
  name: 'backup',
  expected: 'the newest whole one no older than the policy allows',
  async examine(patient) {
    const { max_age_hours } = backupPolicyOf(await patient.policy());
    const directory = patient.paths.backups;
    const [backup, names] = await Promise.all([newestVerified(directory), dumpNames(directory)]);
    if (!backup) return fail(names.length === 0 ? 'none' : `none of ${names.length} is whole`, 'make backup');
    const hours = (patient.now().getTime() - Date.parse(backup.takenAt)) / HOUR_MS;
    const found = `${backup.file}, ${hours.toFixed(1)} hours old`;
    const db = await patient.db().catch(() => null);
    const against = db && (await knownAgainst(db, backup));
    if (against) return fail(`${found}: ${against}`, 'make backup; and find out who put this one there');
    if (hours > max_age_hours)
      return fail(
        `${found}, at most ${max_age_hours}`,
        'make backup; then see why the last ones are missing: trading-ops alerts-last',
      );
    return names[0] === backup.file
      ? ok(found)
      : warn(`${found}; ${names.indexOf(backup.file)} newer not whole`, 'trading-ops backups verify --all');
  },
};

const secondPlace: Check = {
  name: 'backup copies',
  expected: 'a second place, within reach, with a copy of a fresh backup',
  async examine(patient) {
    const { copy_to, max_age_hours } = backupPolicyOf(await patient.policy());
    if (copy_to === null)
      return warn('none: a broken disk takes the backups with it', 'set backup.copy_to in policy.yml');
    const copied = await copyVerdict(patient.paths.backups, copy_to, max_age_hours, patient.now());
    if (copied.status !== 'ok' || copy_to.startsWith('s3://')) return copied;
    const refused = await access(copy_to, constants.R_OK | constants.W_OK).then(
      () => null,
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    return refused === null
      ? copied
      : fail(`${copy_to}: ${refused}`, "mount it, or make it writable for the worker's user");
  },
};

/** How old the newest copy is that was read back and found the same; the record of it lies beside the dump. */
async function copyVerdict(directory: string, place: string, hoursMax: number, now: Date): Promise<Verdict> {
  for (const file of await dumpNames(directory)) {
    const record = await copyRecordOf(directory, file);
    if (record === null) continue;
    const hours = (now.getTime() - Date.parse(record.copiedAt)) / HOUR_MS;
    const found = `${place}: ${file}, copied ${hours.toFixed(1)} hours ago`;
    return hours <= hoursMax ? ok(found) : fail(found, 'make backup, and see why copies fail: trading-ops alerts-last');
  }
  return fail(`${place}: no backup has a copy there yet`, 'make backup');
}

const PROOF_MAX_DAYS = 31;

const proof: Check = {
  name: 'restore proof',
  expected: `a backup was restored and compared within ${PROOF_MAX_DAYS} days, with its report beside the data`,
  async examine(patient) {
    const place = { db: await patient.db(), dataDir: patient.settings.dataDir };
    const newestProof = await newestKnownProof(place, patient.paths.backups);
    if (!newestProof) return warn('never: no backup is known to restore', 'make restore-test');
    const days = (patient.now().getTime() - Date.parse(newestProof.finishedAt)) / HOUR_MS / 24;
    const { file, report } = newestProof;
    if (report === null)
      return warn(`${file} by a row of the database alone: no report of it lies beside the data`, 'make restore-test');
    const found = `${file}, ${days.toFixed(0)} days ago, by ${report}`;
    return days <= PROOF_MAX_DAYS ? ok(found) : warn(found, 'make restore-test');
  },
};

export const backupChecks: Check[] = [newest, secondPlace, proof];
