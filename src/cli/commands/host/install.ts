import type { Command } from 'commander';
import { resolve } from 'node:path';
import { usageError } from '../../../domain/errors.js';
import { copyDirectories } from '../../../operations/backup/place.js';
import { assertInstallable, assertStartedBySystemd, unitDirectory, unitFacts } from '../../../host/systemd-facts.js';
import {
  activate,
  assertSystemd,
  removeUnits,
  systemctlOf,
  type UnitChange,
  writeUnits,
} from '../../../host/systemd-install.js';
import { renderUnits, type UnitFacts, type UnitGroup } from '../../../host/systemd-units.js';
import { verifyUnits } from '../../../host/systemd-verify.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import { answer } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

interface Flags {
  user?: boolean;
  root?: string;
  print?: boolean;
  json?: boolean;
}

const CHECK = {
  service: 'systemctl status trading-ops.target --no-pager',
  'backup-timer': 'systemctl status trading-ops-db-backup.timer --no-pager',
} as const;

/** Renders, verifies and installs the units of a group; --print and --root leave the system alone. */
export async function install(group: UnitGroup, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<Flags>();
  await answer(flags.json ?? false, async () => {
    const settings = loadSettings();
    const system = placeOf(flags);
    assertStartedBySystemd(settings, group);
    const facts = await unitFacts(settings, { user: !system, writable: await copyDirectories(settings) });
    if (!flags.print && flags.root === undefined) {
      assertSystemd(system);
      assertInstallable(settings, facts);
    }
    return flags.print ? printed(group, facts) : installed(group, settings, facts, flags.root);
  });
}

/** Stops and removes the units of a group; with --root it only removes files there. */
export async function uninstall(group: UnitGroup, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<Flags>();
  await answer(flags.json ?? false, async () => {
    const system = placeOf(flags);
    if (flags.root === undefined) assertSystemd(system);
    const directory = unitDirectory(system, rootOf(flags));
    const changes = await removeUnits(directory, group, flags.root === undefined ? systemctlOf(system) : null);
    return {
      lines: changes.length > 0 ? changes.map(lineOf) : [`There is none in ${directory}.`],
      data: { changes },
      next: group === 'service' ? 'make up' : `make install-${group}`,
    };
  });
}

async function printed(group: UnitGroup, facts: UnitFacts): Promise<Answer> {
  const units = renderUnits(group, facts);
  const verified = await verifyUnits(units, facts.system);
  const lines = units.flatMap(({ name, text }) => [`==> ${name} <==`, text]);
  return { lines: [...lines, verdict(verified)], data: { units, verified }, next: `make install-${group}` };
}

async function installed(
  group: UnitGroup,
  settings: Settings,
  facts: UnitFacts,
  root: string | undefined,
): Promise<Answer> {
  const units = renderUnits(group, facts);
  const verified = await verifyUnits(units, facts.system);
  const directory = unitDirectory(facts.system, rootOf({ ...(root !== undefined && { root }) }));
  const changes = await writeUnits(directory, group, units);
  if (root === undefined) await activate(group, changes, systemctlOf(facts.system));
  const rest =
    root === undefined
      ? [`Runs for ${settings.dataDir} as ${facts.user}.`]
      : ['Nothing of the running system was touched.'];
  return {
    lines: [...changes.map(lineOf), verdict(verified), ...rest],
    data: { changes, verified, user: facts.user, started: root === undefined },
    next:
      root === undefined
        ? check(group, facts.system)
        : `systemctl daemon-reload there, then systemctl enable --now of what [Install] names`,
  };
}

function placeOf({ user, root, print }: Flags): boolean {
  if (root !== undefined && print) throw usageError('OPTIONS_CLASH', '--print and --root: one or the other');
  return !user;
}

const rootOf = ({ root }: Flags): string => (root === undefined ? '/' : resolve(root));
const check = (group: UnitGroup, system: boolean): string =>
  system ? CHECK[group] : CHECK[group].replace('systemctl', 'systemctl --user');
const lineOf = ({ file, change }: UnitChange): string => `${change.padEnd(9)} ${file}`;
const verdict = (verified: boolean): string =>
  verified ? 'systemd-analyze verify: no fault found.' : 'Not verified: there is no systemd-analyze on this machine.';
