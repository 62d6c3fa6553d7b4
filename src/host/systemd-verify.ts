import { execa } from 'execa';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultError } from '../domain/errors.js';
import type { Unit } from './systemd-units.js';

/**
 * Lets systemd itself read the units before they are put anywhere.
 * @returns false when this machine has no `systemd-analyze`. Throws a fault with its own words when it finds anything.
 */
export async function verifyUnits(units: Unit[], system: boolean): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'trading-ops-units-'));
  try {
    const files = units.map(({ name, text }) => {
      const file = join(directory, name);
      writeFileSync(file, text);
      return file;
    });
    // The colon at the end adds the system's own units, which ours are ordered after.
    const env = {
      SYSTEMD_UNIT_PATH: `${directory}:`,
      SYSTEMD_LOG_TARGET: 'console',
      XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? directory,
    };
    const result = await execa('systemd-analyze', [...(system ? [] : ['--user']), 'verify', '--man=no', ...files], {
      env,
      reject: false,
      all: true,
    });
    if (result.code === 'ENOENT') return false;
    const said = aboutOurs(result.all ?? '', directory, units);
    if (result.exitCode === 0 && said.length === 0) return true;
    throw faultError(
      'UNITS_REFUSED',
      `systemd-analyze refuses the units; nothing was installed:\n${(said.length > 0 ? said : [result.all ?? '']).join('\n')}`,
      {
        remedy: 'see what they say: add --print',
      },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Units of the distribution may have faults of their own: only lines that speak of ours count. */
function aboutOurs(output: string, directory: string, units: Unit[]): string[] {
  const lines = output.split('\n').map((line) => line.replaceAll(`${directory}/`, ''));
  return lines.filter((line) => units.some(({ name }) => line.startsWith(`${name}:`)));
}
