import type { Subject } from './entry.js';

/** Services that are away, and files that could not be written. */
export const services: Subject = {
  id: 'services',
  title: 'Services',
  saidBy: 'a service that is away or broken',
  layout: 'sections',
  codes: {
    POSTGRES_DOWN: {
      happened: 'Postgres does not answer. A run under way waits and goes on by itself when it is back.',
      check:
        'Is a restore under way (`make restore-fresh-test`)? Then it says so: wait for its end. If it does not ' +
        'start: `POSTGRES_DID_NOT_START`.',
      remedy: '`make up`',
    },
    DATABASE_LOCKED: {
      happened:
        'Another session holds what this needs. One that does nothing is ended by the server after twenty seconds.',
      check: 'Is a process of ours stopped? `ps -o pid,stat,cmd` shows a `T`.',
      remedy: 'Type it again. The kill switch does not wait: `make kill-switch`.',
    },
    DATABASE_SLOW: {
      happened: 'Postgres took longer over a statement than anything of ours takes.',
      check: 'What else the machine and its disk are busy with.',
      remedy: 'Type it again; where it lasts, `make logs`.',
    },
    KILL_SWITCH_NOT_KEPT: {
      happened: 'Neither Postgres nor a file beside the data took the kill switch: it is **not** engaged.',
      check: 'The disk of the data directory: room, rights.',
      remedy: 'Trade by no ticket. Free some space, then engage it again.',
    },
    KILL_SWITCH_NOT_STORED: {
      happened:
        'Postgres took the turn of the kill switch, and it does not stand like that: somebody else writes there.',
      check: '`make kill-switch -- status`, and `trading-ops audit verify` for who else writes the database.',
      remedy: 'Trade by no ticket before you know. Engaging it left a file that stops the worker.',
    },
    TEMPORAL_DOWN: {
      happened: 'The Temporal server does not answer.',
      check: 'If its file is damaged, see [the runbook](RUNBOOK.md#when-something-is-down).',
      remedy: '`make up`',
    },
    WORKER_DOWN: {
      happened:
        'No worker takes up work. A run was not started. A reconciliation or confirmation was **kept** and is handled when a worker returns.',
      remedy: '`make up`, then `make day` to see what came of it.',
      more: 'Do not send it twice out of worry; the same confirmation twice is harmless, too.',
    },
    DATABASE_FOREIGN: {
      happened: 'The database holds tables, and none of this program: it is not migrated.',
      check: '`DATABASE_URL`, `DATABASE_OWNER_URL`: a database of another program?',
      remedy: 'Name one of its own.',
    },
    POSTGRES_FOREIGN: {
      happened: "Another Postgres than this data directory's answers on its port: it is not migrated.",
      check: '`make status` says which port; `make doctor` who listens there.',
      remedy: '`make up`',
    },
    SCHEMA_MISSING: {
      happened: 'The database has no tables yet, or not those of this version: nothing can be proved by them.',
      remedy: '`make migrate`; where the database is newer than the program, update the checkout.',
    },
    NOT_STARTED: {
      happened: 'The data directory was never started.',
      check: 'Is `TRADING_OPS_DATA` right?',
      remedy: '`make up`',
    },
    DISK_FULL: {
      happened:
        'Less than 300 MB are free, or a file or Postgres could not write. What was decided and booked is safe in the database; ' +
        'what was refused is not in it. The kill switch engages all the same.',
      check: '`df`, and `du -s` of the data directory: old `postgres-data.bak-*`, `logs`, `artifacts`, `backups`.',
      remedy:
        'Free some space, then `make up`: it starts what has stopped for want of room. The worker has waited, and goes on by itself. ' +
        'Then write what is missing: `make render -- all --missing`.',
      more: 'When a backup said it: `make backup`.',
    },
    WRITES_THROUGH_LINK: {
      happened: 'A directory below the data directory is a link to another place: nothing is written where it leads.',
      check: 'Who made the link; the message says where it leads.',
      remedy: 'Move the files back, or mount the other disk there.',
    },
    NOT_WRITABLE: {
      happened: 'An artifact could not be written (permissions, a read-only disk, a file where a directory should be).',
      remedy: 'Mend what the message names, then `make render -- all --missing`.',
    },
    MACHINE_EXHAUSTED: {
      happened:
        'The machine has no open file, or no memory, left for this process. Nothing was refused for it, and nothing was stored.',
      check: '`ulimit -n`, and what else runs on this machine.',
      remedy: 'Type it again. A worker tries again by itself.',
    },
    FAULT: {
      happened: "Something nobody foresaw; the text is the system's own.",
      check: '`make status`, then `make logs`. `LOG_LEVEL=debug` shows where it arose.',
      remedy: 'Try again once; the same command again is harmless.',
    },
  },
};

