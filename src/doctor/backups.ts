import { dumpNames, newestVerified } from '../backup/verify.js';
import { backupPolicyOf } from '../domain/policy-backup.js';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { fail, ok, warn, type Check } from './finding.js';

const HOUR_MS = 3_600_000;

const newest: Check = {
  name: 'backup', expected: 'the newest whole one no older than the policy allows',
  async examine(patient) {
    const { max_age_hours } = backupPolicyOf(await patient.policy());
    const directory = patient.paths.backups;
    const [backup, names] = await Promise.all([newestVerified(directory), dumpNames(directory)]);
    if (!backup) return fail(names.length === 0 ? 'none' : `none of ${names.length} is whole`, 'make backup');
    const hours = (patient.now().getTime() - Date.parse(backup.takenAt)) / HOUR_MS;
    const found = `${backup.file}, ${hours.toFixed(1)} hours old`;
    if (hours > max_age_hours) return fail(`${found}, at most ${max_age_hours}`, 'make backup; then see why the last ones are missing: trading-ops alerts-last');
    return names[0] === backup.file ? ok(found) : warn(`${found}; ${names.indexOf(backup.file)} newer not whole`, 'trading-ops backups verify --all');
  },
};

const secondPlace: Check = {
  name: 'backup copies', expected: 'a second place for backups, within reach',
  async examine(patient) {
    const { copy_to } = backupPolicyOf(await patient.policy());
    if (copy_to === null) return warn('none: a broken disk takes the backups with it', 'set backup.copy_to in policy.yml');
    if (copy_to.startsWith('s3://')) return ok(copy_to);
    const refused = await access(copy_to, constants.R_OK | constants.W_OK).then(() => null, (error: NodeJS.ErrnoException) => error.code ?? error.message);
    return refused === null ? ok(copy_to) : fail(`${copy_to}: ${refused}`, 'mount it, or make it writable for the worker\'s user');
  },
};

export const backupChecks: Check[] = [newest, secondPlace];
