import { execa } from 'execa';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { faultError, refusal, unreachableError, usageError } from '../domain/errors.js';
import { readRegularSync } from '../files/regular.js';
import { enabledUnit, everyName, MARKER, type Unit, type UnitGroup } from './systemd-units.js';

/** What happened to one unit file. */
export interface UnitChange {
  file: string;
  change: 'written' | 'replaced' | 'unchanged' | 'removed';
}

export type Systemctl = (...args: string[]) => Promise<void>;

/** Refuses where there is no systemd to install into, or no right to. */
export function assertSystemd(system: boolean): void {
  // systemd's own test (sd_booted): the directory exists where it is the one that runs the machine.
  if (!existsSync('/run/systemd/system')) {
    throw unreachableError('SYSTEMD_MISSING', 'This machine is not run by systemd: nothing would start the units.', {
      remedy:
        'have whatever starts programs here type `make up` at boot and `make backup` daily; --print shows the units, --root DIR writes them elsewhere',
    });
  }
  if (!system || process.getuid?.() === 0) return;
  throw usageError('ROOT_NEEDED', "The system's units are root's to write.", {
    remedy: 'sudo make install-…, or add --user for units of your own',
  });
}

/**
 * Writes what differs and removes units of this group that are not wanted any more; a stranger's file of the same
 * name is refused.
 */
export async function writeUnits(directory: string, group: UnitGroup, units: Unit[]): Promise<UnitChange[]> {
  for (const { name } of units) assertOurs(join(directory, name));
  makeDirectory(directory);
  const changes: UnitChange[] = [];
  for (const { name, text } of units) {
    const file = join(directory, name);
    const old = readOrNull(file);
    if (old !== text) await writeFileAtomic(file, text, { mode: 0o644 });
    if (old !== text) chmodSync(file, 0o644);
    changes.push({ file, change: old === text ? 'unchanged' : old === null ? 'written' : 'replaced' });
  }
  const kept = units.map(({ name }) => name);
  return [
    ...changes,
    ...removeFiles(
      directory,
      everyName(group).filter((name) => !kept.includes(name)),
    ),
  ];
}

/** Makes systemd read the units, starts them, and has them started at every boot. */
export async function activate(group: UnitGroup, changes: UnitChange[], systemctl: Systemctl): Promise<void> {
  const changed = changes.some(({ change }) => change !== 'unchanged');
  if (changed) await systemctl('daemon-reload');
  await systemctl('enable', enabledUnit(group));
  // The services are named as well, so that this waits until they run.
  const services =
    group === 'service'
      ? changes.filter(({ change }) => change !== 'removed').map(({ file }) => basename(file))
      : [enabledUnit(group)];
  await systemctl(changed ? 'restart' : 'start', ...services);
}

/** Stops and forgets the units of a group, then removes their files. Quiet when there are none. */
export async function removeUnits(
  directory: string,
  group: UnitGroup,
  systemctl: Systemctl | null,
): Promise<UnitChange[]> {
  const names = everyName(group).filter((name) => isOurs(join(directory, name)));
  if (names.length === 0) return [];
  if (systemctl) await systemctl('disable', '--now', ...names);
  const removed = removeFiles(directory, names);
  if (systemctl) await systemctl('daemon-reload');
  return removed;
}

/** `systemctl` of the system or of the user; throws a fault with its words. */
export function systemctlOf(system: boolean): Systemctl {
  return async (...args) => {
    const all = [...(system ? [] : ['--user']), ...args];
    const result = await execa('systemctl', all, { reject: false, all: true });
    if (result.exitCode === 0) return;
    throw faultError(
      'SYSTEMCTL_FAILED',
      `systemctl ${all.join(' ')} ended with ${result.exitCode ?? result.code}:\n${result.all ?? ''}`.trimEnd(),
      {
        remedy: 'systemctl status trading-ops.target; journalctl -u "trading-ops*" -n 50',
      },
    );
  };
}

function removeFiles(directory: string, names: string[]): UnitChange[] {
  const files = names.map((name) => join(directory, name)).filter(isOurs);
  for (const file of files) rmSync(file);
  return files.map((file) => ({ file, change: 'removed' }));
}

function assertOurs(file: string): void {
  if (!existsSync(file) || isOurs(file)) return;
  throw refusal('UNIT_FOREIGN', `${file} was not written by trading-ops; it is left as it is.`, {
    remedy: `move it away: mv ${file} ${file}.other`,
  });
}

function isOurs(file: string): boolean {
  return readOrNull(file)?.startsWith(MARKER) ?? false;
}

function readOrNull(file: string): string | null {
  try {
    return readRegularSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cannotWrite(file, cause);
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw cannotWrite(directory, cause);
  }
}

function cannotWrite(file: string, cause: unknown) {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return faultError('UNITS_UNWRITABLE', `${file} cannot be used for unit files (${code}).`, {
    cause,
    remedy: 'choose another --root, or type it as root',
  });
}
