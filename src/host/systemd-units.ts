import { Eta } from 'eta';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installationPaths, repositoryRoot } from '../runtime/paths.js';
import { serverArguments } from '../runtime/postgres/server.js';
import { DESK_ENVIRONMENT, deskArguments } from '../runtime/processes/desk.js';
import { WORKER_ENVIRONMENT, workerArguments } from '../runtime/processes/worker.js';
import { commandLine, pathText, word } from './systemd-words.js';

/** The first line of every unit file that is ours: only such a file is replaced or removed. */
export const MARKER = '# Written by trading-ops; a change made here is lost at the next install.';

/** What is installed together. */
export type UnitGroup = 'service' | 'backup-timer';

/** Whose units, and where everything is: what the templates of ops/systemd are filled with. */
export interface UnitFacts {
  /** System units run as `user`; user units run as whoever they belong to, and may lock up less. */
  system: boolean;
  user: string;
  group: string;
  dataDir: string;
  configDir: string;
  /** Absolute path of Node. */
  node: string;
  /** Directories of the programs that the services start. */
  path: string[];
  /** Further settings that are not secret, by name. */
  environment: Record<string, string>;
  /** Services that this machine runs; the others are elsewhere. */
  local: { postgres: boolean; temporal: boolean };
  /** Absolute path of Postgres's server; of no meaning where that is elsewhere. */
  postgres: string;
  /** Directories outside the data directory that backups go to. */
  writable: string[];
}

export interface Unit {
  /** File name, such as `trading-ops-worker.service`. */
  name: string;
  text: string;
}

const TARGET = 'trading-ops.target';
const TIMER = 'trading-ops-db-backup.timer';
const cli = join(repositoryRoot, 'dist', 'cli', 'main.js');
const eta = new Eta({ views: join(repositoryRoot, 'ops', 'systemd'), autoEscape: false, autoTrim: false });

/** What `systemctl enable` takes of a group. */
export const enabledUnit = (group: UnitGroup): string => (group === 'service' ? TARGET : TIMER);

/** Every name that a group can have, for the removal of those that are not wanted any more. */
export function everyName(group: UnitGroup): string[] {
  return group === 'service'
    ? [...serviceNames({ postgres: true, temporal: true }), TARGET]
    : ['trading-ops-db-backup.service', TIMER];
}

/** Renders the units of a group. Throws a usage error when a path cannot be written into a unit file. */
export function renderUnits(group: UnitGroup, facts: UnitFacts): Unit[] {
  const services = serviceNames(facts.local);
  const names = group === 'service' ? [...services, TARGET] : everyName(group);
  const it = { ...facts, ...texts(facts), services };
  return names.map((name) => ({ name, text: eta.render(`./${name}.eta`, it) }));
}

/** The file that holds keys and passwords for the services, outside of the checkout. */
export const environmentFile = (dataDir: string): string => join(dataDir, 'service.env');

function serviceNames(local: UnitFacts['local']): string[] {
  const parts = [...(local.postgres ? ['postgres'] : []), ...(local.temporal ? ['temporal'] : []), 'worker', 'desk'];
  return parts.map((part) => `trading-ops-${part}.service`);
}

const environmentWords = (environment: Record<string, string>): string =>
  Object.entries(environment)
    .map(([name, value]) => word(`${name}=${value}`))
    .join(' ');

function texts(facts: UnitFacts) {
  const environment = {
    PATH: [...new Set([dirname(facts.node), ...facts.path])].join(':'),
    TRADING_OPS_DATA: facts.dataDir,
    TRADING_OPS_CONFIG: facts.configDir,
    ...facts.environment,
  };
  const asRoot = facts.system && facts.user === 'root';
  return {
    word,
    path: pathText,
    marker: MARKER,
    documentation: pathText(pathToFileURL(join(repositoryRoot, 'docs', 'HOSTING.md')).href),
    data: facts.dataDir,
    root: repositoryRoot,
    // A private /tmp would hide what lies in the common one.
    inTmp: [facts.dataDir, facts.configDir, repositoryRoot, ...facts.writable].some((path) =>
      /^\/(var\/)?tmp\//.test(path),
    ),
    environment: Object.entries(environment),
    environmentFile: environmentFile(facts.dataDir),
    command: (...args: string[]) => commandLine(facts.node, '--enable-source-maps', cli, ...args),
    worker: commandLine(facts.node, ...workerArguments(facts.dataDir)),
    workerEnvironment: environmentWords(WORKER_ENVIRONMENT),
    desk: commandLine(facts.node, ...deskArguments(facts.dataDir)),
    deskEnvironment: environmentWords(DESK_ENVIRONMENT),
    upThenDown: (part: string) =>
      commandLine(
        '/bin/sh',
        '-c',
        `"$@" up --only ${part} && "$@" down --only ${part}`,
        'sh',
        facts.node,
        '--enable-source-maps',
        cli,
      ),
    postgresServer: commandLine(facts.postgres, ...serverArguments(installationPaths(facts.dataDir))),
    // As root Postgres does not run: then it is its own user, and what is done around it is done by root as ever.
    postgresAs: asRoot ? { user: 'postgres', group: null } : {},
    privileged: asRoot ? '+' : '',
  };
}