/** What keeps a part from starting, or a command from doing its work on this machine. */
export const starting: Subject = {
  id: 'starting',
  title: 'Starting and stopping',
  saidBy: 'starting and stopping',
  layout: 'table',
  codes: {
    NOT_BUILT: { happened: 'The program is not built.', remedy: '`make build`' },
    NODE_TOO_OLD: {
      happened: 'Node is older than this program needs.',
      check: '`node --version`',
      remedy: 'Install the version that the message names.',
    },
    DATA_DIRECTORY_UNUSABLE: {
      happened: 'The data directory cannot be made or written.',
      remedy: 'Mend what the message names, or set `TRADING_OPS_DATA`.',
    },
    DIRECTORY_CLOSED: {
      happened: "Postgres's user cannot enter a directory above the data directory.",
      remedy: 'Open it as the message says.',
    },
    CACHE_UNUSABLE: {
      happened: 'The directory for built programs cannot be written.',
      remedy: 'Mend what the message names.',
    },
    RUNTIME_RECORD_BAD: {
      happened: "`runtime.json` is damaged; it holds the cluster's passwords.",
      remedy: 'Restore it from a copy.',
    },
    RUNTIME_RECORD_UNREADABLE: {
      happened: '`runtime.json` is not yours to read.',
      remedy: 'Be the user who started the program, or have the file given to you.',
    },
    LOCK_HELD: {
      happened: 'Another `up` or `down` has been at work for 20 minutes.',
      check: 'The process that the message names.',
      remedy: 'End it, and type the command again.',
    },
    PROCESS_NOT_YOURS: { happened: 'A process belongs to another user.', remedy: 'Type the command as that user.' },
    PROCESS_WILL_NOT_END: {
      happened: 'A process does not end, not even by SIGKILL.',
      check: 'The disk: such a process waits for it.',
      remedy: 'Restart the machine.',
    },
    POSTGRES_MISSING: {
      happened: 'There is no PostgreSQL server on this machine.',
      remedy: 'Install it as the message says.',
    },
    POSTGRES_INSTALL_FAILED: {
      happened: "Postgres could not be installed; the package manager's words follow.",
      remedy: 'Do what they say, then `make up`.',
    },
    POSTGRES_MAJOR_MISSING: {
      happened: 'The programs of the version that made this cluster are not here.',
      remedy: 'Install that version.',
    },
    POSTGRES_USER_MISSING: {
      happened: 'Postgres refuses to run as root, and there is no user for it.',
      remedy: 'Make the user `postgres`, or be another user.',
    },
    POSTGRES_DID_NOT_START: {
      happened: 'Postgres did not start; the end of its log is shown.',
      remedy: 'Mend what the log names, then `make up`.',
    },
    INITDB_FAILED: {
      happened: "The cluster could not be made; the program's words follow.",
      remedy: 'Mend what they name, then `make up`.',
    },
    DATABASE_SILENT: {
      happened: 'The database does not answer as it should.',
      remedy: '`make down`, `make up`; then report it.',
    },
    CLUSTER_FOREIGN: {
      happened: '`postgres-data` was not made by this installation; it is left untouched.',
      remedy: 'Move it away, or set `TRADING_OPS_DATA`.',
    },
    CLUSTER_IS_A_FILE: { happened: '`postgres-data` is a file.', remedy: 'Move it away.' },
    CLUSTER_OWNER: {
      happened: '`postgres-data` belongs to another user than Postgres would run as.',
      remedy: 'Be that user, or give the directory to yours.',
    },
    PSQL_MISSING: { happened: 'The `psql` program is not installed.', remedy: 'Install the PostgreSQL client.' },
    TEMPORAL_MISSING: {
      happened: 'There is no Temporal server here, none could be downloaded, and there is no Go to build it.',
      remedy: 'Take one of the ways of the message.',
    },
    GO_TOO_OLD: {
      happened: 'Go is too old to build the Temporal server.',
      remedy: 'Install the version that the message names.',
    },
    NO_ROOM_TO_BUILD: {
      happened: 'Building the Temporal server needs about 6 GB for a while.',
      remedy: 'Free some space, or set `TMPDIR` to a bigger disk.',
    },
    TEMPORAL_BUILD_FAILED: {
      happened: 'The Temporal server could not be built; the last words follow.',
      remedy: 'Mend what they name, then `make up`.',
    },
    TEMPORAL_BINARY_BAD: {
      happened: 'The Temporal server was made but does not run.',
      remedy: 'Delete it, then `make up`.',
    },
    TOOLS_MODULE_BAD: {
      happened: '`tools/go.mod` names no version of the Temporal server.',
      remedy: 'Take the file back from the repository.',
    },
    TEMPORAL_DID_NOT_START: {
      happened: 'The Temporal server ended at once; the end of its log is shown.',
      remedy: 'Mend what the log names, then `make up`.',
    },
    WORKER_DID_NOT_START: {
      happened: 'The worker ended at once; the end of its log is shown.',
      remedy: 'Mend what the log names, then `make up`.',
    },
    WORKER_ENDED: {
      happened: 'The worker ended with a fault.',
      check: '`make status`',
      remedy: 'Read what it said above, then `make up`.',
    },
    SYSTEMD_MISSING: {
      happened: 'This machine is not run by systemd (exit 69).',
      remedy: 'Have its own means start the program at boot.',
    },
    ROOT_NEEDED: {
      happened: "The system's units are root's to write.",
      remedy: '`sudo make install-service`, or `make install-service -- --user`.',
    },
    SERVICE_ENV_LACKS: {
      happened: 'A secret is only in this shell; the services read `service.env` in the data directory.',
      remedy: 'Write it there.',
    },
    UNITS_REFUSED: {
      happened: 'systemd refuses the units; its own words follow. Nothing was installed.',
      remedy: 'Mend what they name.',
    },
    SYSTEMCTL_FAILED: {
      happened: 'systemd refuses to start the units; its own words follow.',
      remedy: 'Mend what they name, then type the command again.',
    },
    UNIT_FOREIGN: { happened: "A unit file of that name is somebody else's.", remedy: 'Move it away.' },
    UNITS_UNWRITABLE: { happened: 'A unit file cannot be written.', remedy: 'Choose another `--root`, or be root.' },
    OWNER_UNKNOWN: {
      happened: "The data directory's owner, as whom the services would run, has no name on this machine.",
      remedy: 'Give the directory to a user that has one.',
    },
    COMPOSE_MISSING: {
      happened: '`TRADING_OPS_RUNTIME` is `compose`, but there is no Docker Compose (exit 69).',
      remedy: 'Install it, or unset the variable.',
    },
    ENGINE_DOWN: { happened: 'The container engine does not answer (exit 69).', remedy: 'Start it.' },
    COMPOSE_FAILED: {
      happened: 'Docker Compose failed; its last words are shown.',
      remedy: 'Mend what they name, then type the command again.',
    },
    COMPOSE_NOT_HEALTHY: {
      happened: 'The containers run and something does not answer.',
      check: '`make logs`',
      remedy: 'Mend what it names, then `make up`.',
    },
    RUNTIME_DIFFERS: {
      happened: 'The data directory belongs to the other runtime, with a database of its own; nothing was started.',
      remedy: 'Set `TRADING_OPS_RUNTIME` as the message says.',
    },
    PAYLOAD_NOT_KEPT: {
      happened: 'A raw answer of a provider could not be stored.',
      check: 'The path of the message.',
      remedy: 'Mend it, then `make market-fetch`.',
    },
    PAYLOAD_DAMAGED: {
      happened: 'A stored raw answer was altered.',
      check: 'The path of the message, and the disk.',
      remedy: 'Move the file away, then `make market-fetch`.',
    },
    DEMO_STOPPED: {
      happened: 'A step of the demonstration failed; its own message stands above.',
      remedy: 'Mend what it names, then `make demo`.',
    },
    BROKER_HAS_NO_PRICES: {
      happened: '`simulate` has no prices for a day, which is named.',
      remedy: 'Put the files of the simulated market into the drop folder.',
    },
    RULING_REFUSED: {
      happened: 'A ruling of `simulate` was refused; the day and the cause are named.',
      remedy: 'Correct the rulings file.',
    },
    CONFIRMATION_REFUSED: {
      happened: "A confirmation was refused; the reason's own code stands beside it, and in `simulate` the day.",
      remedy: 'As for that code.',
    },
  },
};
