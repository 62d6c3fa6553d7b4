import type { Subject } from './entry.js';

/** Why a backup could not be made, or is not found. */
export const backups: Subject = {
  id: 'backups',
  title: 'Backups that fail',
  saidBy: 'a backup',
  layout: 'table',
  codes: {
    BACKUP_DIRECTORY_UNUSABLE: {
      happened: '`backups/postgres` is a file, read-only, missing, or not yours.',
      remedy: "Make it a directory that the worker's user may write; `make backup`.",
    },
    PG_DUMP_MISSING: {
      happened: "No `pg_dump` of the server's version is on this machine.",
      remedy: 'Install the client package that the message names; `make backup`.',
    },
    BACKUP_DUMP_FAILED: {
      happened: '`pg_dump` failed; its own words stand beside it.',
      check: '`make logs`',
      remedy: 'Do what they say; `make backup`.',
    },
    BACKUP_UNKNOWN: { happened: 'There is no backup of that name.', remedy: 'Take a name from `make backups`.' },
    NO_BACKUP: { happened: 'There is no whole backup at all.', remedy: '`make backup`' },
  },
};

/** What a restore, or its proof, ends with before it comes to a verdict. */
export const restores: Subject = {
  id: 'restores',
  title: 'Restores that stop',
  saidBy: 'a restore',
  layout: 'table',
  codes: {
    WORK_UNDER_WAY: {
      happened: 'A run, a backup, a booking or a step of a day is in the middle of something, which the message names.',
      remedy: 'Wait for it; `make up` when it waits for a worker.',
    },
    RUN_BY_SYSTEMD: {
      happened: 'systemd runs Postgres or the worker, and would start or stop them in the middle.',
      remedy: 'Type the five commands of the message.',
    },
    POSTGRES_IS_EXTERNAL: {
      happened:
        '`DATABASE_URL` names a Postgres of your own, or it runs in a container: its data directory is not ours to move.',
      remedy: '`make restore-test`',
    },
    PRIOR_UNREADABLE: {
      happened: 'The present database does not start.',
      check: '`make logs`',
      remedy: '`make restore-fresh-test -- --lose-newer` to go back to the newest backup all the same.',
    },
    RESTORE_FAILED: {
      happened: 'pg_restore could not read the backup; its own words stand beside it.',
      remedy: 'As for `RESTORE_PROOF_FAILED`: `make backup`, then `make restore-test`.',
    },
    INTERRUPTED: {
      happened: 'Ctrl-C, or the process was told to end; the prior data directory is in its place.',
      remedy: 'Type the command again.',
    },
    RESTORE_UNFINISHED: {
      happened: 'An earlier proof had passed and was cut short in its last steps.',
      remedy: '`make up`, which finishes it.',
    },
    RESTORE_STATE_BAD: {
      happened: 'The file that says how far a proof had come is damaged.',
      remedy: 'Take the steps of the message.',
    },
    SCRATCH_NOT_PERMITTED: {
      happened: "The owner's login may not create databases.",
      remedy: "Run the statement of the message, as that server's superuser.",
    },
  },
};
